package plan

import (
	"slices"

	"assay/compiler/rel"
)

// clusterSize is the column of the units of a cluster that a metric counts.
const clusterSize = "cluster_size"

// clusterTotals adds the steps from units to what leaves the warehouse of clusters: their totals' moments by variant, slice and
// size, a statement for each way of counting a cluster's units.
func (c *cohort) clusterTotals() []*moments {
	var counted [][]*estimator
	for _, e := range c.estimators {
		if !e.use.Experiment.Clustered() {
			continue
		}
		i := slices.IndexFunc(counted, func(alike []*estimator) bool { return alike[0].countedBy == e.countedBy })
		if i < 0 {
			i, counted = len(counted), append(counted, nil)
		}
		counted[i] = append(counted[i], e)
	}
	if counted == nil {
		return nil
	}
	totals, sizes := c.totalled(counted)
	step := c.program.add(rel.Staged, "cluster_totals", "Each cluster's units and the totals of their values, by slice", totals)
	var all []*moments
	for i, alike := range counted {
		for _, m := range packed(alike, noMoments, (*moments).columns) {
			m.step = c.program.add(rel.Fetched, "cluster_moments", "Moments of clusters' totals by variant, slice and size",
				c.bySize(rel.NewRef(step), sizes[i], m.aggs))
			all = append(all, m)
		}
	}
	return all
}

// totalled is a row for each cluster and slice: its units by each way of counting them, and their totals under the quantities'
// names.
func (c *cohort) totalled(counted [][]*estimator) (totals rel.Relation, sizes []string) {
	in := rel.NewRef(c.readings)
	var aggs []rel.Named
	summed := map[*column]bool{}
	for _, alike := range counted {
		size := c.columns.give(alike[0].use.Metric.Name + "_units")
		sizes = append(sizes, size)
		aggs = append(aggs, rel.Named{Name: size, X: rel.NewAgg(rel.Count, in.Schema().Col(alike[0].quantities[0].name))})
		for _, e := range alike {
			for _, part := range append(e.steps, e) {
				for _, q := range part.quantities {
					if !summed[q] {
						aggs = append(aggs, rel.Named{Name: q.name, X: rel.NewAgg(rel.Sum, in.Schema().Col(q.name))})
					}
					summed[q] = true
				}
			}
		}
	}
	clustered := rel.NewFilter(in, rel.NewCall(rel.IsNotNull, in.Schema().Col(clusterID)))
	return c.grouped(clustered, append(c.arms(), clusterID), aggs), sizes
}

// bySize groups clusters that have units of the given count by that.
func (c *cohort) bySize(totals rel.Relation, size string, aggs []rel.Named) rel.Relation {
	s := totals.Schema()
	groups := c.arms()
	if len(c.dimensions) > 0 {
		groups = append(groups, sliceSet)
	}
	for _, d := range c.dimensions {
		groups = append(groups, d.column)
	}
	some := rel.NewFilter(totals, rel.NewCall(rel.Gt, s.Col(size), rel.Int(0)))
	return rel.NewAggregate(some, append(passed(s, groups...), rel.Named{Name: clusterSize, X: s.Col(size)}), aggs)
}
