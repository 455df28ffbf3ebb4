package project

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

func (d *decoder) metricTypeOf(e entry) (MetricType, bool) {
	return choice(d, Simple, Ratio, Derived, Cumulative, Conversion, Retention, Threshold, Funnel, Quantile)(e)
}

// metric reads one metric; nil where there is none, or dbt has it switched off.
func (d *decoder) metric(e entry) *Metric {
	m := &Metric{Span: d.span(e), Type: Value[MetricType]{V: Simple}}
	if written, ok := d.typeOf(e); ok {
		m.Type.V = MetricType(written.Value)
	} else {
		d.missingType(e, m)
	}
	enabled := Value[bool]{V: true}
	fields := slices.Concat(d.metricFields(m), d.ourMetricFields(m), d.fieldsOfType(m), []field{
		{"config", d.metricConfig(m, &enabled)},
	}, accepted("meta", "group", "hidden", "docs"))
	if !d.walk(e, "metric", fields, func(key *yaml.Node) string { return d.misplacedKey(key, m, fields) }) || !enabled.V {
		return nil
	}
	d.named(e, "metric", m.Name)
	d.need(e, string(m.Type.V)+" metric", needed[m.Type.V]...)
	d.checkMetric(e, m)
	return m
}

// typeOf is the value of a metric's `type`, or of the key that was meant to be it.
func (d *decoder) typeOf(e entry) (entry, bool) {
	if !e.is(yaml.MappingNode) {
		return entry{}, false
	}
	for _, p := range d.pairs(e.Node) {
		if meant, _ := meantKey(p.key.Value, []string{"type"}); meant == "type" {
			return child(p.value, "metric.type"), true
		}
	}
	return entry{}, false
}

// needed are the keys each type of metric cannot do without.
var needed = map[MetricType][]string{
	Simple:     {"agg"},
	Ratio:      {"numerator", "denominator"},
	Derived:    {"expr", "input_metrics"},
	Cumulative: {"input_metric"},
	Conversion: {"entity", "base_metric", "conversion_metric"},
	Retention:  {"input_metric", "start"},
	Threshold:  {"input_metric", "op", "value"},
	Funnel:     {"steps"},
	Quantile:   {"input_metric", "q"},
}

// metricFields are the keys of every metric.
func (d *decoder) metricFields(m *Metric) []field {
	return []field{
		{"name", into(d, &m.Name, d.identifier)},
		{"label", into(d, &m.Label, d.scalar)},
		{"description", into(d, &m.Description, d.scalar)},
		{"type", into(d, &m.Type, d.metricTypeOf)},
		{"tags", listInto(d, &m.Tags, d.word)},
		{"filter", d.conditionsInto(&m.Filters)},
		{"time_granularity", into(d, &m.TimeGranularity, d.unit)},
		{"patch", d.misplacedPatch},
	}
}

// ourMetricFields are the keys dbt has no word for; a dbt project writes them under config.meta.assay.
func (d *decoder) ourMetricFields(m *Metric) []field {
	return []field{
		{"unit", into(d, &m.Unit, d.scalar)},
		{"desired_change", placed(d, &m.DesiredChange, choice(d, Increase, Decrease, None))},
		{"owner", into(d, &m.Owner, d.scalar)},
		{"indicates", listInto(d, &m.Indicates, d.word)},
		{"counter", listInto(d, &m.Counter, d.word)},
		{"experiment", d.metricExperiment(m)},
	}
}

func (d *decoder) metricConfig(m *Metric, enabled *Value[bool]) func(entry) {
	return func(e entry) {
		d.openMapping(e, "config",
			field{"enabled", into(d, enabled, d.boolean)},
			field{"tags", listInto(d, &m.Tags, d.word)},
			field{"meta", func(e entry) {
				d.openMapping(e, "meta", field{assayKey, d.metricMeta(m)})
			}},
		)
	}
}

