package oracle

import (
	"math"
	"math/big"
	"slices"
)

// A part is one number per unit that a metric is made of: one aggregate, after exposure and before it.
type part struct {
	metric  *metric
	filters []*condition // of the metric, its inputs' and its composite's
	count   bool         // of an average: how many values
}

// A measured part has its values by unit.
type measured struct {
	value   []float64
	present []bool // whether any value stood behind it
}

// A setup is a metric in an experiment with the settings that hold.
type setup struct {
	use    *use
	metric *metric
	window window
	mature bool
	settings
}

// setup gathers settings: the experiment's entry, else the metric's own, else the protocol's.
func (e *experiment) setup(u *use) *setup {
	s := &setup{use: u, metric: u.metric, settings: u.settings}
	own := u.metric.Experiment
	if own == nil {
		own = &settings{}
	}
	if s.Window == nil {
		s.Window = own.Window
	}
	if s.Mature == nil {
		s.Mature = own.Mature
	}
	if s.Winsorize == nil && s.Cap == nil {
		s.Winsorize, s.Cap = own.Winsorize, own.Cap
	}
	if s.Cuped == nil {
		s.Cuped = own.Cuped
	}
	if s.Cuped == nil {
		s.Cuped = e.protocol.Statistics.Cuped
	}
	if s.MDE == "" {
		s.MDE = own.MDE
	}
	if s.Window != nil {
		s.window = *s.Window
	}
	s.mature = s.Mature != nil && *s.Mature
	return s
}

// parts are the aggregates of a metric, and the formula of their means.
func parts(m *metric, filters []*condition) ([]part, *formula) {
	filters = append(slices.Clone(filters), m.Filter)
	switch m.Type {
	case "simple":
		if m.Agg == "average" {
			return []part{{metric: m, filters: filters}, {metric: m, filters: filters, count: true}}, over(leaf(0), leaf(1))
		}
		return []part{{metric: m, filters: filters}}, leaf(0)
	case "ratio":
		return compose(over(named("numerator"), named("denominator")), map[string]*input{"numerator": m.Numerator, "denominator": m.Denominator}, filters)
	case "derived":
		inputs := map[string]*input{}
		for _, in := range m.Inputs {
			inputs[in.name()] = in
		}
		return compose(m.Formula, inputs, filters)
	case "threshold":
		return parts(m.Input.metric, append(filters, m.Input.Filter))
	}
	panic(m.Type)
}

func (in *input) name() string {
	if in.Alias != "" {
		return in.Alias
	}
	return in.Name
}

// compose puts the formulas of inputs in the place of their names.
func compose(f *formula, inputs map[string]*input, filters []*condition) ([]part, *formula) {
	var all []part
	composed := f.replace(func(name string) *formula {
		in := inputs[name]
		own, inner := parts(in.metric, append(slices.Clone(filters), in.Filter))
		inner = inner.shift(len(all))
		all = append(all, own...)
		return inner
	})
	return all, composed
}

// included is whether a metric counts the unit: where its window must have passed, whether it has.
func (w *world) included(s *setup, u *unit) bool {
	return !s.mature || !w.clock().parse(w.asOf).before(w.clock().after(u.at, *s.window.End, 1, false))
}

// inWindow is whether a unit's fact counts.
func (w *world) inWindow(e *experiment, s *setup, u *unit, at *moment) bool {
	if at == nil {
		return false
	}
	from := u.at
	if s.window.Start != nil {
		from = w.clock().after(u.at, *s.window.Start, 1, at.daily)
	}
	until := w.analysisEnd(e)
	if s.window.End != nil {
		until = w.clock().after(u.at, *s.window.End, 1, at.daily)
	}
	return !at.before(from) && at.before(until) && at.before(w.clock().parse(w.asOf))
}

// inLookback is whether a unit's fact lies in the time before its assignment that covariates read.
func (w *world) inLookback(s *setup, u *unit, at *moment) bool {
	return at != nil && !at.before(w.clock().after(u.at, s.Cuped.Lookback, -1, at.daily)) && at.before(u.at)
}

// measure aggregates the facts of each unit that counts says are its own.
func (w *world) measure(p part, units []*unit, entity string, counts func(*unit, row) bool) measured {
	m := measured{make([]float64, len(units)), make([]bool, len(units))}
	facts := map[string][]row{}
	for _, r := range w.rows(p.metric.model) {
		id, found := w.unitOf(r, entity)
		kept := found
		for _, f := range p.filters {
			kept = kept && w.keeps(f, r)
		}
		if kept {
			facts[id] = append(facts[id], r)
		}
	}
	for i, u := range units {
		var values []any
		for _, r := range facts[u.id] {
			if v := p.cell(r); v != nil && counts(u, r) {
				values = append(values, v)
			}
		}
		m.value[i], m.present[i] = p.aggregate(values), len(values) > 0
	}
	return m
}

// cell is what the metric aggregates of a row.
func (p part) cell(r row) any {
	if p.metric.Column == "" {
		return int64(1)
	}
	return r.cell(p.metric.Column)
}

// aggregate is of values that are not NULL, 0 without any.
func (p part) aggregate(values []any) float64 {
	switch agg := p.metric.Agg; {
	case agg == "count" || p.count:
		return float64(len(values))
	case agg == "count_distinct":
		distinct := map[any]bool{}
		for _, v := range values {
			distinct[v] = true
		}
		return float64(len(distinct))
	case len(values) == 0:
		return 0
	case agg == "min" || agg == "max":
		best := float(values[0])
		for _, v := range values {
			if agg == "min" {
				best = math.Min(best, float(v))
			} else {
				best = math.Max(best, float(v))
			}
		}
		return best
	}
	total := new(big.Float).SetPrec(200)
	for _, v := range values {
		total.Add(total, big.NewFloat(float(v)))
	}
	sum, _ := total.Float64()
	return sum
}

// quantile is the smallest value whose rank is at least q·n, in exact arithmetic; nothing of nothing.
func quantile(values []float64, q string) (float64, bool) {
	if len(values) == 0 || q == "" {
		return 0, false
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	share, ok := new(big.Rat).SetString(q)
	if !ok {
		panic(q)
	}
	for i, v := range sorted {
		if big.NewRat(int64(i+1), 1).Cmp(new(big.Rat).Mul(share, big.NewRat(int64(len(sorted)), 1))) >= 0 {
			return v, true
		}
	}
	panic("a quantile above 1")
}

// A limit is the caps of one part, NaN where there is none.
type limit struct{ lower, upper float64 }

func (s *setup) limitOf(values []float64) limit {
	none := math.NaN()
	l := limit{none, none}
	switch {
	case s.Cap != nil:
		if s.Cap.Lower != nil {
			l.lower = *s.Cap.Lower
		}
		if s.Cap.Upper != nil {
			l.upper = *s.Cap.Upper
		}
	case s.Winsorize != nil:
		if s.Winsorize.IgnoreZeros {
			values = slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v == 0 })
		}
		if v, ok := quantile(values, s.Winsorize.Lower.String()); ok {
			l.lower = v
		}
		if v, ok := quantile(values, s.Winsorize.Upper.String()); ok {
			l.upper = v
		}
	}
	return l
}

func (l limit) apply(v float64) float64 {
	if v < l.lower {
		v = l.lower
	}
	if v > l.upper {
		v = l.upper
	}
	return v
}

// reaches compares a total with a threshold's bar.
func (m *metric) reaches(total float64) float64 {
	op := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}[m.Op]
	return float64(number(holds(op, compare(total, *m.Value))))
}
