package judge

import (
	"slices"
	"strings"

	"assay/compiler/plan"
	"assay/stats"
)

// sampleRatioDimension is the worst split of each dimension's values, which share the error rate of the check.
func (e evidence) sampleRatioDimension() []HealthRow {
	var rows []HealthRow
	for _, m := range e.Metrics[:min(1, len(e.Metrics))] { // the slices of every metric have the same units
		for _, dimension := range dimensionsOf(m) {
			if worst := e.worstSplit(m, dimension); worst != nil {
				rows = append(rows, *worst)
			}
		}
	}
	return rows
}

func (e evidence) worstSplit(m *plan.ObservedMetric, dimension string) *HealthRow {
	of := slicesOf(m, dimension)
	threshold := e.Observed.Experiment.Protocol.SRMThreshold / float64(len(of))
	var worst *HealthRow
	for _, slice := range of {
		for _, row := range e.splitOf(slice, threshold) {
			if worst == nil || row.worseThan(*worst) {
				worst = &row
			}
		}
	}
	return worst
}

// splitOf a slice only warns where it has a tolerable share of all units.
func (e evidence) splitOf(slice plan.Slice, threshold float64) []HealthRow {
	var counts []int64
	var total int64
	for _, arm := range slice.Arms {
		n := e.either(arm.Units, arm.Clusters)
		counts, total = append(counts, n), total+n
	}
	row := HealthRow{CheckName: "sample_ratio_dimension", Dimension: &slice.Dimension, Slice: &slice.Value}
	rows := e.split(row, counts, threshold)
	for i := range rows {
		if rows[i].Status == Fail {
			rows[i].Status = byShare(total, e.analysed())
		}
		rows[i] = rows[i].advise("%s whose %s is %s are split %s, and not as designed. Find what assigns, logs or drops such units "+
			"unequally; what moved them may have moved the metrics too.",
			e.inWords("Units", "Clusters of units"), slice.Dimension, slice.Value, e.describeSplit(counts, e.weights()))
	}
	return rows
}

// severity orders the outcomes of checks.
var severity = map[HealthStatus]int{Pass: 0, Warn: 1, Fail: 2}

// worseThan compares by status, then by p-value; units in a variant that should have none need no test.
func (r HealthRow) worseThan(other HealthRow) bool {
	if r.Status != other.Status || r.PValue == nil || other.PValue == nil {
		return severity[r.Status] > severity[other.Status] || r.Status == other.Status && r.PValue == nil
	}
	return *r.PValue < *other.PValue
}

func slicesOf(m *plan.ObservedMetric, dimension string) []plan.Slice {
	return slices.DeleteFunc(slices.Clone(m.Slices), func(s plan.Slice) bool { return s.Dimension != dimension })
}

// analysed counts what was randomised and is analysed.
func (e evidence) analysed() int64 {
	var n int64
	for _, v := range e.Observed.Experiment.Variants {
		n += countIn(e.randomised(), v.Name).Analysed
	}
	return n
}

// triggerRate tests whether variants trigger alike, by Pearson's χ² of the units that did and of those that did not; a cluster did
// if any of its units did.
func (e evidence) triggerRate() []HealthRow {
	if e.Observed.Experiment.Trigger == nil {
		return nil
	}
	var triggered, others []stats.Arm
	var rates []string
	for _, v := range e.Observed.Experiment.Variants {
		n := countIn(e.randomised(), v.Name)
		triggered, others = append(triggered, stats.Arm{N: n.Analysed}), append(others, stats.Arm{N: n.Entered - n.Analysed})
		rates = append(rates, v.Name+" "+percent(float64(n.Analysed)/float64(max(n.Entered, 1))))
	}
	threshold, p := e.Observed.Experiment.Protocol.SRMThreshold, 1.0 // where every unit triggered, or none, rates are equal
	if test, err := stats.Independence(stats.Cells{triggered, others}); err == nil {
		p = test.Test.P
	}
	row := HealthRow{CheckName: "trigger_rate", Status: passIf(p >= threshold, Fail), Threshold: &threshold, PValue: &p}
	return []HealthRow{row.advise("Variants trigger at different rates: %s. The variant changes who is counted, so that its units are "+
		"not comparable: choose a trigger that comes before anything the variant does.", strings.Join(rates, ", "))}
}
