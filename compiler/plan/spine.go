package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// Periods come from the project's time spine. Without one they are generated, from the first that has rows, or that the query asks
// for, to the last: period n is the first one moved by n units, for as many n as there are days in the series below. That any engine
// can do, whatever its functions for series accept.

// longestSpine is the most periods that are generated.
const longestSpine = 100_000

var epoch = time.Unix(0, 0).UTC()

// Columns of the steps that deal with periods.
const (
	periodStart = "period_start"
	periodMoved = "period_moved"
	periodFrom  = "period_from"
	periodName  = "period_name"
)

var periodColumns = []string{
	periodStart, rowPeriod, periodMoved, periodFrom, periodName, finestPeriod, "first_period", "last_period", "period_day", "row_time", "event_id",
	"event_rank", "event_time", "event_entity", "event_value", "base_time", baseOwnTime, "base_entity", "period_number", "period_place", "joined_period",
}

// periods are those of a grain, one a row: of the spine, else generated over the rows of an input.
func (f *frame) periods(grain rel.Unit, limited bool, in *ask.Input, shift model.Offset) rel.Relation {
	spine := f.asked.Model.SpineFor(grain)
	if spine == nil {
		return f.limit(f.generated(grain, limited, in, shift), limited)
	}
	all := rel.Relation(rel.NewProject(scan(spine.Table, []rel.Expr{spine.Column}), rel.Named{Name: periodStart, X: toGrain(spine.Column, spine.Grain, grain)}))
	if spine.Grain < grain {
		all = rel.NewAggregate(all, passed(all.Schema(), periodStart), nil)
	} else {
		all = rel.NewProject(all, passed(all.Schema(), periodStart)...).Claiming(rel.Key{Columns: []string{periodStart}})
	}
	return f.limit(all, limited)
}

// toGrain is the beginning of the longer period that a time known by one grain lies in.
func toGrain(x rel.Expr, known, grain rel.Unit) rel.Expr {
	if grain <= known {
		return x
	}
	return rel.NewTimeCall(rel.DateTrunc, grain, x)
}

// limit keeps the periods of the query's time range.
func (f *frame) limit(periods rel.Relation, limited bool) rel.Relation {
	if !limited {
		return periods
	}
	at := periods.Schema().Col(periodStart)
	conds := f.within(at, func(day time.Time) rel.Expr { return onClocks(day, at.T) })
	return rel.NewFilter(periods, rel.AndAll(conds...))
}

// onClocks is a midnight as the clocks of its zone show it.
func onClocks(midnight time.Time, t rel.Type) rel.Expr {
	y, m, d := midnight.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if t == rel.Date {
		return rel.DateLit(day)
	}
	return rel.TimestampLit(day)
}

// generated is every period from the first to the last of an input's rows, and to the last that looks back to one, or those of the
// query's time range.
func (f *frame) generated(grain rel.Unit, limited bool, in *ask.Input, shift model.Offset) rel.Relation {
	rows := newRowset(in.Table, in.Time, f.asked.Model.Zone)
	known := fineGrain(in.Time, nil)
	at := rows.ref(timeRef(in.Time, known))
	times := rel.NewProject(rows.build(), rel.Named{Name: "row_time", X: at})
	row := times.Schema().Col("row_time")
	bounds := rel.NewAggregate(times, nil, []rel.Named{{Name: "first_period", X: rel.NewAgg(rel.Min, row)}, {Name: "last_period", X: rel.NewAgg(rel.Max, row)}})
	s := bounds.Schema()
	first, last := toGrain(s.Col("first_period"), known, grain), toGrain(s.Col("last_period"), known, grain)
	if w := shift.Window; w.Count > 0 && w.Custom == nil {
		last = toGrain(rel.NewTimeCall(rel.DateAdd, w.Unit, last, rel.Int(w.Count)), rel.NoUnit, grain)
	}
	if limited && f.asked.Start != nil {
		first = toGrain(onClocks(f.dayStart(*f.asked.Start, 0), row.T), rel.NoUnit, grain)
	}
	if limited && f.asked.End != nil {
		last = toGrain(onClocks(f.dayStart(*f.asked.End, 0), row.T), rel.NoUnit, grain)
	}
	ranged := rel.NewProject(bounds, rel.Named{Name: "first_period", X: first}, rel.Named{Name: "last_period", X: last})
	days := rel.NewSeries("period_day", rel.Day, rel.DateLit(epoch), rel.DateLit(epoch.AddDate(0, 0, longestSpine-1)))
	numbered := rel.NewExpand(rel.Inner, ranged, days, rel.Bool(true), "period_day")
	n := rel.NewTimeCall(rel.DateDiff, rel.Day, rel.DateLit(epoch), numbered.Schema().Col("period_day"))
	all := rel.NewProject(numbered,
		rel.Named{Name: periodStart, X: rel.NewTimeCall(rel.DateAdd, grain, numbered.Schema().Col("first_period"), n)},
		passed(numbered.Schema(), "last_period")[0])
	inRange := rel.NewFilter(all, rel.NewCall(rel.Le, all.Schema().Col(periodStart), all.Schema().Col("last_period")))
	return rel.NewProject(inRange, passed(inRange.Schema(), periodStart)...).Claiming(rel.Key{Columns: []string{periodStart}})
}

