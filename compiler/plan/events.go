package plan

import (
	"maps"
	"slices"

	"assay/compiler/ask"
	"assay/compiler/rel"
	"assay/stats"
)

// events are what a percentile is taken over: the values of a unit's rows within a stretch, stored once and read again.
type events struct {
	counted  *factColumn // a unit's number of them
	discrete bool        // the percentile is a value that occurs
}

// clusterColumns tell which columns hold the moments of units' counts of events: at or below the percentile, all, and what is left of
// the first once the fraction of the second is taken out.
type clusterColumns struct {
	units string
	means [3]string
	pairs []pairColumn
}

// clusterLabels name the quantities of clusterColumns, which are shaped as a ratio.
var clusterLabels = []string{"below", "events", "residual"}

// eventQuantile is a percentile over the events of all units; a unit without events is none of its clusters.
func (b *builder) eventQuantile(in *ask.Input) *estimator {
	counted := b.factColumn(part{term: &ask.Aggregate{Input: in}, count: true}, b.since)
	counted.source.kept = true
	some := rel.NewCall(rel.NullIf, &rel.Col{Name: counted.name, T: rel.Integer}, rel.Int(0))
	units := b.plain(b.quantity(b.use.Metric.Name+"_events", b.counted(rel.ToType(some, rel.Float))))
	return &estimator{
		shape: stats.Shape{Kind: stats.KindQuantile}, labels: clusterLabels, quantities: []*column{units},
		quantile: b.percentileOf(in.Percentile, events{counted: counted, discrete: in.Discrete}),
	}
}

// percentileOf is the percentile at a fraction of events, one for all experiments that ask for it over the same stretch: ranks are
// dear.
func (b *builder) percentileOf(at float64, of events) *quantile {
	for _, e := range b.estimators {
		if q := e.quantile; q != nil && q.events != nil && q.at == at && *q.events == of {
			return q
		}
	}
	return &quantile{at: at, values: b.columns.give(b.use.Metric.Name + "_event"), events: &of}
}

// rankEvents adds, for each source with percentiles, the steps from its kept rows to the fetched `<table>_percentiles`.
func (c *cohort) rankEvents() []*ranks {
	var all []*ranks
	for _, s := range c.sources {
		var quantiles []*estimator
		for _, e := range c.estimators {
			shared := slices.ContainsFunc(quantiles, func(o *estimator) bool { return o.quantile == e.quantile })
			if q := e.quantile; !shared && q != nil && q.events != nil && q.events.counted.source == s {
				quantiles = append(quantiles, e)
			}
		}
		if quantiles != nil {
			r := c.percentiles(s, quantiles)
			c.share(r.uses)
			all = append(all, r)
		}
	}
	return all
}

// share gives the columns of a percentile to all that ask for it.
func (c *cohort) share(uses map[*estimator]rankColumns) {
	for e, cols := range maps.Clone(uses) {
		for _, other := range c.estimators {
			if other.quantile == e.quantile {
				uses[other] = cols
			}
		}
	}
}

func (c *cohort) percentiles(s *source, quantiles []*estimator) *ranks {
	values := valuesOf(quantiles)
	included := c.program.add(rel.Inline, s.table.Name+"_events", "The events that percentiles are over", c.included(s, quantiles))
	brackets, uses := c.bracketed(c.sliced(rel.NewRef(included), values...), quantiles)
	bracketStep := c.program.add(rel.Staged, s.table.Name+"_brackets", "Percentiles, each with the values that bracket it", brackets)
	counts := c.belowByUnit(c.sliced(rel.NewRef(included), append([]string{"unit_id"}, values...)...), bracketStep, quantiles, uses)
	var aggs []rel.Named
	for _, e := range quantiles {
		cols := uses[e]
		cols.clusters = c.clusterMoments(e, &aggs)
		uses[e] = cols
	}
	clusters := rel.NewAggregate(counts, passed(counts.Schema(), slicedBy...), aggs)
	step := c.program.add(rel.Fetched, s.table.Name+"_percentiles", "Percentiles over events, and how events cluster by unit",
		c.beside(clusters, bracketStep))
	return &ranks{step: step, uses: uses}
}

