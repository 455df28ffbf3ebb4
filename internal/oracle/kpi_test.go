package oracle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A question is asked by `assay query`.
type question struct {
	metrics    []*metric
	groupBy    []string // metric_time__day, week or month first, then dimensions
	where      *condition
	order      []string // all of groupBy, - for downwards; none: any order
	limit      int
	start, end string // first and last day
	experiment *experiment
	asOf       string
}

func (q *question) args() []string {
	var names []string
	for _, m := range q.metrics {
		names = append(names, m.Name)
	}
	args := []string{"query", "--format", "csv", "--metrics", strings.Join(names, ",")}
	flag := func(name, value string) {
		if value != "" {
			args = append(args, name, value)
		}
	}
	flag("--group-by", strings.Join(q.groupBy, ","))
	flag("--start-time", q.start)
	flag("--end-time", q.end)
	if len(q.order) > 0 {
		args = append(args, "--order="+strings.Join(q.order, ","))
	}
	if q.where != nil {
		flag("--where", q.where.String())
	}
	if q.limit > 0 {
		flag("--limit", fmt.Sprint(q.limit))
	}
	if q.experiment != nil {
		flag("--experiment", q.experiment.Name)
		flag("--as-of", q.asOf)
	}
	return args
}

// A group has its cells in the order of the question's group-by: text, or nil.
type group struct {
	cells []any
	value *float64
}

// groups are a metric's values by the text of their cells.
type groups map[string]group

func (g groups) at(cells []any) *float64 { return g[fmt.Sprintf("%q", cells)].value }

func (g groups) set(cells []any, value *float64) { g[fmt.Sprintf("%q", cells)] = group{cells, value} }

// answer joins the groups of all metrics.
func (w *world) answer(q *question) []record {
	if q.experiment != nil && q.isTotal() {
		return w.answerByVariant(q)
	}
	var all []groups
	cells := map[string][]any{}
	for _, m := range q.metrics {
		g := w.groups(q, m, nil, w.tallied(q, m))
		all = append(all, g)
		for key, found := range g {
			cells[key] = found.cells
		}
	}
	var rows []record
	for key, values := range cells {
		r := record{}
		for i, name := range q.columns() {
			r[name] = values[i]
		}
		for i, m := range q.metrics {
			r[m.Name] = numberOrNil(m.filled(all[i][key].value))
		}
		rows = append(rows, r)
	}
	return q.cut(rows)
}

// isTotal is whether a question of an experiment is of all that it counts, as its results are.
func (q *question) isTotal() bool { return len(q.groupBy) == 0 && q.where == nil }

// columns are what the answer is grouped by: of an experiment by its variants first.
func (q *question) columns() []string {
	if q.experiment == nil {
		return q.groupBy
	}
	return append([]string{"variant"}, q.groupBy...)
}

// A counted row is one that a question counts; in an experiment, for a variant.
type counted struct {
	row
	variant string
}

// A tally is the rows of a model that count.
type tally func(*model) []counted

// tallied are all rows, or those that an experiment counts of its units for a metric.
func (w *world) tallied(q *question, m *metric) tally {
	if q.experiment == nil {
		return func(md *model) []counted {
			var all []counted
			for _, r := range w.rows(md) {
				all = append(all, counted{row: r})
			}
			return all
		}
	}
	e := q.experiment
	s, units := e.setup(e.use(m)), w.assign(e).units
	return func(md *model) []counted {
		var all []counted
		facts := w.facts(md, nil, s.entity)
		for _, u := range units {
			if !w.included(s, u) {
				continue
			}
			for _, r := range w.during(w.window(e, s), u, facts[u.id]) {
				all = append(all, counted{r, u.variant})
			}
		}
		return all
	}
}

// use is the experiment's of a metric by its own name.
func (e *experiment) use(m *metric) *use {
	uses := e.uses()
	return uses[slices.IndexFunc(uses, func(u *use) bool { return u.name() == m.Name })]
}

