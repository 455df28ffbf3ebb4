package dbtimport

import (
	"fmt"
	"maps"
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
)

// types are the kinds of metric a manifest holds, aggregations those of its measures.
var (
	types        = []project.MetricType{project.Simple, project.Ratio, project.Derived, project.Cumulative, project.Conversion}
	aggregations = []project.Aggregation{project.Sum, project.Min, project.Max, project.CountDistinct, project.SumBoolean, project.Average,
		project.Percentile, project.Median, project.Count}
)

func (r *reader) metric(d *metric) {
	at := r.place(d.Metadata)
	kind := required(at, "type", d.Type, types...)
	m := &project.Metric{Name: at.name(d.Name), Label: at.name(d.Label), Description: at.name(d.Description), Type: kind,
		Filters: at.filters(d.Filter), TimeGranularity: at.unit("time_granularity", d.TimeGranularity), Span: at.span()}
	if !kind.IsSet() {
		return
	}
	p := &d.TypeParams
	m.JoinToTimespine = value(at, p.JoinToTimespine, "join_to_timespine")
	m.FillNullsWith = at.number(p.FillNullsWith, "fill_nulls_with")
	complete := true
	switch kind.V {
	case project.Simple:
		complete = r.simple(m, d, at)
	case project.Ratio:
		m.Numerator, m.Denominator = at.input(p.Numerator), at.input(p.Denominator)
	case project.Derived:
		m.Expr = at.expression(p.Expr)
		for _, in := range present(p.Metrics) {
			m.Inputs = append(m.Inputs, at.input(in))
		}
	case project.Cumulative:
		r.cumulative(m, p, at)
	case project.Conversion:
		r.conversion(m, p.Conversion, at)
	}
	if block := d.Config.assay; block != nil {
		m.ReadMeta(at.file, at.first.Line, at.content, block, r.bag)
	}
	if complete {
		r.project.Metrics = append(r.project.Metrics, m)
	}
}

func (p place) number(v *float64, word string) project.Value[float64] {
	if v == nil {
		return project.Value[float64]{}
	}
	return project.Value[float64]{V: *v, Span: p.at(word)}
}

func (p place) input(in *input) *project.MetricInput {
	if in == nil {
		return nil
	}
	return &project.MetricInput{Metric: p.name(in.Name), Alias: p.name(in.Alias), Filters: p.filters(in.Filter),
		OffsetWindow: p.duration(in.OffsetWindow), OffsetToGrain: p.unit("offset_to_grain", in.OffsetToGrain)}
}

// simple fills in the aggregation: the metric's own, else its measure's. It is false where there is neither.
func (r *reader) simple(m *project.Metric, d *metric, at place) bool {
	p := &d.TypeParams
	if p.Measure != nil {
		// What the measure's entry says holds beside what the metric says.
		m.FillNullsWith = m.FillNullsWith.Or(at.number(p.Measure.FillNullsWith, "fill_nulls_with"))
		m.JoinToTimespine = m.JoinToTimespine.Or(value(at, p.Measure.JoinToTimespine, "join_to_timespine"))
	}
	switch own := p.Aggregation; {
	case own != nil && own.SemanticModel != "":
		agg := *own
		if agg.Expr == "" {
			agg.Expr = p.Expr
		}
		at.aggregation(m, agg)
		return true
	case p.Measure == nil:
		r.bag.Add(diag.Diagnostic{Code: codeMissing, Span: m.Name.Span,
			Message: fmt.Sprintf("the simple metric `%s` has no measure and no aggregation", d.Name)})
		return false
	}
	owned, ok := r.measures[p.Measure.Name]
	if !ok {
		r.bag.Add(diag.Diagnostic{Code: codeMissing, Span: at.at(p.Measure.Name),
			Message: fmt.Sprintf("no measure is called `%s`", p.Measure.Name), Hint: diag.Suggest(p.Measure.Name, slices.Sorted(maps.Keys(r.measures)))})
		return false
	}
	m.Filters = at.filters(d.Filter, p.Measure.Filter)
	at.aggregation(m, owned.aggregation())
	return true
}

func (m *ownedMeasure) aggregation() metricAggregation {
	return metricAggregation{Agg: m.Agg, Expr: m.Expr, Params: m.Params, AggTimeDimension: m.AggTimeDimension, NonAdditive: m.NonAdditive,
		SemanticModel: m.model}
}

