package oracle

import (
	"slices"
	"strings"
)

// An exposure is a row of a log that belongs to an experiment.
type exposure struct {
	id, variant string
	declared    bool
	at          moment
	properties  map[string]any // dimensions, and under names of their own the stratum and the cluster
}

// The stratum and the cluster among an exposure's properties.
const (
	stratumProperty = "stratum:"
	clusterProperty = "cluster:"
)

// A unit is in its experiment from its first exposure on.
type unit struct {
	exposure
	from   moment            // when counting starts: at the exposure, or at the trigger
	group  string            // what was assigned: the unit, or its cluster
	came   moment            // when what was assigned was first exposed: the unit, or its cluster
	phase  string            // "" without phases
	slices map[string]string // by dimension
}

// An assigned experiment has its units, and what the way to them lost.
type assigned struct {
	counted              []*unit // of declared variants, after the policy
	entered              []*unit // of these, the population
	units                []*unit // of these, those that triggered
	seen                 int
	multiple, undeclared int // units in several variants, in variants that are not declared
	nullRows             int
	newest               *moment // the newest row of the logs
	refused              bool    // the policy is `error`, and a unit was in two variants
}

// assign applies the rules of units in their order.
func (w *world) assign(e *experiment) *assigned {
	a := &assigned{}
	byUnit := map[string][]exposure{}
	for _, log := range e.logs {
		for _, x := range w.exposures(e, log, &a.nullRows) {
			byUnit[x.id] = append(byUnit[x.id], x)
			if a.newest == nil || a.newest.at.Before(x.at.at) {
				a.newest = &x.at
			}
		}
	}
	a.seen = len(byUnit)
	assigned := byAssigned(e, byUnit)
	for _, id := range sortedKeys(byUnit) {
		if u := a.admit(e, byUnit[id], assigned); u != nil {
			u.phase = w.phaseOf(e, u.came)
			a.counted = append(a.counted, u)
		}
	}
	for _, u := range a.counted {
		if w.inPopulation(e, u) {
			a.entered = append(a.entered, u)
		}
	}
	a.units = w.triggered(e, a.entered)
	return a
}

// clustered is whether clusters of units were assigned.
func (e *experiment) clustered() bool { return e.logs[0].Columns["cluster"] != "" }

// assigned is the name of what was assigned: the unit, or its cluster.
func (e *experiment) assigned(x exposure) string {
	if e.clustered() {
		return identity(x.properties[clusterProperty])
	}
	return x.id
}

// byAssigned are all exposures by what was assigned.
func byAssigned(e *experiment, byUnit map[string][]exposure) map[string][]exposure {
	all := map[string][]exposure{}
	for _, list := range byUnit {
		for _, x := range list {
			all[e.assigned(x)] = append(all[e.assigned(x)], x)
		}
	}
	return all
}

// admit decides on one unit by all its exposures and those of its cluster; nil where it is left out.
func (a *assigned) admit(e *experiment, list []exposure, assigned map[string][]exposure) *unit {
	first := firstExposure(list)
	of := assigned[e.assigned(first)]
	head := firstExposure(of)
	seen := map[string]bool{}
	strange := false
	for _, x := range list {
		strange = strange || !x.declared
	}
	for _, x := range slices.Concat(list, of) {
		seen[x.variant] = true
	}
	a.undeclared += number(strange)
	if len(seen) > 1 {
		a.multiple++
		switch e.exposurePolicy() {
		case "first":
		case "error":
			a.refused = true
			return nil
		default:
			return nil
		}
	}
	if !head.declared {
		return nil
	}
	first.variant, first.properties[stratumProperty] = head.variant, head.properties[stratumProperty]
	return &unit{exposure: first, from: first.at, came: head.at, group: e.assigned(first), slices: map[string]string{}}
}

func (e *experiment) exposurePolicy() string {
	if e.MultipleExposures != "" {
		return e.MultipleExposures
	}
	return e.protocol.MultipleExposures
}

// exposures are a log's rows of the experiment that have all they need; the others are counted.
func (w *world) exposures(e *experiment, log *assignments, nullRows *int) []exposure {
	start, end := w.start(e), w.analysisEnd(e)
	var list []exposure
	for _, r := range w.rows(log.rows) {
		if log.Filter.of(r.cell) != yes || !e.hasKey(r, log) {
			continue
		}
		at := &start
		if name, ok := log.Columns["time"]; ok {
			at = w.momentOf(r, name)
		}
		id, variant := r.cell(log.Columns["unit"]), r.cell(log.Columns["variant"])
		if at != nil && (at.before(start) || !at.before(end)) {
			continue
		}
		if at == nil || id == nil || variant == nil || log.Columns["cluster"] != "" && r.cell(log.Columns["cluster"]) == nil {
			*nullRows++
			continue
		}
		name, declared := e.declares(identity(variant))
		list = append(list, exposure{identity(id), name, declared, *at, log.properties(r)})
	}
	return list
}

