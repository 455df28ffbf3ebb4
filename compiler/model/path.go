package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

// maxHops bounds the search for a path that a name does not spell out.
const maxHops = 4

// A reach is a way to a property: the hops, and the property at their end.
type reach struct {
	hops      []Hop
	dimension *Dimension
	entity    *Entity
}

// targets are the entities that e's rows can be joined to.
func (m *Model) targets(e *Entity) []*Entity {
	var targets []*Entity
	for _, name := range []string{e.Name, e.RoleOf} {
		for _, key := range m.keys[name] {
			if key.Table != e.Table {
				targets = append(targets, key)
			}
		}
	}
	return targets
}

// spelt are the ways that follow exactly the entities of path to a property.
func (m *Model) spelt(t *Table, path []string, element string) []reach {
	if len(path) == 0 {
		return own(t, element)
	}
	if key := t.entity(path[0]); len(path) == 1 && (path[0] == t.PrimaryEntity || key != nil && key.isKey()) {
		if ways := own(t, element); len(ways) > 0 {
			return ways
		}
	}
	e := t.entity(path[0])
	if e == nil {
		return nil
	}
	var ways []reach
	for _, key := range m.targets(e) {
		for _, rest := range m.spelt(key.Table, path[1:], element) {
			rest.hops = append([]Hop{{From: e, To: key}}, rest.hops...)
			ways = append(ways, rest)
		}
	}
	return ways
}

// own is the table's property of that name.
func own(t *Table, element string) []reach {
	if d := t.dimension(element); d != nil {
		return []reach{{dimension: d}}
	}
	if e := t.entity(element); e != nil {
		return []reach{{entity: e}}
	}
	return nil
}

// found are the ways to a property: as spelt, else over any tables from which the path can be followed.
func (m *Model) found(t *Table, path []string, element string) []reach {
	if ways := m.spelt(t, path, element); len(ways) > 0 {
		return ways
	}
	var ways []reach
	m.explore(t, func(at *Table, hops []Hop) bool {
		if len(hops) == 0 || len(path) == 0 && at.entity(element) == nil {
			return true
		}
		onward := m.spelt(at, path, element)
		for _, w := range onward {
			w.hops = append(slices.Clone(hops), w.hops...)
			ways = append(ways, w)
		}
		return len(onward) == 0
	})
	return ways
}

// explore visits the tables that t's rows can be joined to, t first, each way there once; a way on which visit is false ends.
func (m *Model) explore(t *Table, visit func(at *Table, hops []Hop) bool) {
	var walk func(at *Table, hops []Hop)
	walk = func(at *Table, hops []Hop) {
		if !visit(at, hops) || len(hops) == maxHops {
			return
		}
		for _, e := range at.Entities {
			for _, key := range m.targets(e) {
				if key.Table != t && !passes(hops, key.Table) {
					walk(key.Table, append(slices.Clone(hops), Hop{From: e, To: key}))
				}
			}
		}
	}
	walk(t, nil)
}

func passes(hops []Hop, t *Table) bool {
	return slices.ContainsFunc(hops, func(h Hop) bool { return h.To.Table == t })
}

// UnitPath leads from a table's rows to the units of an entity: the hops (none where the table holds it) and the entity at
// their end. Entity may be a role, where a table holds the entity in several.
func (m *Model) UnitPath(t *Table, entity string) ([]Hop, *Entity, error) {
	type end struct {
		hops   []Hop
		entity *Entity
	}
	var ends []end
	m.explore(t, func(at *Table, hops []Hop) bool {
		held := at.holds(entity)
		for _, e := range held {
			ends = append(ends, end{hops, e})
		}
		return len(held) == 0
	})
	switch len(ends) {
	case 0:
		return nil, nil, noPathError{t, entity}
	case 1:
		return ends[0].hops, ends[0].entity, nil
	}
	var ways []string
	for _, e := range ends {
		ways = append(ways, describe(t, e.hops, e.entity.Name))
	}
	return nil, nil, fmt.Errorf("several paths lead from `%s` to the entity `%s`: %s", t.Name, entity, strings.Join(ways, "; "))
}

// describe is a way as people read it: orders → user → users.plan.
func describe(t *Table, hops []Hop, element string) string {
	var b strings.Builder
	b.WriteString(t.Name)
	for _, h := range hops {
		from := h.To.Name
		if h.From != nil {
			from = h.From.Name
		}
		fmt.Fprintf(&b, " → %s → %s", from, h.To.Table.Name)
	}
	return b.String() + "." + element
}

