package conformance

import (
	"assay/compiler/project"
	"assay/internal/diag"
)

// What a manifest declares, as YAML of the latest specification says it.

// An object is a mapping, in which what is not said is left out.
type object map[string]any

func (o object) text(key string, t diag.Text) {
	if !t.IsZero() {
		o[key] = t.Value
	}
}

func (o object) texts(key string, list []diag.Text) {
	if list != nil {
		o[key] = as(list, func(t diag.Text) string { return t.Value })
	}
}

func (o object) duration(key string, d project.Value[project.Duration]) {
	if d.IsSet() {
		o[key] = d.V.String()
	}
}

func set[T any](o object, key string, v project.Value[T]) {
	if v.IsSet() {
		o[key] = v.V
	}
}

// as is each of a list as a function writes it.
func as[T, U any](list []T, write func(T) U) []U {
	all := []U{}
	for _, x := range list {
		all = append(all, write(x))
	}
	return all
}

func plain[T any](v project.Value[T]) T { return v.V }

func written(p *project.Project) object {
	return object{"models": as(p.Models, writtenModel), "metrics": as(p.Metrics, writtenMetric), "saved_queries": as(p.SavedQueries, writtenQuery)}
}

func writtenModel(m *project.Model) object {
	o := object{"name": m.Name.V, "relation": m.Source.Relation.V}
	set(o, "agg_time_dimension", m.AggTimeDimension)
	set(o, "primary_entity", m.PrimaryEntity)
	columns := writtenColumns{}
	for _, c := range m.Columns {
		columns.of(c.Name.V)["granularity"] = c.Granularity.V
	}
	for _, e := range m.DerivedEntities {
		columns.say("entity", e.Expr, object{"name": e.Name.V, "type": e.Type.V})
	}
	for _, d := range m.DerivedDimensions {
		columns.say("dimension", d.Expr, writtenDimension(d))
	}
	o["columns"] = columns.list
	o["derived_semantics"] = object{"entities": columns.derived["entity"], "dimensions": columns.derived["dimension"]}
	if spine := m.TimeSpine; spine != nil {
		o["time_spine"] = object{"standard_granularity_column": spine.Column.V,
			"custom_granularities": as(spine.CustomGranularities, func(c project.CustomGranularity) object {
				return object{"name": c.Name.V, "column_name": c.Column.V}
			})}
	}
	return o
}

func writtenDimension(d *project.Dimension) object {
	o := object{"name": d.Name.V, "type": d.Type.V}
	set(o, "granularity", d.Granularity)
	set(o, "is_partition", d.IsPartition)
	if v := d.Validity; v != nil {
		o["validity_params"] = object{"is_start": v.IsStart.V, "is_end": v.IsEnd.V}
	}
	return o
}

// writtenColumns are a model's columns, and what stands on none of them.
type writtenColumns struct {
	list    []object
	derived map[string][]object
}

func (c *writtenColumns) of(name string) object {
	for _, o := range c.list {
		if o["name"] == name {
			return o
		}
	}
	o := object{"name": name}
	c.list = append(c.list, o)
	return o
}

// say puts an entity or a dimension on its column, which can be one of each, else among those that are derived.
func (c *writtenColumns) say(kind string, expr project.Expression, what object) {
	name := what["name"].(string)
	if expr.IsSet() {
		name = expr.Text.Value
	}
	if on := c.of(name); on[kind] == nil {
		on[kind] = what
		return
	}
	what["expr"] = name
	if c.derived == nil {
		c.derived = map[string][]object{}
	}
	c.derived[kind] = append(c.derived[kind], what)
}

func writtenMetric(m *project.Metric) object {
	o := object{"name": m.Name.V, "type": m.Type.V}
	set(o, "model", m.ModelName)
	set(o, "agg", m.Agg)
	o.text("expr", m.Expr.Text)
	o.texts("filter", m.Filters)
	set(o, "time_granularity", m.TimeGranularity)
	set(o, "percentile", m.Percentile)
	if m.PercentileDiscrete.V {
		o["percentile_type"] = "discrete"
	}
	set(o, "agg_time_dimension", m.AggTimeDimension)
	set(o, "fill_nulls_with", m.FillNullsWith)
	set(o, "join_to_timespine", m.JoinToTimespine)
	if n := m.NonAdditive; n != nil {
		o["non_additive_dimension"] = object{"name": n.Dimension.V, "window_agg": n.WindowChoice.V, "group_by": as(n.WindowGroupings, plain)}
	}
	for key, in := range map[string]*project.MetricInput{"numerator": m.Numerator, "denominator": m.Denominator, "input_metric": m.Input,
		"base_metric": m.Base, "conversion_metric": m.Converted} {
		if in != nil {
			o[key] = writtenInput(in)
		}
	}
	if m.Inputs != nil {
		o["input_metrics"] = as(m.Inputs, writtenInput)
	}
	o.duration("window", m.Window)
	set(o, "grain_to_date", m.GrainToDate)
	set(o, "period_agg", m.PeriodAgg)
	set(o, "entity", m.Entity)
	set(o, "calculation", m.Calculation)
	if m.ConstantProperties != nil {
		o["constant_properties"] = as(m.ConstantProperties, func(c project.ConstantProperty) object {
			return object{"base_property": c.BaseProperty.V, "conversion_property": c.ConversionProperty.V}
		})
	}
	return o
}

func writtenInput(in *project.MetricInput) object {
	o := object{"name": in.Metric.V}
	set(o, "alias", in.Alias)
	o.texts("filter", in.Filters)
	o.duration("offset_window", in.OffsetWindow)
	set(o, "offset_to_grain", in.OffsetToGrain)
	return o
}

func writtenQuery(q *project.SavedQuery) object {
	params := object{"metrics": as(q.Metrics, plain)}
	params.texts("group_by", q.GroupBy)
	params.texts("where", q.Where)
	params.texts("order_by", q.OrderBy)
	set(params, "limit", q.Limit)
	return object{"name": q.Name.V, "query_params": params}
}
