package model

import (
	"fmt"

	"assay/compiler/project"
	"assay/internal/diag"
)

func (r *propertyReader) entities() {
	for _, c := range r.t.Decl.Columns {
		if c.Entity != nil {
			r.entity(c.Entity, c)
		}
	}
	for _, e := range r.t.Decl.DerivedEntities {
		r.entity(e, nil)
	}
	r.primaryEntity()
}

func (r *propertyReader) entity(decl *project.Entity, on *project.Column) {
	if before := r.t.entity(decl.Name.V); before != nil {
		r.b.bag.Add(diag.Diagnostic{Code: codeDuplicate, Span: decl.Name.Span,
			Message: fmt.Sprintf("`%s` has two entities `%s`", r.t.Name, decl.Name.V),
			Hint:    "give one another name and say whose role it plays: role_of: " + decl.Name.V,
			Notes:   []diag.Note{{Message: "the first is here", Span: before.Decl.Name.Span}}})
		return
	}
	r.t.Entities = append(r.t.Entities, &Entity{
		Name: decl.Name.V, Table: r.t, Type: decl.Type.V, Expr: r.read(decl.Expr, decl.Name, on), RoleOf: decl.RoleOf.V, Decl: decl,
	})
}

// primaryEntity finds what the table's dimensions are named by, of which there is at most one.
func (r *propertyReader) primaryEntity() {
	declared := r.t.Decl.PrimaryEntity
	r.t.PrimaryEntity = declared.V
	var first *Entity
	for _, e := range r.t.Entities {
		if e.Type != project.Primary {
			continue
		}
		switch {
		case declared.IsSet() && declared.V != e.Name:
			r.b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: declared.Span,
				Message: fmt.Sprintf("`%s` has a primary entity already: `%s`", r.t.Name, e.Name), Hint: "remove primary_entity",
				Notes: []diag.Note{{Message: "declared here", Span: e.Decl.Name.Span}}})
		case first != nil:
			r.b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: e.Decl.Type.Span,
				Message: fmt.Sprintf("`%s` has two primary entities", r.t.Name), Hint: "make one of them `unique`",
				Notes: []diag.Note{{Message: "the first is here", Span: first.Decl.Name.Span}}})
		default:
			first = e
			r.t.PrimaryEntity = e.Name
		}
	}
}

func (t *Table) entity(name string) *Entity {
	for _, e := range t.Entities {
		if e.Name == name {
			return e
		}
	}
	return nil
}

func (t *Table) dimension(name string) *Dimension {
	for _, d := range t.Dimensions {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// holds are the table's entities that are the one named: by name, else by the role they play.
func (t *Table) holds(name string) []*Entity {
	if e := t.entity(name); e != nil {
		return []*Entity{e}
	}
	var roles []*Entity
	for _, e := range t.Entities {
		if e.RoleOf == name {
			roles = append(roles, e)
		}
	}
	return roles
}

// isKey reports whether rows of other tables can be joined to this entity's without being multiplied.
func (e *Entity) isKey() bool { return e.Type != project.Foreign }

// indexKeys lists by name the entities that rows can be joined to.
func (b *builder) indexKeys() {
	b.keys = map[string][]*Entity{}
	for _, t := range b.Tables {
		for _, e := range t.Entities {
			if e.isKey() {
				b.keys[e.Name] = append(b.keys[e.Name], e)
			}
		}
	}
	for _, t := range b.Tables {
		for _, e := range t.Entities {
			if e.RoleOf != "" && b.keys[e.RoleOf] == nil {
				b.missing(codeEntity, "primary, unique or natural entity", e.Decl.RoleOf, b.keyNames())
			}
		}
	}
}

func (m *Model) keyNames() []string {
	var names []string
	for _, t := range m.Tables {
		for _, e := range t.Entities {
			if e.isKey() {
				names = append(names, e.Name)
			}
		}
	}
	return names
}
