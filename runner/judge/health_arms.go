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
	for _, d := range e.Observed.Experiment.Dimensions {
		of := slices.DeleteFunc(slices.Clone(e.Exposures.Slices), func(s plan.SliceCount) bool { return s.Dimension != d.Name })
		if worst := e.worstSplit(of); worst != nil {
			rows = append(rows, *worst)
		}
	}
	return rows
}

func (e evidence) worstSplit(of []plan.SliceCount) *HealthRow {
	threshold := e.Observed.Experiment.Protocol.SRMThreshold / float64(len(of))
	var all int64
	for _, slice := range of {
		all += sum(slice.Randomised)
	}
	var worst *HealthRow
	for _, slice := range of {
		for _, row := range e.splitOf(slice, all, threshold) {
			if worst == nil || row.worseThan(*worst) {
				worst = &row
			}
		}
	}
	return worst
}

// splitOf a slice only warns where it has a tolerable share of all units.
func (e evidence) splitOf(slice plan.SliceCount, all int64, threshold float64) []HealthRow {
	row := HealthRow{CheckName: "sample_ratio_dimension", Dimension: &slice.Dimension, Slice: &slice.Value}
	rows := e.split(row, slice.Randomised, threshold)
	for i := range rows {
		if rows[i].Status == Fail {
			rows[i].Status = byShare(sum(slice.Randomised), all)
		}
		rows[i] = rows[i].advise("%s whose %s is %s are split %s, and not as designed. Find what assigns, logs or drops such units "+
			"unequally; what moved them may have moved the metrics too.",
			e.inWords("Units", "Clusters of units"), slice.Dimension, slice.Value, e.describeSplit(slice.Randomised, e.weights()))
	}
	return rows
}

func sum(counts []int64) int64 {
	var total int64
	for _, n := range counts {
		total += n
	}
	return total
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
		if n.Entered == 0 {
			continue // it has no rate
		}
		triggered, others = append(triggered, stats.Arm{N: n.Analysed}), append(others, stats.Arm{N: n.Entered - n.Analysed})
		rates = append(rates, v.Name+" "+percent(float64(n.Analysed)/float64(n.Entered)))
	}
	threshold, p := e.Observed.Experiment.Protocol.SRMThreshold, 1.0 // where every unit triggered, or none, rates are equal
	if test, err := stats.Independence(stats.Cells{triggered, others}); err == nil {
		p = test.Test.P
	}
	row := HealthRow{CheckName: "trigger_rate", Status: passIf(p >= threshold, Fail), Threshold: &threshold, PValue: &p}
	return []HealthRow{row.advise("Variants trigger at different rates: %s. The variant changes who is counted, so that its units are "+
		"not comparable: choose a trigger that comes before anything the variant does.", strings.Join(rates, ", "))}
}
