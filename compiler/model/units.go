package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// units resolves what an experiment says of its units: which count, and what they are sliced by.
func (b *builder) units(e *Experiment) {
	s := &unitScope{model: b.Model, experiment: e, bag: b.bag}
	for _, name := range e.Decl.Dimensions {
		if d := s.dimension(name.V, name.Span, b.splitName(diag.Text{Value: name.V, Span: name.Span})); d != nil {
			e.Dimensions = append(e.Dimensions, d)
		}
	}
	if text := e.Decl.Population; !text.IsZero() {
		x, ok := expr.Parse(text, s, b.bag)
		if ok && wantCondition(x, b.bag) {
			e.Population = &Predicate{Expr: x, Refs: s.refs}
		}
	}
}

// A unitScope is what an expression over an experiment's units may name: the dimensions of its logs by their names, and
// properties reached from the unit by calls.
type unitScope struct {
	model      *Model
	experiment *Experiment
	bag        *diag.Bag
	refs       []*Ref
}

func (s *unitScope) Name(name string, _ bool, at diag.Span) rel.Expr {
	if x := s.logged(name); x != nil {
		return &rel.Col{Name: name, T: x.Type(), At: at}
	}
	s.bag.Add(diag.Diagnostic{Code: codeDimension, Span: at, Message: fmt.Sprintf("the assignments have no dimension `%s`", name),
		Hint: s.hint(name)})
	return expr.Unresolved(at)
}

// hint suggests a dimension for a bare name: one of the logs, or one of the unit.
func (s *unitScope) hint(name string) string {
	written := s.experiment.Entity + "__" + name
	known := s.known()
	if slices.Contains(known, written) {
		return "a property of the unit is written " + written
	}
	if len(known) == 0 {
		return "list it under `dimensions:` of the assignments"
	}
	return diag.Suggest(name, known)
}

// known are the dimensions of the logs and those of the unit.
func (s *unitScope) known() (names []string) {
	for _, l := range s.experiment.Logs {
		for _, d := range l.Dimensions {
			names = append(names, d.Name)
		}
	}
	for _, key := range s.model.keys[s.experiment.Entity] {
		for _, d := range key.Table.Dimensions {
			names = append(names, s.experiment.Entity+"__"+d.Name)
		}
	}
	return names
}

// logged is the column of a dimension of the logs; nil where none has it.
func (s *unitScope) logged(name string) rel.Expr {
	for _, l := range s.experiment.Logs {
		for _, d := range l.Dimensions {
			if d.Name == name {
				return d.X
			}
		}
	}
	return nil
}

func (s *unitScope) Property(p *expr.Property) rel.Expr {
	n, ok := s.model.readProperty(p, s.bag)
	if !ok {
		return expr.Unresolved(p.Span)
	}
	d := s.dimension(n.String(), p.Span, n)
	switch {
	case d == nil:
		return expr.Unresolved(p.Span)
	case d.Ref == nil:
		return &rel.Col{Name: d.Name, T: s.logged(d.Name).Type(), At: p.Span}
	}
	if !slices.ContainsFunc(s.refs, func(other *Ref) bool { return other.Column == d.Ref.Column }) {
		s.refs = append(s.refs, d.Ref)
	}
	return &rel.Col{Name: d.Ref.Column, T: d.Ref.Type(), At: p.Span}
}

// dimension resolves a property of the unit: first one of the logs by its bare name, then one reached from the entity.
func (s *unitScope) dimension(name string, at diag.Span, n propertyName) *UnitDimension {
	switch {
	case s.logged(name) != nil:
		return &UnitDimension{Name: name}
	case len(n.path) == 0:
		s.Name(name, false, at)
		return nil
	}
	if ref := s.model.unitRef(s.experiment.Entity, n, s.bag); ref != nil {
		return &UnitDimension{Name: name, Ref: ref}
	}
	return nil
}

// unitRef resolves a property from the point of view of an entity's units, whose first hop therefore has no From.
func (m *Model) unitRef(entity string, n propertyName, bag *diag.Bag) *Ref {
	units := &Table{Name: "units"}
	units.Entities = []*Entity{{Name: entity, Table: units, Type: project.Foreign}}
	if len(m.keys[entity]) == 0 {
		if m.incomplete() {
			return nil
		}
		bag.Add(diag.Diagnostic{Code: codePath, Span: n.at,
			Message: fmt.Sprintf("nothing is known of a `%s`: no model has it as primary, unique or natural entity", entity),
			Hint:    "models with such entities: " + strings.Join(m.keyNames(), ", ")})
		return nil
	}
	r := m.ref(units, nil, n, bag)
	if r != nil && len(r.Path) > 0 {
		r.Path[0].From = nil
	}
	return r
}
