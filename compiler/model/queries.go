package model

import (
	"assay/compiler/project"
)

// checkQueries reads the saved queries from the point of view of each simple metric they ask for.
func (b *builder) checkQueries() {
	for _, q := range b.Project.SavedQueries {
		before := b.bag.Errors()
		b.checkQuery(q)
		if b.bag.Errors() == before {
			b.Queries = append(b.Queries, q)
		}
	}
}

func (b *builder) checkQuery(q *project.SavedQuery) {
	for _, name := range q.Metrics {
		p, declared := b.pending[name.V]
		switch {
		case !declared:
			b.missing(codeMetric, "metric", name, b.metricNames(""))
		case p.done != nil:
			b.checkAsked(q, p.done)
		}
	}
}

func (b *builder) checkAsked(q *project.SavedQuery, m *Metric) {
	for _, leaf := range Leaves(m) {
		for _, text := range q.GroupBy {
			b.Ref(leaf.Simple.Table, leaf.Simple.Time, text, b.bag)
		}
		for _, text := range q.Where {
			b.FilterOf(leaf.Simple, text, b.bag)
		}
	}
}