// periodRef is a time as a reader of periods sees it: truncated, taken apart, or the custom period it lies in.
func periodRef(ref *model.Ref, period rel.Expr, grain rel.Unit) rel.Expr {
	if ref.Part != rel.NoPart {
		return rel.NewPartCall(ref.Part, period)
	}
	return toGrain(period, grain, ref.Grain)
}

// onSpine joins a part's answer to the periods, by the finest of the groups' own times; the groups of time are then the spine's. With
// a shift each period takes what the earlier one has.
func (f *frame) onSpine(p *framePart, in rel.Relation, kind rel.JoinKind, shift model.Offset) rel.Relation {
	s := p.key.scan
	input := p.columns[0].input.input
	groups, finest := f.timeGroups(input), s.finest
	joined := f.joinColumn(input, finest)
	spine := f.spineOf(input, groups, finest, timeFilters(input), func(grain rel.Unit) rel.Relation {
		if kind == rel.Inner && shift.IsFixed() && f.asked.Model.SpineFor(grain) == nil && f.joinsBy(input, finest, grain) {
			return f.ahead(in.Schema().Col(joined), in, shift)
		}
		return f.allPeriods(input, shift)(grain)
	})
	period := spine.Schema().Col(joined)
	match := rel.Expr(period)
	if !shift.IsZero() {
		match = earlier(shift, period)
	}
	return f.joinSpine(p, in, spine, kind, groups, finest, joined, match)
}

// joinColumn is the column by which answers are joined to periods.
func (f *frame) joinColumn(in *ask.Input, finest rel.Unit) string {
	if finest != rel.NoUnit {
		return finestPeriod
	}
	ref := f.joinGroup(in)
	i := slices.IndexFunc(f.groups, func(g *ask.Group) bool { return g.Refs[in] == ref })
	return f.names[i]
}

// joinsBy reports whether the column by which answers are joined to periods is the period of a grain itself.
func (f *frame) joinsBy(in *ask.Input, finest, grain rel.Unit) bool {
	if finest != rel.NoUnit {
		return finest == grain
	}
	ref := f.joinGroup(in)
	return ref.Part == rel.NoPart && ref.Custom == nil && ref.Grain == grain
}

// ahead are the periods that look back to one of an answer's. Where no spine says which periods there are, nobody needs the others.
func (f *frame) ahead(period *rel.Col, in rel.Relation, shift model.Offset) rel.Relation {
	next := rel.NewTimeCall(rel.DateAdd, shift.Window.Unit, period, rel.Int(shift.Window.Count))
	all := rel.NewProject(in, rel.Named{Name: periodStart, X: next})
	return f.limit(rel.NewAggregate(all, passed(all.Schema(), periodStart), nil), f.ranged)
}

// joinSpine joins an answer to periods; match is the column of the answer that a period takes.
func (f *frame) joinSpine(p *framePart, in, spine rel.Relation, kind rel.JoinKind, at []int, finest rel.Unit, joined string, match rel.Expr) rel.Relation {
	others := f.otherGroups(at)
	cols := []rel.Named{{Name: "joined_period", X: in.Schema().Col(joined)}}
	cols = append(cols, passed(in.Schema(), others...)...)
	by := slices.Clone(others)
	for _, c := range p.columns {
		cols = append(cols, passed(in.Schema(), c.name)...)
		by = append(by, c.name)
	}
	right := rel.NewProject(in, cols...)
	on := rel.NewCall(rel.Eq, match, right.Schema().Col("joined_period"))
	expanded := rel.NewExpand(kind, spine, right, on, by...)
	var out []string
	if f.cohort != nil {
		out = append(out, "variant")
	}
	out = append(out, f.names...)
	if finest != rel.NoUnit {
		out = append(out, finestPeriod)
	}
	for _, c := range p.columns {
		out = append(out, c.name)
	}
	return rel.NewProject(expanded, passed(expanded.Schema(), out...)...)
}