// fieldsOfType are the keys of the metric's own type, or of all where there is no such type.
func (d *decoder) fieldsOfType(m *Metric) []field {
	switch m.Type.V {
	case Simple:
		return d.simpleFields(m)
	case Ratio:
		return []field{{"numerator", d.inputInto(&m.Numerator)}, {"denominator", d.inputInto(&m.Denominator)}}
	case Derived:
		return []field{{"expr", d.expressionInto(&m.Expr)}, {"input_metrics", d.inputsInto(&m.Inputs)}}
	case Cumulative:
		return d.cumulativeFields(m)
	case Conversion:
		return d.conversionFields(m)
	case Retention:
		return []field{
			{"input_metric", d.inputInto(&m.Input)},
			{"start", into(d, &m.Start, d.duration)},
			{"end", into(d, &m.End, d.someDuration)},
			{"from", into(d, &m.From, d.word)},
			{"entity", into(d, &m.Entity, d.word)},
		}
	case Threshold:
		return []field{
			{"input_metric", d.inputInto(&m.Input)},
			{"op", into(d, &m.Op, choice(d, "gt", "gte", "lt", "lte"))},
			{"value", into(d, &m.Threshold, d.number)},
			{"from", into(d, &m.From, d.word)},
			{"entity", into(d, &m.Entity, d.word)},
		}
	case Funnel:
		return []field{
			{"steps", d.stepsInto(&m.Steps)},
			{"within", into(d, &m.Within, d.someDuration)},
			{"order", into(d, &m.Order, choice(d, "any", "ordered", "strict"))},
			{"from", into(d, &m.From, d.word)},
			{"entity", into(d, &m.Entity, d.word)},
		}
	case Quantile:
		return []field{{"input_metric", d.inputInto(&m.Input)}, {"q", into(d, &m.Q, d.quantile)}}
	}
	return nil
}

func (d *decoder) simpleFields(m *Metric) []field {
	return []field{
		{"agg", into(d, &m.Agg, choice(d, Sum, Count, CountDistinct, SumBoolean, Min, Max, Average, Median, Percentile,
			ApproxCountDistinct, FirstValue, LastValue))},
		{"expr", d.expressionInto(&m.Expr)},
		{"model", into(d, &m.ModelName, d.word)},
		{"percentile", into(d, &m.Percentile, d.quantile)},
		{"percentile_type", d.percentileTypeInto(m)},
		{"agg_time_dimension", into(d, &m.AggTimeDimension, d.word)},
		{"non_additive_dimension", d.nonAdditiveInto(&m.NonAdditive)},
		{"fill_nulls_with", into(d, &m.FillNullsWith, d.number)},
		{"join_to_timespine", into(d, &m.JoinToTimespine, d.boolean)},
	}
}

func (d *decoder) cumulativeFields(m *Metric) []field {
	return []field{
		{"input_metric", d.inputInto(&m.Input)},
		{"window", into(d, &m.Window, d.someDuration)},
		{"grain_to_date", into(d, &m.GrainToDate, d.unit)},
		{"period_agg", into(d, &m.PeriodAgg, choice(d, "first", "last", "average"))},
		{"fill_nulls_with", into(d, &m.FillNullsWith, d.number)},
		{"join_to_timespine", into(d, &m.JoinToTimespine, d.boolean)},
	}
}

func (d *decoder) conversionFields(m *Metric) []field {
	return []field{
		{"entity", into(d, &m.Entity, d.word)},
		{"calculation", into(d, &m.Calculation, choice(d, "conversion_rate", "conversions"))},
		{"base_metric", d.inputInto(&m.Base)},
		{"conversion_metric", d.inputInto(&m.Converted)},
		{"window", into(d, &m.Window, d.someDuration)},
		{"constant_properties", func(e entry) {
			for _, element := range d.elements(e) {
				m.ConstantProperties = append(m.ConstantProperties, d.constantProperty(element))
			}
		}},
		{"fill_nulls_with", into(d, &m.FillNullsWith, d.number)},
		{"join_to_timespine", into(d, &m.JoinToTimespine, d.boolean)},
	}
}

