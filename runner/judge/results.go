package judge

import (
	"slices"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// resultRows have those of each confidence under each other, the deciding one first.
func (e evidence) resultRows(deciding []*ruling, studies []*study) []ResultRow {
	levels := [][]*ruling{deciding}
	for _, confidence := range e.Observed.Experiment.Protocol.Show {
		levels = append(levels, e.rulings(confidence))
	}
	var rows []ResultRow
	for _, m := range withSteps(e.Metrics) {
		if m.Failed != nil {
			rows = append(rows, e.failedRows(m)...)
			continue
		}
		for i, first := range deciding {
			for _, level := range levels {
				if first.metric == m {
					rows = append(rows, e.resultRow(level[i], studies))
				}
			}
		}
	}
	return rows
}

// failedRows tell that a metric has no numbers, and why.
func (e evidence) failedRows(m *plan.ObservedMetric) []ResultRow {
	var rows []ResultRow
	for _, v := range e.variants() {
		row := e.settings(m, v.Name, plan.Slice{Dimension: plan.Overall, Value: plan.All})
		row.Status, row.Error = Failed, ptr(m.Failed.Error())
		rows = append(rows, row)
	}
	return rows
}

// settings is a row with all that is known before any number.
func (e evidence) settings(m *plan.ObservedMetric, variant string, slice plan.Slice) ResultRow {
	x, use := e.Observed.Experiment, m.Use
	row := ResultRow{
		RunID: e.run.ID, AsOf: e.AsOf, Experiment: x.Name, Metric: use.Name, Variant: variant, Control: x.Control,
		Dimension: slice.Dimension, Slice: slice.Value, Confidence: x.Protocol.Confidence,
		Role: string(use.Role), Method: x.Protocol.Method, Decides: true,
		Margin: use.Margin, MDE: use.Settings.MDE, CapLower: m.CapLower, CapUpper: m.CapUpper,
		DefinitionHash: e.run.Metrics[use.Name].DefinitionHash, SQLHash: e.run.Metrics[use.Name].SQLHash,
		Warnings: []stats.Warning{},
	}
	if isStep(m) {
		row.Step = &m.Step
	}
	return row
}

func (e evidence) resultRow(r *ruling, studies []*study) ResultRow {
	row := e.settings(r.metric, r.name(), r.slice)
	row.Confidence, row.Decides = r.confidence, e.decides(r)
	r.writeArms(&row)
	r.writeCoverage(&row)
	row.Warnings = append(row.Warnings, r.warnings...)
	if r.undefined != nil {
		row.Status = Undefined
		row.Warnings = append(row.Warnings, r.why())
		return row
	}
	row.Status = OK
	row.Warnings = slices.Concat(row.Warnings, r.flatBrackets(), r.comparison.Effect.Warnings, e.betweenLooks(r.metric.Use))
	if r.comparison.NoLift != nil {
		row.Warnings = append(row.Warnings, reason(r.comparison.NoLift))
	}
	r.writeComparison(&row)
	r.writeShrunken(&row, studies)
	if row.Decides {
		row.Verdict = ptr(r.finding().verdict(r.metric.Use.Role))
	}
	e.writeProgress(r, &row)
	return row
}

func (r *ruling) writeArms(row *ResultRow) {
	control, variant := r.arms[r.control], r.arms[r.variant]
	row.NControl, row.NVariant = &control.N, &variant.N
	row.ValueControl, row.ValueVariant = value(control), value(variant)
	row.AdjustedControl, row.AdjustedVariant = adjusted(r.weighted.Control), adjusted(r.weighted.Variant)
	row.SDControl, row.SDVariant = sd(control), sd(variant)
	row.TotalControl, row.TotalVariant = r.total(r.control), r.total(r.variant)
	if row.CapLower != nil || row.CapUpper != nil {
		row.ShareCapped = shareCapped(r.slice.Arms[r.control], r.slice.Arms[r.variant])
	}
}

// total is n times the mean of the values, a ratio's numerators; nil for a formula, whose parts have totals of their own, and for a
// quantile.
func (r *ruling) total(arm int) *float64 {
	moments := r.slice.Arms[arm].Moments
	if kind := r.metric.Shape.Kind; kind == stats.KindFunction || kind == stats.KindQuantile || moments.N == 0 {
		return nil
	}
	return known(float64(moments.N) * moments.Mean[0])
}

func (r *ruling) writeComparison(row *ResultRow) {
	effect := r.comparison.Effect
	row.Effect, row.EffectSE = &effect.Value, &effect.SE
	row.EffectLow, row.EffectHigh = known(effect.Interval.Low), known(effect.Interval.High)
	if lift := r.comparison.Lift; r.comparison.NoLift == nil {
		row.Lift, row.LiftSE = &lift.Value, &lift.SE
		row.LiftLow, row.LiftHigh = known(lift.Interval.Low), known(lift.Interval.High)
		if row.Coverage != nil {
			row.GlobalLift = ptr(lift.Value * *row.Coverage)
		}
	}
	r.writePosterior(row)
	if r.test.Defined {
		row.PValue = &r.test.P
	}
	row.Alpha = &r.alpha
	if r.corrected != nil {
		row.PAdjusted = &r.corrected.P
		if r.stepwise {
			row.Alpha = nil
		}
	}
	if r.adjusted {
		if reduction, err := stats.VarianceReduction(r.weighted.Control, r.weighted.Variant); err == nil {
			row.VarianceReduction = &reduction
		}
	}
}

// writePosterior tells what is believed of the good side, where one is.
func (r *ruling) writePosterior(row *ResultRow) {
	if posterior := r.comparison.Posterior; posterior.Method == stats.Bayesian && desired(r.metric.Use) != project.None {
		row.ChanceToWin, row.ExpectedLoss = &posterior.ChanceToWin, &posterior.LossOfShipping
	}
}
