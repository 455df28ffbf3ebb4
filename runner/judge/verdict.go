package judge

import (
	"assay/compiler/model"
	"assay/compiler/project"
)

// A finding is what a verdict reads: the deciding intervals, and whether the effect's excludes 0 once corrections are made.
type finding struct {
	Effect      float64
	Found       bool  // the effect differs from 0
	Lift        *span // nil where there is no lift
	Desired     project.DesiredChange
	MDE, Margin *float64
}

// A span is a bounded interval; an open end is infinite.
type span struct{ Low, High float64 }

// flipped turns a span's sign.
func (s span) flipped() span { return span{-s.High, -s.Low} }

// within reports whether all of the span is less than bound from 0.
func (s span) within(bound float64) bool { return -bound < s.Low && s.High < bound }

// verdict of a metric in a role. A guardrail asks whether it is worse, every other metric whether it moved.
func (f finding) verdict(role model.Role) Verdict {
	if role == model.Guardrail {
		return f.guardrail()
	}
	return f.movement()
}

func (f finding) movement() Verdict {
	switch {
	case f.Found && f.Desired == project.None:
		return Changed
	case f.Found && f.good(f.Effect) > 0:
		return Better
	case f.Found:
		return Worse
	case f.MDE != nil && f.Lift != nil && f.Lift.within(*f.MDE):
		return Neutral
	default:
		return Undecided
	}
}

// guardrail without a margin is inferior where it is worse, else not. With one, it is non-inferior where the lift's interval
// stays within the margin, and inferior where that lies on the bad side of 0 and reaches beyond. A guardrail has a desired
// direction.
func (f finding) guardrail() Verdict {
	if f.Margin == nil {
		if f.movement() == Worse {
			return Inferior
		}
		return NonInferior
	}
	if f.Lift == nil {
		return Undecided
	}
	lift := *f.Lift
	if f.Desired == project.Decrease {
		lift = lift.flipped()
	}
	switch {
	case lift.Low > -*f.Margin:
		return NonInferior
	case lift.High < 0:
		return Inferior
	default:
		return Undecided
	}
}

// good is an effect with its sign turned so that up is good.
func (f finding) good(effect float64) float64 {
	if f.Desired == project.Decrease {
		return -effect
	}
	return effect
}
