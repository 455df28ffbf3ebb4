package oracle

import (
	"math"
	"math/big"
	"slices"
)

// A part is one number per unit that a metric is made of, over any stretch of the unit's time.
type part struct {
	metric  *metric      // simple, threshold, retention, funnel or conversion
	filters []*condition // of the metric, its inputs' and its composite's
	count   bool         // of an average: how many values
	step    int          // of a funnel: whether the unit got at least here, counted from 1
}

// parts are the numbers per unit of a metric, and its value as a formula of their means.
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
		return compose(m.Formula, m.inputs(), filters)
	case "conversion":
		converted := part{metric: m, filters: filters}
		if m.Calculation == "conversions" {
			return []part{converted}, leaf(0)
		}
		base, _ := parts(m.Base.metric, append(slices.Clone(filters), m.Base.Filter))
		return append([]part{converted}, base...), over(leaf(0), leaf(1))
	case "quantile":
		return parts(m.Input.metric, append(filters, m.Input.Filter))
	case "funnel":
		return []part{{metric: m, filters: filters, step: len(m.Steps)}}, leaf(0)
	}
	return []part{{metric: m, filters: filters}}, leaf(0)
}

// inputs of a derived metric, by the names that its formula has for them.
func (m *metric) inputs() map[string]*input {
	inputs := map[string]*input{}
	for _, in := range m.Inputs {
		inputs[in.name()] = in
	}
	return inputs
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

// leaves are the simple metrics that a metric reads the rows of.
func (m *metric) leaves() []*metric {
	switch m.Type {
	case "simple":
		return []*metric{m}
	case "ratio":
		return append(m.Numerator.metric.leaves(), m.Denominator.metric.leaves()...)
	case "conversion":
		return []*metric{m.Base.metric, m.Converted.metric}
	case "funnel":
		var all []*metric
		for _, s := range m.Steps {
			all = append(all, s.rows)
		}
		return all
	case "derived":
		var all []*metric
		for _, in := range m.Inputs {
			all = append(all, in.metric.leaves()...)
		}
		return all
	}
	return m.Input.metric.leaves()
}

// facts are the rows of a model that all conditions keep, by the unit they belong to.
func (w *world) facts(md *model, filters []*condition, entity string) map[string][]row {
	facts := map[string][]row{}
	for _, r := range w.rows(md) {
		id, kept := w.unitOf(r, entity)
		for _, f := range filters {
			kept = kept && w.keeps(f, r)
		}
		if kept {
			facts[id] = append(facts[id], r)
		}
	}
	return facts
}

// A stretch is a part of a unit's time: it says which of its facts count. Those without a time always do.
type stretch func(u *unit, at *moment) bool

// during are the rows of a unit that lie in a stretch.
func (w *world) during(s stretch, u *unit, rows []row) []row {
	var kept []row
	for _, r := range rows {
		if r.model.Time == "" || s(u, w.time(r)) {
			kept = append(kept, r)
		}
	}
	return kept
}

// A measured part has its values by unit, and whether any fact stood behind them.
type measured struct {
	value   []float64
	present []bool
}

func (w *world) measure(p part, units []*unit, entity string, s stretch) measured {
	of := w.reader(p, entity, s)
	var m measured
	for _, u := range units {
		value, present := of(u)
		m.value, m.present = append(m.value, value), append(m.present, present)
	}
	return m
}

// reader reads a part off a unit.
func (w *world) reader(p part, entity string, s stretch) func(*unit) (value float64, present bool) {
	switch p.metric.Type {
	case "threshold":
		return w.thresholdReader(p, entity, s)
	case "retention":
		return w.retentionReader(p, entity, s)
	case "funnel":
		return w.funnelReader(p, entity, s)
	case "conversion":
		return w.conversionReader(p, entity, s)
	}
	facts := w.facts(p.metric.model, p.filters, entity)
	return func(u *unit) (float64, bool) { return w.aggregate(p, w.during(s, u, facts[u.id])) }
}

// values are the cells that a simple metric aggregates, NULLs aside.
func (m *metric) values(rows []row) []any {
	var values []any
	for _, r := range rows {
		if m.Column == "" {
			values = append(values, int64(1))
		} else if v := r.cell(m.Column); v != nil {
			values = append(values, v)
		}
	}
	return values
}

// aggregate is a simple metric of some rows, 0 where none has a value.
func (w *world) aggregate(p part, rows []row) (value float64, present bool) {
	values := p.metric.values(rows)
	switch agg := p.metric.Agg; {
	case agg == "count" || p.count:
		return float64(len(values)), len(values) > 0
	case agg == "count_distinct" || agg == "approx_count_distinct":
		distinct := map[any]bool{}
		for _, v := range values {
			distinct[v] = true
		}
		return float64(len(distinct)), len(values) > 0
	case len(values) == 0:
		return 0, false
	case agg == "min":
		return float(slices.MinFunc(values, compare)), true
	case agg == "max":
		return float(slices.MaxFunc(values, compare)), true
	case agg == "first_value" || agg == "last_value":
		return w.extremeInTime(p.metric, rows), true
	}
	total := new(big.Float).SetPrec(200)
	for _, v := range values {
		total.Add(total, big.NewFloat(float(v)))
	}
	sum, _ := total.Float64()
	return sum, true
}

// extremeInTime is the first or the last value, a tie by the lowest.
func (w *world) extremeInTime(m *metric, rows []row) float64 {
	var best row
	for _, r := range rows {
		v := r.cell(m.Column)
		if v == nil {
			continue
		}
		if best.model == nil {
			best = r
			continue
		}
		a, b := *w.time(r), *w.time(best)
		if m.Agg == "last_value" {
			a, b = b, a
		}
		if a.before(b) || !b.before(a) && compare(v, best.cell(m.Column)) < 0 {
			best = r
		}
	}
	return float(best.cell(m.Column))
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

func (l limit) applyAll(values []float64) {
	for i, v := range values {
		values[i] = l.apply(v)
	}
}

// quantile is the smallest value whose rank is at least q·n, in exact arithmetic; nothing of nothing.
func quantile(values []float64, q string) (float64, bool) {
	if len(values) == 0 || q == "" {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
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
