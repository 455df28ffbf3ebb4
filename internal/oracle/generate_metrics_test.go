package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
)

// What the facts of each model can be asked: columns of numbers, of words, of truths.
var columnsOf = map[string]struct{ numbers, words, truths []string }{
	"orders": {[]string{"amount", "qty"}, []string{"status"}, []string{"paid"}},
	"items":  {[]string{"price"}, []string{"kind"}, nil},
	"units":  {[]string{"points"}, []string{"kind"}, nil},
	"traits": {[]string{"points"}, []string{"kind"}, nil},
	// Whom the metrics are of, and what they are like, by one model.
	"profiles": {[]string{"points"}, []string{"segment"}, []string{"employee"}},
}

// own is a condition on the columns of a model.
func (m *maker) own(name string) *condition { return m.nested(name, 3) }

// nested is a condition with at most so many levels below it.
func (m *maker) nested(name string, levels int) *condition {
	columns := columnsOf[name]
	choice := between(m.T, 1, 6)
	if levels == 0 {
		choice = between(m.T, 4, 6)
	}
	switch choice {
	case 1:
		return &condition{op: "and", parts: []*condition{m.nested(name, levels-1), m.nested(name, levels-1)}}
	case 2:
		return &condition{op: "or", parts: []*condition{m.nested(name, levels-1), m.nested(name, levels-1)}}
	case 3:
		return &condition{op: "not", parts: []*condition{m.nested(name, levels-1)}}
	case 4:
		return m.onWord(m.pick(columns.words...), "done", "open", "a", "b")
	case 5:
		if len(columns.truths) > 0 {
			return &condition{op: "=", name: columns.truths[0], values: []any{chance(m.T, 50)}}
		}
	}
	op := m.pick("<", "<=", ">", ">=", "=", "<>")
	return &condition{op: op, name: m.pick(columns.numbers...), values: []any{between(m.T, -1, 4)}}
}

func (m *maker) onWord(name string, from ...string) *condition {
	switch between(m.T, 1, 5) {
	case 1:
		return &condition{op: m.pick("is null", "is not null"), name: name}
	case 2:
		return &condition{op: "in", name: name, values: []any{m.pick(from...), m.pick(from...)}}
	}
	return &condition{op: m.pick("=", "<>"), name: name, values: []any{m.pick(from...)}}
}

// filter is a condition of a metric: on its own columns or on what they lead to.
func (m *maker) filter(name string) *condition {
	if !chance(m.T, 50) {
		return nil
	}
	if chance(m.T, 40) {
		if joined := m.joined(name); joined != nil {
			return joined
		}
	}
	return m.own(name)
}

// joined is a condition on a dimension that a model reaches; none where it reaches none.
func (m *maker) joined(name string) *condition {
	prefix := "user__"
	var conditions []*condition
	if name == "items" {
		conditions = append(conditions, m.onWord("order__status", "done", "open"))
		prefix = "order__user__"
	}
	if m.plans && timed(name) {
		conditions = append(conditions, m.onWord(prefix+"plan", "free", "pro"))
	}
	if m.profiles && name != "profiles" {
		conditions = append(conditions, m.onWord(prefix+"segment", words...),
			&condition{op: "=", name: prefix + "employee", values: []any{chance(m.T, 50)}}, m.onWord(prefix+"team__region", "north", "south"))
	}
	if len(conditions) == 0 {
		return nil
	}
	return draw(m.T, "condition", conditions...)
}

// timed is whether facts of that name have a time.
func timed(name string) bool { return name != "traits" && name != "profiles" }

func (m *maker) simpleMetrics(name string) []*metric {
	var list []*metric
	columns := columnsOf[name]
	for i := range between(m.T, 1, 3) {
		mt := &metric{Name: fmt.Sprintf("%s_%d", name, i), Type: "simple", Filter: m.filter(name), DesiredChange: m.pick("increase", "decrease", "none")}
		mt.Agg = m.pick("sum", "sum", "count", "count_distinct", "sum_boolean", "average", "min", "max")
		switch mt.Agg {
		case "count":
			if chance(m.T, 30) {
				mt.Column = m.pick(columns.numbers...)
			}
		case "count_distinct":
			mt.Column = m.pick(slices.Concat(columns.words, columns.numbers)...)
		case "sum_boolean":
			if len(columns.truths) == 0 {
				mt.Agg = "count"
			} else {
				mt.Column = columns.truths[0]
			}
		default:
			mt.Column = m.pick(columns.numbers...)
		}
		if chance(m.T, 60) {
			mt.Experiment = m.makeSettings(mt, timed(name))
		}
		if chance(m.T, 20) {
			fill := between(m.T, 0, 2)
			mt.Fill = &fill
		}
		mt.Spine = timed(name) && chance(m.T, 15)
		list = append(list, mt)
	}
	return list
}

