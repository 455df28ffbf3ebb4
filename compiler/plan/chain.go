package plan

import (
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A funnel is followed along the rows of its steps, one after the other in time.
//
// A row of step k is reached if a row of step k−1 that is reached lies at or before it and not too long ago. Of those the latest is
// also the one whose chain began last: had an earlier one a later beginning, the latest could be chained to it too. So a running
// maximum of times, and one of beginnings, find the best chain to each row in one pass a step.

// Columns of a chain's rows.
const (
	beganAt    = "began_at" // of the latest chain to this row; NULL where none leads to it
	previousAt = "previous_at"
	previousOf = "previous_began_at"
	otherAt    = "other_at"
)

// furthest is the last step that each unit gets to.
func (b *builder) furthest(t *ask.Funnel) *sequence {
	var rows []*factColumn
	for _, step := range t.Steps {
		rows = append(rows, b.keptRows(step.Input))
	}
	name := b.use.Metric.Metric.Name
	return b.sequence(&sequence{of: t.Spec, rows: rows, name: name + "_furthest",
		comment: "The furthest step of " + name + " that each unit gets to",
		follow:  func(s *sequence) rel.Relation { return b.cohort.chained(s, t.Spec) }})
}

func (c *cohort) chained(ch *sequence, spec *model.Funnel) rel.Relation {
	var steps []rel.Relation
	for i, col := range ch.rows {
		steps = append(steps, c.stepOf(col, i+1, spec.Grain()))
	}
	in := rel.Relation(rel.NewUnion(steps...))
	for k := 2; k <= len(steps); k++ {
		in = c.reach(in, spec, k)
	}
	s := in.Schema()
	return c.reduced(ch, in, rel.NewAgg(rel.Max, s.Col(stepNumber)).Filtered(rel.NewCall(rel.IsNotNull, s.Col(beganAt))))
}

// stepOf is the rows of one step. A chain begins at a row of the first.
func (c *cohort) stepOf(col *factColumn, number int, grain rel.Unit) rel.Relation {
	in, cols := c.kept(col, number, grain, col.within(rel.NewRef(col.source.rows).Schema()))
	at := cols[len(cols)-1].X
	began := rel.Expr(rel.Null(at.Type()))
	if number == 1 {
		began = at
	}
	return rel.NewProject(in, append(cols, rel.Named{Name: beganAt, X: began})...)
}

// reach finds the beginning of the latest chain to each row of step k.
func (c *cohort) reach(in rel.Relation, spec *model.Funnel, k int) rel.Relation {
	s := in.Schema()
	step, at, began := s.Col(stepNumber), s.Col(stepAt), s.Col(beganAt)
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
		others := rel.NewCall(rel.Not, rel.NewCall(rel.In, step, rel.Int(int64(k-1)), rel.Int(int64(k))))
		cols = append(cols, rel.Named{Name: otherAt, X: upToHere(at, others)})
	}
	windowed := rel.NewWindow(in, cols...)
	w := windowed.Schema()
	chainable := rel.NewCase(nil, rel.When{Cond: follows(w, spec, spec.Steps[k-1]), Then: w.Col(previousOf)})
	return rel.NewProject(windowed, append(passed(s, "experiment", "unit_id", stepNumber, stepAt),
		rel.Named{Name: beganAt, X: rel.NewCase(began, rel.When{Cond: is(k), Then: chainable})})...)
}

// follows is the condition that a row continues the latest chain to the step before.
func follows(s rel.Schema, spec *model.Funnel, step *model.FunnelStep) rel.Expr {
	at, previous, began := s.Col(stepAt), s.Col(previousAt), s.Col(previousOf)
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
