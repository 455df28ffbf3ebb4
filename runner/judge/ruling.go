package judge

import (
	"assay/compiler/model"
	"assay/stats"
)

// A ruling is a result row in the making: a variant against the control in a contest, at a confidence.
type ruling struct {
	contest
	variant    int // of the contest's arms
	control    int
	weighted   stats.ArmPair // what is compared: both arms in one mix of strata
	confidence float64
	alpha      float64 // after correction
	comparison stats.Comparison
	test       stats.Test // of the effect, to both sides; undefined where there is none
	undefined  error
	corrected  *stats.Corrected // nil outside the family
	stepwise   bool             // whether the correction leaves intervals as they are and decides by p-values
}

// rulings compare each variant with the control wherever either has a unit.
func (e evidence) rulings(confidence float64) []*ruling {
	var rulings []*ruling
	for _, c := range e.contests {
		control := c.arm(e.Observed.Experiment.Control)
		for variant, arm := range c.slice.Arms {
			if variant == control || arm.Units+c.slice.Arms[control].Units == 0 {
				continue
			}
			r := &ruling{contest: c, variant: variant, control: control, confidence: confidence}
			e.decide(r, alphaOf(confidence))
			r.test = e.test(r)
			rulings = append(rulings, r)
		}
	}
	e.correct(rulings, confidence)
	return rulings
}

func (e evidence) decide(r *ruling, alpha float64) {
	r.alpha = alpha
	in := e.inference(r.metric.Use, sidesOf(e.Observed.Experiment.Protocol, r.metric.Use), alpha)
	r.weighted.Control, r.weighted.Variant, r.undefined = r.pair(r.control, r.variant)
	if r.undefined == nil {
		r.comparison, r.undefined = in.Compare(r.metric.Shape.Kind, r.weighted.Control, r.weighted.Variant)
	}
}

// test is two-sided in every role and whatever side the intervals have: a p-value tells how surprising the effect is, not how welcome.
func (e evidence) test(r *ruling) stats.Test {
	if r.undefined != nil || e.Observed.Experiment.Protocol.Sides != oneSided {
		return testOf(r.comparison, r.undefined)
	}
	in := e.inference(r.metric.Use, stats.TwoSided, r.alpha)
	return testOf(in.Compare(r.metric.Shape.Kind, r.weighted.Control, r.weighted.Variant))
}

// decides reports whether the protocol's own confidence is asked, and not one that is shown beside it.
func (e evidence) decides(r *ruling) bool {
	return r.confidence == e.Observed.Experiment.Protocol.Confidence
}

// name of the variant.
func (r *ruling) name() string { return r.slice.Arms[r.variant].Variant }

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
		if r.weighted.Control.Value < 0 {
			f.Lift = ptr(f.Lift.flipped())
		}
	}
	return f
}

// variants are those compared with the control, further controls among them.
func (e evidence) variants() []model.Variant {
	var variants []model.Variant
	for _, v := range e.Observed.Experiment.Variants {
		if v.Name != e.Observed.Experiment.Control {
			variants = append(variants, v)
		}
	}
	return variants
}
