package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
)

// What the facts of each model can be asked: columns of numbers, of words, of truths.
var columnsOf = map[string]struct{ numbers, words, truths, units []string }{
	"orders": {[]string{"amount", "qty"}, []string{"status"}, []string{"paid"}, []string{"buyer"}},
	"items":  {[]string{"price"}, []string{"kind"}, nil, nil},
	"units":  {[]string{"points"}, []string{"kind"}, nil, []string{"user"}},
	"traits": {[]string{"points"}, []string{"kind"}, nil, []string{"user_id"}},
	// Whom the metrics are of, and what they are like, by one model.
	"profiles": {[]string{"points"}, []string{"segment"}, []string{"employee"}, nil},
}

// own is a condition on the columns of a model.
func (m *maker) own(name string) *condition { return m.nested(name, 2) }

// nested is a condition with at most so many levels below it.
func (m *maker) nested(name string, levels int) *condition {
	columns := columnsOf[name]
	choice := between(m.T, 1, 10)
	if levels == 0 || choice > 6 {
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
	switch between(m.T, 1, 6) {
	case 1:
		return &condition{op: m.pick("is null", "is not null", "is not null"), name: name}
	case 2:
		return &condition{op: "in", name: name, values: []any{m.pick(from...), m.pick(from...)}}
	}
	return &condition{op: m.pick("=", "<>"), name: name, values: []any{m.pick(from...)}}
}

// filter is a condition of a metric: on its own columns or on what they lead to.
func (m *maker) filter(name string) *condition {
	if !chance(m.T, 35) {
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
	if m.plans && hasTime(name) && !m.coarse {
		conditions = append(conditions, m.onWord(prefix+"plan", "free", "pro"))
	}
	if m.profiles && name != "profiles" {
		conditions = append(conditions, m.onWord(prefix+"segment", m.words...),
			&condition{op: "=", name: prefix + "employee", values: []any{chance(m.T, 50)}}, m.onWord(prefix+"team__region", "north", "south"))
	}
	if len(conditions) == 0 {
		return nil
	}
	return draw(m.T, conditions...)
}

// hasTime is whether facts of that name have a time.
func hasTime(name string) bool { return name != "traits" && name != "profiles" }

var aggregates = []string{"sum", "sum", "count", "count_distinct", "sum_boolean", "average", "min", "max", "median", "percentile",
	"approx_count_distinct", "first_value", "last_value"}

func (m *maker) simpleMetrics(name string) []*metric {
	var list []*metric
	for i := range between(m.T, 1, 3) {
		mt := &metric{Name: fmt.Sprintf("%s_%d", name, i), Type: "simple", Filter: m.filter(name), DesiredChange: m.direction()}
		m.aggregate(mt, name)
		if chance(m.T, 60) {
			mt.Experiment = m.makeSettings(mt, hasTime(name))
		}
		if chance(m.T, 20) {
			fill := between(m.T, 0, 2)
			mt.Fill = &fill
		}
		mt.Spine = hasTime(name) && chance(m.T, 15)
		list = append(list, mt)
	}
	return list
}

func (m *maker) direction() string { return m.pick("increase", "decrease", "none") }

// aggregate draws what a metric computes of which column.
func (m *maker) aggregate(mt *metric, name string) {
	columns := columnsOf[name]
	mt.Agg = m.pick(aggregates...)
	if (mt.Agg == "first_value" || mt.Agg == "last_value") && !hasTime(name) || mt.Agg == "sum_boolean" && len(columns.truths) == 0 {
		mt.Agg = "count"
	}
	switch mt.Agg {
	case "count":
		if chance(m.T, 30) {
			mt.Column = m.pick(columns.numbers...)
		}
	case "count_distinct":
		mt.Column = m.pick(slices.Concat(columns.words, columns.numbers, columns.units)...)
	case "approx_count_distinct":
		mt.Column = columns.words[0]
	case "sum_boolean":
		mt.Column = columns.truths[0]
	case "percentile":
		mt.Percentile = json.Number(m.pick("0.5", "0.9", "0.25", "0.95"))
		mt.PercentileType = m.pick("", "", "continuous", "discrete")
		mt.Column = m.pick(columns.numbers...)
	default:
		mt.Column = m.pick(columns.numbers...)
	}
}

// makeSettings draws what the kind of metric allows.
func (m *maker) makeSettings(mt *metric, hasTime bool) *settings {
	s := &settings{}
	if mt.Type != "retention" && chance(m.T, 60) {
		s.Window = m.makeWindow()
		if s.Window.End != nil && chance(m.T, 30) {
			mature := true
			s.Mature = &mature
		}
	}
	if mt.cappable() && chance(m.T, 30) {
		m.makeCap(s)
	}
	if chance(m.T, 40) {
		s.Cuped = m.makeCuped(mt, hasTime)
	}
	if chance(m.T, 20) {
		s.MDE = m.pick("2%", "50%", "200%", "0.1")
	}
	return s
}

func (m *maker) makeWindow() *window {
	start, end := &span{0, "days"}, &span{between(m.T, 1, 7), "days"}
	switch between(m.T, 1, 10) {
	case 10:
		start = m.hours(1, 30)
		end.N += 2
	case 9:
		end = m.hours(31, 90)
	case 8:
		end = nil
		start = &span{between(m.T, 0, 3), "days"}
	case 7:
		start = nil
	}
	return &window{start, end}
}

func (m *maker) makeCap(s *settings) {
	if chance(m.T, 30) {
		bounds := []float64{float64(between(m.T, 0, 10)), float64(between(m.T, -3, -1))}
		s.Cap = &fixedCap{Upper: &bounds[0]}
		if chance(m.T, 30) {
			s.Cap.Lower = &bounds[1]
		}
		return
	}
	s.Winsorize = m.makeWinsorize()
}

func (m *maker) makeWinsorize() *winsorize {
	z := &winsorize{Upper: json.Number(m.pick("0.9", "0.95", "0.5", "0.99", "0.7")), IgnoreZeros: chance(m.T, 30)}
	if chance(m.T, 40) {
		z.Lower = json.Number(m.pick("0.1", "0.05", "0.3"))
	}
	return z
}

// makeCuped draws covariates that suit the metric; nil where none does.
func (m *maker) makeCuped(mt *metric, hasTime bool) *cuped {
	c := &cuped{Lookback: m.makeLookback()}
	own := mt.Type != "derived" && hasTime && (mt.Type == "ratio" || mt.Type == "threshold" || mt.Type == "simple" && !mt.isEventQuantile())
	switch choice := between(m.T, 1, 10); {
	case choice == 10:
		return &cuped{Off: true}
	case choice >= 7 && mt.adjustable():
		c.Covariates = m.attributes()
		if own && chance(m.T, 50) {
			c.Covariates = append([]string{"own"}, c.Covariates...)
		}
	case choice >= 5 && own:
		c.Covariates = []string{"all"}
	case own:
		if chance(m.T, 50) {
			c.Covariates = []string{"own"}
		}
	default:
		return nil
	}
	return c
}

func (m *maker) hours(low, high int) *span { return spanOf(between(m.T, low, high), "hours") }

// spanOf is n of a unit. Hours are no whole days: the pages leave open whether those are the calendar's where clocks change.
func spanOf(n int, unit string) *span {
	return &span{n + number(unit == "hours" && n%24 == 0), unit}
}

func (m *maker) makeLookback() *span {
	switch between(m.T, 1, 10) {
	case 10:
		return nil
	case 9:
		return &span{30, "hours"}
	}
	return &span{between(m.T, 1, 8), "days"}
}

// attributes are a few that units have, as covariates.
func (m *maker) attributes() []string {
	all := []string{"size", "country"}
	if m.plans {
		all = append(all, "user__plan")
	}
	if m.profiles {
		all = append(all, "user__segment", "user__employee", "user__score", "user__team__region")
	}
	names := []string{m.pick(all...)}
	if second := m.pick(all...); second != names[0] && chance(m.T, 40) {
		names = append(names, second)
	}
	return names
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
