package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// prepare gives rows the values of the metrics that filters read, each an answer of its own, and the ways to what is read of other tables.
func (s *groupScan) prepare(rows *rowset) {
	refs := s.groupRefs()
	for _, col := range s.inputs {
		s.giveMetrics(rows, col.input.Refs(), col.input.Metrics)
		for _, ref := range col.input.Refs() {
			if !slices.ContainsFunc(refs, func(known *model.Ref) bool { return known.Name == ref.Name }) {
				refs = append(refs, ref)
			}
		}
	}
	rows.goWays(refs, s.asked.Model.Tables)
}

// groupRefs are the groups as the scan's inputs see them.
func (s *groupScan) groupRefs() []*model.Ref {
	var refs []*model.Ref
	for _, g := range s.groups {
		if ref := g.Refs[s.inputs[0].input]; ref != nil {
			refs = append(refs, ref)
		}
	}
	return refs
}

func (k *kpiPlan) giveMetrics(rows *rowset, refs []*model.Ref, metrics map[string]*ask.KPI) {
	if rows.metrics == nil {
		rows.metrics = map[string]rel.Relation{}
	}
	for _, ref := range refs {
		if ref.Metric != nil && rows.metrics[ref.Name] == nil {
			rows.metrics[ref.Name] = rel.NewRef(k.answerOf(ref.Metric.Name.Value, metrics[ref.Name]))
		}
	}
}

// answerOf adds the step that answers another query: an entity and a metric's value.
func (k *kpiPlan) answerOf(metric string, asked *ask.KPI) *rel.Step {
	if step := k.metrics[asked]; step != nil {
		return step
	}
	inner := &kpiPlan{asked: asked, bag: k.bag, program: k.program, columnNames: newNames(periodColumns...), metrics: k.metrics}
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
