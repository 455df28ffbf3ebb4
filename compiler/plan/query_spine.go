package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// Periods come from the project's time spine. Without one they are generated, from the first that the query's rows lie in, or that it
// asks for, to the last: days, or shorter ones, of which longer ones are made.

// seriesLength is how many numbers a series stands for. Two of them count periods, so that there are enough for any data.
const seriesLength = 100_000

// Columns of the steps that deal with periods.
const (
	firstPeriod = "first_period"
	lastPeriod  = "last_period"
	periodBlock = "period_block"
	periodPlace = "period_in_block"
	periodStart = "period_start"
	periodMoved = "period_moved"
	periodFrom  = "period_from"
	periodName  = "period_name"
)

var periodColumns = []string{
	periodStart, rowPeriod, periodMoved, periodFrom, periodName, finestPeriod, firstPeriod, lastPeriod, periodBlock, periodPlace, rowTime, firstRow,
	lastRow, "event_id",
	"event_rank", "event_time", "event_entity", "event_value", "base_time", baseOwnTime, "base_entity", "period_number", "period_place", "joined_period",
}

// A stretch of rows is what periods are generated over where no spine knows them.
type rowStretch struct {
	typ   rel.Type // of the rows' times
	known rel.Unit // their granularity
	ends  func() rel.Relation
}

// stretchOf is the stretch of a relation's rows, each of which has times between two.
func stretchOf(in rel.Relation, first, last rel.Expr, known rel.Unit) rowStretch {
	return rowStretch{first.Type(), known, func() rel.Relation { return endsOf(in, first, last) }}
}

// endsOf is one row: the first and the last time.
func endsOf(in rel.Relation, first, last rel.Expr) rel.Relation {
	return rel.NewAggregate(in, nil, []rel.Named{{Name: firstPeriod, X: rel.NewAgg(rel.Min, first)}, {Name: lastPeriod, X: rel.NewAgg(rel.Max, last)}})
}