func numberOrNil(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func (m *metric) filled(v *float64) *float64 {
	if v == nil && m.Fill != nil {
		fill := float64(*m.Fill)
		return &fill
	}
	return v
}

// cut sorts and limits; NULL comes last in both directions.
func (q *question) cut(rows []record) []record {
	if len(q.order) == 0 {
		return rows
	}
	slices.SortFunc(rows, func(x, y record) int {
		for _, term := range q.order {
			name, down := strings.CutPrefix(term, "-")
			a, b := x[name], y[name]
			switch {
			case a == nil && b == nil:
				continue
			case a == nil:
				return 1
			case b == nil:
				return -1
			}
			if order := compare(a, b); order != 0 {
				return order * (1 - 2*number(down))
			}
		}
		return 0
	})
	if q.limit > 0 && len(rows) > q.limit {
		rows = rows[:q.limit]
	}
	return rows
}

// groups are those of one metric, further conditions holding for all that it is made of.
func (w *world) groups(q *question, m *metric, filters []*condition, t tally) groups {
	if m.Type == "simple" {
		return w.simpleGroups(q, m, filters, t)
	}
	filters = append(slices.Clone(filters), m.Filter)
	switch m.Type {
	case "ratio":
		return w.composedGroups(q, over(named("numerator"), named("denominator")),
			map[string]*input{"numerator": m.Numerator, "denominator": m.Denominator}, filters, t)
	case "derived":
		return w.composedGroups(q, m.Formula, m.inputs(), filters, t)
	}
	panic(m.Type)
}

func (w *world) simpleGroups(q *question, m *metric, added []*condition, t tally) groups {
	found, cells := map[string][]row{}, map[string][]any{}
	if len(q.columns()) == 0 {
		found["[]"], cells["[]"] = nil, nil
	}
	for _, r := range t(m.model) {
		kept := w.keeps(q.where, r.row) && q.inRange(w.time(r.row))
		for _, f := range append(slices.Clone(added), m.Filter) {
			kept = kept && w.keeps(f, r.row)
		}
		if kept {
			c := w.cellsOf(q, r)
			key := fmt.Sprintf("%q", c)
			found[key], cells[key] = append(found[key], r.row), c
		}
	}
	g := groups{}
	for key, rows := range found {
		g.set(cells[key], w.over(m, rows))
	}
	if m.Spine {
		g = q.spined(g, added)
	}
	return g
}

// over aggregates rows as SQL does: nothing of no values, but for counts.
func (w *world) over(m *metric, rows []row) *float64 {
	values := m.values(rows)
	counts := m.Agg == "count_distinct" || m.Agg == "count" && len(rows) > 0 // a count is a sum of ones
	if len(values) == 0 && !counts {
		return nil
	}
	v, _ := w.aggregate(part{metric: m}, rows)
	if m.Agg == "average" {
		v /= float64(len(values))
	}
	if m.isEventQuantile() {
		v = m.quantileOf(values)
	}
	return &v
}

// quantileOf is the metric's quantile of cells.
func (m *metric) quantileOf(cells []any) float64 {
	var values []float64
	for _, cell := range cells {
		values = append(values, float(cell))
	}
	if m.PercentileType == "discrete" {
		v, _ := quantile(values, m.probability())
		return v
	}
	return interpolated(slices.Sorted(slices.Values(values)), m.probability())
}

func (w *world) cellsOf(q *question, r counted) []any {
	var cells []any
	if q.experiment != nil {
		cells = append(cells, r.variant)
	}
	at := w.time(r.row)
	for _, name := range q.groupBy {
		if grain, ok := strings.CutPrefix(name, "metric_time__"); ok {
			cells = append(cells, truncate(at, grain))
			continue
		}
		v := w.value(r.row, name, at)
		if v != nil {
			v = identity(v)
		}
		cells = append(cells, v)
	}
	return cells
}

// truncate is the first day of the period that holds a moment.
func truncate(at *moment, name string) any {
	if at == nil {
		return nil
	}
	return dayText(period(at.day, grains[name]))
}

// inRange is whether a moment lies between the first and the last day asked; as dbt has it, of grouped periods each counts whole.
func (q *question) inRange(at *moment) bool {
	if q.start == "" || at == nil {
		return q.start == ""
	}
	grain := strings.TrimPrefix(q.groupBy[0], "metric_time__")
	begins := truncate(at, grain).(string)
	return begins >= periodOf(q.start, grain) && begins <= periodOf(q.end, grain)
}

// periodOf is the first day of the period of a day.
func periodOf(day, grain string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return truncate(&moment{day: dayNumber(t)}, grain).(string)
}

// spined has each day of the range: with what is known of it, else without a value and without dimensions, where filters that are not
// the metric's own and read columns of the answer let it pass.
func (q *question) spined(g groups, added []*condition) groups {
	passes := !slices.ContainsFunc(added, func(f *condition) bool {
		return f != nil && q.answers(f.names()) && f.of(func(string) any { return nil }) != yes
	})
	all := groups{}
	first, _ := time.Parse(time.DateOnly, q.start)
	for day := first; day.Format(time.DateOnly) <= q.end; day = day.AddDate(0, 0, 1) {
		at := moment{day: dayNumber(day)}
		begins := truncate(&at, strings.TrimPrefix(q.groupBy[0], "metric_time__"))
		known := false
		for _, found := range g {
			if found.cells[0] == begins {
				all.set(found.cells, found.value)
				known = true
			}
		}
		if !known && passes {
			all.set(append([]any{begins}, make([]any, len(q.groupBy)-1)...), nil)
		}
	}
	return all
}

// answers is whether all of the names are columns of the answer.
func (q *question) answers(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(q.groupBy, name) })
}

