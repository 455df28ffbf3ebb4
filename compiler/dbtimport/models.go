package dbtimport

import (
	"fmt"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

func (r *reader) model(s *semanticModel) {
	at := r.place(s.Metadata)
	m := &project.Model{Name: at.name(s.Name), Description: at.name(s.Description), PrimaryEntity: at.name(s.Primary), Span: at.span(),
		Source: project.Source{Relation: at.relation(s.Relation)}}
	if s.Defaults != nil {
		m.AggTimeDimension = at.name(s.Defaults.AggTimeDimension)
	}
	for _, e := range present(s.Entities) {
		own := at.within(r, e.Metadata)
		m.DerivedEntities = append(m.DerivedEntities, &project.Entity{Name: own.name(e.Name),
			Type: required(own, "type", e.Type, project.Primary, project.Unique, project.Foreign, project.Natural), Expr: own.expression(e.Expr)})
	}
	for _, d := range present(s.Dimensions) {
		m.DerivedDimensions = append(m.DerivedDimensions, dimensionOf(at.within(r, d.Metadata), d))
	}
	// A primary entity with a column of its own needs no second mention.
	for _, e := range present(s.Entities) {
		if strings.EqualFold(e.Type, string(project.Primary)) && e.Name == s.Primary {
			m.PrimaryEntity = project.Name{}
		}
	}
	for _, measure := range present(s.Measures) {
		r.own(measure, s.Name, at.within(r, measure.Metadata))
	}
	r.project.Models = append(r.project.Models, m)
}

// own notes a measure; dbt has one of a name in a project.
func (r *reader) own(m *measure, model string, at place) {
	if first, taken := r.measures[m.Name]; taken {
		r.bag.Add(diag.Diagnostic{Code: codeDuplicate, Span: at.at(m.Name),
			Message: fmt.Sprintf("there are two measures `%s`: in `%s` and in `%s`", m.Name, first.model, model)})
		return
	}
	if m.Expr == "" {
		m.Expr = m.Name // dbt aggregates the column of the measure's name
	}
	r.measures[m.Name] = &ownedMeasure{m, model}
}

func dimensionOf(at place, d *dimension) *project.Dimension {
	dim := &project.Dimension{Name: at.name(d.Name), Description: at.name(d.Description), Label: at.name(d.Label),
		Type: required(at, "type", d.Type, project.Categorical, project.Time), Expr: at.expression(d.Expr),
		IsPartition: value(at, d.IsPartition, "is_partition")}
	if p := d.TypeParams; p != nil {
		dim.Granularity = at.unit("time_granularity", p.Granularity)
		if v := p.Validity; v != nil {
			dim.Validity = &project.Validity{IsStart: value(at, v.IsStart, "is_start"), IsEnd: value(at, v.IsEnd, "is_end"),
				Span: at.at("validity_params")}
		}
	}
	return dim
}

// relation is the table's name as dbt spells it, else put together from its parts.
func (p place) relation(n nodeRelation) project.Name {
	if n.Relation != "" {
		// BigQuery and Databricks quote with backticks what is quoted doubly here.
		return project.Name{V: strings.ReplaceAll(n.Relation, "`", `"`), Span: p.at(n.Alias)}
	}
	var parts []string
	for _, part := range []string{n.Database, n.Schema, n.Alias} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return project.Name{V: strings.Join(parts, "."), Span: p.at(n.Alias)}
}

// spines makes each time spine a model of its own; those of dbt's older list stand for grains that the newer has not.
func (r *reader) spines(m *manifest) {
	known := map[string]bool{}
	for _, s := range present(m.Configuration.TimeSpines) {
		known[s.Primary.Granularity] = true
		r.spine(s)
	}
	for _, old := range present(m.Configuration.Legacy) {
		if !known[old.Grain] {
			parts := strings.Split(old.Location, ".")
			s := &timeSpine{Relation: nodeRelation{Alias: parts[len(parts)-1], Relation: old.Location}}
			s.Primary.Name, s.Primary.Granularity = old.Column, old.Grain
			r.spine(s)
		}
	}
}

func (r *reader) spine(s *timeSpine) {
	at := r.place(nil)
	column := at.name(s.Primary.Name)
	spine := &project.TimeSpine{Column: column, Span: at.span()}
	for _, c := range s.Custom {
		if c.Column == "" {
			c.Column = c.Name
		}
		spine.CustomGranularities = append(spine.CustomGranularities, project.CustomGranularity{Name: at.name(c.Name), Column: at.name(c.Column)})
	}
	r.project.Models = append(r.project.Models, &project.Model{
		Name: at.name(s.Relation.Alias), Source: project.Source{Relation: at.relation(s.Relation)}, TimeSpine: spine, Span: at.span(),
		Columns: []*project.Column{{Name: column, Granularity: at.unit("time_granularity", s.Primary.Granularity)}},
	})
}
