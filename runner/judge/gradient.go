package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"assay/compiler/rel"
	"assay/stats"
)

// linearise is the value and the slope of a formula over named arguments at a point, by forward-mode differentiation (Griewank
// and Walther 2008, chapter 3), which is exact to rounding. A formula that divides by zero there is undefined.
func linearise(formula rel.Expr, names []string, at []float64) (value float64, gradient []float64, err error) {
	d := differentiator{arguments: make(map[string]dual, len(names))}
	for i, name := range names {
		slope := make([]float64, len(names))
		slope[i] = 1
		d.arguments[name] = dual{x: at[i], slope: slope}
	}
	y := d.eval(formula)
	switch {
	case d.err != nil:
		return 0, nil, d.err
	case y.null:
		return 0, nil, &stats.Error{Reason: stats.ZeroDenominator,
			Detail: "the metric's formula has no value at the arm's means: it divides by 0, or takes a root or logarithm it cannot"}
	case y.slope == nil:
		y.slope = make([]float64, len(names))
	}
	if !slices.ContainsFunc(y.slope, isInfinite) {
		return y.x, y.slope, nil
	}
	return 0, nil, &stats.Error{Reason: stats.InvalidInput,
		Detail: "the metric's formula is infinitely steep at the arm's means, so that its error is unknown"}
}

func isInfinite(x float64) bool { return math.IsInf(x, 0) || math.IsNaN(x) }

// A dual is a number with its slope in each argument; a nil slope is a constant's. A condition is 1 or 0. NULL has no number.
type dual struct {
	x     float64
	slope []float64
	null  bool
}

func constant(x float64) dual { return dual{x: x} }

var null = dual{null: true}

func truth(b bool) dual {
	if b {
		return constant(1)
	}
	return constant(0)
}

// follow is the chain rule: a number computed from args, with its slope in each of them. What is not finite is NULL, as the
// warehouse has it.
func follow(x float64, args []dual, partials []float64) dual {
	if isInfinite(x) {
		return null
	}
	y := constant(x)
	for i, arg := range args {
		for j, s := range arg.slope {
			if y.slope == nil {
				y.slope = make([]float64, len(arg.slope))
			}
			if s != 0 {
				y.slope[j] += partials[i] * s
			}
		}
	}
	return y
}

// A differentiator keeps the first error, so that the rules below need not hand it on.
type differentiator struct {
	arguments map[string]dual
	err       error
}

func (d *differentiator) fail(format string, args ...any) dual {
	if d.err == nil {
		d.err = &stats.Error{Reason: stats.InvalidInput, Detail: fmt.Sprintf(format, args...)}
	}
	return null
}

func (d *differentiator) eval(e rel.Expr) dual {
	switch e := e.(type) {
	case *rel.Col:
		if arg, ok := d.arguments[e.Name]; ok {
			return arg
		}
		return d.fail("the formula reads %s, which is not an input of the metric", e.Name)
	case *rel.Lit:
		return d.literal(e)
	case *rel.Cast:
		return d.eval(e.X)
	case *rel.Case:
		return d.choose(e)
	case *rel.Call:
		return d.call(e)
	default:
		return d.fail("the formula holds a %T, which an experiment cannot differentiate", e)
	}
}

func (d *differentiator) literal(e *rel.Lit) dual {
	switch v := e.Value.(type) {
	case nil:
		return null
	case bool:
		return truth(v)
	case int64:
		return constant(float64(v))
	case float64:
		return constant(v)
	case string:
		if x, err := strconv.ParseFloat(v, 64); err == nil && e.T == rel.Decimal {
			return constant(x)
		}
	}
	return d.fail("the formula holds %v, which is not a number", e.Value)
}

func (d *differentiator) choose(e *rel.Case) dual {
	for _, when := range e.Whens {
		if cond := d.eval(when.Cond); !cond.null && cond.x != 0 {
			return d.eval(when.Then)
		}
	}
	if e.Else == nil {
		return null
	}
	return d.eval(e.Else)
}

