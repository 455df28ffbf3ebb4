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

// roundingShare is the share of the terms that make up a variance below which their sum is rounding: 0.
const roundingShare = 1e-13

// leftover is a − 2·b + c as a variance left over: exactly 0 where only rounding is left, an error where the three could not come
// from any data.
func leftover(a, b, c float64) (float64, error) {
	rest, rounding := a-2*b+c, roundingShare*(math.Abs(a)+2*math.Abs(b)+math.Abs(c))
	switch {
	case rest > rounding:
		return rest, nil
	case rest >= -1e6*rounding:
		return 0, nil
	default:
		return 0, undefined(InvalidInput, "the covariances leave a variance of %v; no data have such covariances", rest)
	}
}
