package stats

import (
	"math"
	"math/big"
)

// CentralSums are sums of powers and products of k quantities about their own means, over N units. They are the form in which
// partitions of data add up without losing digits.
type CentralSums struct {
	N    int64
	Mean []float64
	// Co holds Σ(x−x̄)(y−ȳ) of the pairs, packed as in Moments.Cov.
	Co []float64
	// M3 and M4 hold Σ(x−x̄)³ and Σ(x−x̄)⁴ of each quantity; nil where nobody needs them.
	M3, M4 []float64
}

// Merge adds two disjoint partitions (Chan, Golub and LeVeque 1983; the third and fourth powers by Pébay 2008, eq. 2.1 and 2.2).
func (a CentralSums) Merge(b CentralSums) CentralSums {
	if a.N == 0 {
		return b
	}
	if b.N == 0 {
		return a
	}
	k := len(a.Mean)
	na, nb := float64(a.N), float64(b.N)
	n := na + nb
	sum := CentralSums{N: a.N + b.N, Mean: make([]float64, k), Co: make([]float64, len(a.Co))}
	for i := range k {
		sum.Mean[i] = a.Mean[i] + (b.Mean[i]-a.Mean[i])*nb/n
		for j := i; j < k; j++ {
			at := PairIndex(i, j, k)
			sum.Co[at] = a.Co[at] + b.Co[at] + (b.Mean[i]-a.Mean[i])*(b.Mean[j]-a.Mean[j])*na*nb/n
		}
	}
	if a.M4 != nil && b.M4 != nil {
		sum.M3, sum.M4 = mergeHigher(a, b)
	}
	return sum
}

// mergeHigher adds the third and fourth powers.
func mergeHigher(a, b CentralSums) (m3, m4 []float64) {
	k := len(a.Mean)
	na, nb := float64(a.N), float64(b.N)
	n := na + nb
	m3, m4 = make([]float64, k), make([]float64, k)
	for i := range k {
		d := (b.Mean[i] - a.Mean[i]) / n
		a2, b2 := a.m2(i), b.m2(i)
		m3[i] = a.M3[i] + b.M3[i] + d*d*d*na*nb*(na-nb)*n + 3*d*(na*b2-nb*a2)
		m4[i] = a.M4[i] + b.M4[i] + d*d*d*d*na*nb*(na*na-na*nb+nb*nb)*n +
			6*d*d*(na*na*b2+nb*nb*a2) + 4*d*(na*b.M3[i]-nb*a.M3[i])
	}
	return m3, m4
}

// m2 is Σ(x−x̄)² of quantity i.
func (a CentralSums) m2(i int) float64 { return a.Co[PairIndex(i, i, len(a.Mean))] }

// Moments divides by n−1. Below two units every covariance is NaN: it does not exist.
func (a CentralSums) Moments() Moments {
	m := NewMoments(a.N, len(a.Mean))
	copy(m.Mean, a.Mean)
	if a.N < 2 {
		return m
	}
	for i, c := range a.Co {
		m.Cov[i] = c / float64(a.N-1)
	}
	return m
}

// Skewness is g₁ = √n·M3/M2^(3/2) of quantity i, whose third powers must have been summed.
func (a CentralSums) Skewness(i int) (float64, error) {
	if a.M3 == nil {
		return 0, undefined(InvalidInput, "the sums hold no third powers; sum them before asking for a skewness")
	}
	m2 := a.m2(i)
	if !(m2 > 0) {
		return 0, undefined(ZeroVariance, "quantity %d does not vary; its skewness does not exist", i)
	}
	return math.Sqrt(float64(a.N)) * a.M3[i] / math.Pow(m2, 1.5), nil
}

// RawSums are float64 sums of one quantity measured from Shift: n, Σ(x−shift), Σ(x−shift)². A variance taken from them loses all
// its digits when the mean is large against the spread; a shift near the mean keeps them.
type RawSums struct {
	N          int64
	Sum, SumSq float64
	Shift      float64
}

