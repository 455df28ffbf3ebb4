package project

import (
	"strings"

	"gopkg.in/yaml.v3"
)

func (d *decoder) model(e entry) {
	m := &Model{Span: d.span(e)}
	semantic := semanticModel{enabled: true}
	if !d.mapping(e, "model", append([]field{
		{"name", into(d, &m.Name, d.plainName)},
		{"description", into(d, &m.Description, d.scalar)},
		{"relation", into(d, &m.Source.Relation, d.relation)},
		{"sql", d.sqlInto(&m.Source.SQL)},
		{"file", d.fileInto(&m.Source.File)},
		{"filter", d.filterInto(&m.Filter)},
		{"agg_time_dimension", into(d, &m.AggTimeDimension, d.word)},
		{"timezone", into(d, &m.Timezone, d.zone)},
		{"partition", d.partitionInto(&m.Partition)},
		{"primary_entity", into(d, &m.PrimaryEntity, d.identifier)},
		{"contract", d.contractInto(m)},
		{"columns", d.columnsInto(&m.Columns)},
		{"derived_semantics", d.derivedInto(m)},
		{"time_spine", d.timeSpineInto(&m.TimeSpine)},
		{"metrics", d.modelMetrics(m)},
		{"semantic_model", d.semanticInto(&semantic)},
		{"config", d.modelConfig(m, &semantic)},
	}, accepted("label", "meta", "tags", "owner", "group", "docs", "access", "constraints", "tests", "data_tests", "versions",
		"latest_version", "deprecation_date", "quote_columns", "freshness")...)...) || !semantic.enabled {
		return
	}
	d.named(e, "model", m.Name)
	if semantic.declared && !d.hasAny(e, "relation", "sql", "file") {
		m.Source.Relation = Value[string]{semantic.relation(m.Name.V), m.Name.Span}
	} else {
		d.oneSource(e, "model", m.Name, "relation", "sql", "file")
	}
	d.project.Models = append(d.project.Models, m)
	d.project.Metrics = append(d.project.Metrics, m.Metrics...)
}

// A semanticModel is what dbt says of a model beside its columns. dbt builds the model itself, as the relation named here.
type semanticModel struct {
	declared, enabled       bool
	database, schema, alias Name
}

func (s semanticModel) relation(model string) string {
	parts := []string{model}
	if s.alias.IsSet() {
		parts[0] = s.alias.V
	}
	if s.schema.IsSet() {
		parts = append([]string{s.schema.V}, parts...)
	}
	if s.database.IsSet() {
		parts = append([]string{s.database.V}, parts...)
	}
	return strings.Join(parts, ".")
}

// semanticInto reads `semantic_model: true`, or a mapping.
func (d *decoder) semanticInto(s *semanticModel) func(entry) {
	return func(e entry) {
		s.declared = true
		if e.is(yaml.ScalarNode) {
			s.enabled, _ = d.boolean(e)
			return
		}
		enabled := Value[bool]{V: true}
		d.mapping(e, "semantic model", append([]field{
			{"enabled", into(d, &enabled, d.boolean)},
		}, accepted("name", "group", "config")...)...)
		s.enabled = s.enabled && enabled.V
	}
}

func (d *decoder) modelConfig(m *Model, s *semanticModel) func(entry) {
	return func(e entry) {
		enabled := Value[bool]{V: true}
		d.openMapping(e, "config",
			field{"enabled", into(d, &enabled, d.boolean)},
			field{"contract", d.contractInto(m)},
			field{"database", into(d, &s.database, d.word)},
			field{"schema", into(d, &s.schema, d.word)},
			field{"alias", into(d, &s.alias, d.word)},
		)
		s.enabled = s.enabled && enabled.V
	}
}

func (d *decoder) contractInto(m *Model) func(entry) {
	return func(e entry) {
		d.mapping(e, "contract", append([]field{
			{"enforced", into(d, &m.ContractEnforced, d.boolean)},
		}, accepted("alias_types")...)...)
	}
}

