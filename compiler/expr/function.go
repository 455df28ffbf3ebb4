package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwb1989/sqlparser"

	"assay/compiler/rel"
	"assay/internal/diag"
)

// A form is how a function's arguments are read.
type form uint8

const (
	plain    form = iota
	withUnit      // the first argument is a unit of time
	withPart      // the first argument is a part of a time
	asType        // the second argument is a type
)

var functions = map[string]struct {
	f    rel.Func
	form form
}{
	"coalesce": {rel.Coalesce, plain}, "nullif": {rel.NullIf, plain},
	"greatest": {rel.Greatest, plain}, "least": {rel.Least, plain},

	"abs": {rel.Abs, plain}, "round": {rel.Round, plain}, "floor": {rel.Floor, plain},
	"ceil": {rel.Ceil, plain}, "ceiling": {rel.Ceil, plain}, "mod": {rel.Mod, plain},
	"sqrt": {rel.Sqrt, plain}, "exp": {rel.Exp, plain}, "ln": {rel.Ln, plain},
	"power": {rel.Power, plain}, "pow": {rel.Power, plain},

	"concat": {rel.Concat, plain}, "lower": {rel.Lower, plain}, "upper": {rel.Upper, plain}, "trim": {rel.Trim, plain},
	"length": {rel.Length, plain}, "char_length": {rel.Length, plain}, "character_length": {rel.Length, plain},
	"substring": {rel.Substring, plain}, "substr": {rel.Substring, plain},
	"replace": {rel.Replace, plain}, "starts_with": {rel.StartsWith, plain},

	"date_trunc": {rel.DateTrunc, withUnit},
	"date_add":   {rel.DateAdd, withUnit}, "dateadd": {rel.DateAdd, withUnit},
	"date_diff": {rel.DateDiff, withUnit}, "datediff": {rel.DateDiff, withUnit},
	"extract": {rel.DatePart, withPart}, "date_part": {rel.DatePart, withPart},
	"cast": {rel.NoFunc, asType},
}

// functionHints are functions that people try, and what to write instead.
var functionHints = map[string]string{
	"ifnull": "write coalesce(a, b)", "nvl": "write coalesce(a, b)", "isnull": "write a IS NULL",
	"if": "write CASE WHEN … THEN … ELSE … END", "iff": "write CASE WHEN … THEN … ELSE … END",
	"iif": "write CASE WHEN … THEN … ELSE … END", "log": "write ln(x): the base of log differs between warehouses",
	"try_cast": "CAST is an error where a value does not convert; give try_cast per dialect",
	"year":     "write extract(year FROM x)", "month": "write extract(month FROM x)", "day": "write extract(day FROM x)",
	"date": "write CAST(x AS date)", "to_date": "write CAST(x AS date)", "date_sub": "write date_add(day, -7, x)",
	"dimension": inBraces, "timedimension": inBraces, "entity": inBraces, "metric": inBraces,
	"now": ofRun, "current_date": ofRun, "current_timestamp": ofRun, "getdate": ofRun,
	"sum": ofAgg, "count": ofAgg, "avg": ofAgg, "min": ofAgg, "max": ofAgg, "median": ofAgg,
}

const (
	inBraces = "a property stands in braces: {{ Dimension('user__country') }}"

	ofRun = "the clock is no part of a metric: the same rows must give the same numbers on any day"
	ofAgg = "an aggregate is the metric's `agg:`; its `expr:` is what one row gives"
)

func (b *builder) call(e *sqlparser.FuncExpr) rel.Expr {
	n, ok := leafIndex(e.Name)
	if !ok || b.tokens[n].kind != word {
		return b.refuse(b.text.Span, "only a function's name may stand before a parenthesis")
	}
	t := b.tokens[n]
	at := b.text.At(t.lo, b.tokens[t.close].hi)
	fn, known := functions[strings.ToLower(t.value)]
	if !known {
		b.bag.Add(diag.Diagnostic{Code: function, Message: fmt.Sprintf("`%s` is no function known here", t.value),
			Span: b.text.At(t.lo, t.hi), Hint: functionHint(t.value)})
		return Unresolved(at)
	}
	args, ok := b.arguments(e.Exprs)
	if !ok {
		return Unresolved(at)
	}
	switch fn.form {
	case withUnit:
		return b.unitCall(fn.f, at, args)
	case withPart:
		return b.partCall(at, args)
	case asType:
		return b.cast(at, args)
	default:
		return b.applyAt(at, fn.f, b.buildAll(args))
	}
}

