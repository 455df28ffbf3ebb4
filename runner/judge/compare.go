package judge

import (
	"math"

	"assay/compiler/model"
	"assay/stats"
)

// A comparison is a variant against the control at a level.
type comparison struct {
	Effect stats.Estimate
	// Lift is the effect over the control's value; nil where that is too near 0 to divide by.
	Lift     *stats.Estimate
	Warnings []stats.Warning
}

// A procedure makes intervals and tests of an effect, whose arms are given, by a protocol's method.
type procedure interface {
	// effect is variant − control.
	effect(control, variant stats.Arm) (stats.Estimate, error)
	// lift is the effect over the control's value.
	lift(control, variant stats.Arm) (stats.Estimate, error)
}

// procedures are the methods, each at a level.
var procedures = map[stats.Method]func(p *model.Protocol, alpha float64) procedure{
	stats.Fixed: func(_ *model.Protocol, alpha float64) procedure { return fixed{stats.FixedTest{Alpha: alpha}} },
	stats.Sequential: func(p *model.Protocol, alpha float64) procedure {
		return sequential{fixed{stats.FixedTest{Reference: stats.Normal, Alpha: alpha}}, tuned(p)}
	},
}

// fixed is Welch's test.
type fixed struct{ test stats.FixedTest }

func (f fixed) effect(control, variant stats.Arm) (stats.Estimate, error) {
	return f.test.Difference(control, variant)
}

func (f fixed) lift(control, variant stats.Arm) (stats.Estimate, error) {
	lift, err := f.test.Lift(control, variant)
	return lift.Estimate, err
}

// sequential takes the fixed test's estimates and gives them intervals that hold at every look.
type sequential struct {
	fixed
	sequence stats.ConfidenceSequence
}

// tuned is a part of the protocol: a correction moves the level of an interval and not the sequence. A protocol that no sequence
// can serve has one that refuses every question.
func tuned(p *model.Protocol) stats.ConfidenceSequence {
	sequence, err := stats.Tuned(float64(p.Tuning), alphaOf(p.Confidence), stats.TwoSided)
	if err != nil {
		return stats.ConfidenceSequence{}
	}
	return sequence
}

func (s sequential) effect(control, variant stats.Arm) (stats.Estimate, error) {
	est, err := s.fixed.effect(control, variant)
	return s.at(est, err, control.N+variant.N)
}

func (s sequential) lift(control, variant stats.Arm) (stats.Estimate, error) {
	est, err := s.fixed.lift(control, variant)
	return s.at(est, err, control.N+variant.N)
}

func (s sequential) at(est stats.Estimate, err error, n int64) (stats.Estimate, error) {
	if err != nil {
		return est, err
	}
	return s.sequence.At(stats.Effect{Value: est.Value, SE: est.SE}, n, s.test.Alpha, stats.TwoSided)
}

// alphaOf a confidence is free of the subtraction's rounding, which would show in tables.
func alphaOf(confidence float64) float64 { return math.Round((1-confidence)*1e12) / 1e12 }

// nearZero is the number of its own standard errors within which a control's value is too near 0 to divide by.
const nearZero = 3

// compare a variant with the control. The error says why there is no test.
func compare(p procedure, control, variant stats.Arm) (comparison, error) {
	if nothingVaries(control, variant) {
		return comparison{}, &stats.Error{Reason: stats.ZeroVariance,
			Detail: "no unit differs from another within its variant, so there is nothing to test against"}
	}
	effect, err := p.effect(control, variant)
	if err != nil {
		return comparison{}, err
	}
	result := comparison{Effect: effect, Warnings: effect.Warnings}
	if !(math.Abs(control.Value) > nearZero*math.Sqrt(control.UnadjustedVariance)) {
		result.Warnings = append(result.Warnings, stats.Warning{Code: "control_near_zero",
			Text: "the control's value is within 3 standard errors of 0, so there is no lift over it: read the effect in the metric's unit"})
		return result, nil
	}
	lift, err := p.lift(control, variant)
	if err != nil {
		return comparison{}, err
	}
	result.Lift = &lift
	return result, nil
}

// nothingVaries is judged before any adjustment, whose rounding could pass for variance.
func nothingVaries(control, variant stats.Arm) bool {
	return control.Undefined == nil && variant.Undefined == nil && control.UnadjustedVariance == 0 && variant.UnadjustedVariance == 0
}
