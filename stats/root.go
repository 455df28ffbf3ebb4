package stats

import "math"

// findRoot is an x between lo and hi with f(x) = 0, to the last few digits, for a continuous f of opposite signs at the ends: the
// method of Chandrupatla (1997), inverse quadratic interpolation where it is safe and bisection elsewhere.
func findRoot(f func(float64) float64, lo, hi float64) float64 {
	a, b, fa, fb := hi, lo, f(hi), f(lo)
	best, share := a, 0.5
	for range 200 {
		x := a + share*(b-a)
		fx := f(x)
		c, fc := a, fa
		if math.Signbit(fx) != math.Signbit(fa) {
			c, fc, b, fb = b, fb, a, fa
		}
		a, fa = x, fx
		best = a
		if math.Abs(fb) < math.Abs(fa) {
			best = b
		}
		least := 4e-16 * math.Abs(best) / math.Abs(b-a)
		if fa == 0 || !(least < 0.5) {
			break
		}
		share = min(max(chandrupatlaShare(a, b, c, fa, fb, fc), least), 1-least)
	}
	return best
}

// chandrupatlaShare is how far to go from a towards b, given a third point c on a's side or beyond b.
func chandrupatlaShare(a, b, c, fa, fb, fc float64) float64 {
	xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
	if !(phi*phi < xi && (1-phi)*(1-phi) < 1-xi) {
		return 0.5
	}
	return fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
}
