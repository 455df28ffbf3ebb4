package ask

import (
	"assay/compiler/model"
	"assay/internal/diag"
)

// readMetrics asks for the metrics that filters read, each grouped by its entity.
func (q *questioner) readMetrics(refs []*model.Ref) map[string]*KPI {
	metrics := map[string]*KPI{}
	for _, ref := range refs {
		if ref.Metric == nil || metrics[ref.Name] != nil {
			continue
		}
		query := Query{Metrics: []diag.Text{ref.Metric.Name}, GroupBy: []diag.Text{ref.Metric.By}}
		metrics[ref.Name] = query.Resolve(q.model, q.bag)
	}
	return metrics
}
