package oracle

import (
	"slices"
	"strings"
)

// An exposure is a row of a log that belongs to an experiment.
type exposure struct {
	id, variant string
	at          moment
	dimensions  map[string]any
}

// A unit is in its experiment from its first exposure on.
type unit struct {
	exposure
	slices map[string]string // by dimension
}

// An assigned experiment has its units, and what the way to them lost.
type assigned struct {
	units                []*unit // of declared variants, after the policy and the population
	counted              []*unit // the same before the population
	multiple, undeclared int     // units in several variants, in variants that are not declared
	nullRows             int
	refused              bool // the policy is `error`, and a unit was in two variants
}

// assign applies the rules of units in their order.
func (w *world) assign(e *experiment) *assigned {
	a := &assigned{}
	byUnit := map[string][]exposure{}
	for _, log := range e.logs {
		for _, x := range w.exposures(e, log, &a.nullRows) {
			byUnit[x.id] = append(byUnit[x.id], x)
		}
	}
	for _, list := range byUnit {
		a.admit(w, e, list)
	}
	slices.SortFunc(a.units, func(x, y *unit) int { return strings.Compare(x.id, y.id) })
	return a
}

// admit decides on one unit by all its exposures.
func (a *assigned) admit(w *world, e *experiment, list []exposure) {
	first := firstExposure(list)
	seen := map[string]bool{}
	strange := false
	for _, x := range list {
		seen[x.variant] = true
		strange = strange || !e.declares(x.variant)
	}
	a.undeclared += number(strange)
	if len(seen) > 1 {
		a.multiple++
		switch e.protocol.MultipleExposures {
		case "first":
		case "error":
			a.refused = true
			return
		default:
			return
		}
	}
	if !e.declares(first.variant) {
		return
	}
	u := &unit{exposure: first, slices: map[string]string{}}
	a.counted = append(a.counted, u)
	if w.inPopulation(e, u) {
		a.units = append(a.units, u)
	}
}

// exposures are a log's rows of the experiment that have all they need; the others are counted.
func (w *world) exposures(e *experiment, log *assignments, nullRows *int) []exposure {
	start, end := w.clock().parse(e.Start), w.analysisEnd(e)
	logModel := &model{Name: log.Name, Timezone: log.Timezone, table: log.table}
	var list []exposure
	for _, cells := range log.table.rows {
		r := row{logModel, cells}
		if log.Filter.of(r.cell) != yes || !e.hasKey(r, log) {
			continue
		}
		at := &start
		if name, ok := log.Columns["time"]; ok {
			at = w.momentOf(r, name)
		}
		id, variant := r.cell(log.Columns["unit"]), r.cell(log.Columns["variant"])
		if at == nil || (!at.before(start) && at.before(end)) {
			*nullRows += number(at == nil || id == nil || variant == nil)
		}
		if at == nil || id == nil || variant == nil || at.before(start) || !at.before(end) {
			continue
		}
		x := exposure{identity(id), identity(variant), *at, map[string]any{}}
		for _, name := range log.Dimensions {
			x.dimensions[name] = r.cell(name)
		}
		list = append(list, x)
	}
	return list
}

func (e *experiment) hasKey(r row, log *assignments) bool {
	name, ok := log.Columns["experiment"]
	if !ok {
		return true
	}
	key := e.Key
	if key == "" {
		key = e.Name
	}
	v := r.cell(name)
	return v != nil && identity(v) == key
}

func (e *experiment) declares(name string) bool {
	return slices.ContainsFunc(e.Variants, func(v variant) bool { return v.name == name })
}

// analysisEnd is the experiment's end, or as-of while it runs.
func (w *world) analysisEnd(e *experiment) moment {
	asOf := w.clock().parse(w.asOf)
	if e.End == "" {
		return asOf
	}
	return earlier(w.clock().parse(e.End), asOf)
}

// firstExposure is the first by time, of those the lowest variant; each dimension is the lowest of the rows that are tied in both.
func firstExposure(list []exposure) exposure {
	first := list[0]
	for _, x := range list[1:] {
		if x.at.before(first.at) || !first.at.before(x.at) && x.variant < first.variant {
			first = x
		}
	}
	dimensions := map[string]any{}
	for _, x := range list {
		if x.variant != first.variant || x.at.before(first.at) || first.at.before(x.at) {
			continue
		}
		for name, v := range x.dimensions {
			if v != nil && (dimensions[name] == nil || compare(v, dimensions[name]) < 0) {
				dimensions[name] = v
			}
		}
	}
	first.dimensions = dimensions
	return first
}

// attribute is a dimension of a unit as known at assignment: of its log, or of a model that describes its entity.
func (w *world) attribute(e *experiment, u *unit, name string) any {
	if !strings.Contains(name, "__") {
		return u.dimensions[name]
	}
	path := strings.SplitN(name, "__", 2)
	r := w.lookup(path[0], u.id, &u.at, func(m *model) bool {
		next, _, _ := strings.Cut(path[1], "__")
		return m.leadsTo(next)
	})
	if r == nil {
		return nil
	}
	return w.value(*r, path[1], &u.at)
}

func (w *world) inPopulation(e *experiment, u *unit) bool {
	return e.Population.of(func(name string) any { return w.attribute(e, u, name) }) == yes
}