func (d *differentiator) call(e *rel.Call) dual {
	args := make([]dual, len(e.Args))
	for i, arg := range e.Args {
		args[i] = d.eval(arg)
	}
	if rule, ok := choices[e.Func]; ok {
		return rule(args)
	}
	x := make([]float64, len(args))
	for i, arg := range args {
		if arg.null {
			return null
		}
		x[i] = arg.x
	}
	if rule, ok := comparisons[e.Func]; ok {
		return truth(rule(x))
	}
	rule, ok := smooth[e.Func]
	if !ok {
		return d.fail("%s has no slope, so that a metric that uses it has no standard error", e.Func)
	}
	y, partials := rule(x)
	return follow(y, args, partials)
}

// smooth are the functions with a slope: the value, and the partial derivative in each argument.
var smooth = map[rel.Func]func(x []float64) (float64, []float64){
	rel.Add: func(x []float64) (float64, []float64) { return x[0] + x[1], []float64{1, 1} },
	rel.Sub: func(x []float64) (float64, []float64) { return x[0] - x[1], []float64{1, -1} },
	rel.Mul: func(x []float64) (float64, []float64) { return x[0] * x[1], []float64{x[1], x[0]} },
	rel.Div: func(x []float64) (float64, []float64) {
		y := x[0] / x[1]
		return y, []float64{1 / x[1], -y / x[1]} // of a number over itself they cancel to the last digit: it does not vary
	},
	rel.Neg:  func(x []float64) (float64, []float64) { return -x[0], []float64{-1} },
	rel.Abs:  func(x []float64) (float64, []float64) { return math.Abs(x[0]), []float64{math.Copysign(1, x[0])} },
	rel.Sqrt: func(x []float64) (float64, []float64) { r := math.Sqrt(x[0]); return r, []float64{0.5 / r} },
	rel.Exp:  func(x []float64) (float64, []float64) { y := math.Exp(x[0]); return y, []float64{y} },
	rel.Ln:   func(x []float64) (float64, []float64) { return math.Log(x[0]), []float64{1 / x[0]} },
	rel.Power: func(x []float64) (float64, []float64) {
		y := math.Pow(x[0], x[1])
		return y, []float64{x[1] * math.Pow(x[0], x[1]-1), y * math.Log(x[0])}
	},
}

var comparisons = map[rel.Func]func(x []float64) bool{
	rel.Eq:  func(x []float64) bool { return x[0] == x[1] },
	rel.Ne:  func(x []float64) bool { return x[0] != x[1] },
	rel.Lt:  func(x []float64) bool { return x[0] < x[1] },
	rel.Le:  func(x []float64) bool { return x[0] <= x[1] },
	rel.Gt:  func(x []float64) bool { return x[0] > x[1] },
	rel.Ge:  func(x []float64) bool { return x[0] >= x[1] },
	rel.Not: func(x []float64) bool { return x[0] == 0 },
}

// choices are the functions that treat NULL in their own way; what they choose keeps its slope.
var choices = map[rel.Func]func(args []dual) dual{
	rel.IsNull:    func(args []dual) dual { return truth(args[0].null) },
	rel.IsNotNull: func(args []dual) dual { return truth(!args[0].null) },
	rel.And:       func(args []dual) dual { return decidedBy(0, args) },
	rel.Or:        func(args []dual) dual { return decidedBy(1, args) },
	rel.Coalesce:  func(args []dual) dual { return extreme(args, func(_, _ float64) bool { return false }) },
	rel.Greatest:  func(args []dual) dual { return extreme(args, func(x, best float64) bool { return x > best }) },
	rel.Least:     func(args []dual) dual { return extreme(args, func(x, best float64) bool { return x < best }) },
	rel.NullIf: func(args []dual) dual {
		if !args[0].null && !args[1].null && args[0].x == args[1].x {
			return null
		}
		return args[0]
	},
}

// decidedBy is AND (decisive 0) or OR (decisive 1) in three-valued logic: one decisive argument settles it, else a NULL does.
func decidedBy(decisive float64, args []dual) dual {
	result := constant(1 - decisive)
	for _, arg := range args {
		switch {
		case arg.null:
			result = null
		case arg.x == decisive:
			return constant(decisive)
		}
	}
	return result
}

// extreme is the argument that beats all others, NULLs aside, the first of equals.
func extreme(args []dual, beats func(x, best float64) bool) dual {
	best := null
	for _, arg := range args {
		if !arg.null && (best.null || beats(arg.x, best.x)) {
			best = arg
		}
	}
	return best
}
