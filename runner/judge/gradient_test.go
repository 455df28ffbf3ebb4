package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"assay/compiler/rel"
)

func col(name string) rel.Expr { return rel.NewCol(rel.Column{Name: name, Type: rel.Float}) }

func call(f rel.Func, args ...rel.Expr) rel.Expr { return rel.NewCall(f, args...) }

func TestLineariseKnownSlopes(t *testing.T) {
	a, b, two := col("a"), col("b"), rel.Int(2)
	for name, c := range map[string]struct {
		formula rel.Expr
		value   float64
		slopes  []float64
	}{
		"quotient":   {call(rel.Div, a, b), 0.75, []float64{0.25, -3.0 / 16}},
		"share":      {call(rel.Div, a, call(rel.Add, a, b)), 3.0 / 7, []float64{4.0 / 49, -3.0 / 49}},
		"square":     {call(rel.Power, a, two), 9, []float64{6, 0}},
		"root":       {call(rel.Sqrt, b), 2, []float64{0, 0.25}},
		"logarithm":  {call(rel.Ln, call(rel.Mul, a, b)), math.Log(12), []float64{1.0 / 3, 0.25}},
		"constant":   {rel.Float64(0.5), 0.5, []float64{0, 0}},
		"negative":   {call(rel.Abs, call(rel.Sub, a, b)), 1, []float64{-1, 1}},
		"fallback":   {call(rel.Coalesce, call(rel.Div, a, call(rel.Sub, b, rel.Int(4))), a), 3, []float64{1, 0}},
		"larger":     {call(rel.Greatest, a, b), 4, []float64{0, 1}},
		"case":       {rel.NewCase(a, rel.When{Cond: call(rel.Gt, a, b), Then: b}), 3, []float64{1, 0}},
		"guarded":    {call(rel.Div, a, call(rel.NullIf, b, rel.Int(0))), 0.75, []float64{0.25, -3.0 / 16}},
		"conversion": {rel.ToType(a, rel.Float), 3, []float64{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			value, slopes, err := linearise(c.formula, []string{"a", "b"}, []float64{3, 4})
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, "value", value, c.value)
			for i := range c.slopes {
				closeTo(t, "slope", slopes[i], c.slopes[i])
			}
		})
	}
}

func TestLineariseRefuses(t *testing.T) {
	a, b := col("a"), col("b")
	for name, c := range map[string]struct {
		formula rel.Expr
		want    string
	}{
		"division by zero": {call(rel.Div, a, b), "zero_denominator"},
		"null":             {call(rel.Add, a, rel.Null(rel.Float)), "zero_denominator"},
		"no slope":         {call(rel.Floor, a), "invalid_input"},
		"upright":          {call(rel.Sqrt, b), "invalid_input"},
		"unknown input":    {col("c"), "invalid_input"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := linearise(c.formula, []string{"a", "b"}, []float64{3, 0})
			if got := reason(err).Code; got != c.want {
				t.Errorf("reason %q, want %q", got, c.want)
			}
		})
	}
}

// A number over itself does not vary, and rounding does not make it.
func TestQuotientOfItselfHasNoSlope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &rel.Col{Name: "a", T: rel.Float}
		at := rapid.Float64Range(0.001, 1e9).Draw(t, "a")
		_, slopes, err := linearise(rel.NewCall(rel.Div, a, a), []string{"a"}, []float64{at})
		if err != nil || slopes[0] != 0 {
			t.Errorf("slope %v, error %v", slopes, err)
		}
	})
}

// Slopes agree with central differences, whatever the formula.
func TestLineariseAgainstDifferences(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		formula := drawFormula(t, 4)
		at := rapid.SliceOfN(rapid.Float64Range(0.5, 2), 3, 3).Draw(t, "at")
		value, slopes, err := linearise(formula, names, at)
		if err != nil || math.Abs(value) > 1e3 {
			t.Skip("outside the formula's domain")
		}
		for i := range at {
			slope, coarser := slopeAt(formula, names, at, i, 1e-6), slopeAt(formula, names, at, i, 2e-6)
			if !(math.Abs(slope) <= 1e3 && math.Abs(slope-coarser) <= 1e-4*(1+math.Abs(slope))) {
				t.Skip("too steep or too rough for differences")
			}
			if math.Abs(slopes[i]-slope) > 1e-3*(1+math.Abs(slope)) {
				t.Fatalf("slope in %s is %v, by differences %v", names[i], slopes[i], slope)
			}
		}
	})
}

func slopeAt(formula rel.Expr, names []string, at []float64, i int, h float64) float64 {
	return (valueAt(formula, names, at, i, h) - valueAt(formula, names, at, i, -h)) / (2 * h)
}

func valueAt(formula rel.Expr, names []string, at []float64, i int, h float64) float64 {
	moved := append([]float64{}, at...)
	moved[i] += h
	value, _, err := linearise(formula, names, moved)
	if err != nil {
		return math.NaN()
	}
	return value
}

func drawFormula(t *rapid.T, depth int) rel.Expr {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		return rapid.SampledFrom([]rel.Expr{col("a"), col("b"), col("c"), rel.Float64(1.5), rel.Int(2)}).Draw(t, "operand")
	}
	if rapid.Bool().Draw(t, "unary") {
		return call(rapid.SampledFrom([]rel.Func{rel.Neg, rel.Sqrt, rel.Exp, rel.Ln}).Draw(t, "function"), drawFormula(t, depth-1))
	}
	binary := rapid.SampledFrom([]rel.Func{rel.Add, rel.Sub, rel.Mul, rel.Div, rel.Power}).Draw(t, "function")
	return call(binary, drawFormula(t, depth-1), drawFormula(t, depth-1))
}