func (d *decoder) modelMetrics(m *Model) func(entry) {
	return func(e entry) {
		for _, element := range d.elements(e) {
			if metric := d.metric(element); metric != nil {
				if metric.ModelName.IsSet() {
					d.failAt(metric.ModelName.Span, codeConflict, "leave it out", "a metric among a model's own says no `model`")
				}
				metric.Model = m
				m.Metrics = append(m.Metrics, metric)
			}
		}
	}
}

// hasAny reports whether any of the keys is written.
func (d *decoder) hasAny(e entry, keys ...string) bool {
	for _, key := range keys {
		if _, ok := d.lookup(e, key); ok {
			return true
		}
	}
	return false
}

func (d *decoder) partitionInto(to **Partition) func(entry) {
	return func(e entry) {
		p := &Partition{}
		if d.mapping(e, "partition",
			field{"column", into(d, &p.Column, d.word)},
			field{"granularity", into(d, &p.Granularity, d.unit)},
		) {
			d.need(e, "partition", "column")
			*to = p
		}
	}
}

func (d *decoder) columnsInto(to *[]*Column) func(entry) {
	return func(e entry) {
		for _, element := range d.elements(e) {
			if c := d.column(element); c != nil {
				*to = append(*to, c)
			}
		}
		seen := newNames(d.bag, "columns")
		for _, c := range *to {
			seen.add(c.Name)
		}
	}
}

func (d *decoder) column(e entry) *Column {
	c := &Column{}
	if !d.mapping(e, "column", append([]field{
		{"name", into(d, &c.Name, d.word)},
		{"description", into(d, &c.Description, d.scalar)},
		{"data_type", into(d, &c.DataType, d.word)},
		{"granularity", into(d, &c.Granularity, d.unit)},
		{"entity", d.entityInto(&c.Entity)},
		{"dimension", d.dimensionInto(&c.Dimension)},
	}, accepted("label", "meta", "config", "docs", "tags", "tests", "data_tests", "constraints", "quote", "policy_tags")...)...) {
		return nil
	}
	d.need(e, "column", "name")
	if c.Entity != nil && !c.Entity.Name.IsSet() {
		c.Entity.Name = d.columnAsName(c.Name, "entity")
	}
	if c.Dimension != nil {
		if !c.Dimension.Name.IsSet() {
			c.Dimension.Name = d.columnAsName(c.Name, "dimension")
		}
		if !c.Dimension.Granularity.IsSet() {
			c.Dimension.Granularity = c.Granularity
		}
		if !c.Dimension.Description.IsSet() {
			c.Dimension.Description = c.Description
		}
	}
	return c
}

// columnAsName is the name of an entity or dimension that takes its column's.
func (d *decoder) columnAsName(column Name, kind string) Name {
	if column.IsSet() && !identifier.MatchString(column.V) {
		d.failAt(column.Span, codeName, "give it one: "+kind+": {name: …, type: …}",
			"column `%s` cannot name %s", column.V, withArticle(kind))
	}
	return column
}

// entityInto reads `entity: primary`, or a mapping.
func (d *decoder) entityInto(to **Entity) func(entry) {
	return func(e entry) {
		if e.is(yaml.ScalarNode) {
			*to = &Entity{}
			into(d, &(*to).Type, d.entityType)(child(e.Node, "entity.type"))
			return
		}
		*to = d.entity(e, "type")
	}
}

func (d *decoder) entityType(e entry) (EntityType, bool) {
	return choice(d, Primary, Unique, Foreign, Natural)(e)
}

func (d *decoder) entity(e entry, needed ...string) *Entity {
	entity := &Entity{}
	if !d.mapping(e, "entity", append([]field{
		{"name", into(d, &entity.Name, d.identifier)},
		{"type", into(d, &entity.Type, d.entityType)},
		{"expr", d.expressionInto(&entity.Expr)},
		{"role_of", into(d, &entity.RoleOf, d.word)},
	}, accepted("description", "label", "config", "meta")...)...) {
		return nil
	}
	d.need(e, "entity", needed...)
	return entity
}