// periods are those of a grain, one a row: of the spine, else generated over rows.
func (f *frame) periods(grain rel.Unit, limited bool, over rowStretch, shift model.Offset) rel.Relation {
	known := min(grain, rel.Day)
	var in rel.Relation
	var at rel.Expr
	if spine := f.asked.Model.SpineFor(grain); spine != nil {
		in, at, known = scan(spine.Table, []rel.Expr{spine.Column}), spine.Column, spine.Grain
	} else {
		in = f.generated(known, limited, over, shift)
		at = in.Schema().Col(periodStart)
	}
	all := rel.NewProject(in, rel.Named{Name: periodStart, X: toGrain(at, known, grain)})
	if known == grain {
		return f.limit(all.Claiming(rel.Key{Columns: []string{periodStart}}), limited)
	}
	return f.limit(rel.NewAggregate(all, passed(all.Schema(), periodStart), nil), limited)
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

// generated adds the step that has every period of a unit up to a day. Period n is the first one moved by n units, for as many n as lie
// between the first and the last: that any engine can do, whatever its functions for series accept.
func (f *frame) generated(unit rel.Unit, limited bool, over rowStretch, shift model.Offset) rel.Relation {
	all := f.rangedSeries(unit, limited, over.typ)
	if all == nil {
		blocks := upToLast(f.ends(unit, limited, over, shift), unit, periodBlock, startOfBlock)
		nth := func(s rel.Schema) rel.Expr { return rel.NewCall(rel.Add, startOfBlock(s), nthOf(s, periodPlace)) }
		counted := upToLast(blocks, unit, periodPlace, nth)
		s := counted.Schema()
		all = rel.NewProject(counted, rel.Named{Name: periodStart, X: rel.NewTimeCall(rel.DateAdd, unit, s.Col(firstPeriod), nth(s))}).
			Claiming(rel.Key{Columns: []string{periodStart}})
	}
	return rel.NewRef(f.program.addOnce(unit.String()+"s", "Every "+unit.String()+" from the first to the last", all))
}

// rangedSeries is every unit of the query's time range; nil where that has no beginning or no end.
func (f *frame) rangedSeries(unit rel.Unit, limited bool, t rel.Type) rel.Relation {
	if !limited || f.asked.Start == nil || f.asked.End == nil {
		return nil
	}
	return rel.NewSeries(periodStart, unit, f.firstOfRange(t), f.lastOfRange(unit, t))
}

// firstOfRange is the query's first period, lastOfRange its last.
func (f *frame) firstOfRange(t rel.Type) rel.Expr { return onClocks(f.dayStart(*f.asked.Start, 0), t) }

func (f *frame) lastOfRange(unit rel.Unit, t rel.Type) rel.Expr {
	if unit < rel.Day {
		return rel.NewTimeCall(rel.DateAdd, unit, onClocks(f.dayStart(*f.asked.End, 1), t), rel.Int(-1))
	}
	return onClocks(f.dayStart(*f.asked.End, 0), t)
}

// upToLast joins a series to the ends, as far as the number that it makes of its rows does not go beyond the last period.
func upToLast(ends rel.Relation, unit rel.Unit, name string, number func(rel.Schema) rel.Expr) rel.Relation {
	days := rel.NewSeries(name, rel.Day, rel.DateLit(epoch), rel.DateLit(epoch.AddDate(0, 0, seriesLength-1)))
	all := rel.NewExpand(rel.Inner, ends, days, rel.Bool(true), name)
	s := all.Schema()
	last := rel.NewTimeCall(rel.DateDiff, unit, s.Col(firstPeriod), s.Col(lastPeriod))
	return rel.NewFilter(all, rel.NewCall(rel.Le, number(s), last))
}

func startOfBlock(s rel.Schema) rel.Expr {
	return rel.NewCall(rel.Mul, nthOf(s, periodBlock), rel.Int(seriesLength))
}

// nthOf is the number that a day of a series stands for.
func nthOf(s rel.Schema, series string) rel.Expr {
	return rel.NewTimeCall(rel.DateDiff, rel.Day, rel.DateLit(epoch), s.Col(series))
}

// ends are the first and the last period: those of the rows, or of the query's time range.
func (f *frame) ends(unit rel.Unit, limited bool, over rowStretch, shift model.Offset) rel.Relation {
	rows := over.ends()
	first, last := toGrain(rows.Schema().Col(firstPeriod), over.known, unit), over.lastOf(rows.Schema().Col(lastPeriod), unit, shift)
	if limited && f.asked.Start != nil {
		first = f.firstOfRange(over.typ)
	}
	if limited && f.asked.End != nil {
		last = f.lastOfRange(unit, over.typ)
	}
	return rel.NewProject(rows, rel.Named{Name: firstPeriod, X: first}, rel.Named{Name: lastPeriod, X: last})
}

// lastOf is the last period of a unit: that of the last time, of which more may be meant by a longer period, or the one that looks back
// to it.
func (r rowStretch) lastOf(last rel.Expr, unit rel.Unit, shift model.Offset) rel.Expr {
	if r.known > unit {
		last = rel.NewTimeCall(rel.DateAdd, unit, rel.NewTimeCall(rel.DateAdd, r.known, last, rel.Int(1)), rel.Int(-1))
	}
	if w := shift.Window; w.Count > 0 && w.Custom == nil {
		return toGrain(rel.NewTimeCall(rel.DateAdd, w.Unit, last, rel.Int(w.Count)), rel.NoUnit, unit)
	}
	return toGrain(last, r.known, unit)
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
		if kind == rel.Inner && f.looksAhead(input, finest, shift) {
			return f.ahead(in.Schema().Col(joined), in, shift)
		}
		return f.periods(grain, f.ranged, s.stretch(), shift)
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

// looksAhead reports whether periods that look back are known by the answer that they look back to, because that is by the period itself:
// where no spine says which periods there are, nobody needs the others.
func (f *frame) looksAhead(in *ask.Input, finest rel.Unit, shift model.Offset) bool {
	grain := spineGrain(withTimesOf(timeFilters(in), f.timesOf(in)), finest)
	if !shift.IsFixed() || f.asked.Model.SpineFor(grain) != nil {
		return false
	}
	if finest != rel.NoUnit {
		return finest == grain
	}
	ref := f.joinGroup(in)
	return ref.Part == rel.NoPart && ref.Custom == nil && ref.Grain == grain
}

// ahead are the periods that look back to one of an answer's.
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

// spineOf is the periods as the groups at the positions see them, each once, where the filters hold.
func (f *frame) spineOf(in *ask.Input, at []int, finest rel.Unit, filters []conjunct, periodsOf func(grain rel.Unit) rel.Relation) rel.Relation {
	refs := f.timesOf(in)
	needed := withTimesOf(filters, refs)
	grain := spineGrain(needed, finest)
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
	return rel.NewRef(f.program.addOnce("spine", "Every period, with rows or without", spine))
}

// withTimesOf are times, and those that filters read.
func withTimesOf(filters []conjunct, refs []*model.Ref) []*model.Ref {
	for _, c := range filters {
		refs = append(slices.Clip(refs), c.refs...)
	}
	return refs
}

// spineGrain is the grain of the periods that all of refs can be told from, and what is counted by a finer one: a week may lie in two
// months.
func spineGrain(refs []*model.Ref, counted rel.Unit) rel.Unit {
	finest := finestOf(refs)
	if finest == rel.Week && slices.ContainsFunc(refs, func(r *model.Ref) bool { return r.Grain > rel.Week }) {
		finest = rel.Day
	}
	if counted != rel.NoUnit {
		return min(finest, counted)
	}
	return finest
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
