package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// A Correction guards a family of tests against chance findings: the chance of any false one (Bonferroni, Šidák, Holm, Hochberg,
// Hommel), or the share of false ones among those found (Benjamini–Hochberg, Benjamini–Yekutieli).
type Correction string

const (
	NoCorrection       Correction = "none"
	Bonferroni         Correction = "bonferroni"
	Sidak              Correction = "sidak"
	Holm               Correction = "holm"
	HolmSidak          Correction = "holm_sidak"
	Hochberg           Correction = "hochberg"
	Hommel             Correction = "hommel"
	BenjaminiHochberg  Correction = "bh"
	BenjaminiYekutieli Correction = "by"
)

// A procedure is how a correction is computed. Weighted procedures take shares of α that add up to at most 1.
type procedure struct {
	adjust   func(p []float64) []float64
	weighted func(p, shares []float64) []float64
	// level is the α of one test with the given share, of m; nil for stepwise procedures, whose tests have no level of their own.
	level func(alpha, share float64, m int) float64
}

var procedures = map[Correction]procedure{
	NoCorrection:       {adjust: slices.Clone[[]float64], level: func(alpha, _ float64, _ int) float64 { return alpha }},
	Bonferroni:         {weighted: adjustBonferroni, level: func(alpha, share float64, _ int) float64 { return alpha * share }},
	Sidak:              {adjust: adjustSidak, level: sidakLevel},
	Holm:               {weighted: adjustHolm},
	HolmSidak:          {adjust: adjustHolmSidak},
	Hochberg:           {adjust: adjustHochberg},
	Hommel:             {adjust: adjustHommel},
	BenjaminiHochberg:  {weighted: adjustBenjaminiHochberg},
	BenjaminiYekutieli: {adjust: adjustBenjaminiYekutieli},
}

// A Corrected is one test of a family after its correction.
type Corrected struct {
	P        float64 // the adjusted p-value: the smallest α of the family at which this test rejects
	Defined  bool    // as of the test; an undefined one has no P
	Rejected bool    // P ≤ α
	// Level is the α at which this test's interval is taken: its share under single-step corrections, the family's under stepwise
	// ones, which have no adjusted intervals.
	Level float64
}

// SingleStep reports whether tests have levels, and so intervals, of their own.
func (c Correction) SingleStep() bool { return procedures[c].level != nil }

// Adjust corrects a family at level alpha. Undefined tests stay out of it. Weights, nil for equal ones, are divided by their sum
// over the whole family, so that an undefined test leaves the shares of the others as they were declared; Bonferroni, Holm
// and Benjamini–Hochberg take them (Holm 1979; Genovese, Roeder and Wasserman 2006).
func (c Correction) Adjust(family []Test, weights []float64, alpha float64) ([]Corrected, error) {
	proc, known := procedures[c]
	if !known {
		return nil, undefined(InvalidInput, "no correction is called %q", string(c))
	}
	if weights != nil && proc.weighted == nil {
		return nil, undefined(InvalidInput, "%s takes no weights; use bonferroni, holm or bh, or leave the weights out", string(c))
	}
	p, err := definedPs(family)
	if err := firstError(checkAlpha(alpha), err); err != nil {
		return nil, err
	}
	shares, err := familyShares(family, weights, len(p))
	if err != nil {
		return nil, err
	}
	return proc.correct(family, p, shares, alpha), nil
}

// correct puts the adjusted p-values of the defined tests back in place.
func (proc procedure) correct(family []Test, p, shares []float64, alpha float64) []Corrected {
	adjusted, next := proc.apply(p, shares), 0
	corrected := make([]Corrected, len(family))
	for i, test := range family {
		corrected[i].Level = alpha
		if !test.Defined {
			continue
		}
		if proc.level != nil {
			corrected[i].Level = proc.level(alpha, shares[next], len(p))
		}
		corrected[i].P, corrected[i].Defined = adjusted[next], true
		corrected[i].Rejected = adjusted[next] <= alpha
		next++
	}
	return corrected
}

func (proc procedure) apply(p, shares []float64) []float64 {
	if proc.weighted != nil {
		return proc.weighted(p, shares)
	}
	return proc.adjust(p)
}

// definedPs are the p-values of the defined tests, in order.
func definedPs(family []Test) ([]float64, error) {
	p := make([]float64, 0, len(family))
	for i, test := range family {
		if !test.Defined {
			continue
		}
		if !(test.P >= 0 && test.P <= 1) {
			return nil, undefined(InvalidInput, "the p-value of test %d is %v; give a probability, or an undefined test", i, test.P)
		}
		p = append(p, test.P)
	}
	return p, nil
}

// familyShares are the shares of α of the m defined tests.
func familyShares(family []Test, weights []float64, m int) ([]float64, error) {
	shares := make([]float64, 0, m)
	if weights == nil {
		for range m {
			shares = append(shares, 1/float64(m))
		}
		return shares, nil
	}
	if len(weights) != len(family) {
		return nil, undefined(InvalidInput, "%d weights for %d tests; give one each", len(weights), len(family))
	}
	for i, w := range weights {
		if !(w >= 0 && w <= representable) {
			return nil, undefined(InvalidInput, "the weight of test %d is %v; weights are finite and not negative", i, w)
		}
	}
	total := floats.Sum(weights)
	if total == 0 {
		return nil, undefined(InvalidInput, "the weights of a family of %d tests add up to 0; give some test a share of alpha",
			len(family))
	}
	for i, test := range family {
		if test.Defined {
			shares = append(shares, weights[i]/total)
		}
	}
	return shares, nil
}

// PreferentialShares divide α between primary metrics and others, each compared in k variants: gamma/(k·p) to each comparison of p primary
// metrics and (1−gamma)/(k·o) to each of o others; all of it to the ones where the family has none of the others. They are the weights
// of a Bonferroni correction that favours the primary.
func PreferentialShares(gamma float64, primaries, others, variants int) (primary, other float64, err error) {
	if min(primaries, others) < 0 || primaries+others < 1 || variants < 1 {
		return 0, 0, undefined(InvalidInput, "%d primary and %d other metrics of %d variants; a family has at least one metric and one variant",
			primaries, others, variants)
	}
	if !(gamma > 0 && gamma < 1) {
		return 0, 0, undefined(InvalidInput, "gamma is %v; give the primary's share of alpha, between 0 and 1", gamma)
	}
	p, o := float64(primaries*variants), float64(others*variants)
	switch {
	case others == 0:
		return 1 / p, 0, nil
	case primaries == 0:
		return 0, 1 / o, nil
	}
	return gamma / p, (1 - gamma) / o, nil
}

func sidakLevel(alpha, _ float64, m int) float64 { return -math.Expm1(math.Log1p(-alpha) / float64(m)) }

// sidak is 1 − (1−p)^m without the cancellation.
func sidak(p, m float64) float64 { return -math.Expm1(m * math.Log1p(-p)) }
