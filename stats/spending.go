package stats

import (
	"math"
	"slices"
	"sort"
)

// A Spending says how much of a one-sided α a group-sequential test may have spent by information fraction t in (0, 1]: it rises
// from 0 to α (Lan and DeMets 1983). A two-sided test spends α/2 on each side.
type Spending func(t, alpha float64) float64

// OBrienFlemingSpending is 2 − 2Φ(z_{α/2}/√t): next to nothing early, so that the last bound is close to a fixed test's.
func OBrienFlemingSpending(t, alpha float64) float64 {
	return 2 * normalSurvival(normalUpperQuantile(alpha/2)/math.Sqrt(t))
}

// PocockSpending is α ln(1 + (e−1)t): bounds of about the same height at every look.
func PocockSpending(t, alpha float64) float64 { return alpha * math.Log1p((math.E-1)*t) }

// KimDeMetsSpending is αt^ρ with ρ > 0 (Kim and DeMets 1987); ρ = 1 is near Pocock, ρ = 3 near O'Brien and Fleming.
func KimDeMetsSpending(rho float64) Spending {
	return func(t, alpha float64) float64 { return alpha * math.Pow(t, rho) }
}

// HwangShihDeCaniSpending is α(1 − e^−γt)/(1 − e^−γ), and αt for γ = 0 (Hwang, Shih and DeCani 1990).
func HwangShihDeCaniSpending(gamma float64) Spending {
	return func(t, alpha float64) float64 {
		if gamma == 0 {
			return alpha * t
		}
		return alpha * math.Expm1(-gamma*t) / math.Expm1(-gamma)
	}
}

// TableSpending spends the given cumulative shares of α at the given information fractions, and in a straight line between them.
// Both lists rise; the last share is that of all of α.
func TableSpending(info, cumulative []float64) Spending {
	info, cumulative = slices.Concat([]float64{0}, info), slices.Concat([]float64{0}, cumulative)
	all := cumulative[len(cumulative)-1]
	return func(t, alpha float64) float64 {
		i := sort.SearchFloat64s(info, t)
		if i == len(info) {
			return alpha
		}
		if info[i] == t {
			return alpha * cumulative[i] / all
		}
		share := (t - info[i-1]) / (info[i] - info[i-1])
		return alpha * (cumulative[i-1] + share*(cumulative[i]-cumulative[i-1])) / all
	}
}

// check: the function rises within [0, α] over the looks.
func (f Spending) check(info []float64, alpha float64) error {
	if f == nil {
		return undefined(InvalidInput, "no spending function; choose one, such as OBrienFlemingSpending")
	}
	before := 0.0
	for _, t := range info {
		spent := f(t, alpha)
		if !(spent >= before && spent <= alpha*(1+1e-12)) {
			return undefined(InvalidInput, "the spending function is %v at information %v after %v; it rises from 0 to alpha (%v)",
				spent, t, before, alpha)
		}
		before = spent
	}
	return nil
}

// critical spends, at each look that has no frozen bound, what the function allows and the looks before have left.
func (f Spending) critical(info, frozen []float64, alpha float64, sides Sides) []float64 {
	critical, w, left := f.upToLast(info, frozen, alpha, sides)
	last := len(info) - 1
	if last < len(frozen) {
		return append(critical, frozen[last])
	}
	return append(critical, w.critical(info[last], left))
}

// upToLast are the bounds of all looks but the last, the walk that arrives there, and what may be spent there on each side.
func (f Spending) upToLast(info, frozen []float64, alpha float64, sides Sides) (critical []float64, w walk, left float64) {
	w = newWalk(0)
	perSide, spent, last := alpha/sides.tails(), 0.0, len(info)-1
	for k, t := range info[:last] {
		var c float64
		if k < len(frozen) {
			c = frozen[k]
		} else {
			c = w.critical(t, f(t, perSide)-spent)
		}
		spent += w.above(c*math.Sqrt(t), t)
		w = w.survivors(t, c, info[k+1], sides)
		critical = append(critical, c)
	}
	return critical, w, f(info[last], perSide) - spent
}

// repeatedP solves for the α that leaves to the last look just the tail beyond z, on the scale of α's normal deviate: there
// bounds are nearly proportional to it. α is no smaller than the tail of that look alone, because earlier looks have spent some.
func (f Spending) repeatedP(info []float64, sides Sides, z float64) float64 {
	const farthest = 37 // beyond, tails are below the smallest float64
	last := info[len(info)-1]
	level := func(deviate float64) float64 { return sides.tails() * normalSurvival(deviate) }
	shortfall := func(deviate float64) float64 {
		_, w, left := f.upToLast(info, nil, level(deviate), sides)
		return w.above(z*math.Sqrt(last), last) - left
	}
	least := normalUpperQuantile((1 - 1e-9) / sides.tails())
	switch {
	case z <= least || shortfall(least) >= 0:
		return 1
	case shortfall(math.Min(z, farthest)) <= 0: // nothing was spent before
		return level(z)
	}
	return level(findRoot(shortfall, least, math.Min(z, farthest)))
}

// WangTsiatis are the bounds C·t^(Δ−½) of Wang and Tsiatis (1987), t relative to the last look and −10 ≤ Δ ≤ ½: Δ = 0 is that of
// O'Brien and Fleming (1979), Δ = ½ that of Pocock (1977). They are for looks fixed beforehand: C depends on all of them, so that
// a look out of plan needs a Spending instead.
type WangTsiatis struct{ Delta float64 }

func (s WangTsiatis) check([]float64, float64) error {
	if !(s.Delta >= -10 && s.Delta <= 0.5) {
		return undefined(InvalidInput, "the shape Δ is %v; give 0 (O'Brien and Fleming) to 0.5 (Pocock)", s.Delta)
	}
	return nil
}

// critical finds the C that leaves α in total; bounds frozen before have no part in it.
func (s WangTsiatis) critical(info, _ []float64, alpha float64, sides Sides) []float64 {
	excess := func(c float64) float64 { return math.Log(s.level(info, sides, c) / alpha) }
	single := normalUpperQuantile(alpha / sides.tails())
	all := normalUpperQuantile(alpha / sides.tails() / float64(len(info)))
	return s.bounds(info, findRoot(excess, single, all))
}

// bounds are those of a given C.
func (s WangTsiatis) bounds(info []float64, c float64) []float64 {
	critical := make([]float64, len(info))
	for k, t := range info {
		critical[k] = c * math.Pow(t/info[len(info)-1], s.Delta-0.5)
	}
	return critical
}

// level is the α of a given C.
func (s WangTsiatis) level(info []float64, sides Sides, c float64) float64 {
	return crossing(info, s.bounds(info, c), sides, 0)[len(info)-1]
}

// repeatedP is the α of the bounds that z lies on, the last of which is C.
func (s WangTsiatis) repeatedP(info []float64, sides Sides, z float64) float64 {
	return math.Min(1, s.level(info, sides, math.Max(z, 0)))
}