var metricTypes = []MetricType{Simple, Ratio, Derived, Cumulative, Conversion, Retention, Threshold, Funnel, Quantile}

// typesWith are the types of metric that take a key.
func (d *decoder) typesWith(key string) []string {
	var types []string
	for _, t := range metricTypes {
		if fieldIndex(d.fieldsOfType(&Metric{Type: Value[MetricType]{V: t}}), key) >= 0 {
			types = append(types, string(t))
		}
	}
	return types
}

// missingType reports a metric without `type:` whose keys are not those of a simple one, and goes by what its keys say.
func (d *decoder) missingType(e entry, m *Metric) {
	if !e.is(yaml.MappingNode) {
		return
	}
	fitting := metricTypes
	for _, p := range d.pairs(e.Node) {
		if types := d.typesWith(p.key.Value); len(types) > 0 {
			fitting = slices.DeleteFunc(slices.Clone(fitting), func(t MetricType) bool { return !slices.Contains(types, string(t)) })
		}
	}
	if len(fitting) == 0 || slices.Contains(fitting, Simple) {
		return
	}
	hint := "type: " + string(fitting[0])
	for _, t := range fitting[1:] {
		hint += ", or type: " + string(t)
	}
	d.failAt(d.headline(e), codeMissing, hint, "a metric without `type` is simple, and this one has the keys of another")
	m.Type.V = ""
	if len(fitting) == 1 {
		m.Type.V = fitting[0]
	}
}

// misplacedKey reports a key that this type of metric does not take, and returns the one that was meant.
func (d *decoder) misplacedKey(key *yaml.Node, m *Metric, fields []field) string {
	types := d.typesWith(key.Value)
	switch {
	case len(types) == 0:
		return d.unknownKey(key, "metric", fields)
	case slices.Contains(metricTypes, m.Type.V):
		d.failAt(d.src.span(key), codeUnknownKey, "leave it out, or change `type`; allowed here: "+strings.Join(read(fields), ", "),
			"`%s` belongs to a metric of type %s, and this one is %s",
			key.Value, strings.Join(types, " or "), m.Type.V)
	}
	return ""
}

// inputInto reads a metric used by another: its name, or a mapping.
func (d *decoder) inputInto(to **MetricInput) func(entry) {
	return func(e entry) { *to = d.input(e) }
}

func (d *decoder) inputsInto(to *[]*MetricInput) func(entry) {
	return func(e entry) {
		seen := newNames(d.bag, "inputs")
		for _, element := range d.oneOrMore(e) {
			input := d.input(element)
			if input == nil {
				continue
			}
			*to = append(*to, input)
			if input.Alias.IsSet() {
				seen.add(input.Alias)
			} else {
				seen.add(input.Metric)
			}
		}
	}
}

func (d *decoder) input(e entry) *MetricInput {
	in := &MetricInput{}
	if e.is(yaml.ScalarNode) {
		into(d, &in.Metric, d.word)(e)
		return in
	}
	if !d.mapping(e, "input metric",
		field{"name", into(d, &in.Metric, d.word)},
		field{"alias", into(d, &in.Alias, d.identifier)},
		field{"filter", d.conditionsInto(&in.Filters)},
		field{"offset_window", into(d, &in.OffsetWindow, d.periods)},
		field{"offset_to_grain", into(d, &in.OffsetToGrain, d.unit)},
	) {
		return nil
	}
	d.need(e, "input metric", "name")
	if in.OffsetWindow.IsSet() && in.OffsetToGrain.IsSet() {
		d.failAt(in.OffsetToGrain.Span, codeConflict, "keep one of them",
			"an input is offset by `offset_window` or `offset_to_grain`")
	}
	return in
}

