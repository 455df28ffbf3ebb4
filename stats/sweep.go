package stats

import "math"

// dependentShare is the share of its variance that a covariate must keep when those before it have explained what they can.
// Below, what is left is rounding and the slope would be noise.
const dependentShare = 1e-10

// regress writes into swept the regression of quantity 0 on the others, by sweeping their covariances in order (Goodnight 1979):
// swept.Covar(0, j) is the slope on j, swept.Var(0) the variance left, and −swept.Covar(i, j) the inverse of the covariates'
// matrix. A covariate that does not vary, or repeats those before it, is left out: its slope is 0, and its position is returned.
func (m Moments) regress(swept Moments) (dropped []int) {
	copy(swept.Cov, m.Cov)
	for j := 1; j < len(m.Mean); j++ {
		if swept.Var(j) > dependentShare*m.Var(j) {
			swept.sweep(j)
		} else {
			dropped = append(dropped, j)
		}
	}
	for _, j := range dropped {
		for i := range m.Mean {
			swept.SetCovar(i, j, 0)
		}
	}
	return dropped
}

// sweep takes out of all quantities what quantity p explains.
func (m Moments) sweep(p int) {
	pivot := m.Var(p)
	for i := range m.Mean {
		for j := i; j < len(m.Mean); j++ {
			if i != p && j != p {
				m.SetCovar(i, j, m.Covar(i, j)-m.Covar(i, p)*m.Covar(j, p)/pivot)
			}
		}
	}
	for i := range m.Mean {
		m.SetCovar(i, p, m.Covar(i, p)/pivot)
	}
	m.SetCovar(p, p, -1/pivot)
}

// slopes are what regress left for the covariates, in order.
func (m Moments) slopes() []float64 {
	slopes := make([]float64, len(m.Mean)-1)
	for j := range slopes {
		slopes[j] = m.Covar(0, j+1)
	}
	return slopes
}

// leverage is d'S⁻¹d of the covariates' differences d, with the inverse that regress left.
func (m Moments) leverage(d []float64) float64 {
	sum := 0.0
	for i := range d {
		for j := range d {
			sum -= d[i] * d[j] * m.Covar(i+1, j+1)
		}
	}
	return sum
}

const (
	// roundingShare is the share of the terms that make up a variance below which their sum is rounding.
	roundingShare = 1e-13
	// impossibleShare is the share below 0 beyond which rounding does not explain it.
	impossibleShare = 1e-7
)

// leftover is a − 2·b + c as a variance: what a covariate, a ratio's denominator or a slope leaves of it.
func leftover(a, b, c float64) (float64, error) {
	return notNegative(a-2*b+c, math.Abs(a)+2*math.Abs(b)+math.Abs(c))
}

// notNegative is a variance that was summed of terms of the given size: exactly 0 where only rounding is left, an error where the
// terms could not come from any data.
func notNegative(variance, size float64) (float64, error) {
	switch {
	case variance > roundingShare*size:
		return variance, nil
	case variance >= -impossibleShare*size:
		return 0, nil
	default:
		return 0, undefined(InvalidInput, "the covariances leave a variance of %v; no data have such covariances", variance)
	}
}

// varianceOfSum is the variance of a weighted sum of quantities, the weights beginning at quantity first.
func (m Moments) varianceOfSum(weights []float64, first int) (float64, error) {
	variance, size := 0.0, 0.0
	for i, a := range weights {
		for j, b := range weights {
			term := a * b * m.Covar(first+i, first+j)
			variance, size = variance+term, size+math.Abs(term)
		}
	}
	return notNegative(variance, size)
}
