package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
)

// makeComposites draws the metrics that are made of others.
func (m *maker) makeComposites() {
	parts := m.simple(additive...)
	if len(parts) > 0 {
		m.makeFormulas(parts)
		m.makeTotals(m.exact(parts))
	}
	if rows := m.timedMetrics(); len(rows) > 0 {
		m.makeTimed(rows)
	}
	m.nameCovariates()
}

func (m *maker) makeFormulas(parts []*metric) {
	if chance(m.T, 60) {
		m.addComposite(&metric{Name: "ratio", Type: "ratio", Numerator: m.input(parts), Denominator: m.input(parts)})
	}
	if !chance(m.T, 50) {
		return
	}
	all := append(m.simple("average"), parts...)
	if i := slices.IndexFunc(m.metrics, func(mt *metric) bool { return mt.Type == "ratio" }); i >= 0 {
		all = append(all, m.metrics[i])
	}
	a, b := m.input(all), m.input(all)
	a.Alias, b.Alias = "a", "b"
	m.addComposite(&metric{Name: "combined", Type: "derived", Inputs: []*input{a, b}, Formula: draw(m.T,
		join("-", named("a"), named("b")), join("+", named("a"), join("*", fixed(2), named("b"))), join("*", named("a"), named("b")),
		over(join("-", named("a"), named("b")), named("a")), over(named("a"), named("b")))})
	if chance(m.T, 30) {
		c := &input{Name: "combined", Alias: "c", metric: m.metrics[len(m.metrics)-1]}
		d := m.input(all)
		d.Alias = "d"
		m.addComposite(&metric{Name: "nested", Type: "derived", Inputs: []*input{c, d}, Formula: draw(m.T,
			join("-", named("c"), named("d")), over(join("+", named("c"), fixed(1)), join("+", named("d"), fixed(3))))})
	}
}

// makeTotals draws what is said of units' totals.
func (m *maker) makeTotals(parts []*metric) {
	if len(parts) == 0 {
		return
	}
	if chance(m.T, 50) {
		bar := float64(between(m.T, 0, 3))
		m.addComposite(&metric{Name: "reached", Type: "threshold", Input: m.plainInput(parts), Op: m.pick("gt", "gte", "lt", "lte"), Value: &bar})
	}
	if chance(m.T, 40) {
		m.addComposite(&metric{Name: "typical", Type: "quantile", Input: m.plainInput(parts), Q: json.Number(m.pick("0.5", "0.9", "0.25", "0.75"))})
	}
}

// exact are the metrics whose totals are the same numbers in whatever order they are added.
func (m *maker) exact(parts []*metric) []*metric {
	return slices.DeleteFunc(slices.Clone(parts), func(mt *metric) bool {
		return m.decimal && mt.Agg == "sum" && (mt.Column == "amount" || mt.Column == "price")
	})
}

// timedMetrics are simple metrics of rows whose times are known by day or better.
func (m *maker) timedMetrics() []*metric {
	var list []*metric
	for _, md := range m.models {
		if md.Time == "" || m.grainOf(md, md.Time) > daily {
			continue
		}
		list = append(list, md.Metrics...)
	}
	return list
}

// makeTimed draws metrics of when rows are.
func (m *maker) makeTimed(rows []*metric) {
	if chance(m.T, 40) {
		mt := &metric{Name: "returned", Type: "retention", Input: m.plainInput(rows), Start: m.makeSpan(0, 3)}
		if chance(m.T, 60) {
			mt.End = spanOf(mt.Start.N+between(m.T, 1, 4), mt.Start.Unit)
		}
		m.addComposite(mt)
	}
	if chance(m.T, 40) {
		m.addComposite(m.makeFunnel(rows))
	}
	counts := slices.DeleteFunc(slices.Clone(rows), func(mt *metric) bool { return !slices.Contains(additive, mt.Agg) || mt.model.Name == "items" })
	if len(counts) > 0 && chance(m.T, 40) {
		m.addComposite(m.makeConversion(counts))
	}
}

