package ask

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
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
}

// KPI is what a query asks: metrics for each group.
type KPI struct {
	Model      *model.Model
	Metrics    []QueryMetric
	Groups     []*Group
	Where      []*model.Predicate // the query's filters from the first input's point of view
	OrderBy    []Order
	Limit      *int64
	Start, End *time.Time
	Experiment *model.Experiment
}

// A QueryMetric is a column of the answer.
type QueryMetric struct {
	Metric *model.Metric
	Term   Term
	Use    *model.MetricUse // how the query's experiment uses it, or would by default; nil without an experiment
}

// A Group is a column the answer is grouped by, and what it is from each input's point of view.
type Group struct {
	Name string
	Refs map[*Input]*model.Ref
}

// Order sorts the answer by one of its columns.
type Order struct {
	Column string
	Desc   bool
}

// Resolve turns a query's names into what they name. What it cannot resolve is in the bag.
func (q Query) Resolve(m *model.Model, bag *diag.Bag) *KPI {
	asker := newQuestioner(m, bag)
	kpi := &KPI{Model: m, Limit: q.Limit, Start: q.Start, End: q.End, Experiment: q.Experiment}
	for _, name := range q.Metrics {
		if metric, ok := findMetric(m, name, bag); ok {
			kpi.Metrics = append(kpi.Metrics, asker.queryMetric(metric, q))
		}
	}
	for _, text := range q.Where {
		if inputs := kpi.Inputs(); len(inputs) > 0 {
			if p := m.Filter(inputs[0].Table, text, bag); p != nil {
				kpi.Where = append(kpi.Where, p)
			}
		}
	}
	for _, text := range q.GroupBy {
		if g := asker.group(text, kpi.Inputs()); g != nil {
			kpi.Groups = append(kpi.Groups, g)
		}
	}
	for _, text := range q.OrderBy {
		kpi.OrderBy = append(kpi.OrderBy, kpi.order(text, q, bag))
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
	asked := QueryMetric{Metric: metric, Term: q.expand(metric, query.Where)}
	q.refusePerUnit(metric)
	q.refuseConversion(metric, asked.Term)
	if query.Experiment == nil {
		return asked
	}
	asked.Use = useOf(query.Experiment, metric)
	return asked
}

// useOf is how an experiment uses a metric: under the metric's own name, else under the first other name it has there.
func useOf(e *model.Experiment, metric *model.Metric) *model.MetricUse {
	uses := slices.DeleteFunc(slices.Clone(e.Metrics), func(use *model.MetricUse) bool { return use.Metric != metric })
	if i := slices.IndexFunc(uses, func(use *model.MetricUse) bool { return use.Name == metric.Name }); i >= 0 {
		return uses[i]
	}
	return append(uses, &model.MetricUse{Name: metric.Name, Metric: metric})[0]
}

// refuseConversion reports a conversion, which no query computes yet.
func (q *questioner) refuseConversion(metric *model.Metric, t Term) {
	if _, is := t.(*Conversion); is {
		q.bag.Add(diag.Diagnostic{Code: "not-supported", Span: metric.Decl.Type.Span,
			Message: fmt.Sprintf("`%s` is a conversion metric, which experiments compute and queries do not yet", metric.Name)})
	}
}

// refusePerUnit reports a metric that has a meaning per unit alone.
func (q *questioner) refusePerUnit(metric *model.Metric) {
	if unit := model.PerUnit(metric); unit != nil {
		q.bag.Add(diag.Diagnostic{Code: "unit-metric", Span: metric.Decl.Type.Span,
			Message: fmt.Sprintf("`%s` is a %s: it has a value for each unit of an experiment, and none by itself", unit.Name, unit.Decl.Type.V),
			Hint:    "query the metrics it is made of"})
	}
}

// Inputs are those of all metrics, each once.
func (k *KPI) Inputs() []*Input {
	var all []*Input
	for _, metric := range k.Metrics {
		for _, in := range Inputs(metric.Term) {
			if !slices.Contains(all, in) {
				all = append(all, in)
			}
		}
	}
	return all
}

// Leaves are the aggregates of all metrics.
func (k *KPI) Leaves() []*Aggregate {
	var all []*Aggregate
	for _, metric := range k.Metrics {
		all = append(all, leaves(metric.Term)...)
	}
	return all
}

// group is what text names from each input's point of view; nil where a mistake was reported. A time that inputs know at different
// granularities is grouped by the coarsest.
func (q *questioner) group(text diag.Text, inputs []*Input) *Group {
	g := &Group{Refs: map[*Input]*model.Ref{}}
	var coarsest *model.Ref
	for _, in := range inputs {
		ref := q.model.Ref(in.Table, in.Time, text, q.bag)
		if ref == nil {
			return nil
		}
		if coarsest == nil || ref.Grain > coarsest.Grain {
			coarsest = ref
		}
		g.Refs[in] = ref
	}
	if coarsest == nil {
		return nil
	}
	for in, ref := range g.Refs {
		at := *ref
		at.Grain, at.Name = coarsest.Grain, coarsest.Name
		g.Refs[in] = &at
	}
	g.Name = coarsest.Name
	return g
}

// order is a column of the answer, as the query wrote it or as it is called; -name is descending.
func (k *KPI) order(text diag.Text, q Query, bag *diag.Bag) Order {
	name, desc := strings.CutPrefix(text.Value, "-")
	var columns []string
	for i, g := range k.Groups {
		columns = append(columns, g.Name)
		if name == q.GroupBy[i].Value {
			name = g.Name
		}
	}
	for _, metric := range k.Metrics {
		columns = append(columns, metric.Metric.Name)
	}
	if !slices.Contains(columns, name) {
		bag.Add(diag.Diagnostic{Code: "unknown-column", Span: text.Span, Message: fmt.Sprintf("the answer has no column `%s`", name),
			Hint: "its columns: " + strings.Join(columns, ", ")})
	}
	return Order{Column: name, Desc: desc}
}
