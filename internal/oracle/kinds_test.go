package oracle

import "slices"

// reaches compares a total with a threshold's bar.
func (m *metric) reaches(total float64) bool {
	op := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[m.Op]
	return holds(op, compare(total, *m.Value))
}

// thresholdReader is whether the total of the input reaches the bar; a unit without facts has a total of 0.
func (w *world) thresholdReader(p part, entity string, s stretch) func(*unit) (float64, bool) {
	of := w.reader(part{metric: p.metric.Input.metric, filters: p.ofInput(p.metric.Input)}, entity, s)
	return func(u *unit) (float64, bool) {
		total, present := of(u)
		return float64(number(p.metric.reaches(total))), present
	}
}

// ofInput are the filters that hold for an input of the part's metric.
func (p part) ofInput(in *input) []*condition {
	return append(slices.Clone(p.filters), in.Filter, in.metric.Filter)
}

// retentionReader is whether there is any row that the input's filters keep.
func (w *world) retentionReader(p part, entity string, s stretch) func(*unit) (float64, bool) {
	facts := w.facts(p.metric.Input.metric.model, p.ofInput(p.metric.Input), entity)
	return func(u *unit) (float64, bool) {
		came := len(w.during(s, u, facts[u.id])) > 0
		return float64(number(came)), came
	}
}

// funnelReader is whether a chain of rows leads to the part's step, by times as the coarsest of all steps' knows them.
func (w *world) funnelReader(p part, entity string, s stretch) func(*unit) (float64, bool) {
	var facts []map[string][]row
	coarsest := exact
	for _, step := range p.metric.Steps {
		coarsest = max(coarsest, w.grainOf(step.rows.model, step.rows.model.Time))
		facts = append(facts, w.facts(step.rows.model, append(slices.Clone(p.filters), step.Filter, step.rows.Filter), entity))
	}
	return func(u *unit) (float64, bool) {
		chain := chain{clock: w.clock(), funnel: p.metric}
		for i := range p.metric.Steps {
			var times []moment
			for _, r := range w.during(s, u, facts[i][u.id]) {
				times = append(times, w.clock().known(*w.time(r), coarsest))
			}
			chain.times = append(chain.times, times)
		}
		return float64(number(chain.gets(p.step))), true
	}
}

// A chain is looked for among the times of each step's rows.
type chain struct {
	clock  clock
	funnel *metric
	times  [][]moment
}

func (c chain) gets(to int) bool {
	if c.funnel.Order == "any" {
		return c.allHappen(to)
	}
	return c.continues(nil, to)
}

// continues tries every row of the next step after those that have been chosen.
func (c chain) continues(chosen []moment, to int) bool {
	k := len(chosen)
	if k == to {
		return true
	}
	return slices.ContainsFunc(c.times[k], func(at moment) bool {
		return (k == 0 || c.follows(chosen, at)) && c.continues(append(slices.Clone(chosen), at), to)
	})
}

// follows is whether a row can be the next after those chosen: at or after the last, in time, and in a strict funnel with no row
// of another step strictly between.
func (c chain) follows(chosen []moment, at moment) bool {
	k := len(chosen)
	last := chosen[k-1]
	if at.before(last) || !c.within(c.funnel.Steps[k].Within, last, at) || !c.within(c.funnel.Within, chosen[0], at) {
		return false
	}
	return c.funnel.Order != "strict" || !c.interrupted(k, last, at)
}

func (c chain) interrupted(k int, last, at moment) bool {
	for i, times := range c.times {
		between := slices.ContainsFunc(times, func(t moment) bool { return last.before(t) && t.before(at) })
		if i != k && i != k-1 && between {
			return true
		}
	}
	return false
}

func (c chain) within(s *span, from, at moment) bool {
	return s == nil || at.before(c.clock.after(from, *s, 1, at.grain))
}

// allHappen is whether each step has a row, the first rows of all within the funnel's time.
func (c chain) allHappen(to int) bool {
	var firsts []moment
	for _, times := range c.times[:to] {
		if len(times) == 0 {
			return false
		}
		firsts = append(firsts, slices.MinFunc(times, inTime))
	}
	return to == 1 || c.within(c.funnel.Within, slices.MinFunc(firsts, inTime), slices.MaxFunc(firsts, inTime))
}

// inTime orders moments of one grain.
func inTime(a, b moment) int { return number(b.before(a)) - number(a.before(b)) }

// conversionReader aggregates the conversion events that a base event of the stretch has in time before it, each once.
func (w *world) conversionReader(p part, entity string, s stretch) func(*unit) (float64, bool) {
	m := p.metric
	bases := w.facts(m.Base.metric.model, p.ofInput(m.Base), entity)
	conversions := w.facts(m.Converted.metric.model, []*condition{m.Converted.Filter, m.Converted.metric.Filter}, entity)
	return func(u *unit) (float64, bool) {
		base := w.during(s, u, bases[u.id])
		var converted []row
		for _, r := range conversions[u.id] {
			if slices.ContainsFunc(base, func(b row) bool { return w.converts(m, b, r) }) {
				converted = append(converted, r)
			}
		}
		return w.aggregate(part{metric: m.Converted.metric}, converted)
	}
}

// converts is whether an event is a conversion of a base event: of the same entity and constants, at or after it, in time.
func (w *world) converts(m *metric, base, event row) bool {
	from, at := w.time(base), w.time(event)
	if at == nil || !at.before(w.clock().parse(w.asOf)) || at.before(*from) {
		return false
	}
	if m.Window != nil && !at.before(w.clock().after(*from, *m.Window, 1, at.grain)) {
		return false
	}
	same := []constantProperty{{base.model.entity(m.Entity, entityKinds...).Name, event.model.entity(m.Entity, entityKinds...).Name}}
	for _, c := range append(same, m.Constants...) {
		x, y := base.cell(c.Base), event.cell(c.Converted)
		if x == nil || y == nil || identity(x) != identity(y) {
			return false
		}
	}
	return true
}
