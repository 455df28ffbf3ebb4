package judge

import "assay/compiler/plan"

// withSteps are metrics, each followed by the steps of its funnel: these are judged as it is, outside any correction's family.
func withSteps(metrics []*plan.ObservedMetric) []*plan.ObservedMetric {
	var all []*plan.ObservedMetric
	for _, m := range metrics {
		all = append(append(all, m), m.Steps...)
	}
	return all
}

// isStep reports whether a metric is a step of a funnel.
func isStep(m *plan.ObservedMetric) bool { return m.Step != "" }
