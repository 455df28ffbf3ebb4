package model

import (
	"assay/compiler/project"
	"assay/internal/diag"
)

// Build resolves p. Where a part cannot be resolved, it is in the bag and left out of the Model.
func Build(p *project.Project, bag *diag.Bag) *Model { panic("unimplemented") }

// Metric finds a metric by name.
func (m *Model) Metric(name string) (*Metric, bool) { panic("unimplemented") }

// Filter parses a filter from the point of view of a table, as a metric's, an input's or a query's.
func (m *Model) Filter(t *Table, text diag.Text, bag *diag.Bag) *Predicate { panic("unimplemented") }

// Ref resolves a property name such as user__plan or metric_time__week from the point of view of a simple metric's table, whose
// metric_time is time.
func (m *Model) Ref(t *Table, time *Dimension, text diag.Text, bag *diag.Bag) *Ref {
	panic("unimplemented")
}

// UnitPath leads from a table's rows to the units of an entity: the hops (none where the table holds it) and the entity at
// their end.
func (m *Model) UnitPath(t *Table, entity string) ([]Hop, *Entity, error) { panic("unimplemented") }
