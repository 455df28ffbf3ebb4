package oracle

import (
	"math"
	"slices"
)

// verdict is what the deciding interval says of the metric in its role.
func (r *ruling) verdict() string {
	use := r.sm.setup.use
	if use.role != "guardrail" {
		return r.movement()
	}
	if use.Margin != "" {
		return r.guarded(fraction(use.Margin))
	}
	if r.movement() == "worse" {
		return "inferior"
	}
	return "non_inferior"
}

func (r *ruling) movement() string {
	switch {
	case r.differs():
		return r.direction()
	case r.isNeutral():
		return "neutral"
	}
	return "undecided"
}

// differs is whether the effect's interval leaves 0 out; where a correction is stepwise, its p-value decides.
func (r *ruling) differs() bool {
	if r.family != nil && r.test.stepwise() {
		return *r.family <= r.level
	}
	low, high := r.interval(r.said.effect, r.said.se, r.test.good)
	return low > 0 || high < 0
}

func (r *ruling) direction() string {
	switch {
	case r.sm.setup.metric.DesiredChange == "none":
		return "changed"
	case r.said.effect*r.test.good > 0:
		return "better"
	}
	return "worse"
}

// isNeutral is whether the lift's interval lies within the smallest effect that matters.
func (r *ruling) isNeutral() bool {
	if r.sm.setup.MDE == "" || !r.said.hasLift {
		return false
	}
	mde := fraction(r.sm.setup.MDE)
	low, high := r.liftInterval()
	return low >= -mde && high <= mde
}

// onEdge is whether rounding decides if the lift's interval keeps within the smallest effect that matters, or the margin.
func (r *ruling) onEdge() bool {
	if r.said == nil || !r.said.hasLift {
		return false
	}
	low, high := r.liftInterval()
	return slices.ContainsFunc([]string{r.sm.setup.MDE, r.sm.setup.use.Margin}, func(bound string) bool {
		return bound != "" && (same(math.Abs(low), fraction(bound), 1e-9) || same(math.Abs(high), fraction(bound), 1e-9))
	})
}

// guarded judges a guardrail by its margin. Over a negative control the lift's sign is turned.
func (r *ruling) guarded(margin float64) string {
	if !r.said.hasLift {
		return "undecided"
	}
	bad, good := r.liftInterval()
	if r.test.good*math.Copysign(1, r.said.control.value) < 0 {
		bad, good = -good, -bad
	}
	switch {
	case bad > -margin:
		return "non_inferior"
	case good < 0:
		return "inferior"
	}
	return "undecided"
}