func functionHint(name string) string {
	if hint, ok := functionHints[strings.ToLower(name)]; ok {
		return hint
	}
	if near, ok := diag.Nearest(name, slices.Collect(maps.Keys(functions))); ok {
		return fmt.Sprintf("did you mean `%s`?", near)
	}
	return outside
}

// arguments are a call's; an argument with an alias is two that lack a comma.
func (b *builder) arguments(list sqlparser.SelectExprs) ([]sqlparser.Expr, bool) {
	var args []sqlparser.Expr
	for _, item := range list {
		aliased, ok := item.(*sqlparser.AliasedExpr)
		if !ok {
			b.refuse(b.text.Span, "`*` is no argument")
			return nil, false
		}
		if n, ok := leafIndex(aliased.As); ok {
			t := b.tokens[n]
			b.refuse(b.text.At(t.lo, t.hi), fmt.Sprintf("`%s` is not expected here", b.text.Value[t.lo:t.hi]))
			return nil, false
		}
		args = append(args, aliased.Expr)
	}
	return args, true
}

func (b *builder) buildAll(args []sqlparser.Expr) []rel.Expr {
	built := make([]rel.Expr, len(args))
	for i, a := range args {
		built[i] = b.build(a)
	}
	return built
}

// unitCall is a function of time whose first argument is a unit: date_trunc('week', x), dateadd(day, 7, x).
func (b *builder) unitCall(f rel.Func, at diag.Span, args []sqlparser.Expr) rel.Expr {
	unit, ok := named(b, at, args, "a unit of time", Units)
	if !ok {
		return Unresolved(at)
	}
	built := b.buildAll(args[1:])
	if f == rel.DateAdd && len(built) == 2 { // the count is written first
		built[0], built[1] = built[1], built[0]
	}
	t, err := rel.CheckTimeCall(f, unit, built)
	return b.checked(&rel.Call{Func: f, Unit: unit, Args: built, T: t, At: at}, err)
}

func (b *builder) partCall(at diag.Span, args []sqlparser.Expr) rel.Expr {
	part, ok := named(b, at, args, "a part of a time", parts)
	if !ok {
		return Unresolved(at)
	}
	if len(args) != 2 {
		b.mistyped(at, "extract takes a part and a time", "extract(year FROM ordered_at)")
		return Unresolved(at)
	}
	x := b.build(args[1])
	t, err := rel.CheckPartCall(part, x)
	return b.checked(&rel.Call{Func: rel.DatePart, Part: part, Args: []rel.Expr{x}, T: t, At: at}, err)
}

// named is what the first argument names, a bare word or a text.
func named[T any](b *builder, at diag.Span, args []sqlparser.Expr, what string, known map[string]T) (value T, ok bool) {
	t, ok := b.firstToken(args)
	if !ok {
		b.mistyped(at, "the first argument is "+what, "known here: "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		return value, false
	}
	value, ok = known[strings.ToLower(t.value)]
	if !ok {
		b.bag.Add(diag.Diagnostic{Code: types, Message: fmt.Sprintf("`%s` is not %s", t.value, what),
			Span: b.text.At(t.lo, t.hi), Hint: diag.Suggest(t.value, slices.Collect(maps.Keys(known)))})
	}
	return value, ok
}

func (b *builder) firstToken(args []sqlparser.Expr) (token, bool) {
	if len(args) == 0 {
		return token{}, false
	}
	column, ok := args[0].(*sqlparser.ColName)
	if !ok {
		return token{}, false
	}
	n, ok := leafIndex(column.Name)
	return b.tokens[n], ok && (b.tokens[n].kind == word || b.tokens[n].kind == str)
}

func (b *builder) cast(at diag.Span, args []sqlparser.Expr) rel.Expr {
	if len(args) != 2 {
		return b.refuse(at, "CAST is written CAST(x AS type)")
	}
	column, _ := args[1].(*sqlparser.ColName)
	if column == nil {
		return b.refuse(at, "CAST is written CAST(x AS type)")
	}
	n, ok := leafIndex(column.Name)
	if !ok || b.tokens[n].kind != typeName {
		return b.refuse(at, "CAST is written CAST(x AS type)")
	}
	t := b.tokens[n]
	to := TypeNamed(t.value)
	if to == rel.Unknown || to == rel.TimestampTZ {
		b.bag.Add(diag.Diagnostic{Code: types, Message: fmt.Sprintf("`%s` is no type to cast to", t.value),
			Span: b.text.At(t.lo, t.hi), Hint: "boolean, integer, bigint, decimal, double, text, date, timestamp"})
		return Unresolved(at)
	}
	return &rel.Cast{X: b.build(args[0]), T: to, At: at}
}
