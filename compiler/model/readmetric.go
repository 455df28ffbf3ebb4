package model

import (
	"slices"
	"strings"

	"assay/internal/diag"
)

// checkRead looks up the metrics that the filters of a metric read, and refuses a metric that reads itself.
func (b *builder) checkRead(m *Metric) {
	for _, read := range b.metricsRead(m) {
		if p := b.pending[read.Name.Value]; p == nil {
			if !b.incomplete() {
				b.bag.Add(unknown(codeMetric, "metric", read.Name.Value, read.Name.Span, b.metricNames(m.Name)))
			}
			continue
		}
		if way := b.wayBack(m, read, nil); way != nil {
			b.bag.Errorf(read.Name.Span, codeCycle, "the filter of `%s` reads the metric itself: %s", m.Name,
				strings.Join(append([]string{m.Name}, way...), " → "))
		}
	}
}

// wayBack is the metrics from the one that is read back to m; nil where none leads there.
func (b *builder) wayBack(m *Metric, read *MetricOf, seen []string) []string {
	at := b.metrics[read.Name.Value]
	if at == nil || slices.Contains(seen, at.Name) {
		return nil
	}
	if at == m {
		return []string{m.Name}
	}
	for _, next := range b.metricsRead(at) {
		if way := b.wayBack(m, next, append(seen, at.Name)); way != nil {
			return append([]string{at.Name}, way...)
		}
	}
	return nil
}

// metricsRead are those that the filters of a metric and of all it is made of read.
func (b *builder) metricsRead(m *Metric) []*MetricOf {
	var all []*MetricOf
	add := func(p *Predicate) {
		if p == nil {
			return
		}
		for _, r := range p.Refs {
			if r.Metric != nil {
				all = append(all, r.Metric)
			}
		}
	}
	for _, leaf := range Leaves(m) {
		for _, own := range leaf.Simple.Filters {
			add(own)
		}
		for _, text := range leaf.Filters {
			add(b.FilterOf(leaf.Simple, text, &diag.Bag{}))
		}
	}
	return all
}
