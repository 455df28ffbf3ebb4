package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Experiments of one layer must not share units while they run at the same time, unless they read one key. Whichever of them are
// asked for, the others' logs are read too.

// A pair is an experiment that is asked for and another of its layer.
type pair struct{ asked, other *model.Experiment }

// gatherPairs finds the other experiments of layers. Those that are not asked for are neighbours: of them units alone are known.
func (c *cohort) gatherPairs(m *model.Model) {
	for _, asked := range c.experiments {
		for _, other := range m.Experiments {
			if !asked.SharesLayer(other) {
				continue
			}
			c.pairs = append(c.pairs, pair{asked, other})
			if !slices.ContainsFunc(c.present(), func(e *model.Experiment) bool { return e.Name == other.Name }) {
				c.neighbours = append(c.neighbours, other)
			}
		}
	}
}

// present are the experiments whose units are known.
func (c *cohort) present() []*model.Experiment { return slices.Concat(c.experiments, c.neighbours) }

// only are the rows of some of the experiments that a relation has rows of.
func only(some []*model.Experiment, in rel.Relation, of []*model.Experiment) rel.Relation {
	if len(some) == len(of) {
		return in
	}
	return rel.NewFilter(in, isOneOf(some))
}

// isOneOf is the condition that a row is of one of some experiments.
func isOneOf(some []*model.Experiment) rel.Expr {
	names := []rel.Expr{experiment}
	for _, e := range some {
		names = append(names, rel.String(e.Name))
	}
	return rel.NewCall(rel.In, names...)
}

// countShared adds the fetched step `shared_units`: for each pair the units that are in both. Nil without pairs.
func (c *cohort) countShared() *rel.Step {
	if c.pairs == nil {
		return nil
	}
	var rows [][]rel.Expr
	for _, p := range c.pairs {
		rows = append(rows, []rel.Expr{rel.String(p.asked.Name), rel.String(p.other.Name)})
	}
	pairs := c.program.add(rel.Inline, "pairs", "Experiments of one layer that run at the same time", rel.NewValues(
		[]rel.Column{{Name: "pair_experiment", Type: rel.Text}, {Name: "pair_other", Type: rel.Text}}, rows,
		rel.Key{Columns: []string{"pair_experiment", "pair_other"}}))
	assigned := rel.NewRef(c.assigned)
	included := rel.NewFilter(assigned, assigned.Schema().Col("included"))
	paired := rel.NewExpand(rel.Inner, included, rel.NewRef(pairs),
		rel.NewCall(rel.Eq, experiment, &rel.Col{Name: "pair_experiment", T: rel.Text}), "pair_other")
	others := rel.NewProject(included, rel.Named{Name: "other_experiment", X: experiment}, rel.Named{Name: "other_unit", X: c.unitID()})
	both := rel.NewJoin(rel.Inner, paired, others, []rel.Equal{
		{Left: &rel.Col{Name: "pair_other", T: rel.Text}, Right: "other_experiment"}, {Left: c.unitID(), Right: "other_unit"},
	}, nil)
	return c.program.add(rel.Fetched, "shared_units", "Units that are in two experiments of one layer",
		rel.NewAggregate(both, passed(both.Schema(), "experiment", "pair_other"), []rel.Named{{Name: unitsColumn, X: rel.NewAgg(rel.CountRows)}}))
}
