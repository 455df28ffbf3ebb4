package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A spine lists every period, so that those without rows appear. It is generated: period n is the first one moved by n units, for
// as many n as there are days in the series below. That any engine can do, whatever its functions for series accept.

// longestSpine is the most periods an answer can have.
const longestSpine = 100_000

var epoch = time.Unix(0, 0).UTC()

// timeGroup is the position of the group that is an input's own time; -1 where the query is not by it.
func (k *kpiPlan) timeGroup(in *ask.Input) int {
	return slices.IndexFunc(k.asked.Groups, func(g *ask.Group) bool {
		ref := g.Refs[in]
		return in.Time != nil && ref.Dimension == in.Time && ref.Part == rel.NoPart
	})
}

// parts are the sources' answers by group; inputs that want every period are joined to the spine.
func (k *kpiPlan) parts() []kpiPart {
	var all []kpiPart
	for _, s := range k.sources {
		spined, plain := s.split()
		if len(plain) > 0 {
			all = append(all, kpiPart{rel.NewRef(s.step), plain})
		}
		if len(spined) > 0 {
			all = append(all, kpiPart{k.everyPeriod(s, spined), spined})
		}
	}
	return all
}

func (s *kpiSource) split() (spined, plain []*inputColumn) {
	for _, col := range s.inputs {
		if col.spine {
			spined = append(spined, col)
		} else {
			plain = append(plain, col)
		}
	}
	return spined, plain
}

// everyPeriod is a source's answer for some inputs, with the periods that have no rows; then the query's filters once more, for the
// spine has brought rows that they did not see.
func (k *kpiPlan) everyPeriod(s *kpiSource, inputs []*inputColumn) rel.Relation {
	in := rel.NewRef(s.step)
	at := k.timeGroup(inputs[0].input)
	group := in.Schema().Col(k.groups[at])
	grain := k.asked.Groups[at].Refs[inputs[0].input].Grain
	spine := k.program.add(rel.Inline, "spine", "Every "+grain.String()+", with rows or without", k.spine(s.step, group, grain))
	cols := []rel.Named{{Name: "fact_time", X: group}}
	for i, g := range k.groups {
		if i != at {
			cols = append(cols, passed(in.Schema(), g)...)
		}
	}
	for _, col := range inputs {
		cols = append(cols, passed(in.Schema(), col.name)...)
	}
	joined := rel.NewExpand(rel.Left, rel.NewRef(spine), rel.NewProject(in, cols...),
		rel.NewCall(rel.Eq, &rel.Col{Name: spineTime, T: group.T}, &rel.Col{Name: "fact_time", T: group.T}), k.otherColumns(at, inputs)...)
	named := []rel.Named{}
	for i, g := range k.groups {
		if i == at {
			named = append(named, rel.Named{Name: g, X: &rel.Col{Name: spineTime, T: group.T}})
		} else {
			named = append(named, passed(joined.Schema(), g)...)
		}
	}
	for _, col := range inputs {
		named = append(named, passed(joined.Schema(), col.name)...)
	}
	answer := rel.Relation(rel.NewProject(joined, named...))
	if again := k.filtersOnGroups(); again != nil {
		answer = rel.NewFilter(answer, again)
	}
	return answer
}

// otherColumns tell the rows of one period apart.
func (k *kpiPlan) otherColumns(at int, inputs []*inputColumn) []string {
	others := slices.Delete(slices.Clone(k.groups), at, at+1)
	if len(others) == 0 {
		return []string{inputs[0].name}
	}
	return others
}

const spineTime = "spine_time"

// spine is every period from the first to the last: of the query's time range where it has one, else of the rows.
func (k *kpiPlan) spine(step *rel.Step, group *rel.Col, grain rel.Unit) rel.Relation {
	in := rel.NewRef(step)
	first, last := rel.Expr(rel.NewAgg(rel.Min, group)), rel.Expr(rel.NewAgg(rel.Max, group))
	bounds := rel.NewAggregate(in, nil, []rel.Named{{Name: "first_period", X: first}, {Name: "last_period", X: last}})
	ranged := rel.NewProject(bounds,
		rel.Named{Name: "first_period", X: k.rangeEnd(k.asked.Start, grain, bounds.Schema().Col("first_period"))},
		rel.Named{Name: "last_period", X: k.rangeEnd(k.asked.End, grain, bounds.Schema().Col("last_period"))})
	days := rel.NewSeries("period_day", rel.Day, rel.DateLit(epoch), rel.DateLit(epoch.AddDate(0, 0, longestSpine-1)))
	numbered := rel.NewExpand(rel.Inner, ranged, days, rel.Bool(true), "period_day")
	s := numbered.Schema()
	n := rel.NewTimeCall(rel.DateDiff, rel.Day, rel.DateLit(epoch), s.Col("period_day"))
	periods := rel.NewProject(numbered,
		rel.Named{Name: spineTime, X: rel.NewTimeCall(rel.DateAdd, grain, s.Col("first_period"), n)},
		rel.Named{Name: "last_period", X: s.Col("last_period")})
	return rel.NewProject(rel.NewFilter(periods, rel.NewCall(rel.Le, periods.Schema().Col(spineTime), periods.Schema().Col("last_period"))),
		passed(periods.Schema(), spineTime)...)
}

// rangeEnd is the period that one end of the query's time range lies in; without one, that of the rows.
func (k *kpiPlan) rangeEnd(end *time.Time, grain rel.Unit, rows *rel.Col) rel.Expr {
	if end == nil {
		return rows
	}
	local := end.In(k.asked.Model.Zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	if rows.T == rel.Date {
		return rel.NewTimeCall(rel.DateTrunc, grain, rel.DateLit(day))
	}
	return rel.NewTimeCall(rel.DateTrunc, grain, rel.TimestampLit(day))
}

// filtersOnGroups are the query's filters that read nothing but the answer's groups; nil for none.
func (k *kpiPlan) filtersOnGroups() rel.Expr {
	columns := map[string]rel.Expr{}
	for i, g := range k.asked.Groups {
		columns[g.Name] = &rel.Col{Name: k.groups[i]}
	}
	var conds []rel.Expr
	for _, p := range k.asked.Where {
		if !slices.ContainsFunc(rel.FreeColumns(p.Expr), func(c string) bool { return columns[c] == nil || !refers(p, c) }) {
			conds = append(conds, substitute(p.Expr, columns))
		}
	}
	return rel.AndAll(conds...)
}

// refers reports whether a column of a predicate is a property, and not the table's own.
func refers(p *model.Predicate, column string) bool {
	return slices.ContainsFunc(p.Refs, func(r *model.Ref) bool { return r.Name == column })
}

// number is a literal that stays whole where it is.
func number(v float64) rel.Expr {
	if v == float64(int64(v)) {
		return rel.Int(int64(v))
	}
	return rel.Float64(v)
}
