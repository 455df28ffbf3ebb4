package plan

import (
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Experiments plans the program that answers what experiments ask, and the meaning of what it fetches.
func Experiments(asked *ask.PerUnit, bag *diag.Bag) *Compiled {
	p := &program{names: newNames(append(mentionedTables(asked.Model), mentionedLogs(asked.Model.Experiments)...)...)}
	layout := &Layout{Metrics: map[string][]Use{}}
	for _, c := range cohorts(p, asked) {
		if part := c.plan(asked.Model, bag); part != nil {
			layout.cohorts = append(layout.cohorts, part)
		}
	}
	compiled := &Compiled{Program: &rel.Program{Steps: p.steps}, Layout: layout}
	layout.dependOn(compiled.Program)
	return compiled
}

// plan runs the passes, in the order data flows.
func (c *cohort) plan(m *model.Model, bag *diag.Bag) *cohortLayout {
	c.gatherPairs(m)
	c.gatherDimensions()
	c.gatherTriggers()
	c.gatherStrata()
	c.gatherClusters()
	for _, use := range c.uses {
		c.estimators = append(c.estimators, c.estimate(use))
	}
	c.gatherDaily()
	paths := c.route(m, bag)
	c.routeTriggers(m, bag)
	if bag.HasErrors() {
		return nil
	}
	c.agreeOnUnitType(paths)
	c.declare()
	c.assign(c.expose())
	c.admit()
	c.read(paths)
	c.combine()
	if c.daily != nil {
		c.accumulate()
	}
	part := &cohortLayout{cohort: c, moments: c.summarise(), clusters: c.clusterTotals(), totals: c.reconcile()}
	part.ranks = append(c.rankUnits(), c.rankEvents()...)
	part.axes = c.axes()
	part.found = c.find()
	part.shared = c.countShared()
	c.count(part)
	return part
}

// read adds the steps that read facts.
func (c *cohort) read(paths []*model.Ref) {
	for i, s := range c.sources {
		c.reduce(s, paths[i])
	}
	c.follow()
}

// follow adds the steps of what is followed along the rows of sources.
func (c *cohort) follow() {
	for _, s := range c.sequences {
		s.step = c.program.add(rel.Staged, s.name, s.comment, s.follow(s))
	}
}

// route leads from each source's rows to the cohort's units.
func (c *cohort) route(m *model.Model, bag *diag.Bag) []*model.Ref {
	var paths []*model.Ref
	for _, s := range c.sources {
		hops, entity, err := m.UnitPath(s.table, s.unit)
		if err != nil {
			bag.Errorf(s.inputs[0].input.At(), "unreachable-unit", "%s", err)
			continue
		}
		paths = append(paths, &model.Ref{Column: "fact_" + c.entity, Path: hops, Entity: entity})
	}
	return paths
}

// agreeOnUnitType makes unit ids text where logs and facts hold them in different types.
func (c *cohort) agreeOnUnitType(paths []*model.Ref) {
	var ids []rel.Expr
	for _, log := range c.logs() {
		ids = append(ids, log.Unit)
	}
	for _, p := range paths {
		ids = append(ids, p.Entity.Expr)
	}
	for _, t := range c.triggers {
		ids = append(ids, t.path.Entity.Expr)
	}
	c.unitType = ids[0].Type()
	for _, id := range ids[1:] {
		if id.Type() != c.unitType {
			c.unitAsText = true
		}
	}
	if c.unitAsText {
		c.unitType = rel.Text
	}
}

// count adds the steps that count units: as exposed, by day, and the caps and centres used.
func (c *cohort) count(part *cohortLayout) {
	assigned := rel.NewRef(c.assigned)
	s := assigned.Schema()
	entry := rel.Named{Name: "day", X: dayOf(c.enteredAt(), c.reporting)}
	part.exposures = c.program.add(rel.Fetched, "exposure_counts", "Units and faults of the logs, by variant and day as first seen",
		rel.NewAggregate(assigned, append(passed(s, c.exposureGroups()...), entry), append([]rel.Named{
			{Name: "kept", X: rel.NewAgg(rel.Sum, s.Col("kept"))},
			{Name: "multiple", X: rel.NewAgg(rel.Sum, s.Col("multiple"))},
			{Name: "undeclared", X: rel.NewAgg(rel.Sum, s.Col("undeclared"))},
			{Name: "null_rows", X: rel.NewAgg(rel.Sum, s.Col("null_rows"))},
			{Name: "last_exposed_at", X: rel.NewAgg(rel.Max, s.Col("last_exposed_at"))},
		}, c.countClusters(s, s.Col("kept"))...)))
	number := []rel.Named{{Name: unitsColumn, X: rel.NewAgg(rel.CountRows)}}
	entered := rel.NewRef(c.entered)
	day := rel.Named{Name: "day", X: dayOf(assignedAt, c.reporting)}
	part.daily = c.program.add(rel.Fetched, "exposures_daily", "Units by the day of their exposure",
		rel.NewAggregate(entered, append(passed(entered.Schema(), "experiment", "variant"), day), number))
	if c.clustered() {
		part.clustersDaily = c.program.add(rel.Fetched, "clusters_daily", "Clusters by the day of their first unit's exposure",
			c.newClusters())
	}
	part.slices = c.sliceCounts(part.moments[0].step)
	units := rel.NewRef(c.units)
	part.analysed = c.program.add(rel.Fetched, "unit_counts", "Units that count",
		rel.NewAggregate(units, passed(units.Schema(), "experiment", "variant"),
			append(number, c.countClusters(units.Schema(), nil)...)))
	if c.capStep != nil {
		part.caps = c.program.add(rel.Fetched, "caps_used", "The quantiles that capped", rel.NewRef(c.capStep))
	}
	if c.centreStep != nil {
		part.centres = c.program.add(rel.Fetched, "centres_used", "The ratios variances were taken about", rel.NewRef(c.centreStep))
	}
}

// enteredAt is when what was randomised came into the experiment: a unit, or its cluster.
func (c *cohort) enteredAt() rel.Expr {
	if c.clustered() {
		return &rel.Col{Name: phasedAt, T: rel.Timestamp}
	}
	return assignedAt
}

// sliceCounts is a step that counts units by slice: that of moments, which counts them as well, unless units are counted there from a
// trigger on.
func (c *cohort) sliceCounts(moments *rel.Step) *rel.Step {
	if len(c.triggers) == 0 || len(c.dimensions) == 0 {
		return moments
	}
	in, buckets := c.bucket(rel.NewRef(c.entered), c.entered)
	step := c.program.add(rel.Inline, "entered_slices", "Slices of the units before the trigger",
		rel.NewProject(in, append(passed(in.Schema(), append(c.arms(), c.clusters()...)...), buckets...)...))
	number := append([]rel.Named{{Name: unitsColumn, X: rel.NewAgg(rel.CountRows)}}, c.countClusters(rel.NewRef(step).Schema(), nil)...)
	return c.program.add(rel.Fetched, "slice_counts", "Units by slice, before the trigger", c.grouped(rel.NewRef(step), c.arms(), number))
}

// mentionedTables are the names that the users' tables and queries use: no step takes one.
func mentionedTables(m *model.Model) []string {
	var all []string
	for _, t := range m.Tables {
		all = append(all, mentions(t.Source)...)
	}
	return all
}

func mentionedLogs(experiments []*model.Experiment) []string {
	var all []string
	for _, e := range experiments {
		for _, log := range e.Logs {
			all = append(all, mentions(log.Table.Source)...)
		}
	}
	return all
}

// mentions are the names by which a table's source could be confused with a step.
func mentions(s model.TableSource) []string {
	if s.SQL != "" {
		return rel.Mentions(s.SQL)
	}
	var names []string
	for _, part := range s.Table.Parts {
		names = append(names, part.Name)
	}
	return names
}