func (d *decoder) percentileTypeInto(m *Metric) func(entry) {
	return func(e entry) {
		var kind Name
		into(d, &kind, choice(d, "continuous", "discrete"))(e)
		m.PercentileDiscrete = Value[bool]{kind.V == "discrete", kind.Span}
	}
}

func (d *decoder) nonAdditiveInto(to **NonAdditive) func(entry) {
	return func(e entry) {
		n := &NonAdditive{Span: d.span(e)}
		if !d.mapping(e, "non_additive_dimension",
			field{"name", into(d, &n.Dimension, d.word)},
			field{"window_agg", into(d, &n.WindowChoice, choice(d, "min", "max"))},
			field{"group_by", listInto(d, &n.WindowGroupings, d.word)},
			field{"window_choice", into(d, &n.WindowChoice, choice(d, "min", "max"))},
			field{"window_groupings", listInto(d, &n.WindowGroupings, d.word)},
		) {
			return
		}
		d.need(e, "non_additive_dimension", "name")
		*to = n
	}
}

func (d *decoder) constantProperty(e entry) ConstantProperty {
	p := ConstantProperty{}
	if d.mapping(e, "constant property",
		field{"base_property", into(d, &p.BaseProperty, d.word)},
		field{"conversion_property", into(d, &p.ConversionProperty, d.word)},
	) {
		d.need(e, "constant property", "base_property", "conversion_property")
	}
	return p
}

func (d *decoder) stepsInto(to *[]*FunnelStep) func(entry) {
	return func(e entry) {
		seen := newNames(d.bag, "steps")
		for _, element := range d.elements(e) {
			step := d.step(element)
			*to = append(*to, step)
			seen.add(step.Name)
		}
		if len(*to) < 2 {
			d.fail(e, codeValue, sample("steps"), "a funnel has at least two steps")
		}
	}
}

func (d *decoder) step(e entry) *FunnelStep {
	s := &FunnelStep{}
	if !d.mapping(e, "funnel step",
		field{"name", into(d, &s.Name, d.identifier)},
		field{"metric", into(d, &s.Metric, d.word)},
		field{"model", into(d, &s.Model, d.word)},
		field{"filter", d.conditionsInto(&s.Filters)},
		field{"within", into(d, &s.Within, d.someDuration)},
	) {
		return s
	}
	d.need(e, "funnel step", "name")
	d.oneSource(e, "funnel step", s.Name, "metric", "model")
	return s
}

// checkMetric checks what concerns several keys of one metric.
func (d *decoder) checkMetric(e entry, m *Metric) {
	switch {
	case m.Agg.V == Percentile && !m.Percentile.IsSet() && !d.hasAny(e, "percentile"):
		d.failAt(m.Agg.Span, codeMissing, "for the 95th: percentile: 0.95", "`agg: percentile` needs `percentile`")
	case m.Agg.IsSet() && m.Agg.V != Percentile && m.Percentile.IsSet():
		d.failAt(m.Percentile.Span, codeConflict, "agg: percentile, or leave it out", "`percentile` belongs to `agg: percentile`, and this is `agg: %s`", m.Agg.V)
	}
	if m.Agg.IsSet() && m.Agg.V != Count && !d.hasAny(e, "expr") {
		// dbt aggregates the column that has the metric's name.
		m.Expr = Expression{Text: diag.NewText(m.Name.V, m.Name.Span, nil), Span: m.Name.Span}
	}
	if m.Window.IsSet() && m.GrainToDate.IsSet() {
		d.failAt(m.GrainToDate.Span, codeConflict, "keep one of them", "a cumulative metric has a `window` or a `grain_to_date`")
	}
	m.checkWindow(d.bag)
	if m.Start.IsSet() && m.End.IsSet() && !longer(m.End.V, m.Start.V) {
		d.failAt(m.End.Span, codeDates, "write more than "+m.Start.V.String(), "`end` should be after `start`")
	}
}
