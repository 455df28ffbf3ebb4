package judge

import (
	"maps"
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/stats"
)

// gainConfidence is that of the intervals, whatever the experiments' protocols decide by.
const gainConfidence = 0.95

// lifts are what experiments have found of a metric, and which of them were of what was shipped.
type lifts struct {
	found   []stats.Effect
	shipped []bool
}

// gains of the metrics for which something was shipped, by name.
func (p Programme) gains() []ProgrammeRow {
	all := p.lifts()
	var rows []ProgrammeRow
	for _, metric := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(all[metric].shipped, true) {
			rows = append(rows, all[metric].row(metric))
		}
	}
	return rows
}

// lifts by metric, in the experiments that are over, may be relied on, and had it as primary. A posterior is shrunk already.
func (p Programme) lifts() map[string]*lifts {
	all := map[string]*lifts{}
	for _, r := range p.Reports {
		if !r.over() || !r.Healthy() {
			continue
		}
		stays := r.shippedVariant()
		for _, row := range r.primary() {
			if row.Lift == nil || row.LiftSE == nil || row.Method == string(stats.Bayesian) {
				continue
			}
			metric := p.MetricOf(row.Experiment, row.Metric)
			if all[metric] == nil {
				all[metric] = &lifts{}
			}
			all[metric].add(row, row.Variant == stays)
		}
	}
	return all
}

func (l *lifts) add(row ResultRow, shipped bool) {
	l.found = append(l.found, stats.Effect{Value: *row.Lift, SE: *row.LiftSE})
	l.shipped = append(l.shipped, shipped)
}

// row tells what all that was shipped did together, shrunk for having been picked by its lift; see stats.Compound.
func (l *lifts) row(metric string) ProgrammeRow {
	var shipped int64
	for _, kept := range l.shipped {
		if kept {
			shipped++
		}
	}
	row := ProgrammeRow{Metric: &metric, Comparisons: ptr(int64(len(l.found))), Shipped: &shipped}
	together, err := stats.Compound(l.found, l.shipped, 1-gainConfidence)
	if err != nil {
		row.Warnings = []stats.Warning{reason(err)}
		return row
	}
	row.Lift, row.ShrunkenLift = &together.Observed, &together.Shrunk
	row.ShrunkenLow, row.ShrunkenHigh = &together.Interval.Low, &together.Interval.High
	return row
}

// shippedVariant is the only variant, else the first that wins; "" where nothing was shipped.
func (r *Report) shippedVariant() string {
	if d := r.Experiment.Decision; d == nil || *d != project.Shipped {
		return ""
	}
	candidates := slices.DeleteFunc(slices.Clone(r.Experiment.Variants), func(v VariantShare) bool {
		return v.Control || v.Variant == r.Experiment.Control
	})
	for _, v := range candidates {
		if len(candidates) == 1 || r.wins(v.Variant) {
			return v.Variant
		}
	}
	return ""
}

func (r *Report) primary() []ResultRow {
	return slices.DeleteFunc(r.deciding(), func(row ResultRow) bool { return row.Role != string(model.Primary) })
}
