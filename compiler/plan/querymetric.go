package plan

import (
	"assay/compiler/ask"
	"assay/compiler/rel"
)

// readMetrics gives rows the values of the metrics that filters read, each an answer of its own.
func (s *groupScan) readMetrics(rows *rowset) {
	rows.metrics = map[string]rel.Relation{}
	for _, col := range s.inputs {
		for _, ref := range col.input.Refs() {
			if ref.Metric != nil && rows.metrics[ref.Name] == nil {
				rows.metrics[ref.Name] = rel.NewRef(s.answerOf(ref.Metric.Name.Value, col.input.Metrics[ref.Name]))
			}
		}
	}
}

// answerOf adds the step that answers another query: an entity and a metric's value.
func (k *kpiPlan) answerOf(metric string, asked *ask.KPI) *rel.Step {
	if step := k.metrics[asked]; step != nil {
		return step
	}
	inner := &kpiPlan{asked: asked, program: k.program, columnNames: newNames(periodColumns...), metrics: k.metrics}
	for _, g := range asked.Groups {
		inner.groups = append(inner.groups, inner.columnNames.give(g.Name))
	}
	f := inner.frame(asked)
	in := f.align()
	entity := rel.Named{Name: inner.groups[0], X: in.Schema().Col(inner.groups[0])}
	value := rel.Named{Name: inner.columnNames.give(metric), X: f.metrics()[0].X}
	k.metrics[asked] = k.program.add(rel.Inline, metric+"_by_"+asked.Groups[0].Name, "What the filter reads of "+metric,
		rel.NewProject(in, entity, value))
	return k.metrics[asked]
}