func (log *assignments) properties(r row) map[string]any {
	properties := map[string]any{}
	for _, name := range log.Dimensions {
		properties[name] = r.cell(name)
	}
	for property, column := range map[string]string{stratumProperty: "stratum", clusterProperty: "cluster"} {
		if name, ok := log.Columns[column]; ok {
			properties[property] = r.cell(name)
		}
	}
	return properties
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

// declares finds the variant that a value in the log stands for; one that is not declared has the value for its name.
func (e *experiment) declares(value string) (name string, declared bool) {
	for _, v := range e.variants() {
		if v.logged() == value {
			return v.name, true
		}
	}
	return value, false
}

// variants are those declared, or those of the last phase.
func (e *experiment) variants() variants {
	if len(e.Variants) > 0 {
		return e.Variants
	}
	return e.Phases[len(e.Phases)-1].Variants
}

// start is when an experiment begins; long ago where it says nothing.
func (w *world) start(e *experiment) moment {
	if e.Start == "" {
		return w.clock().date(0)
	}
	return w.clock().parse(e.Start)
}

// analysisEnd is the experiment's end, or as-of while it runs.
func (w *world) analysisEnd(e *experiment) moment {
	asOf := w.clock().parse(w.asOf)
	if e.End == "" {
		return asOf
	}
	return earlier(w.clock().parse(e.End), asOf)
}

// firstExposure is the first by time, of those the lowest variant; each property is the lowest of the rows that are tied in both.
// Days and instants compare by day, so that several rows may have none before them; what is known by day then begins the day.
func firstExposure(list []exposure) exposure {
	isFirst := func(x exposure) bool {
		return !slices.ContainsFunc(list, func(y exposure) bool { return y.at.before(x.at) })
	}
	var first exposure
	for _, x := range list {
		better := first.id == "" || x.variant < first.variant || x.variant == first.variant && x.at.grain > first.at.grain
		if isFirst(x) && better {
			first = x
		}
	}
	properties := map[string]any{}
	for _, x := range list {
		if x.variant != first.variant || !isFirst(x) {
			continue
		}
		for name, v := range x.properties {
			if v != nil && (properties[name] == nil || compare(v, properties[name]) < 0) {
				properties[name] = v
			}
		}
	}
	first.properties = properties
	return first
}

// phaseOf is the phase that holds a moment; the first begins with the experiment.
func (w *world) phaseOf(e *experiment, at moment) string {
	name := ""
	for i, p := range e.Phases {
		if i == 0 || !at.before(w.clock().parse(p.From)) {
			name = p.From
		}
	}
	return name
}

// attribute is a dimension of a unit as known at assignment: of its log, or of a model that describes its entity.
func (w *world) attribute(e *experiment, u *unit, name string) any {
	if !strings.Contains(name, "__") {
		return u.properties[name]
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

// triggered are the units with a trigger, counted from the first of them; all units where no trigger is asked for.
func (w *world) triggered(e *experiment, units []*unit) []*unit {
	if e.Trigger == nil {
		return units
	}
	facts := w.facts(e.Trigger.model, []*condition{e.Trigger.Filter}, e.entity())
	var counted []*unit
	for _, u := range units {
		var first *moment
		for _, r := range facts[u.id] {
			if at := w.time(r); at != nil && w.isTrigger(e, u, *at) && (first == nil || at.before(*first)) {
				first = at
			}
		}
		if first == nil {
			continue
		}
		from := *u
		if first.grain <= u.at.grain || u.at.before(*first) {
			from.from = *first // else it is of the exposure's day, or hour, and no earlier
		}
		counted = append(counted, &from)
	}
	return counted
}

func (w *world) isTrigger(e *experiment, u *unit, at moment) bool {
	if e.Trigger.Within != nil && !at.before(w.clock().after(u.at, *e.Trigger.Within, 1, at.grain)) {
		return false
	}
	return !at.before(u.at) && at.before(w.analysisEnd(e))
}

func (e *experiment) entity() string { return e.logs[0].Entity }