// Condition is κ = √(Σx²/Σ(x−x̄)²), at least 1: the relative error of a variance from these sums is some 1e-16·κ² (Chan, Golub
// and LeVeque 1983). It is +Inf where nothing is left after the subtraction.
func (s RawSums) Condition() float64 {
	m2 := s.SumSq - s.Sum*s.Sum/float64(s.N)
	if !(m2 > 0) {
		return math.Inf(1)
	}
	return math.Sqrt(s.SumSq / m2)
}

// rawSumsError is the relative error of a variance above which raw sums are refused.
const rawSumsError = 1e-6

// Central is the sums about the mean. It refuses, rather than clamps, sums whose difference has lost its digits: they are to be
// taken again from a shift near the mean, or exactly.
func (s RawSums) Central() (CentralSums, error) {
	if err := firstError(checkFinite("the sum", s.Sum), checkFinite("the sum of squares", s.SumSq),
		checkFinite("the shift", s.Shift)); err != nil {
		return CentralSums{}, err
	}
	switch {
	case s.N < 1:
		return CentralSums{}, undefined(InsufficientData, "%d units have no mean", s.N)
	case s.SumSq < 0:
		return CentralSums{}, undefined(InvalidInput, "the sum of squares is %v; it cannot be negative", s.SumSq)
	}
	central := CentralSums{N: s.N, Mean: []float64{s.Shift + s.Sum/float64(s.N)}, Co: []float64{0}}
	if s.N == 1 || s.SumSq == 0 {
		return central, nil
	}
	const halfUlp = 0x1p-53
	if k := s.Condition(); !(k*k*halfUlp*math.Sqrt(float64(s.N)) <= rawSumsError) {
		return CentralSums{}, undefined(IllConditioned,
			"the sum of squares hardly exceeds n·mean² (condition %.3g): sum from a shift near %v, or ask for the variance itself",
			k, central.Mean[0])
	}
	central.Co[0] = s.SumSq - s.Sum*s.Sum/float64(s.N)
	return central, nil
}

// ExactSums are the sums of a DECIMAL column, or of two, without any rounding: a variance from them keeps its digits at any mean.
// Y, YY and XY are nil where there is one quantity.
type ExactSums struct {
	N                int64
	X, XX, Y, YY, XY *big.Rat
}

// Central is the sums about the means, exact to the last digit.
func (s ExactSums) Central() (CentralSums, error) {
	if s.N < 1 {
		return CentralSums{}, undefined(InsufficientData, "%d units have no mean", s.N)
	}
	if s.Y == nil {
		return CentralSums{N: s.N, Mean: []float64{s.mean(s.X)}, Co: []float64{s.about(s.X, s.X, s.XX)}}, nil
	}
	return CentralSums{
		N:    s.N,
		Mean: []float64{s.mean(s.X), s.mean(s.Y)},
		Co:   []float64{s.about(s.X, s.X, s.XX), s.about(s.X, s.Y, s.XY), s.about(s.Y, s.Y, s.YY)},
	}, nil
}

// Condition is κ of X: see RawSums.Condition.
func (s ExactSums) Condition() (float64, error) {
	m2 := s.about(s.X, s.X, s.XX)
	if m2 == 0 {
		return 0, undefined(ZeroVariance, "the values do not vary, so that their condition does not exist")
	}
	squares, _ := s.XX.Float64()
	return math.Sqrt(squares / m2), nil
}

func (s ExactSums) mean(sum *big.Rat) float64 {
	mean, _ := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(s.N)).Float64()
	return mean
}

// about is Σxy − Σx·Σy/n.
func (s ExactSums) about(x, y, xy *big.Rat) float64 {
	shift := new(big.Rat).Mul(x, y)
	shift.Quo(shift, new(big.Rat).SetInt64(s.N))
	sum, _ := shift.Sub(xy, shift).Float64()
	return sum
}
