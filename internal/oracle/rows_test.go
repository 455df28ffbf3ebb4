package oracle

import (
	"fmt"
	"strings"
	"time"
)

// A row of a model, with the model to know what its cells mean.
type row struct {
	model *model
	cells []any
}

func (m *model) column(name string) *modelColumn {
	for i := range m.Columns {
		if m.Columns[i].Name == name {
			return &m.Columns[i]
		}
	}
	return nil
}

// entity is the model's column of an entity; kinds says as what.
func (m *model) entity(name string, kinds ...string) *modelColumn {
	for i, c := range m.Columns {
		if c.Entity == nil || c.Entity.Name != name {
			continue
		}
		for _, kind := range kinds {
			if c.Entity.Type == kind {
				return &m.Columns[i]
			}
		}
	}
	return nil
}

// entityKinds are all that an entity may be in a model.
var entityKinds = []string{"foreign", "primary", "unique", "natural"}

func (r row) cell(name string) any { return r.cells[r.model.table.index(name)] }

// rows are those the model's filter keeps.
func (w *world) rows(m *model) []row {
	var kept []row
	for _, cells := range m.table.rows {
		r := row{m, cells}
		if m.Filter.of(r.cell) == yes {
			kept = append(kept, r)
		}
	}
	return kept
}

// zones are those that have been read.
var zones = map[string]*time.Location{}

func location(name string) *time.Location {
	if zones[name] == nil {
		zone, err := time.LoadLocation(name) // the empty name is UTC
		if err != nil {
			panic(err)
		}
		zones[name] = zone
	}
	return zones[name]
}

func (w *world) clock() clock { return clock{location(w.zone)} }

// moment is a cell of time; nil where it is NULL.
func (w *world) moment(sqlType string, cell any, timezone string) *moment {
	if cell == nil {
		return nil
	}
	var m moment
	switch t := cell.(time.Time); sqlType {
	case date:
		m = w.clock().date(dayNumber(t))
	case wall:
		m = w.clock().instant(fromWall(t, location(timezone)))
	case instant:
		m = w.clock().instant(t)
	}
	return &m
}

// momentOf is a cell of time as the column's granularity knows it.
func (w *world) momentOf(r row, name string) *moment {
	m := w.moment(r.model.table.columns[r.model.table.index(name)].sqlType, r.cell(name), r.model.Timezone)
	c := r.model.column(name)
	if m == nil || c == nil || grains[c.Granularity] <= m.grain {
		return m
	}
	known := w.clock().known(*m, grains[c.Granularity])
	return &known
}

// time is when a fact was; nil where the model has no time or the row has none.
func (w *world) time(r row) *moment {
	if r.model.Time == "" {
		return nil
	}
	return w.momentOf(r, r.model.Time)
}

// identity is an id as text, since the types of one entity's ids may differ.
func identity(v any) string { return fmt.Sprint(v) }

// unitOf leads a row to the unit of an entity, through other entities where its model does not hold it. No unit: false.
func (w *world) unitOf(r row, name string) (id string, found bool) {
	if c := r.model.entity(name, entityKinds...); c != nil {
		v := r.cell(c.Name)
		return identity(v), v != nil
	}
	for _, c := range r.model.Columns {
		if c.Entity == nil || c.Entity.Type != "foreign" {
			continue
		}
		if next := w.lookup(c.Entity.Name, r.cell(c.Name), nil, func(m *model) bool { return m.entity(name, "foreign") != nil }); next != nil {
			return w.unitOf(*next, name)
		}
	}
	return "", false
}

// lookup finds the row that describes an entity's value, in the model that fits, valid at a moment where the model has validity.
func (w *world) lookup(entity string, value any, at *moment, fits func(*model) bool) *row {
	if value == nil {
		return nil
	}
	for _, m := range w.models {
		key := m.entity(entity, "primary", "unique", "natural")
		if key == nil || !fits(m) {
			continue
		}
		for _, r := range w.rows(m) {
			id := r.cell(key.Name)
			if id != nil && identity(id) == identity(value) && w.valid(r, at) {
				return &r
			}
		}
	}
	return nil
}

// valid is whether a row's validity, from its start to before its end, holds a moment.
func (w *world) valid(r row, at *moment) bool {
	for _, c := range r.model.Columns {
		if c.Dimension == nil || c.Dimension.Validity == nil {
			continue
		}
		if at == nil {
			return false
		}
		bound := w.momentOf(r, c.Name)
		switch {
		case c.Dimension.Validity.Start && (bound == nil || at.before(*bound)):
			return false
		case c.Dimension.Validity.End && bound != nil && !at.before(*bound):
			return false
		}
	}
	return true
}

// value is what a name means for a row: a column, or a dimension on a path of entities, as known at a moment.
func (w *world) value(r row, name string, at *moment) any {
	path := strings.Split(name, "__")
	for len(path) > 1 {
		if c := r.model.entity(path[0], "primary", "unique"); c != nil && len(path) == 2 && r.model.column(path[1]) != nil {
			return r.cell(path[1])
		}
		c := r.model.entity(path[0], entityKinds...)
		next := w.lookup(path[0], r.cell(c.Name), at, func(m *model) bool { return m.leadsTo(path[1]) })
		if next == nil {
			return nil
		}
		r, path = *next, path[1:]
	}
	return r.cell(path[0])
}

// leadsTo is whether a model has a dimension, or a foreign entity to go on by.
func (m *model) leadsTo(name string) bool {
	c := m.column(name)
	return c != nil && c.Dimension != nil || m.entity(name, "foreign") != nil
}

// keeps is whether a condition is true of a fact, joined dimensions as of the fact's time.
func (w *world) keeps(c *condition, r row) bool {
	return c.of(func(name string) any { return w.value(r, name, w.time(r)) }) == yes
}