// included is the values of the events within each percentile's stretch, NULL outside it.
func (c *cohort) included(s *source, quantiles []*estimator) rel.Relation {
	unit := rel.NewRef(c.unitValues)
	key, id := c.columns.give(s.table.Name+"_event_experiment"), c.columns.give(s.table.Name+"_event_unit")
	cols := []rel.Named{{Name: key, X: experiment}, {Name: id, X: c.unitID()}, {Name: "variant", X: unit.Schema().Col("variant")}}
	names := []string{"experiment", "unit_id", "variant"}
	for _, d := range c.dimensions {
		cols, names = append(cols, passed(unit.Schema(), d.column)...), append(names, d.column)
	}
	joined := rel.NewJoin(rel.Inner, rel.NewRef(s.rows), rel.NewProject(unit, cols...),
		[]rel.Equal{{Left: experiment, Right: key}, {Left: c.unitID(), Right: id}}, nil)
	schema := joined.Schema()
	values := passed(schema, names...)
	for _, e := range quantiles {
		col := e.quantile.events.counted
		x := where(rel.AndAll(col.in.counted(schema), col.within(schema)), rel.ToType(col.in.value(schema), rel.Float))
		values = append(values, rel.Named{Name: e.quantile.values, X: x})
	}
	return rel.NewProject(joined, values...)
}

// belowByUnit counts each unit's events, and those at or below the percentile of its variant and slice.
func (c *cohort) belowByUnit(
	in rel.Relation, brackets *rel.Step, quantiles []*estimator, uses map[*estimator]rankColumns,
) rel.Relation {
	joined := c.beside(in, brackets)
	s := joined.Schema()
	var aggs []rel.Named
	for _, e := range quantiles {
		x := s.Col(e.quantile.values)
		below := rel.NewCall(rel.Le, x, s.Col(uses[e].point))
		aggs = append(aggs,
			rel.Named{Name: e.clusterColumn("below"), X: rel.NewAgg(rel.Sum, below)},
			rel.Named{Name: e.clusterColumn("events"), X: rel.NewAgg(rel.Count, x)})
	}
	counts := rel.NewAggregate(joined, passed(s, append(slicedBy, "unit_id")...), aggs)
	cols := passed(counts.Schema(), slicedBy...)
	for _, e := range quantiles {
		cols = append(cols, e.clusterQuantities(counts.Schema())...)
	}
	return rel.NewProject(counts, cols...)
}

// clusterQuantities are a unit's counts as floats, NULL without events, and their residual about the fraction.
func (e *estimator) clusterQuantities(s rel.Schema) []rel.Named {
	below := rel.ToType(s.Col(e.clusterColumn("below")), rel.Float)
	all := rel.ToType(rel.NewCall(rel.NullIf, s.Col(e.clusterColumn("events")), rel.Int(0)), rel.Float)
	return []rel.Named{
		{Name: e.clusterColumn("below"), X: below},
		{Name: e.clusterColumn("events"), X: all},
		{Name: e.clusterColumn("residual"), X: rel.NewCall(rel.Sub, below, rel.NewCall(rel.Mul, rel.Float64(e.quantile.at), all))},
	}
}

func (e *estimator) clusterColumn(label string) string { return e.quantile.values + "_" + label }

// clusterMoments adds to aggs what the correction for clusters reads.
func (c *cohort) clusterMoments(e *estimator, aggs *[]rel.Named) *clusterColumns {
	value := func(i int) rel.Expr { return &rel.Col{Name: e.clusterColumn(clusterLabels[i]), T: rel.Float} }
	add := func(name string, x rel.Expr) string {
		name = c.columns.give(e.quantile.values + name)
		*aggs = append(*aggs, rel.Named{Name: name, X: x})
		return name
	}
	cols := &clusterColumns{units: add("_units", rel.NewAgg(rel.Count, value(1)))}
	for i, label := range clusterLabels {
		cols.means[i] = add("_"+label+"_mean", rel.NewAgg(rel.Avg, value(i)))
	}
	for _, p := range (stats.Shape{Kind: stats.KindRatio}).Pairs() {
		x, name := rel.NewAgg(rel.VarSamp, value(p.I)), "_"+clusterLabels[p.I]+"_var"
		if p.I != p.J {
			x, name = rel.NewAgg(rel.CovarSamp, value(p.I), value(p.J)), "_"+clusterLabels[p.I]+"_"+clusterLabels[p.J]+"_cov"
		}
		cols.pairs = append(cols.pairs, pairColumn{p, add(name, x)})
	}
	return cols
}

// beside joins a step's row of the same experiment, variant and slice.
func (c *cohort) beside(in rel.Relation, step *rel.Step) rel.Relation {
	s := rel.NewRef(step).Schema()
	var on []rel.Equal
	var cols []rel.Named
	for _, col := range s.Columns {
		name := col.Name
		for _, key := range slicedBy {
			if key == name {
				name = c.columns.give(step.Name + "_" + key)
				on = append(on, rel.Equal{Left: in.Schema().Col(key), Right: name})
			}
		}
		cols = append(cols, rel.Named{Name: name, X: rel.NewCol(col)})
	}
	return rel.NewJoin(rel.Inner, in, rel.NewProject(rel.NewRef(step), cols...), on, nil)
}
