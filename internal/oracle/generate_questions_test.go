package oracle

import (
	"slices"
	"strings"
	"time"
)

func (m *maker) makeQuestions() {
	for range between(m.T, 0, 2) {
		if q := m.makeQuestion(); q != nil {
			m.questions = append(m.questions, q)
		}
	}
	if q := m.reconciled(); q != nil {
		m.questions = append(m.questions, q)
	}
	if q := m.countedByGroup(); q != nil {
		m.questions = append(m.questions, q)
	}
}

// makeQuestion asks metrics by time and by what all their models lead to.
func (m *maker) makeQuestion() *question {
	asked := m.queryable()
	if len(asked) == 0 {
		return nil
	}
	q := &question{metrics: []*metric{draw(m.T, asked...)}}
	if second := draw(m.T, asked...); second != q.metrics[0] && chance(m.T, 50) {
		q.metrics = append(q.metrics, second)
	}
	models := modelsOf(q.metrics)
	if slices.ContainsFunc(models, func(md *model) bool { return md.Time != "" && m.grainOf(md, md.Time) > daily }) {
		return nil
	}
	if len(models) > 1 && slices.ContainsFunc(q.metrics, (*metric).distinct) {
		return nil // where one scan answers several, a group that one of them lacks counts 0 of it and not NULL
	}
	inTime := !slices.ContainsFunc(models, func(md *model) bool { return md.Time == "" })
	spined := slices.ContainsFunc(q.metrics, (*metric).spined)
	if spined && !inTime {
		return nil
	}
	if inTime && (spined || chance(m.T, 60)) {
		q.groupBy = append(q.groupBy, "metric_time__"+m.pick("day", "week", "month"))
		if spined || chance(m.T, 30) {
			q.start = m.base.AddDate(0, 0, -between(m.T, 0, 12)).Format(time.DateOnly)
			q.end = m.base.AddDate(0, 0, between(m.T, 0, 9)).Format(time.DateOnly)
		}
	}
	for _, name := range m.shared(models) {
		if chance(m.T, 40) {
			q.groupBy = append(q.groupBy, name)
		}
	}
	if shared := m.shared(models); len(shared) > 0 && !spined && chance(m.T, 30) {
		q.where = m.onWord(draw(m.T, shared...), append([]string{"done", "open", "free", "pro", "north"}, m.words...)...)
	}
	if len(q.groupBy) > 0 && chance(m.T, 40) {
		for _, name := range q.groupBy {
			q.order = append(q.order, m.pick("", "-")+name)
		}
		if chance(m.T, 50) {
			q.limit = between(m.T, 1, 5)
		}
	}
	return q
}

func (m *maker) queryable() []*metric {
	var all []*metric
	for _, mt := range slices.Concat(m.simple(append(additive, "average", "min", "max", "median", "percentile")...), m.metrics) {
		if mt.Type == "simple" || mt.Type == "ratio" || mt.Type == "derived" {
			all = append(all, mt)
		}
	}
	return all
}

func modelsOf(metrics []*metric) []*model {
	var models []*model
	for _, mt := range metrics {
		for _, leaf := range mt.leaves() {
			models = append(models, leaf.model)
		}
	}
	return models
}

// spined is whether the metric, or one it is made of, wants a row for each day.
func (mt *metric) spined() bool {
	return slices.ContainsFunc(mt.leaves(), func(leaf *metric) bool { return leaf.Spine })
}

// shared are textual dimensions that every one of the models reaches, by the same name.
func (m *maker) shared(models []*model) []string {
	var names []string
	for _, name := range []string{"user__plan", "user__segment", "user__team__region", "order__status", "order__user__segment"} {
		if !slices.ContainsFunc(models, func(md *model) bool { return !m.reaches(md, name) }) {
			names = append(names, name)
		}
	}
	return names
}

// reaches is whether a model leads to a dimension. What holds at a time that is known by week alone is dbt's to say.
func (m *maker) reaches(md *model, name string) bool {
	owner, path, _ := strings.Cut(name, "__")
	switch {
	case strings.HasSuffix(name, "plan") && (!m.plans || md.Time == "" || m.grainOf(md, md.Time) > daily), (strings.HasSuffix(name, "segment") || strings.HasSuffix(name, "region")) && !m.profiles:
		return false
	case name == "order__status":
		return md.Name == "items" || md.Name == "orders"
	case owner == "order":
		return md.Name == "items" && path != ""
	case md.Name == "profiles":
		return name != "user__team__region"
	}
	return md.Name != "items"
}

// reconciled asks for an experiment's own metrics by variant.
func (m *maker) reconciled() *question {
	e := draw(m.T, m.experiments...)
	if m.assign(e).refused {
		return nil
	}
	q, unit := &question{experiment: e, asOf: m.asOf}, ""
	for _, u := range e.uses() {
		additive := slices.Contains([]string{"sum", "count", "sum_boolean", "average", "median", "percentile"}, u.metric.Agg)
		sameUnit := len(q.metrics) == 0 || u.Unit == unit
		if u.As == "" && sameUnit && !u.metric.filledParts() && (additive || u.metric.Type == "ratio" && !u.metric.distinct()) {
			q.metrics = append(q.metrics, u.metric)
			unit = u.Unit
		}
	}
	if len(q.metrics) == 0 {
		return nil
	}
	return q
}

// countedByGroup asks what an experiment counts by further dimensions, or those of it that a condition keeps; nil where it has no
// metric that can be asked so.
func (m *maker) countedByGroup() *question {
	e := draw(m.T, m.experiments...)
	if m.assign(e).refused || m.status(e) == "draft" {
		return nil
	}
	var asked []*metric
	for _, u := range e.uses() {
		if u.As == "" && u.Unit == "" && slices.Contains(m.queryable(), u.metric) && !u.metric.spined() {
			asked = append(asked, u.metric)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	q := &question{experiment: e, asOf: m.asOf, metrics: []*metric{draw(m.T, asked...)}}
	models := modelsOf(q.metrics)
	inTime := !slices.ContainsFunc(models, func(md *model) bool { return md.Time == "" || m.grainOf(md, md.Time) > daily })
	if inTime && chance(m.T, 40) {
		q.groupBy = append(q.groupBy, "metric_time__"+m.pick("day", "week"))
	}
	shared := m.shared(models)
	for _, name := range shared {
		if chance(m.T, 40) {
			q.groupBy = append(q.groupBy, name)
		}
	}
	if len(shared) > 0 && (q.groupBy == nil || chance(m.T, 30)) {
		q.where = m.onWord(draw(m.T, shared...), append([]string{"done", "open", "free", "pro", "north"}, m.words...)...)
	}
	if q.isTotal() {
		return nil
	}
	return q
}

// filledParts is whether a query fills what a run does not.
func (mt *metric) filledParts() bool {
	return slices.ContainsFunc(mt.leaves(), func(leaf *metric) bool { return leaf.Fill != nil })
}

func (mt *metric) distinct() bool {
	return slices.ContainsFunc(mt.leaves(), func(leaf *metric) bool { return leaf.Agg == "count_distinct" })
}
