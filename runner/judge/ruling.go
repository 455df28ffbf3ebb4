package judge

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// A ruling is a result row in the making: a variant against the control in a contest.
type ruling struct {
	contest
	variant    int // of the contest's arms
	control    int
	comparison stats.Comparison
	undefined  error
	alpha      float64
	corrected  *stats.Corrected // nil outside the family
	stepwise   bool             // whether the correction leaves intervals as they are and decides by p-values
}

// rulings compare each variant with the control wherever either has a unit, at the protocol's confidence.
func (e evidence) rulings() []*ruling {
	var rulings []*ruling
	alpha := alphaOf(e.Observed.Experiment.Protocol.Confidence)
	for _, m := range e.Metrics {
		for _, slice := range m.Slices {
			rulings = append(rulings, e.rulingsOf(enter(m, slice), alpha)...)
		}
	}
	return rulings
}

func (e evidence) rulingsOf(c contest, alpha float64) []*ruling {
	var rulings []*ruling
	arms := c.slice.Arms
	control := slices.IndexFunc(arms, func(a plan.Arm) bool { return a.Variant == e.Observed.Experiment.Control })
	for variant := range arms {
		if variant == control || arms[variant].Units+arms[control].Units == 0 {
			continue
		}
		r := &ruling{contest: c, variant: variant, control: control}
		r.decide(e.Observed.Experiment.Protocol, alpha)
		rulings = append(rulings, r)
	}
	return rulings
}

func (r *ruling) decide(p *model.Protocol, alpha float64) {
	r.alpha = alpha
	r.comparison, r.undefined = inference(p, alpha).Compare(r.metric.Shape.Kind, r.arms[r.control], r.arms[r.variant])
}

// correct the family: every variant, by the metrics that may decide, over all units. Single-step corrections give each test a
// level of its own, at which its intervals are taken again.
func (e evidence) correct(rulings []*ruling) {
	p := e.Observed.Experiment.Protocol
	method := stats.Correction(p.Correction)
	var family []*ruling
	var tests []stats.Test
	for _, r := range rulings {
		if r.inFamily() {
			family, tests = append(family, r), append(tests, r.comparison.Effect.Test)
		}
	}
	corrected, err := method.Adjust(tests, nil, alphaOf(p.Confidence))
	if err != nil || method == stats.NoCorrection {
		return
	}
	for i, r := range family {
		r.corrected, r.stepwise = &corrected[i], !method.SingleStep()
		r.decide(p, corrected[i].Level)
	}
}

func (r *ruling) inFamily() bool {
	role := r.metric.Use.Role
	return r.slice.Dimension == plan.Overall && r.undefined == nil && (role == model.Primary || role == model.Secondary)
}

// finding is what the verdict reads. A lift over a negative control is turned, so that up is up.
func (r *ruling) finding() finding {
	use, effect := r.metric.Use, r.comparison.Effect
	f := finding{
		Effect: effect.Value, Found: !effect.Interval.Contains(0),
		Desired: desired(use), MDE: use.Settings.MDE, Margin: use.Margin,
	}
	if r.stepwise {
		f.Found = r.corrected.Rejected
	}
	if lift := r.comparison.Lift; r.comparison.NoLift == nil {
		f.Lift = &span{lift.Interval.Low, lift.Interval.High}
		if r.arms[r.control].Value < 0 {
			f.Lift = ptr(f.Lift.flipped())
		}
	}
	return f
}