// dimensionInto reads `dimension: categorical`, or a mapping.
func (d *decoder) dimensionInto(to **Dimension) func(entry) {
	return func(e entry) {
		if e.is(yaml.ScalarNode) {
			*to = &Dimension{}
			into(d, &(*to).Type, d.dimensionType)(child(e.Node, "dimension.type"))
			return
		}
		*to = d.dimension(e, "type")
	}
}

func (d *decoder) dimensionType(e entry) (DimensionType, bool) {
	return choice(d, Categorical, Time, Numeric)(e)
}

func (d *decoder) dimension(e entry, needed ...string) *Dimension {
	dim := &Dimension{}
	if !d.mapping(e, "dimension", append([]field{
		{"name", into(d, &dim.Name, d.identifier)},
		{"type", into(d, &dim.Type, d.dimensionType)},
		{"description", into(d, &dim.Description, d.scalar)},
		{"label", into(d, &dim.Label, d.scalar)},
		{"expr", d.expressionInto(&dim.Expr)},
		{"granularity", into(d, &dim.Granularity, d.unit)},
		{"is_partition", into(d, &dim.IsPartition, d.boolean)},
		{"validity_params", d.validityInto(&dim.Validity)},
	}, accepted("config", "meta")...)...) {
		return nil
	}
	d.need(e, "dimension", needed...)
	if dim.Validity != nil && dim.Type.IsSet() && dim.Type.V != Time {
		d.failAt(dim.Validity.Span, codeConflict, "dimension: {type: time, validity_params: …}", "only a dimension of type time can start or end what a row says")
	}
	return dim
}

func (d *decoder) validityInto(to **Validity) func(entry) {
	return func(e entry) {
		v := &Validity{Span: d.span(e)}
		if d.mapping(e, "validity_params",
			field{"is_start", into(d, &v.IsStart, d.boolean)},
			field{"is_end", into(d, &v.IsEnd, d.boolean)},
		) {
			*to = v
		}
	}
}

func (d *decoder) derivedInto(m *Model) func(entry) {
	return func(e entry) {
		d.mapping(e, "derived_semantics",
			field{"dimensions", func(e entry) {
				for _, element := range d.elements(e) {
					if dim := d.dimension(element, "name", "type", "expr"); dim != nil {
						m.DerivedDimensions = append(m.DerivedDimensions, dim)
					}
				}
			}},
			field{"entities", func(e entry) {
				for _, element := range d.elements(e) {
					if entity := d.entity(element, "name", "type", "expr"); entity != nil {
						m.DerivedEntities = append(m.DerivedEntities, entity)
					}
				}
			}},
		)
	}
}

func (d *decoder) timeSpineInto(to **TimeSpine) func(entry) {
	return func(e entry) {
		spine := &TimeSpine{Span: d.span(e)}
		if !d.mapping(e, "time_spine",
			field{"standard_granularity_column", into(d, &spine.Column, d.word)},
			field{"custom_granularities", func(e entry) {
				for _, element := range d.elements(e) {
					spine.CustomGranularities = append(spine.CustomGranularities, d.customGranularity(element))
				}
			}},
		) {
			return
		}
		d.need(e, "time_spine", "standard_granularity_column")
		*to = spine
	}
}

func (d *decoder) customGranularity(e entry) CustomGranularity {
	g := CustomGranularity{}
	if d.mapping(e, "custom granularity", append([]field{
		{"name", into(d, &g.Name, d.identifier)},
		{"column_name", into(d, &g.Column, d.word)},
	}, accepted("description")...)...) {
		d.need(e, "custom granularity", "name")
	}
	if !g.Column.IsSet() {
		g.Column = g.Name
	}
	return g
}
