package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

func (e evidence) assigned() (counts []int64, total int64) { return e.assignedOf(e.Exposures.Variants) }

// assignedOf are counts by variant, in the experiment's order.
func (e evidence) assignedOf(of []plan.VariantCount) (counts []int64, total int64) {
	for _, v := range e.Observed.Experiment.Variants {
		n := countIn(of, v.Name).Assigned
		counts, total = append(counts, n), total+n
	}
	return counts, total
}

func (e evidence) noAssignments() []HealthRow {
	_, total := e.assigned()
	row := HealthRow{CheckName: "no_assignments", Status: passIf(total > 0, Fail), Value: ptr(float64(total))}
	if e.status() == Draft {
		row.Status = Warn
		return []HealthRow{row.advise("It starts at %s: nothing is counted before.",
			e.Observed.Experiment.Start.In(e.run.Zone).Format("2006-01-02 15:04"))}
	}
	return []HealthRow{row.advise("No unit is in the experiment. Compare `key: %s`, the variants' values and the start with what "+
		"the assignment log holds.", e.Observed.Experiment.Key)}
}

func (e evidence) sampleRatio() []HealthRow {
	if e.Observed.Experiment.Phases != nil {
		return e.phaseRatios()
	}
	counts, _ := e.assignedOf(e.randomised())
	rows := e.split(HealthRow{CheckName: "sample_ratio"}, counts, e.Observed.Experiment.Protocol.SRMThreshold)
	return e.adviseOnSplit(rows, counts, e.weights())
}

// adviseOnSplit tells the split that was seen from the one that was asked for.
func (e evidence) adviseOnSplit(rows []HealthRow, counts []int64, shares []float64) []HealthRow {
	for i := range rows {
		rows[i] = rows[i].advise("%s are split %s, and not as designed. Whatever moved them may also have moved the metrics, so "+
			"do not act on the results: find what assigns, logs or drops units unequally (redirects, bots, crashes, late logging).",
			e.inWords("Units", "Clusters"), e.describeSplit(counts, shares))
	}
	return rows
}

// inWords is what was randomised, in words.
func (e evidence) inWords(units, clusters string) string {
	if e.Exposures.Clusters != nil {
		return clusters
	}
	return units
}

func (e evidence) describeSplit(counts []int64, shares []float64) string {
	total := sum(counts)
	parts := make([]string, len(counts))
	for i, v := range e.Observed.Experiment.Variants {
		share := float64(counts[i]) / float64(max(total, 1))
		parts[i] = fmt.Sprintf("%s %.2f%% (asked for %s)", v.Name, 100*share, percent(shares[i]))
	}
	return strings.Join(parts, ", ")
}

// sampleRatioSequential looks at each day's new units, before population as the sample ratio does, so that the check may be watched daily. Each phase is judged by itself.
func (e evidence) sampleRatioSequential() []HealthRow {
	if e.Observed.Experiment.Phases == nil {
		return e.watchSplit(HealthRow{}, e.Exposures.Entering, e.weights())
	}
	var rows []HealthRow
	for i, phase := range e.phases() {
		rows = append(rows, e.watchSplit(phase.row(), e.Exposures.Phases[i].Entering, phase.shares)...)
	}
	return rows
}

func (e evidence) watchSplit(row HealthRow, daily []plan.DailyUnits, shares []float64) []HealthRow {
	monitor := stats.SampleRatioMonitor{Weights: shares, Prior: stats.ConcentratedPrior(shares, sampleRatioConcentration)}
	looks, err := monitor.Path(e.batches(daily))
	if err != nil || len(looks) == 0 {
		return nil
	}
	threshold := e.Observed.Experiment.Protocol.SRMThreshold
	row.CheckName, row.PValue, row.Threshold = "sample_ratio_sequential", &looks[len(looks)-1].P, &threshold
	row.Status = passIf(*row.PValue >= threshold, Fail)
	return []HealthRow{row.advise("The split of new units has left the one asked for. This check may be looked at daily: stop " +
		"and find the cause now rather than at the end.")}
}

// sampleRatioConcentration is the weight of the designed split in the sequential test's prior, in units.
const sampleRatioConcentration = 10000

// batches are new units, or clusters, by variant, a batch a day.
func (e evidence) batches(daily []plan.DailyUnits) [][]int64 {
	variants := e.Observed.Experiment.Variants
	byDay := make(map[int64][]int64)
	for _, d := range daily {
		day := d.Day.Unix()
		if byDay[day] == nil {
			byDay[day] = make([]int64, len(variants))
		}
		byDay[day][slices.IndexFunc(variants, func(v model.Variant) bool { return v.Name == d.Variant })] += e.either(d.Units, d.Clusters)
	}
	var batches [][]int64
	for _, day := range slices.Sorted(maps.Keys(byDay)) {
		batches = append(batches, byDay[day])
	}
	return batches
}