// lost says why no way leads from t to a property.
func (m *Model) lost(t *Table, n propertyName) diag.Diagnostic {
	if len(n.path) == 0 {
		return diag.Diagnostic{Code: codeDimension, Span: n.at, Message: fmt.Sprintf("`%s` has no dimension `%s`", t.Name, n.element),
			Hint: m.propertyHint(t, n.element)}
	}
	if m.endsInTime(t, n.path) {
		return unknown(codeGrain, "unit of time", n.element, n.at, m.grainNames())
	}
	all := m.entityNames()
	for _, entity := range n.path {
		if !slices.Contains(all, entity) {
			return unknown(codeEntity, "entity", entity, n.at, all)
		}
	}
	tables := m.reached(t, n.path[0])
	if len(tables) == 0 {
		return noEntity(n, []*Table{t}, fmt.Sprintf("`%s` cannot be reached from `%s`, which has no entity `%s` and none that leads to it",
			n, t.Name, n.path[0]))
	}
	for i, entity := range n.path[1:] {
		next := m.onward(tables, entity)
		if len(next) == 0 {
			return noEntity(n, tables, fmt.Sprintf("`%s` leads nowhere: what `%s` joins has no entity `%s`", n, n.path[i], entity))
		}
		tables = next
	}
	var known []string
	for _, key := range tables {
		for _, dim := range key.Dimensions {
			known = append(known, strings.Join(append(slices.Clone(n.path), dim.Name), "__"))
		}
	}
	return diag.Diagnostic{Code: codeDimension, Span: n.at, Hint: diag.Suggest(n.String(), known),
		Message: fmt.Sprintf("no model joined by `%s` has a dimension `%s`", strings.Join(n.path, "__"), n.element)}
}

// propertyHint is the property that a name most likely means, also where it lacks the entities that lead there; else all that t knows.
func (m *Model) propertyHint(t *Table, name string) string {
	names := m.propertyNames(t)
	if meant, ok := diag.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean `%s`?", meant)
	}
	if meant, ok := behindEntity(name, names); ok {
		return fmt.Sprintf("did you mean `%s`?", meant)
	}
	return diag.Allowed(names)
}

// behindEntity is the property whose last part a name most likely means.
func behindEntity(name string, properties []string) (string, bool) {
	var elements []string
	for _, p := range properties {
		parts := strings.Split(p, "__")
		elements = append(elements, parts[len(parts)-1])
	}
	near, ok := diag.Nearest(name, elements)
	if !ok {
		return "", false
	}
	return properties[slices.Index(elements, near)], true
}

func noEntity(n propertyName, tables []*Table, message string) diag.Diagnostic {
	return diag.Diagnostic{Code: codePath, Span: n.at, Message: message, Hint: entitiesHint(tables)}
}

// entitiesHint lists the entities that tables have.
func entitiesHint(tables []*Table) string {
	var hints []string
	for _, t := range tables {
		if names := t.entityNames(); len(names) > 0 {
			hints = append(hints, fmt.Sprintf("entities of `%s`: %s", t.Name, strings.Join(names, ", ")))
		}
	}
	return strings.Join(hints, "; ")
}

// endsInTime reports whether a path ends in the name of a time, so that what follows was meant for a grain.
func (m *Model) endsInTime(t *Table, path []string) bool {
	element := path[len(path)-1]
	if len(path) == 1 && element == metricTime {
		return true
	}
	return slices.ContainsFunc(m.found(t, path[:len(path)-1], element), func(way reach) bool {
		return way.dimension != nil && way.dimension.Type == project.Time
	})
}

// onward are the tables that rows of tables can be joined to by an entity.
func (m *Model) onward(tables []*Table, entity string) []*Table {
	var next []*Table
	for _, t := range tables {
		if e := t.entity(entity); e != nil {
			for _, key := range m.targets(e) {
				next = append(next, key.Table)
			}
		}
	}
	return next
}

// reached are the tables that t's rows can be joined to by an entity, near or far; t itself where it holds it as a key.
func (m *Model) reached(t *Table, entity string) []*Table {
	var tables []*Table
	if entity == t.PrimaryEntity {
		return []*Table{t}
	}
	m.explore(t, func(at *Table, _ []Hop) bool {
		e := at.entity(entity)
		if e == nil {
			return true
		}
		if e.isKey() {
			tables = append(tables, at)
		}
		for _, key := range m.targets(e) {
			tables = append(tables, key.Table)
		}
		return false
	})
	return tables
}

func (t *Table) entityNames() []string {
	var names []string
	for _, e := range t.Entities {
		names = append(names, e.Name)
	}
	return names
}

func (m *Model) entityNames() []string {
	var names []string
	for _, t := range m.Tables {
		names = append(names, t.entityNames()...)
		if t.PrimaryEntity != "" {
			names = append(names, t.PrimaryEntity)
		}
	}
	return names
}