// allPeriods are those of the query's time range, by their grain.
func (f *frame) allPeriods(in *ask.Input, shift model.Offset) func(grain rel.Unit) rel.Relation {
	return func(grain rel.Unit) rel.Relation { return f.periods(grain, f.ranged, in, shift) }
}

// spineOf is the periods as the groups at the positions see them, each once, where the filters hold.
func (f *frame) spineOf(in *ask.Input, at []int, finest rel.Unit, filters []conjunct, periodsOf func(grain rel.Unit) rel.Relation) rel.Relation {
	var refs []*model.Ref
	for _, i := range at {
		refs = append(refs, f.groups[i].Refs[in])
	}
	needed := refs
	for _, c := range filters {
		needed = append(slices.Clip(needed), c.refs...)
	}
	grain := spineGrain(needed)
	if finest != rel.NoUnit {
		grain = min(grain, finest)
	}
	periods := periodsOf(grain)
	looked, see := f.customColumns(periods, periods.Schema().Col(periodStart), grain, needed)
	if cond := onColumns(filters, see); cond != nil {
		looked = rel.NewFilter(looked, cond)
	}
	var cols []rel.Named
	whole := finest != rel.NoUnit
	for j, i := range at {
		cols = append(cols, rel.Named{Name: f.names[i], X: see(refs[j])})
		whole = whole || refs[j].Part == rel.NoPart && refs[j].Custom == nil && refs[j].Grain == grain
	}
	if finest != rel.NoUnit {
		cols = append(cols, rel.Named{Name: finestPeriod, X: toGrain(looked.Schema().Col(periodStart), grain, finest)})
	}
	spine := rel.Relation(rel.NewProject(looked, cols...))
	if !whole {
		spine = rel.NewAggregate(spine, passed(spine.Schema(), columnsNamed(cols)...), nil)
	}
	return rel.NewRef(f.program.add(rel.Inline, "spine", "Every period, with rows or without", spine))
}

// spineGrain is the grain of the periods that all of refs can be told from: a week may lie in two months.
func spineGrain(refs []*model.Ref) rel.Unit {
	finest := finestOf(refs)
	if finest == rel.Week && slices.ContainsFunc(refs, func(r *model.Ref) bool { return r.Grain > rel.Week }) {
		return rel.Day
	}
	return finest
}

func columnsNamed(cols []rel.Named) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// customColumns joins the spines of the custom periods that refs name, and is how a time is then seen.
func (f *frame) customColumns(periods rel.Relation, period *rel.Col, grain rel.Unit, refs []*model.Ref) (rel.Relation, func(*model.Ref) rel.Expr) {
	var joined []*model.CustomGrain
	for _, ref := range refs {
		if custom := ref.Custom; custom != nil && !slices.Contains(joined, custom) {
			joined = append(joined, custom)
			right := customPeriods(custom)
			at := toGrain(period, grain, custom.Spine.Grain)
			periods = rel.NewJoin(rel.Left, periods, right, []rel.Equal{{Left: at, Right: custom.Name + customKey}}, nil)
		}
	}
	return periods, func(ref *model.Ref) rel.Expr {
		if ref.Custom != nil {
			return periods.Schema().Col(ref.Custom.Name + customSuffix)
		}
		return periodRef(ref, period, grain)
	}
}

// Endings of the columns by which a custom period is joined and read.
const (
	customKey    = "__starts"
	customSuffix = "__period"
)

// customPeriods is a spine as what says in which custom period each of its own lies.
func customPeriods(c *model.CustomGrain) rel.Relation {
	return rel.NewProject(scan(c.Spine.Table, []rel.Expr{c.Spine.Column, c.Column}),
		rel.Named{Name: c.Name + customKey, X: c.Spine.Column}, rel.Named{Name: c.Name + customSuffix, X: c.Column},
	).Claiming(rel.Key{Columns: []string{c.Name + customKey}})
}

// number is a literal that stays whole where it is.
func number(v float64) rel.Expr {
	if v == float64(int64(v)) {
		return rel.Int(int64(v))
	}
	return rel.Float64(v)
}