func (w *world) composedGroups(q *question, f *formula, inputs map[string]*input, filters []*condition, t tally) groups {
	found := map[string]groups{}
	result := groups{}
	for name, in := range inputs {
		found[name] = w.groups(q, in.metric, append(slices.Clone(filters), in.Filter), t)
		for _, g := range found[name] {
			result.set(g.cells, nil)
		}
	}
	for _, g := range result {
		values := map[string]*float64{}
		for name, in := range inputs {
			values[name] = in.metric.filled(found[name].at(g.cells))
		}
		result.set(g.cells, f.of(values))
	}
	return result
}

// of is the formula's value where names stand for numbers or NULL; division by zero is NULL.
func (f *formula) of(values map[string]*float64) *float64 {
	switch f.kind {
	case nameLeaf:
		return values[f.name]
	case constantLeaf:
		return &f.constant
	}
	a, b := f.left.of(values), f.right.of(values)
	if a == nil || b == nil || f.op == "/" && *b == 0 {
		return nil
	}
	v := apply(f.op, *a, *b)
	return &v
}

// nothing is 0 or NULL: units without a fact have 0 in a run, and in a query rows that are not there add up to NULL.
const nothing = "nothing"

// answerByVariant is what an experiment counts, by variant: sums of what its units have, uncapped.
func (w *world) answerByVariant(q *question) []record {
	e := q.experiment
	a := w.assign(e)
	var rows []record
	for _, v := range e.variants() {
		inVariant := func(u *unit) bool { return u.variant == v.name }
		if !slices.ContainsFunc(a.units, inVariant) {
			continue
		}
		r := record{"variant": v.name}
		for _, m := range q.metrics {
			r[m.Name] = w.pooled(e, a, m, inVariant)
		}
		rows = append(rows, r)
	}
	return rows
}

func (w *world) pooled(e *experiment, a *assigned, m *metric, inVariant func(*unit) bool) any {
	sm := w.samples(e, a, e.use(m))[0]
	rows := sm.selected(inVariant)
	if m.isEventQuantile() {
		var events []any
		for _, i := range rows {
			for _, v := range sm.events[sm.units[i]] {
				events = append(events, v)
			}
		}
		if events == nil {
			return nothing
		}
		return m.quantileOf(events)
	}
	totals := make([]float64, len(sm.raw))
	for k := range totals {
		present := false
		for _, i := range rows {
			totals[k] += sm.raw[k][i]
			present = present || sm.after[k].present[i]
		}
		if !present {
			return nothing
		}
	}
	d, ok := sm.formula.at(totals)
	if !ok || math.IsNaN(d.value) {
		return nil
	}
	return d.value
}
