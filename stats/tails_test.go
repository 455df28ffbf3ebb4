package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// The references are mpmath's at 50 digits.

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g (off by %.2g)", what, got, want, got/want-1)
	}
}

func TestNormalSurvival(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{-3, 0.99865010196836991},
		{0.5, 0.3085375387259869},
		{5, 2.8665157187919391e-7},
		{6.5, 4.0160005838591178e-11},
		{8.5, 9.4795348222033184e-18},
		{20, 2.7536241186062337e-89},
		{37, 5.7255712225245768e-300},
	} {
		near(t, "tail", normalSurvival(c.x), c.want, 2e-13)
		if c.x > 0 {
			near(t, "quantile", normalUpperQuantile(c.want), c.x, 1e-14)
		}
	}
}

func TestStudentSurvival(t *testing.T) {
	for _, c := range []struct{ t, df, want float64 }{
		{0.1, 1, 0.46827448256944643}, {4, 1, 0.077979130377369325}, {36, 1, 0.0088396681733032624},
		{1e200, 1, 3.1830988618379067e-201},
		{0.1, 2.5, 0.46390327203124479}, {4, 2.5, 0.019506487920659123}, {36, 2.5, 9.2334506359413137e-5},
		{1.5, 7, 0.088649243494985017}, {12, 7, 3.1791551890925501e-6},
		{1.5, 30, 0.072032964564323001}, {36, 30, 1.5207316150188894e-26},
		{0.1, 200, 0.46022224625216052}, {36, 200, 1.2317556122303412e-89},
		{1.5, 1234.5, 0.06693504583457376}, {36, 1234.5, 6.2202361775657791e-195},
		{36, 4999, 7.2923900335733682e-253}, {1.5, 5001, 0.066838763614389995}, {36, 5001, 7.1146680511978104e-253},
		{1.5, 5e4, 0.06681035824769253}, {36, 5e4, 1.6308696265891922e-280},
		{6.5, 99999, 4.034801394228729e-11}, {36, 99999, 2.7056851499024806e-282},
		{0.1, 1e5, 0.46017226295336311}, {6.5, 1e5, 4.0348012058337221e-11}, {36, 1e5, 2.7055733002814853e-282},
		{1.5, 1e7, 0.066807217053814724}, {12, 1e7, 1.7774160254673177e-33}, {36, 1e7, 4.3622603845553315e-284},
		{36, 1e12, 4.1826258247920262e-284},
	} {
		near(t, "tail", studentSurvival(c.t, c.df), c.want, 2e-10)
		near(t, "lower tail", studentSurvival(-c.t, c.df), 1-c.want, 2e-10)
		near(t, "quantile", studentUpperQuantile(c.want, c.df), c.t, 2e-10)
	}
}

// The three defects of gonum v0.17.0 that tails.go goes around. A failure here means that gonum was mended and the detour can go.
func TestGonumDefects(t *testing.T) {
	wrong := func(what string, got, want, by float64) {
		t.Helper()
		if math.Abs(got/want-1) < by {
			t.Errorf("%s is right now: %v", what, got)
		}
	}
	unit := distuv.UnitNormal
	wrong("Normal.Survival(6.5)", unit.Survival(6.5), 4.0160005838591178e-11, 1e-7)
	wrong("Normal.Survival(8.5)", unit.Survival(8.5), 9.4795348222033184e-18, 0.5)
	large := distuv.StudentsT{Sigma: 1, Nu: 1e6}
	wrong("StudentsT.Quantile", -large.Quantile(4.0178771676517115e-11), 6.5, 1)
	wrong("StudentsT.CDF", distuv.StudentsT{Sigma: 1, Nu: 1e7}.CDF(-6.5), 4.0161882074948826e-11, 1e-9)
}

func TestChiSquareSurvival(t *testing.T) {
	for _, c := range []struct{ x, df, want float64 }{
		{0.5, 1, 0.47950012218695346},
		{30, 1, 4.3204630578274973e-8},
		{1370, 1, 6.9429373646432677e-300},
		{7.8, 3, 0.050331097859853355},
		{900, 5, 2.6614147330185111e-192},
		{1300, 10, 3.8256535383959194e-273},
		{50, 50, 0.47339846855634936},
		{0.001, 2, 0.99950012497916927},
	} {
		near(t, "tail", chiSquareSurvival(c.x, c.df), c.want, 1e-11)
	}
}

func TestStudentQuantileInvertsSurvival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		df := math.Exp(rapid.Float64Range(0, 25).Draw(t, "log df"))
		q := math.Exp(-rapid.Float64Range(0.7, 600).Draw(t, "-log q"))
		x := studentUpperQuantile(q, df)
		back := studentSurvival(x, df)
		if !(math.Abs(back/q-1) < 1e-8) {
			t.Fatalf("df %v: P(T > %v) = %v, want %v", df, x, back, q)
		}
	})
}
