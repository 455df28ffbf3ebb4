package ask

import (
	"assay/compiler/model"
	"assay/internal/diag"
)

// started is a metric per unit from each unit's first event. Filters from outside choose units by that event; the metric's own and
// its inputs' choose the rows that count of a unit.
func (q *questioner) started(metric *model.Metric, clock *model.Clock, filters []diag.Text) Term {
	t := &Started{Metric: metric, Clock: clock, First: q.rows(&model.Input{Metric: clock.First}, filters),
		Term: q.expandSpec(metric, metric.Filters)}
	for _, in := range Inputs(t.Term) {
		if len(in.Metrics) > 0 {
			q.bag.Errorf(metric.Decl.Name.Span, "unit-metric",
				"`%s` cannot be counted from a unit's first event: a filter of its rows reads another metric", metric.Name)
			break
		}
	}
	return t
}
