package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A query of an experiment counts the facts that the experiment counts, by variant: the same units, the same windows, but
// aggregated by group and not by unit.

// admitUnits adds the steps up to `units` for the query's experiment.
func (k *kpiPlan) admitUnits(f *frame) bool {
	e := k.asked.Experiment
	k.cohort = newCohort(k.program, e.Entity, []*model.Experiment{e}, nil, k.asked.Model.Zone)
	for _, metric := range k.asked.Metrics {
		k.count(f, e, metric)
	}
	k.cohort.gatherPopulation(e)
	k.cohort.gatherTriggers()
	k.cohort.gatherClusters()
	paths := k.cohort.route(k.asked.Model, k.bag)
	k.cohort.routeTriggers(k.asked.Model, k.bag)
	if k.bag.HasErrors() {
		return false
	}
	for _, s := range *f.scans {
		s.facts = s.inputs[0].counted.source
		for _, col := range s.inputs {
			if col.counted.source != s.facts {
				k.bag.Errorf(col.input.At(), "unit-metric", "`%s` and `%s` belong to units in different roles: query one at a time",
					s.inputs[0].input.Name, col.input.Name)
				return false
			}
		}
		s.path = paths[slices.Index(k.cohort.sources, s.facts)]
	}
	k.cohort.agreeOnUnitType(paths)
	k.cohort.declare()
	k.cohort.assign(k.cohort.expose())
	k.cohort.admit()
	return true
}

// count says which facts a metric's inputs count in the experiment.
func (k *kpiPlan) count(f *frame, e *model.Experiment, metric ask.QueryMetric) {
	s := metric.Use.Settings
	st := k.cohort.sinceStretch(&ask.Use{Experiment: e, Metric: metric.Use, Since: ask.Since{Start: s.WindowStart, End: s.WindowEnd}})
	for _, in := range ask.Inputs(metric.Term) {
		f.inputColumn(in).counted = k.cohort.column(in, metric.Use.Unit, unitAggregates[in.Agg], st)
	}
}

// during is the condition that a row is one the experiment counts; nil where it counts all.
func (col *inputColumn) during(schema rel.Schema) rel.Expr {
	if col.counted == nil {
		return nil
	}
	conds := []rel.Expr{col.counted.during(schema)}
	if st := col.counted.stretch; st.matures() {
		conds = append(conds, schema.Col(st.completeColumn()))
	}
	return rel.AndAll(conds...)
}

// unitAttributes are the columns of units that a query reads besides the limits.
func (s *source) unitAttributes() []string {
	cols := []string{"variant"}
	for _, col := range s.columns {
		if complete := col.stretch.completeColumn(); col.stretch.matures() && !slices.Contains(cols, complete) {
			cols = append(cols, complete)
		}
	}
	return cols
}

// inputColumn is an input's; in an experiment each has one, for nothing is moved in time.
func (f *frame) inputColumn(in *ask.Input) *inputColumn {
	for _, s := range *f.scans {
		for _, col := range s.inputs {
			if col.input == in {
				return col
			}
		}
	}
	panic("an input without a scan: " + in.Name)
}
