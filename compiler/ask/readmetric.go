package ask

import "assay/internal/diag"

// readMetrics asks for the metrics that an input's filters read, each grouped by its entity.
func (q *questioner) readMetrics(in *Input) {
	for _, ref := range in.Refs() {
		if ref.Metric == nil || in.Metrics[ref.Name] != nil {
			continue
		}
		query := Query{Metrics: []diag.Text{ref.Metric.Name}, GroupBy: []diag.Text{ref.Metric.By}}
		in.Metrics[ref.Name] = query.Resolve(q.model, q.bag)
	}
}
