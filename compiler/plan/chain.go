package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A chain is one step of the program that follows units along the steps of a funnel: kept rows of several sources, one after the
// other in time.
//
// A row of step k is reached if a row of step k−1 that is reached lies at or before it and not too long ago. Of those the latest is
// also the one whose chain began last: had an earlier one a later beginning, the latest could be chained to it too. So a running
// maximum of times, and one of beginnings, find the best chain to each row in one pass a step.
type chain struct {
	spec     *model.Funnel
	rows     []*factColumn // of each step
	name     string
	step     *rel.Step
	key      sourceKey
	furthest string // the column of the last step that a unit gets to
}

// chain is the one of a funnel over the builder's stretch.
func (b *builder) chain(t *ask.Funnel) *chain {
	var rows []*factColumn
	for _, step := range t.Steps {
		col := b.column(step.Input, counted, b.since)
		col.source.kept = true
		b.reads(col)
		rows = append(rows, col)
	}
	for _, known := range b.chains {
		if known.spec == t.Spec && slices.Equal(known.rows, rows) {
			return known
		}
	}
	name := b.use.Metric.Metric.Name
	ch := &chain{spec: t.Spec, rows: rows, name: name, furthest: b.columns.give(name + "_furthest"),
		key: sourceKey{experiment: b.columns.give(name + "_experiment"), unit: b.columns.give(name + "_unit")}}
	b.cohort.chains = append(b.cohort.chains, ch)
	return ch
}

// Columns of a chain's rows.
const (
	chainStep  = "step_number"
	chainAt    = "step_at"
	beganAt    = "began_at" // of the latest chain to this row; NULL where none leads to it
	previousAt = "previous_at"
	previousOf = "previous_began_at"
	otherAt    = "other_at"
)

// follow adds the step `<metric>_funnel`.
func (c *cohort) follow(ch *chain) {
	var steps []rel.Relation
	for i := range ch.rows {
		steps = append(steps, c.chained(ch, i))
	}
	in := rel.Relation(rel.NewUnion(steps...))
	for k := 2; k <= len(steps); k++ {
		in = c.reach(in, ch.spec, k)
	}
	s := in.Schema()
	furthest := rel.NewAgg(rel.Max, s.Col(chainStep)).Filtered(rel.NewCall(rel.IsNotNull, s.Col(beganAt)))
	ch.step = c.program.add(rel.Staged, ch.name+"_funnel", "The furthest step of "+ch.name+" that each unit gets to",
		rel.NewAggregate(in, []rel.Named{{Name: ch.key.experiment, X: experiment}, {Name: ch.key.unit, X: c.unitID()}},
			[]rel.Named{{Name: ch.furthest, X: furthest}}))
}

// chained is the rows of one step: each a unit's, at its time. A chain begins at a row of the first.
func (c *cohort) chained(ch *chain, i int) rel.Relation {
	col, grain := ch.rows[i], ch.spec.Grain()
	in := rel.NewRef(col.source.rows)
	s := in.Schema()
	at := atCommonGrain(s.Col("fact_time"), col.source.grain(), grain, c)
	began := rel.Expr(rel.Null(at.Type()))
	if i == 0 {
		began = at
	}
	counts := rel.AndAll(rel.NewCall(rel.IsNotNull, s.Col(col.in.name)), col.within(s))
	return rel.NewProject(rel.NewFilter(in, counts), append(passed(s, "experiment", "unit_id"),
		rel.Named{Name: chainStep, X: rel.Int(int64(i + 1))}, rel.Named{Name: chainAt, X: at}, rel.Named{Name: beganAt, X: began})...)
}

// reach finds the beginning of the latest chain to each row of step k.
func (c *cohort) reach(in rel.Relation, spec *model.Funnel, k int) rel.Relation {
	s := in.Schema()
	step, at, began := s.Col(chainStep), s.Col(chainAt), s.Col(beganAt)
	is := func(k int) rel.Expr { return rel.NewCall(rel.Eq, step, rel.Int(int64(k))) }
	// At one time the step before comes first, and rows of other steps last: they are not between.
	place := rel.NewCase(rel.Int(2), rel.When{Cond: is(k - 1), Then: rel.Int(0)}, rel.When{Cond: is(k), Then: rel.Int(1)})
	upToHere := func(x, where rel.Expr) rel.Expr {
		return rel.NewOver(rel.WindowMax, []rel.Expr{rel.NewCase(nil, rel.When{Cond: where, Then: x})},
			[]rel.Expr{experiment, c.unitID()}, []rel.SortKey{{X: at}, {X: place}}, &rel.Frame{Preceding: -1})
	}
	reached := rel.AndAll(is(k-1), rel.NewCall(rel.IsNotNull, began))
	cols := []rel.Named{{Name: previousAt, X: upToHere(at, reached)}, {Name: previousOf, X: upToHere(began, reached)}}
	if spec.Order == model.StrictSteps {
		cols = append(cols, rel.Named{Name: otherAt, X: upToHere(at, rel.NewCall(rel.Not, rel.NewCall(rel.In, step, rel.Int(int64(k-1)), rel.Int(int64(k)))))})
	}
	windowed := rel.NewWindow(in, cols...)
	chainable := rel.NewCase(nil, rel.When{Cond: follows(windowed.Schema(), spec, spec.Steps[k-1]), Then: windowed.Schema().Col(previousOf)})
	return rel.NewProject(windowed, append(passed(s, "experiment", "unit_id", chainStep, chainAt),
		rel.Named{Name: beganAt, X: rel.NewCase(began, rel.When{Cond: is(k), Then: chainable})})...)
}

// follows is the condition that a row continues the latest chain to the step before.
func follows(s rel.Schema, spec *model.Funnel, step *model.FunnelStep) rel.Expr {
	at, previous, began := s.Col(chainAt), s.Col(previousAt), s.Col(previousOf)
	conds := []rel.Expr{rel.NewCall(rel.IsNotNull, previous)}
	if step.Within != nil {
		conds = append(conds, rel.NewCall(rel.Lt, at, later(previous, *step.Within)))
	}
	if spec.Within != nil {
		conds = append(conds, rel.NewCall(rel.Lt, at, later(began, *spec.Within)))
	}
	if spec.Order == model.StrictSteps {
		other := s.Col(otherAt)
		conds = append(conds, rel.NewCall(rel.Or, rel.NewCall(rel.IsNull, other), rel.NewCall(rel.Le, other, previous)))
	}
	return rel.AndAll(conds...)
}

// later is a time moved forward; a day by whole days.
func later(at rel.Expr, by time.Duration) rel.Expr {
	if at.Type() == rel.Date {
		return rel.NewTimeCall(rel.DateAdd, rel.Day, at, rel.Int(int64(by/day)))
	}
	return rel.NewTimeCall(rel.DateAdd, rel.Second, at, rel.Int(int64(by/time.Second)))
}

// atCommonGrain is a fact's time as a coarser granularity knows it.
func atCommonGrain(at rel.Expr, of, grain rel.Unit, c *cohort) rel.Expr {
	switch {
	case of == grain || of < rel.Day && grain <= rel.Millisecond:
		return at
	case of >= rel.Day:
		return rel.NewTimeCall(rel.DateTrunc, grain, at)
	default:
		return atGrain(at, grain, c.reporting)
	}
}

// timeType is how a time known at a granularity is held.
func timeType(grain rel.Unit) rel.Type {
	if grain >= rel.Day {
		return rel.Date
	}
	return rel.Timestamp
}