func (m *maker) makeSpan(low, high int) *span {
	if chance(m.T, 20) {
		return m.hours(low*24, high*24)
	}
	return &span{between(m.T, low, high), "days"}
}

func (m *maker) maybeSpan(percent, low, high int) *span {
	if !chance(m.T, percent) {
		return nil
	}
	return m.makeSpan(low, high)
}

func (m *maker) makeFunnel(rows []*metric) *metric {
	f := &metric{Name: "journey", Type: "funnel", Order: m.pick("", "any", "ordered", "strict"), Within: m.maybeSpan(40, 1, 5)}
	for k := range between(m.T, 2, 3) {
		source := draw(m.T, rows...)
		s := &step{Name: fmt.Sprintf("step_%d", k+1)}
		if chance(m.T, 50) {
			s.Metric, s.rows = source.Name, source
		} else {
			s.Model, s.rows = source.model.Name, &metric{Type: "simple", Agg: "count", model: source.model}
		}
		if chance(m.T, 50) {
			s.Filter = m.own(source.model.Name)
		}
		if f.Order != "any" && k > 0 {
			s.Within = m.maybeSpan(30, 1, 4)
		}
		f.Steps = append(f.Steps, s)
	}
	return f
}

func (m *maker) makeConversion(counts []*metric) *metric {
	c := &metric{Name: "converted", Type: "conversion", Entity: "user", Base: m.plainInput(counts), Converted: m.plainInput(counts),
		Calculation: m.pick("", "conversion_rate", "conversions"), Window: m.maybeSpan(70, 1, 5)}
	same := columnsOf[c.Base.metric.model.Name].words[0]
	if chance(m.T, 30) && c.Base.metric.model == c.Converted.metric.model {
		c.Constants = []constantProperty{{same, same}}
	}
	return c
}

func (m *maker) addComposite(mt *metric) {
	mt.DesiredChange = m.direction()
	if chance(m.T, 20) {
		mt.Filter = m.everywhere(mt)
	}
	if chance(m.T, 60) {
		mt.Experiment = m.makeSettings(mt, !mt.untimed())
	}
	m.metrics = append(m.metrics, mt)
}

// everywhere is a condition that each input of a composite can hold: on users, where none reaches them by hops.
func (m *maker) everywhere(mt *metric) *condition {
	if !m.profiles || slices.ContainsFunc(mt.leaves(), func(leaf *metric) bool { return leaf.model.Name == "items" }) {
		return nil
	}
	return m.onWord("user__segment", m.words...)
}

func (m *maker) input(from []*metric) *input {
	in := &input{metric: draw(m.T, from...)}
	in.Name = in.metric.Name
	if in.metric.Type == "simple" && chance(m.T, 20) {
		in.Filter = m.own(in.metric.model.Name)
	}
	return in
}

// plainInput has no alias.
func (m *maker) plainInput(from []*metric) *input {
	in := m.input(from)
	in.Alias = ""
	return in
}

// nameCovariates puts other metrics among the covariates of some that name theirs.
func (m *maker) nameCovariates() {
	known := m.known()
	for _, name := range sortedKeys(known) {
		s := known[name].Experiment
		if s == nil || s.Cuped == nil || len(s.Cuped.Covariates) == 0 || slices.Contains(s.Cuped.Covariates, "all") || !known[name].adjustable() {
			continue
		}
		if other := known[draw(m.T, sortedKeys(known)...)]; other != known[name] && other.hasPast() && other.adjustable() && chance(m.T, 50) {
			s.Cuped.Covariates = append(s.Cuped.Covariates, other.Name)
		}
	}
}

// known are all metrics by name.
func (m *maker) known() map[string]*metric {
	known := map[string]*metric{}
	for _, md := range m.models {
		for _, mt := range md.Metrics {
			known[mt.Name] = mt
		}
	}
	for _, mt := range m.metrics {
		known[mt.Name] = mt
	}
	return known
}
