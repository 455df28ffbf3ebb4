package ask

import (
	"fmt"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// A Query is a question as a person types it: names and texts.
type Query struct {
	Metrics    []diag.Text
	GroupBy    []diag.Text
	Where      []diag.Text
	OrderBy    []diag.Text // a column of the answer; -name is descending
	Limit      *int64
	Start, End *time.Time // of metric_time, in the reporting time zone; both days included
	Experiment *model.Experiment
	Values     Values // of a query without metrics
}

// Saved is what a saved query asks.
func Saved(saved *project.SavedQuery) Query {
	q := Query{GroupBy: saved.GroupBy, Where: saved.Where, OrderBy: saved.OrderBy}
	for _, metric := range saved.Metrics {
		q.Metrics = append(q.Metrics, diag.Text{Value: metric.V, Span: metric.Span})
	}
	if saved.Limit.IsSet() {
		q.Limit = &saved.Limit.V
	}
	return q
}

// KPI is what a query asks: metrics for each group, or, without metrics, the groups there are.
type KPI struct {
	Model      *model.Model
	Metrics    []QueryMetric
	Groups     []*Group
	OrderBy    []Order
	Limit      *int64
	Start, End *time.Time // whole periods of the finest metric_time asked for
	Experiment *model.Experiment
	Listing    *Listing // nil with metrics
}

// A QueryMetric is a column of the answer.
type QueryMetric struct {
	Metric *model.Metric
	Term   Term
	Use    *model.MetricUse // how the query's experiment uses it, or would by default; nil without an experiment
}

// Order sorts the answer by one of its columns.
type Order struct {
	Column string
	Desc   bool
}

// Resolve turns a query's names into what they name. What it cannot resolve is in the bag.
func (q Query) Resolve(m *model.Model, bag *diag.Bag) *KPI {
	return newQuestioner(m, bag).resolve(q)
}

func (q *questioner) resolve(query Query) *KPI {
	before := q.bag.Errors()
	kpi := &KPI{Model: q.model, Limit: query.Limit, Start: query.Start, End: query.End, Experiment: query.Experiment}
	for _, name := range query.Metrics {
		metric, ok := findMetric(q.model, name, q.bag)
		asked := slices.ContainsFunc(kpi.Metrics, func(m QueryMetric) bool { return m.Metric == metric })
		if ok && !asked { // a metric is a column once, however often it is written
			kpi.Metrics = append(kpi.Metrics, q.queryMetric(metric, query))
		}
	}
	if len(query.Metrics) == 0 {
		if query.Experiment != nil {
			q.bag.Errorf(diag.Span{}, "missing", "an experiment counts rows of metrics, and the query has none")
		}
		kpi.Listing = q.listing(kpi, query)
	} else {
		q.groups(kpi, query)
	}
	kpi.wholePeriods()
	if q.bag.Errors() > before {
		return kpi // not all of the answer's columns are known
	}
	for _, text := range query.OrderBy {
		kpi.OrderBy = append(kpi.OrderBy, q.order(kpi, text))
	}
	return kpi
}

func findMetric(m *model.Model, name diag.Text, bag *diag.Bag) (*model.Metric, bool) {
	metric, ok := m.Metric(name.Value)
	if !ok {
		var known []string
		for _, other := range m.Metrics {
			known = append(known, other.Name)
		}
		bag.Add(diag.Diagnostic{Code: "unknown-metric", Span: name.Span, Message: fmt.Sprintf("no metric `%s`", name.Value),
			Hint: diag.Suggest(name.Value, known)})
	}
	return metric, ok
}

// queryMetric is a metric under the query's filters. In an experiment it counts the facts of the window it has there.
func (q *questioner) queryMetric(metric *model.Metric, query Query) QueryMetric {
	if query.Experiment != nil {
		q.inputs = map[string]*Input{} // another metric's window may differ
	}
	if query.Experiment == nil {
		q.refuseClockless(metric)
		q.clock = model.ClockOf
		return QueryMetric{Metric: metric, Term: q.expand(metric, query.Where)}
	}
	asked := QueryMetric{Metric: metric, Term: q.expand(metric, query.Where)}
	q.refusePerUnit(metric)
	if _, why := model.Periodic(metric); why != "" {
		q.bag.Errorf(metric.Decl.Name.Span, "unit-metric", "`%s` cannot be counted by an experiment's units: %s", metric.Name, why)
	}
	q.refuseConversions(metric, asked.Term, query)
	asked.Use = useOf(query.Experiment, metric)
	return asked
}

// useOf is how an experiment uses a metric: under the metric's own name, else under the first other name it has there.
func useOf(e *model.Experiment, metric *model.Metric) *model.MetricUse {
	uses := slices.DeleteFunc(slices.Clone(e.Metrics), func(use *model.MetricUse) bool { return use.Metric != metric })
	if i := slices.IndexFunc(uses, func(use *model.MetricUse) bool { return use.Name == metric.Name }); i >= 0 {
		return uses[i]
	}
	return append(uses, &model.MetricUse{Name: metric.Name, Metric: metric, Unit: e.Entity})[0]
}

// refuseConversions reports conversions that an experiment's units have no number of: those by groups, whose events each have their own,
// and those within a formula.
func (q *questioner) refuseConversions(metric *model.Metric, t Term, query Query) {
	_, whole := t.(*Conversion)
	switch {
	case whole && len(query.GroupBy) > 0:
		q.bag.Errorf(query.GroupBy[0].Span, "not-supported", "conversions are counted by unit, so that in an experiment `%s` has no groups but the variant",
			metric.Name)
	case !whole && converts(t):
		q.bag.Add(diag.Diagnostic{Code: "not-supported", Span: metric.Decl.Name.Span,
			Message: fmt.Sprintf("`%s` is made of a conversion, which an experiment counts by unit", metric.Name),
			Hint:    "query the conversion by itself"})
	}
}

// converts reports whether a term is a conversion or made of one.
func converts(t Term) bool {
	_, is := t.(*Conversion)
	return is || slices.ContainsFunc(parts(t), converts)
}

// refuseClockless reports a metric per unit whose units have no clock in a query.
func (q *questioner) refuseClockless(metric *model.Metric) {
	if unit, mend := model.Clockless(metric); unit != nil {
		q.bag.Add(diag.Diagnostic{Code: "unit-metric", Span: unit.Decl.Type.Span, Hint: mend,
			Message: fmt.Sprintf("`%s` is a %s: it has a value for each unit of an experiment, and none by itself", unit.Name, unit.Decl.Type.V)})
	}
}

// refusePerUnit reports a metric per unit, which an experiment's results have, and its rows have not.
func (q *questioner) refusePerUnit(metric *model.Metric) {
	if unit := model.PerUnit(metric); unit != nil {
		q.bag.Add(diag.Diagnostic{Code: "unit-metric", Span: unit.Decl.Type.Span,
			Message: fmt.Sprintf("`%s` is a %s: it has a value for each unit, and a query of an experiment counts rows", unit.Name, unit.Decl.Type.V),
			Hint:    "see the experiment's results, or query the metrics it is made of"})
	}
}

// Inputs are those of all metrics, each once.
func (k *KPI) Inputs() []*Input { return k.each(Inputs) }

// Viewpoints are the inputs from whose point of view groups and filters are read.
func (k *KPI) Viewpoints() []*Input { return k.each(viewpoints) }

func (k *KPI) each(inputs func(Term) []*Input) []*Input {
	var all []*Input
	for _, metric := range k.Metrics {
		for _, in := range inputs(metric.Term) {
			if !slices.Contains(all, in) {
				all = append(all, in)
			}
		}
	}
	return all
}
