package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Everything here works with upper tails and never with 1 − CDF, so that a tail keeps its relative precision down to 1e-300.
// gonum is used where it is measured to be right; tails_test.go holds the cases where it is not.

const logSqrt2Pi = 0.91893853320467274178032973640562

// normalCDF is P(Z ≤ x) of the standard normal.
func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// normalSurvival is P(Z > x). (distuv.Normal.Survival is 1 − CDF from 6.5 on, and 0 above 8.3.)
func normalSurvival(x float64) float64 { return normalCDF(-x) }

// normalDensity is the standard normal density at x.
func normalDensity(x float64) float64 { return math.Exp(-x*x/2 - logSqrt2Pi) }

// normalQuantile is the x with P(Z ≤ x) = p (Wichura 1988, AS 241).
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// normalUpperQuantile is the z with P(Z > z) = q; small q keep their digits, which normalQuantile(1−q) would lose.
func normalUpperQuantile(q float64) float64 { return -mathext.NormalQuantile(q) }

// hillDF is where studentSurvival leaves the incomplete beta function, whose log-gammas cancel as ν grows (4e-9 at ν = 1e7), for
// Hill's expansion, whose error falls with ν³: here it is below 1e-14 for t ≤ 8, and 3e-11 at t = 36 (1e-280).
const hillDF = 5000

// normalDF is where no float64 tells Student's t from the normal any more.
const normalDF = 1e30

// farStudent·√ν is where Student's density is a power of t to the last digit, and where t² would soon overflow.
const farStudent = 1e8

// studentSurvival is P(T > t) of Student's t with df degrees of freedom; df = +Inf is the normal.
func studentSurvival(t, df float64) float64 {
	switch {
	case t < 0:
		return 1 - studentSurvival(-t, df)
	case math.IsInf(t, 1):
		return 0
	case df >= normalDF:
		return normalSurvival(t)
	case df >= hillDF:
		return normalSurvival(hillDeviate(t, df))
	case t > farStudent*math.Sqrt(df):
		return math.Exp(logStudentDensity(t, df) + math.Log(t/df))
	}
	return 0.5 * mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

// hillDeviate is the normal deviate with the same tail as t ≥ 0 (Hill 1970, CACM algorithm 395).
func hillDeviate(t, df float64) float64 {
	a := df - 0.5
	b := 48 * a * a
	y := a * math.Log1p(t*t/df)
	correction := (((-0.4*y-3.3)*y-24)*y-85.5)/(0.8*y*y+100+b) + y + 3
	return math.Sqrt(y) * (correction/b + 1)
}

// logStudentDensity is the log density of Student's t.
func logStudentDensity(t, df float64) float64 {
	if df >= normalDF {
		return -t*t/2 - logSqrt2Pi
	}
	scaled := math.Abs(t) / math.Sqrt(df)
	logKernel := 2 * math.Log(scaled)
	if scaled < farStudent {
		logKernel = math.Log1p(scaled * scaled)
	}
	return logGammaHalfRatio(df/2) - 0.5*math.Log(df*math.Pi) - (df+1)/2*logKernel
}

// logGammaHalfRatio is ln Γ(a+½)/Γ(a); the difference of two log-gammas would cancel for large a.
func logGammaHalfRatio(a float64) float64 {
	if a < 100 {
		high, _ := math.Lgamma(a + 0.5)
		low, _ := math.Lgamma(a)
		return high - low
	}
	r := 1 / a // Abramowitz & Stegun 6.1.49
	return 0.5*math.Log(a) + math.Log1p(-r/8*(1-r/16*(1+r*5/8*(1-r*21/160))))
}

// studentUpperQuantile is the t with P(T > t) = q. A start from Hill is polished by Newton steps in ln t on the log of the tail,
// which is concave there, so that they converge from anywhere. (distuv.StudentsT.Quantile is wrong by a factor of 10 to 400 for
// df ≥ 1e5 with q ≤ 1e-7.)
func studentUpperQuantile(q, df float64) float64 {
	switch {
	case df >= normalDF:
		return normalUpperQuantile(q)
	case q == 0.5:
		return 0
	case q > 0.5:
		return -studentUpperQuantile(1-q, df)
	}
	t := hillQuantile(q, df)
	if !(t > 0 && t < 1e100) { // outside the approximation's domain; out there one Newton step arrives
		t = 1e100
	}
	for range 50 {
		tail := studentSurvival(t, df)
		step := (math.Log(tail) - math.Log(q)) * math.Exp(math.Log(tail)-logStudentDensity(t, df)-math.Log(t))
		t *= math.Exp(step)
		if math.IsInf(t, 1) { // less than one degree of freedom: the quantile is beyond float64
			return t
		}
		if math.Abs(step) < 1e-7 { // quadratic: the error left is below 1e-11 even where t is 40
			break
		}
	}
	return t
}

// hillQuantile approximates the t with P(T > t) = q < ½ (Hill 1970, CACM algorithm 396).
func hillQuantile(q, df float64) float64 {
	a := 1 / (df - 0.5)
	b := 48 / (a * a)
	c := ((20700*a/b-98)*a-16)*a + 96.36
	d := ((94.5/(b+c)-3)/b + 1) * math.Sqrt(a*math.Pi/2) * df
	y := math.Pow(2*d*q, 2/df)
	if y > 0.05+a {
		z := normalUpperQuantile(q)
		return math.Sqrt(df * math.Expm1(hillNearNormal(z, df, a, b, c, d)))
	}
	y = ((1/(((df+6)/(df*y)-0.089*d-0.822)*(df+2)*3)+0.5/(df+4))*y-1)*(df+1)/(df+2) + 1/y
	return math.Sqrt(df * y)
}

// hillNearNormal is ln(1 + t²/ν) from the normal deviate z, the branch of algorithm 396 for the middle of the distribution.
func hillNearNormal(z, df, a, b, c, d float64) float64 {
	y := z * z
	if df < 5 {
		c += 0.3 * (df - 4.5) * (-z + 0.6)
	}
	c = (((0.05*d*-z-5)*-z-7)*-z-2)*-z + b + c
	y = (((((0.4*y+6.3)*y+36)*y+94.5)/c-y-3)/b + 1) * z
	return a * y * y
}

// chiSquareSurvival is P(X > x) of χ² with df degrees of freedom.
func chiSquareSurvival(x, df float64) float64 {
	if x <= 0 {
		return 1
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
