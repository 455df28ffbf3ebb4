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
		if _, is := metric.Term.(*ask.Conversion); is {
			k.convertedUnits[metric.Term] = k.cohort.estimate(usedIn(e, metric)).quantities
		} else {
			k.count(f, e, metric)
		}
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
	if len(k.convertedUnits) > 0 {
		k.cohort.readKept(paths)
	}
	return true
}

// readKept adds the steps that follow the rows of sources which are read again.
func (c *cohort) readKept(paths []*model.Ref) {
	for i, s := range c.sources {
		if s.kept {
			c.reduce(s, paths[i])
		}
	}
	c.follow()
}

// convertUnits finds the column of conversions, which are counted by unit.
func (f *frame) convertUnits(t *ask.Conversion) {
	if f.columns[t] != nil {
		return
	}
	p := f.part(partKey{term: t}, func(p *framePart) rel.Relation {
		in := f.cohort.sideBySide()
		return rel.NewAggregate(in, passed(in.Schema(), f.groupColumns()...), []rel.Named{{Name: p.columns[0].name, X: f.convertedShare(t)}})
	})
	p.columns = append(p.columns, &partColumn{name: f.columnNames.give(t.Converted.Input.Name + "_converted"), typ: rel.Float})
	f.columns[t] = p.columns[0]
}

// convertedShare is the conversions of units, among their base events where the metric is a rate.
func (f *frame) convertedShare(t *ask.Conversion) rel.Expr {
	total := func(c *column) rel.Expr { return rel.NewAgg(rel.Sum, c.of.x) }
	quantities := f.convertedUnits[t]
	if t.Spec.Calculation == model.ConversionNumber {
		return total(quantities[0])
	}
	return rel.NewCall(rel.Div, total(quantities[0]), total(quantities[1]))
}

// usedIn is a metric as an experiment uses it, without what it is adjusted by.
func usedIn(e *model.Experiment, metric ask.QueryMetric) *ask.Use {
	s := metric.Use.Settings
	return &ask.Use{Experiment: e, Metric: metric.Use, Term: metric.Term, Since: ask.Since{Start: s.WindowStart, End: s.WindowEnd}}
}

// count says which facts a metric's inputs count in the experiment.
func (k *kpiPlan) count(f *frame, e *model.Experiment, metric ask.QueryMetric) {
	st := k.cohort.sinceStretch(usedIn(e, metric))
	for _, in := range ask.Inputs(metric.Term) {
		f.inputColumn(in).counted = k.cohort.column(in, metric.Use.Unit, unitAggregates[in.Agg], st)
	}
}

// during is the condition that a row is one the experiment counts; nil where it counts all.
func (col *inputColumn) during(schema rel.Schema) rel.Expr {
	if col.counted == nil {
		return nil
	}
	var conds []rel.Expr
	if col.counted.source.timed() {
		conds = append(conds, col.counted.limit().held(schema))
	}
	if st := col.counted.stretch; st.matures() {
		conds = append(conds, schema.Col(st.completeColumn()))
	}
	return rel.AndAll(conds...)
}

// countsRow is the condition that the experiment counts a row for some input; other rows would make groups of nothing.
func (s *groupScan) countsRow(schema rel.Schema) rel.Expr {
	var conds []rel.Expr
	for _, col := range s.inputs {
		conds = append(conds, col.during(schema))
	}
	return either(conds)
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
