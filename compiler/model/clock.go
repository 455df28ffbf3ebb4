package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A Clock is what a KPI query counts a unit's time from, as an experiment does from its exposure: the unit's first event, by which
// the unit also has its groups.
type Clock struct {
	First  *Metric // simple; its rows are the events
	Entity string  // of the units
}

// ClockOf is that of a metric per unit which says `from:`; nil for any other.
func ClockOf(m *Metric) *Clock {
	switch s := m.Spec.(type) {
	case *Threshold:
		return s.From
	case *Retention:
		return s.From
	case *Funnel:
		return s.From
	case *Simple, *Ratio, *Derived, *Cumulative, *Conversion, *Quantile:
	}
	return nil
}

// clock resolves `from:` for a metric over the rows of inputs; false where it has a mistake.
func (b *builder) clock(decl *project.Metric, inputs ...*Input) (*Clock, bool) {
	if !decl.From.IsSet() {
		if decl.Entity.IsSet() {
			b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: decl.Entity.Span, Message: "`entity` says whose clock `from` starts",
				Hint: "add `from:`, the metric whose first event starts it"})
		}
		return nil, !decl.Entity.IsSet()
	}
	first := b.used(decl, decl.From)
	if first == nil || !b.checkTimedRows(decl, &Input{Metric: first}, decl.From.Span) {
		return nil, false
	}
	for _, in := range inputs {
		if m, why := Periodic(in.Metric); m != nil {
			b.bag.Errorf(decl.From.Span, codeMetric, "`%s` cannot be counted from a unit's first event: %s", m.Name, why)
			return nil, false
		}
	}
	entity := b.clockEntity(decl, first.Spec.(*Simple).Table, inputs)
	return &Clock{First: first, Entity: entity}, entity != ""
}

// clockEntity is the entity of the units: the one that the events hold and that the rows of all inputs lead to. "" where that is
// none, or several.
func (b *builder) clockEntity(decl *project.Metric, events *Table, inputs []*Input) string {
	leads := func(e *Entity) bool {
		return !slices.ContainsFunc(inputs, func(in *Input) bool {
			_, _, err := b.UnitPath(in.Metric.Spec.(*Simple).Table, e.Name)
			return err != nil
		})
	}
	var names []string
	for _, e := range events.Entities {
		if leads(e) && (!decl.Entity.IsSet() || e.Name == decl.Entity.V) {
			names = append(names, e.Name)
		}
	}
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > 1:
		b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: decl.From.Span,
			Message: fmt.Sprintf("`%s` counts units of one entity, and several lead from `%s` to its rows: %s",
				decl.Name.V, events.Name, strings.Join(names, ", ")),
			Hint: "say which: entity: " + names[0]})
	case decl.Entity.IsSet():
		b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: decl.Entity.Span,
			Message: fmt.Sprintf("no entity `%s` leads from `%s` to the rows of `%s`", decl.Entity.V, events.Name, decl.Name.V),
			Hint:    diag.Suggest(decl.Entity.V, events.entityNames())})
	default:
		b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: decl.From.Span,
			Message: fmt.Sprintf("no entity of `%s` leads to the rows of `%s`, so that no unit has both", events.Name, decl.Name.V),
			Hint:    entitiesHint(append([]*Table{events}, tablesOf(inputs)...))})
	}
	return ""
}

func tablesOf(inputs []*Input) []*Table {
	var tables []*Table
	for _, in := range inputs {
		if t := in.Metric.Spec.(*Simple).Table; !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	return tables
}

// Viewpoints are the simple metrics from whose rows' point of view a query of m reads its groups and filters: of a conversion its
// base events, of a metric per unit the events that start clocks.
func Viewpoints(m *Metric) []*Simple {
	if clock := ClockOf(m); clock != nil {
		return []*Simple{clock.First.Spec.(*Simple)}
	}
	switch s := m.Spec.(type) {
	case *Simple:
		return []*Simple{s}
	case *Conversion:
		return Viewpoints(s.Base.Metric)
	case *Ratio, *Derived, *Cumulative, *Threshold, *Retention, *Quantile, *Funnel:
	}
	var all []*Simple
	for _, in := range Inputs(m) {
		all = append(all, Viewpoints(in.Metric)...)
	}
	return all
}