// makeSettings draws what the kind of metric allows.
func (m *maker) makeSettings(mt *metric, hasTime bool) *settings {
	s := &settings{}
	if chance(m.T, 60) {
		s.Window = m.makeWindow()
		if chance(m.T, 30) {
			mature := true
			s.Mature = &mature
		}
	}
	if mt.Type != "threshold" && mt.Type != "derived" && mt.Agg != "min" && mt.Agg != "max" && chance(m.T, 30) {
		m.makeCap(s)
	}
	if mt.Type != "derived" && hasTime && chance(m.T, 40) {
		s.Cuped = m.makeCuped()
	}
	if chance(m.T, 20) {
		s.MDE = m.pick("2%", "50%", "200%", "0.1")
	}
	return s
}

func (m *maker) makeWindow() *window {
	start, end := span{0, "days"}, span{between(m.T, 1, 7), "days"}
	if !m.byDay && chance(m.T, 20) {
		start = span{between(m.T, 1, 30), "hours"}
		end.N += 2
	}
	if !m.byDay && chance(m.T, 15) {
		end = span{between(m.T, 31, 90), "hours"}
	}
	return &window{&start, &end}
}

func (m *maker) makeCap(s *settings) {
	if chance(m.T, 30) {
		upper := float64(between(m.T, 0, 10))
		s.Cap = &fixedCap{Upper: &upper}
		return
	}
	s.Winsorize = &winsorize{Upper: json.Number(m.pick("0.9", "0.95", "0.5", "0.99", "0.7")), IgnoreZeros: chance(m.T, 30)}
	if chance(m.T, 40) {
		s.Winsorize.Lower = json.Number(m.pick("0.1", "0.05", "0.3"))
	}
}

func (m *maker) makeCuped() *cuped {
	unit, n := "days", between(m.T, 1, 8)
	if !m.byDay && chance(m.T, 20) {
		unit, n = "hours", 30
	}
	return &cuped{Lookback: span{n, unit}, Covariates: "own"}
}

// simple lists the simple metrics whose aggregate is one of those.
func (m *maker) simple(aggs ...string) []*metric {
	var list []*metric
	for _, md := range m.models {
		for _, mt := range md.Metrics {
			if slices.Contains(aggs, mt.Agg) {
				list = append(list, mt)
			}
		}
	}
	return list
}

var additive = []string{"sum", "count", "count_distinct", "sum_boolean"}

func (m *maker) makeComposites() {
	parts := m.simple(additive...)
	if len(parts) == 0 {
		return
	}
	if chance(m.T, 60) {
		m.addComposite(&metric{Name: "ratio", Type: "ratio", Numerator: m.input(parts), Denominator: m.input(parts)})
	}
	if chance(m.T, 50) {
		bar := float64(between(m.T, 0, 3))
		in := m.input(m.simple("sum", "count", "sum_boolean", "count_distinct"))
		in.Alias = ""
		m.addComposite(&metric{Name: "reached", Type: "threshold", Input: in, Op: m.pick("gt", "gte", "lt", "lte"), Value: &bar})
	}
	if chance(m.T, 50) {
		all := append(m.simple("average"), parts...)
		if i := slices.IndexFunc(m.metrics, func(mt *metric) bool { return mt.Type == "ratio" }); i >= 0 {
			all = append(all, m.metrics[i])
		}
		a, b := m.input(all), m.input(all)
		a.Alias, b.Alias = "a", "b"
		m.addComposite(&metric{Name: "combined", Type: "derived", Inputs: []*input{a, b}, Formula: draw(m.T, "formula",
			join("-", named("a"), named("b")), join("+", named("a"), join("*", fixed(2), named("b"))), join("*", named("a"), named("b")),
			over(join("-", named("a"), named("b")), named("a")), over(named("a"), named("b")))})
	}
}

func (m *maker) addComposite(mt *metric) {
	mt.DesiredChange = m.pick("increase", "decrease", "none")
	if chance(m.T, 20) {
		mt.Filter = m.everywhere(mt)
	}
	if chance(m.T, 60) {
		mt.Experiment = m.makeSettings(mt, !mt.untimed())
	}
	m.metrics = append(m.metrics, mt)
}

// untimed is whether some part of the metric counts facts without a time.
func (mt *metric) untimed() bool {
	list, _ := parts(mt, nil)
	return slices.ContainsFunc(list, func(p part) bool { return p.metric.model.Time == "" })
}

// everywhere is a condition that each input of a composite can hold: on users, where none reaches them by hops.
func (m *maker) everywhere(mt *metric) *condition {
	list, _ := parts(mt, nil)
	if slices.ContainsFunc(list, func(p part) bool { return p.metric.model.Name == "items" }) || !m.profiles {
		return nil
	}
	return m.onWord("user__segment", words...)
}

func (m *maker) input(from []*metric) *input {
	in := &input{metric: draw(m.T, "input", from...)}
	in.Name = in.metric.Name
	if in.metric.Type == "simple" && chance(m.T, 20) {
		in.Filter = m.own(in.metric.model.Name)
	}
	return in
}
