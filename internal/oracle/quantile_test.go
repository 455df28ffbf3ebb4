package oracle

import (
	"math"
	"math/big"
	"slices"
	"strconv"
)

// quantileArm estimates a quantile of the units at some places by order statistics: of their totals, or of their events, where
// events of one unit go together.
func (sm *sample) quantileArm(rows []int, alpha float64) estimate {
	e := estimate{n: len(rows)}
	var values []float64
	for _, i := range rows {
		if sm.events != nil {
			values = append(values, sm.events[sm.units[i]]...)
		} else {
			values = append(values, sm.after[0].value[i])
		}
	}
	if len(values) == 0 {
		return e
	}
	p := sm.setup.metric.probability()
	b := bracketOf(values, p, alpha)
	e.valued, e.value, e.flat = true, b.point, b.low == b.high
	if sm.setup.metric.isEventQuantile() && sm.setup.metric.PercentileType != "discrete" {
		e.value = interpolated(slices.Sorted(slices.Values(values)), p)
	}
	e.adjusted = e.value
	if !b.inside {
		return e
	}
	e.tested, e.v = true, b.se*b.se
	if sm.events != nil {
		e.v, e.tested = e.v*sm.designEffect(rows, e.value, p, len(values)), len(rows) > 1
	}
	e.u, e.cov = e.v, e.v
	return e
}

// probability is of the quantile, as it is written.
func (m *metric) probability() string {
	switch {
	case m.Type == "quantile":
		return m.Q.String()
	case m.Agg == "median":
		return "0.5"
	}
	return m.Percentile.String()
}

// A bracket is the values at the ranks of p and of p ∓ z√(p(1−p)/n).
type bracket struct {
	low, point, high float64
	inside           bool // whether both ends are probabilities
	se               float64
}

func bracketOf(values []float64, p string, alpha float64) bracket {
	sorted := slices.Sorted(slices.Values(values))
	n := float64(len(sorted))
	at, err := strconv.ParseFloat(p, 64)
	if err != nil {
		panic(err)
	}
	z := normalQuantile(1 - alpha/2)
	half := z * math.Sqrt(at*(1-at)/n)
	point, _ := quantile(values, p)
	b := bracket{point: point, low: sorted[rank(n*(at-half), n)-1], high: sorted[rank(n*(at+half), n)-1]}
	b.inside = at-half > 0 && at+half < 1
	b.se = (b.high - b.low) / (2 * z)
	return b
}

// rank is the next whole number, within those of the values.
func rank(x, n float64) int { return int(math.Min(n, math.Max(1, math.Ceil(x)))) }

// interpolated is the continuous quantile of sorted values: linear between the two about p·(n−1).
func interpolated(sorted []float64, p string) float64 {
	share, _ := new(big.Rat).SetString(p)
	place := new(big.Rat).Mul(share, big.NewRat(int64(len(sorted)-1), 1))
	whole := new(big.Int).Quo(place.Num(), place.Denom()).Int64()
	rest, _ := new(big.Rat).Sub(place, big.NewRat(whole, 1)).Float64()
	if rest == 0 {
		return sorted[whole]
	}
	return sorted[whole] + rest*(sorted[whole+1]-sorted[whole])
}

// designEffect is the variance of the share of events at or below the quantile as units vary, over what it were if events were
// independent.
func (sm *sample) designEffect(rows []int, quantile float64, p string, events int) float64 {
	at, err := strconv.ParseFloat(p, 64)
	if err != nil {
		panic(err)
	}
	var below, all []float64
	for _, i := range rows {
		count := 0
		for _, v := range sm.events[sm.units[i]] {
			count += number(v <= quantile)
		}
		below, all = append(below, float64(count)), append(all, float64(len(sm.events[sm.units[i]])))
	}
	share := mean(below) / mean(all)
	residual := make([]float64, len(rows))
	for j := range residual {
		residual[j] = below[j] - share*all[j]
	}
	clustered := variance(residual) / float64(len(rows)) / (mean(all) * mean(all))
	return clustered / (at * (1 - at) / float64(events))
}
