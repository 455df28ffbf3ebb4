package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Where clusters of units were randomised, a cluster is what is exposed to one variant or to several, what belongs to a phase and
// a stratum, and what varies: with the moments of units go those of clusters' totals, by the clusters' sizes.

const (
	clusterID      = "cluster_id" // of units: the cluster of their first exposure
	clustersColumn = "clusters"   // counts a slice's clusters
	phasedAt       = "phased_at"  // when a unit's phase was settled: as its cluster was first exposed
	clusterFirstAt = "cluster_first_at"
)

// gatherClusters keeps the clusters of the logs that have them.
func (c *cohort) gatherClusters() {
	if slices.ContainsFunc(c.experiments, (*model.Experiment).Clustered) {
		c.carried = append(c.carried, carried{clusterID, rel.Text, func(log *model.Log) rel.Expr { return log.Cluster }})
	}
}

// clusters are the columns of units that name their cluster; none where no experiment of the cohort has clusters.
func (c *cohort) clusters() []string {
	if slices.Contains(c.carriedColumns(), clusterID) {
		return []string{clusterID}
	}
	return nil
}

func (c *cohort) clustered() bool { return c.clusters() != nil }

// exposureKind is stored where exposures are read twice: by unit, and by cluster.
func (c *cohort) exposureKind() rel.StepKind {
	if c.clustered() {
		return rel.Staged
	}
	return rel.Inline
}

// asClusters gives the units of each cluster what their cluster was seen as, by all rows of the logs that name it: its first
// variant and stratum, and all its variants. At is when their phase was settled.
func (c *cohort) asClusters(first, exposures *rel.Step) (units rel.Relation, at rel.Expr) {
	if !c.clustered() {
		return rel.NewRef(first), c.heldAt()
	}
	joined := rel.NewJoin(rel.Left, rel.NewRef(first), rel.NewRef(c.firstOfClusters(exposures)), []rel.Equal{
		{Left: experiment, Right: "cluster_experiment"}, {Left: &rel.Col{Name: clusterID, T: rel.Text}, Right: "cluster_name"},
	}, nil)
	s := joined.Schema()
	seen := map[string]rel.Expr{
		"variant":         rel.NewCall(rel.Coalesce, s.Col("cluster_variant"), s.Col("variant")),
		"lowest_variant":  rel.NewCall(rel.Least, s.Col("lowest_variant"), s.Col("cluster_lowest")),
		"highest_variant": rel.NewCall(rel.Greatest, s.Col("highest_variant"), s.Col("cluster_highest")),
	}
	if c.keepsMultiple() != nil {
		seen["declared"] = rel.NewCall(rel.Coalesce, s.Col("cluster_declared"), s.Col("declared"))
	}
	if c.stratified() {
		seen[stratum] = rel.NewCase(s.Col(stratum),
			rel.When{Cond: rel.NewCall(rel.IsNotNull, s.Col(clusterFirstAt)), Then: s.Col("cluster_stratum")})
	}
	cols := passed(s, columnsOf(first.Relation.Schema())...)
	for i, col := range cols {
		if x := seen[col.Name]; x != nil {
			cols[i].X = x
		}
	}
	cols = append(cols, rel.Named{Name: phasedAt, X: rel.NewCall(rel.Coalesce, s.Col(clusterFirstAt), assignedAt)})
	return rel.NewProject(joined, cols...), &rel.Col{Name: phasedAt, T: rel.Timestamp}
}

// firstOfClusters is the step `clusters`: one row per cluster, as first exposed.
func (c *cohort) firstOfClusters(exposures *rel.Step) *rel.Step {
	all := rel.NewRef(exposures)
	complete := rel.AndAll(rel.NewCall(rel.IsNotNull, all.Schema().Col(clusterID)), rel.NewCall(rel.IsNotNull, all.Schema().Col("exposed_at")))
	in, by, at := c.inOrder(rel.NewFilter(all, complete), clusterID)
	s := in.Schema()
	name := s.Col("variant")
	aggs := []rel.Named{
		{Name: clusterFirstAt, X: at},
		{Name: "cluster_variant", X: rel.NewFirst(name, by...)},
		{Name: "cluster_lowest", X: rel.NewAgg(rel.Min, name)},
		{Name: "cluster_highest", X: rel.NewAgg(rel.Max, name)},
	}
	if c.keepsMultiple() != nil {
		aggs = append(aggs, rel.Named{Name: "cluster_declared", X: rel.NewFirst(s.Col("declared"), by...)})
	}
	if c.stratified() {
		of := s.Col(stratum)
		aggs = append(aggs, rel.Named{Name: "cluster_stratum", X: rel.NewFirst(of, append(by, rel.SortKey{X: of})...)})
	}
	groups := []rel.Named{{Name: "cluster_experiment", X: experiment}, {Name: "cluster_name", X: s.Col(clusterID)}}
	return c.program.add(rel.Inline, "clusters", "One row per cluster: its first exposure, and all variants it was exposed to",
		rel.NewAggregate(in, groups, aggs))
}

// newClusters are a fetched statement: clusters by the day of their first exposure of a unit in the population.
func (c *cohort) newClusters() rel.Relation {
	in := rel.NewRef(c.entered)
	s := in.Schema()
	some := rel.NewFilter(in, rel.NewCall(rel.IsNotNull, s.Col(clusterID)))
	each := rel.NewAggregate(some, passed(s, "experiment", "variant", clusterID),
		[]rel.Named{{Name: clusterFirstAt, X: rel.NewAgg(rel.Min, assignedAt)}})
	day := rel.Named{Name: "day", X: dayOf(each.Schema().Col(clusterFirstAt), c.reporting)}
	return rel.NewAggregate(each, append(passed(each.Schema(), "experiment", "variant"), day),
		[]rel.Named{{Name: clustersColumn, X: rel.NewAgg(rel.CountRows)}})
}

// countClusters counts the clusters of a relation's units; in a cohort without clusters it counts nothing.
func (c *cohort) countClusters(s rel.Schema, where rel.Expr) []rel.Named {
	if !c.clustered() {
		return nil
	}
	count := rel.NewAgg(rel.CountDistinct, s.Col(clusterID))
	if where != nil {
		count = count.Filtered(where)
	}
	return []rel.Named{{Name: clustersColumn, X: count}}
}
