package judge

import (
	"fmt"

	"assay/stats"
)

// checks are in the order in which people should read them. A check returns a row for each thing it looked at, and none where the
// question does not arise.
var checks = []func(evidence) []HealthRow{
	evidence.sampleRatio,
	evidence.sampleRatioSequential,
	evidence.sampleRatioDimension,
	evidence.multipleExposures,
	evidence.undeclaredVariants,
	evidence.nullUnits,
	evidence.triggerRate,
	evidence.assignmentFreshness,
	evidence.factFreshness,
	evidence.layerOverlap,
	evidence.controlDifference,
	evidence.preExposureBalance,
	evidence.metricWithoutData,
	evidence.joinRate,
	evidence.metricSampleRatio,
	evidence.reconciliation,
	evidence.cappedShare,
	evidence.definitionChanged,
	evidence.openWindow,
	evidence.counterMetric,
	evidence.dayGrain,
	evidence.attributeToday,
	evidence.minimumRuntime,
	evidence.minimumUnits,
}

// health asks nothing further of an experiment that has not started. Results are those of the same run.
func (e evidence) health(results []ResultRow) []HealthRow {
	rows := e.noAssignments()
	if e.status() != Draft {
		for _, check := range checks {
			rows = append(rows, check(e)...)
		}
		rows = append(rows, e.lowPower(results)...)
	}
	for i := range rows {
		rows[i].RunID, rows[i].AsOf, rows[i].Experiment = e.run.ID, e.AsOf, e.Observed.Experiment.Name
	}
	return rows
}

// measured is a row of a check whose number is held against a threshold.
func measured(check string, status HealthStatus, value, threshold float64) HealthRow {
	return HealthRow{CheckName: check, Status: status, Value: &value, Threshold: &threshold}
}

// advise attaches what to do to a row that did not pass.
func (r HealthRow) advise(format string, args ...any) HealthRow {
	if r.Status != Pass {
		r.Advice = ptr(fmt.Sprintf(format, args...))
	}
	return r
}

// tolerable is the share of units that faults may touch before the results are not to be trusted.
const tolerable = 0.01

// byShare passes a count of nothing, warns of a tolerable share of all, and fails above it.
func byShare(count, all int64) HealthStatus {
	switch {
	case count == 0:
		return Pass
	case float64(count) <= tolerable*float64(all):
		return Warn
	default:
		return Fail
	}
}

// passIf is Pass or what it is otherwise.
func passIf(ok bool, otherwise HealthStatus) HealthStatus {
	if ok {
		return Pass
	}
	return otherwise
}

// split tests counts of units by variant, in the experiment's order, against the shares asked for. A count of nobody is no row:
// there is nothing to test.
func (e evidence) split(row HealthRow, counts []int64, threshold float64) []HealthRow {
	return splitBy(row, counts, e.weights(), threshold)
}

func splitBy(row HealthRow, counts []int64, shares []float64, threshold float64) []HealthRow {
	row.Threshold = &threshold
	result, err := stats.SampleRatio(counts, shares, threshold)
	switch {
	case err == nil:
		row.Value, row.PValue = &result.Test.Statistic, &result.Test.P
	case !result.Mismatch:
		return nil
	}
	row.Status = passIf(!result.Mismatch, Fail)
	return []HealthRow{row}
}

// weights are the shares asked for, by variant; with phases, those of the mix that the phases assigned.
func (e evidence) weights() []float64 {
	weights := make([]float64, len(e.Observed.Experiment.Variants))
	_, total := e.assignedOf(e.randomised())
	for i, phase := range e.Exposures.Phases {
		all := sum(phase.Assigned)
		for v, variant := range e.Observed.Experiment.Phases[i].Variants {
			weights[v] += float64(all) / float64(total) * variant.Share
		}
	}
	if e.Exposures.Phases == nil {
		for v, variant := range e.Observed.Experiment.Variants {
			weights[v] = variant.Share
		}
	}
	return weights
}

func percent(fraction float64) string { return fmt.Sprintf("%.3g%%", 100*fraction) }