func (p place) aggregation(m *project.Metric, a metricAggregation) {
	m.ModelName = p.name(a.SemanticModel)
	m.Agg = required(p, "agg", a.Agg, aggregations...)
	m.AggTimeDimension = p.name(a.AggTimeDimension)
	m.Expr = p.expression(a.Expr)
	if a.Params != nil {
		m.Percentile = p.number(a.Params.Percentile, "percentile")
		m.PercentileDiscrete = value(p, a.Params.Discrete, "use_discrete_percentile")
		m.PercentileApproximate = value(p, a.Params.Approximate, "use_approximate_percentile")
	}
	if n := a.NonAdditive; n != nil {
		m.NonAdditive = &project.NonAdditive{Dimension: p.name(n.Name), WindowChoice: word[string](p, "window_choice", n.Choice, "min", "max"),
			WindowGroupings: p.names(n.Groupings), Span: p.at(n.Name)}
	}
}

func (r *reader) cumulative(m *project.Metric, p *typeParams, at place) {
	c := p.Cumulative
	if c == nil {
		c = &cumulativeTypeParams{}
	}
	if c.Window == nil {
		c.Window = p.Window
	}
	if c.GrainToDate == "" {
		c.GrainToDate = p.GrainToDate
	}
	m.Input = r.ofMetric(at, c.Metric, p.Measure)
	m.Window, m.GrainToDate = at.duration(c.Window), at.unit("grain_to_date", c.GrainToDate)
	m.PeriodAgg = word[string](at, "period_agg", c.PeriodAgg, "first", "last", "average")
}

func (r *reader) conversion(m *project.Metric, c *conversionTypeParams, at place) {
	if c == nil {
		c = &conversionTypeParams{}
	}
	m.Base, m.Converted = r.ofMetric(at, c.BaseMetric, c.BaseMeasure), r.ofMetric(at, c.ConversionMetric, c.ConversionMeasure)
	m.Entity, m.Calculation = at.name(c.Entity), word[string](at, "calculation", c.Calculation, "conversion_rate", "conversions")
	m.Window = at.duration(c.Window)
	for _, same := range c.Constant {
		m.ConstantProperties = append(m.ConstantProperties,
			project.ConstantProperty{BaseProperty: at.name(same.Base), ConversionProperty: at.name(same.Conversion)})
	}
}

// ofMetric is the metric used; where an older manifest names a measure instead, a metric made of it.
func (r *reader) ofMetric(at place, named, measured *input) *project.MetricInput {
	switch {
	case named != nil:
		return at.input(named)
	case measured == nil:
		return nil
	}
	in := at.input(measured)
	owned, ok := r.measures[measured.Name]
	if !ok {
		return in
	}
	hidden := &project.Metric{Name: at.name(freeName(r.project, measured.Name)), Type: project.Value[project.MetricType]{V: project.Simple, Span: at.span()},
		Filters: at.filters(measured.Filter), FillNullsWith: at.number(measured.FillNullsWith, "fill_nulls_with"),
		JoinToTimespine: value(at, measured.JoinToTimespine, "join_to_timespine"), Span: at.span()}
	at.aggregation(hidden, owned.aggregation())
	r.project.Metrics = append(r.project.Metrics, hidden)
	in.Metric, in.Filters = hidden.Name, nil
	return in
}

// freeName is a name like that of a measure which no metric has.
func freeName(p *project.Project, measure string) string {
	name := measure + "_measure"
	for slices.ContainsFunc(p.Metrics, func(m *project.Metric) bool { return m.Name.V == name }) {
		name += "_"
	}
	return name
}

// createMetrics makes the metrics of measures with `create_metric` that the manifest does not list itself.
func (r *reader) createMetrics(m *manifest) {
	listed := map[string]bool{}
	for _, known := range present(m.Metrics) {
		listed[known.Name] = true
	}
	for _, s := range present(m.SemanticModels) {
		for _, measure := range present(s.Measures) {
			if !measure.CreateMetric || listed[measure.Name] {
				continue
			}
			at := r.place(s.Metadata).within(r, measure.Metadata)
			created := &project.Metric{Name: at.name(measure.Name), Span: at.span(),
				Type: project.Value[project.MetricType]{V: project.Simple, Span: at.span()}}
			at.aggregation(created, (&ownedMeasure{measure, s.Name}).aggregation())
			r.project.Metrics = append(r.project.Metrics, created)
		}
	}
}

// timesOfMetrics gives models without a time of their own that of their metrics, where all of those that name one name the same: dbt 2
// writes it with each metric alone.
func (r *reader) timesOfMetrics() {
	times := map[string][]project.Name{}
	for _, m := range r.project.Metrics {
		known := slices.ContainsFunc(times[m.ModelName.V], func(t project.Name) bool { return t.V == m.AggTimeDimension.V })
		if m.AggTimeDimension.IsSet() && !known {
			times[m.ModelName.V] = append(times[m.ModelName.V], m.AggTimeDimension)
		}
	}
	for _, m := range r.project.Models {
		if named := times[m.Name.V]; !m.AggTimeDimension.IsSet() && len(named) == 1 {
			m.AggTimeDimension = named[0]
		}
	}
}