func (e evidence) multipleExposures() []HealthRow {
	count := e.Exposures.Multiple
	row := measured("multiple_exposures", byShare(count, e.seen()), float64(count), tolerable)
	if e.refused() {
		row.Status = Fail
	}
	return []HealthRow{row.advise("%s%s seen in more than one variant: %s. Find where the assignment changes for one unit "+
		"(logged out, several devices, a reset of the flag).",
		counted(count, "unit"), e.inWords("", ", or clusters they are in,"), exposureConsequence[e.Observed.Experiment.Exposures])}
}

var exposureConsequence = map[model.ExposurePolicy]string{
	model.ExcludeMultiple: "left out",
	model.FirstExposure:   "counted for the variant seen first",
	model.RefuseMultiple:  "the experiment is set to have no results then",
}

// counted is a number of things.
func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// seen is the number of units in the logs: those of any variant, declared or not, and those that the exposure policy left out.
func (e evidence) seen() int64 {
	var units int64
	for _, v := range e.Exposures.Variants {
		units += v.Assigned
	}
	if e.Observed.Experiment.Exposures == model.FirstExposure {
		return units
	}
	return units + e.Exposures.Multiple
}

func (e evidence) undeclaredVariants() []HealthRow {
	count := e.Exposures.Undeclared
	row := measured("undeclared_variants", byShare(count, e.seen()), float64(count), tolerable)
	var undeclared []string
	for _, v := range e.Exposures.Variants {
		if !v.Declared {
			undeclared = append(undeclared, v.Variant)
		}
	}
	return []HealthRow{row.advise("%s seen in variants that the experiment does not declare (%s): left out. "+
		"Declare them under `variants`, or mend the log.", counted(count, "unit"), strings.Join(undeclared, ", "))}
}

func (e evidence) nullUnits() []HealthRow {
	count := e.Exposures.NullRows
	row := measured("null_units", passIf(count == 0, Warn), float64(count), 0)
	return []HealthRow{row.advise("%s of the log without a unit, %svariant or time: left out. Find out who writes them: if one "+
		"variant loses more than another, the comparison is biased.", counted(count, "row"), e.inWords("", "cluster, "))}
}

// stale is the age in hours of the newest assignment from which on something is wrong with their delivery: two missed days.
const stale = 48

// assignmentFreshness looks at the newest assignment while units may still enter. A log without times has none that is newest.
func (e evidence) assignmentFreshness() []HealthRow {
	dated := slices.ContainsFunc(e.Observed.Experiment.Logs, func(l *model.Log) bool { return l.Time != nil })
	if e.status() != Running || !dated || e.Exposures.Newest.IsZero() {
		return nil
	}
	age := e.AsOf.Sub(e.Exposures.Newest).Hours()
	row := measured("assignment_freshness", passIf(age < stale, Warn), age, stale)
	return []HealthRow{row.advise("The newest assignment is %.0f hours old. Units of the last days may be missing: see whether the "+
		"log still arrives, and run again when it does.", age)}
}

func (e evidence) minimumRuntime() []HealthRow {
	minimum, days := e.Observed.Experiment.Protocol.MinimumDays, e.daysRunning()
	if minimum == 0 || days == nil {
		return nil
	}
	row := measured("minimum_runtime", passIf(*days >= minimum, Warn), float64(*days), float64(minimum))
	return []HealthRow{row.advise("It has run for %d of the %d days that the protocol asks for. Wait: people behave differently "+
		"on other days of the week, and at first.", *days, minimum)}
}

func (e evidence) minimumUnits() []HealthRow {
	minimum := e.Observed.Experiment.Protocol.MinimumUnits
	if minimum == 0 {
		return nil
	}
	smallest := e.Observed.Experiment.Variants[0].Name
	for _, v := range e.Observed.Experiment.Variants {
		if e.count(v.Name).Analysed < e.count(smallest).Analysed {
			smallest = v.Name
		}
	}
	n := e.count(smallest).Analysed
	row := measured("minimum_units", passIf(n >= minimum, Warn), float64(n), float64(minimum))
	return []HealthRow{row.advise("%s has %d of the %d units that the protocol asks for in each variant. Wait for more.",
		smallest, n, minimum)}
}
