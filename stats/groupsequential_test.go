package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// somePlan of looks: fractions that rise to 1, some of them soon after another.
var somePlan = rapid.Custom(func(t *rapid.T) []float64 {
	steps := rapid.SliceOfN(rapid.Float64Range(0.01, 1), 1, 5).Draw(t, "steps")
	total := 0.0
	for i := range steps {
		total += steps[i]
		steps[i] = total
	}
	for i := range steps {
		steps[i] /= total
	}
	return steps
})

func someGroupTest(t *rapid.T) GroupSequentialTest {
	return GroupSequentialTest{
		Alpha: anAlpha.Draw(t, "alpha"), Sides: drawSides(t),
		Boundary: rapid.SampledFrom([]Boundary{
			Spending(OBrienFlemingSpending), Spending(PocockSpending), KimDeMetsSpending(2), HwangShihDeCaniSpending(-4),
		}).Draw(t, "boundary"),
	}
}

// However many looks, all of alpha is spent at the last and none before its time.
func TestBoundsSpendAlpha(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, info := someGroupTest(t), somePlan.Draw(t, "info")
		b, err := g.Bounds(info, nil)
		if err != nil {
			t.Fatal(err)
		}
		last := len(info) - 1
		if math.Abs(b.Spent[last]-g.Alpha) > 1e-9 || !slices.IsSorted(b.Spent) {
			t.Fatalf("spent %v of alpha %v", b.Spent, g.Alpha)
		}
	})
}

// A look soon after another may spend next to nothing, and does: its bound is little above the one before, where the paths are.
func TestBoundsSoonAfterAnother(t *testing.T) {
	g := GroupSequentialTest{Boundary: KimDeMetsSpending(2), Alpha: 0.4}
	info := []float64{0.2, 0.4, 0.6, 0.8, 0.802}
	b, err := g.Bounds(info, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.4 * 0.802 * 0.802; math.Abs(b.Spent[4]-want) > 1e-9 {
		t.Errorf("spent %v, want %v", b.Spent[4], want)
	}
}

// Looks not yet taken have no part in the bounds of those that were.
func TestBoundsDoNotLookAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, info := someGroupTest(t), somePlan.Draw(t, "info")
		all, err := g.Bounds(info, nil)
		if err != nil {
			t.Fatal(err)
		}
		upTo := rapid.IntRange(1, len(info)).Draw(t, "looks taken")
		taken, err := g.Bounds(info[:upTo], nil)
		if err != nil {
			t.Fatal(err)
		}
		for k := range upTo {
			if math.Abs(taken.Critical[k]-all.Critical[k]) > 1e-9 {
				t.Fatalf("look %d: %v alone, %v with the rest", k+1, taken.Critical[k], all.Critical[k])
			}
		}
	})
}

// A frozen bound stays, and what it spent too much or too little is made up at the next look.
func TestFrozenBoundsStay(t *testing.T) {
	g := GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	b, err := g.Bounds([]float64{0.4, 0.7, 1.1}, []float64{2.5, 3})
	if err != nil {
		t.Fatal(err)
	}
	if b.Critical[0] != 2.5 || b.Critical[1] != 3 || b.Info[2] != 1 {
		t.Errorf("got bounds %v at %v", b.Critical, b.Info)
	}
	if math.Abs(b.Spent[2]-0.05) > 1e-9 {
		t.Errorf("spent %v, want alpha in total", b.Spent)
	}
}

// Frozen bounds that have spent all that a look may leave it nothing: it cannot stop.
func TestNothingLeftToSpend(t *testing.T) {
	g := GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	b, err := g.Bounds([]float64{0.3, 0.5}, []float64{2})
	if err != nil {
		t.Fatal(err)
	}
	est, err := g.At(Effect{9, 1}, b)
	if err != nil {
		t.Fatal(err)
	}
	if est.Interval.Kind != WholeLine || len(est.Warnings) != 1 {
		t.Errorf("got %+v, want the whole line and a warning", est)
	}
}

// The repeated p-value is at most alpha exactly where the bound is crossed.
func TestRepeatedPValueCrosses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, info := someGroupTest(t), EqualLooks(rapid.IntRange(1, 3).Draw(t, "looks"))
		b, err := g.Bounds(info, nil)
		if err != nil {
			t.Fatal(err)
		}
		est, err := g.At(Effect{someZ.Draw(t, "z"), 1}, b)
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, est, g.Alpha)
	})
}

// The probability of crossing two bounds, by integrating the bivariate normal directly, not by recursion.
func TestCrossingOfTwoLooks(t *testing.T) {
	const t1, drift = 0.35, 1.7
	c := []float64{2.4, 2.0}
	got := crossing([]float64{t1, 1}, c, TwoSided, drift)
	rho, m1, m2 := math.Sqrt(t1), drift*math.Sqrt(t1), drift
	inside := 0.0
	const steps = 20000
	for i := range steps { // midpoints over the first look's interval
		z := -c[0] + 2*c[0]*(float64(i)+0.5)/steps
		mean, sd := m2+rho*(z-m1), math.Sqrt(1-rho*rho)
		inside += normalDensity(z-m1) * (normalCDF((c[1]-mean)/sd) - normalCDF((-c[1]-mean)/sd)) * 2 * c[0] / steps
	}
	if math.Abs(got[1]-(1-inside)) > 1e-8 {
		t.Errorf("crossing %v, want %v", got[1], 1-inside)
	}
}

// A plan's drift has the power asked for, and looking early costs sample at most and saves it on average.
func TestPlanOfLooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, power := someGroupTest(t), rapid.Float64Range(0.5, 0.95).Draw(t, "power")
		info := EqualLooks(rapid.IntRange(2, 4).Draw(t, "looks"))
		plan, err := g.Plan(info, power)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.RejectEffect[len(info)-1]; math.Abs(got-power) > 1e-9 {
			t.Fatalf("power %v, want %v", got, power)
		}
		if !(plan.SampleEffect < plan.SampleNull && plan.SampleNull < plan.Inflation) {
			t.Fatalf("samples %v and %v of at most %v", plan.SampleEffect, plan.SampleNull, plan.Inflation)
		}
	})
}

func BenchmarkBoundsOfTenLooks(b *testing.B) {
	g := GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	info := EqualLooks(10)
	for b.Loop() {
		if _, err := g.Bounds(info, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRepeatedPValue(b *testing.B) {
	g := GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: 0.05}
	bounds, err := g.Bounds(EqualLooks(5), nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := g.At(Effect{2.1, 1}, bounds); err != nil {
			b.Fatal(err)
		}
	}
}
