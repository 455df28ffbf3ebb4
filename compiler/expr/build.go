package expr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xwb1989/sqlparser"

	"assay/compiler/rel"
	"assay/internal/diag"
)

// A builder turns sqlparser's tree into rel.Expr. What has no case here is refused.
type builder struct {
	text   diag.Text
	tokens []token
	names  Resolver
	bag    *diag.Bag
}

var comparisons = map[string]rel.Func{
	sqlparser.EqualStr: rel.Eq, sqlparser.NotEqualStr: rel.Ne, sqlparser.LessThanStr: rel.Lt, sqlparser.LessEqualStr: rel.Le,
	sqlparser.GreaterThanStr: rel.Gt, sqlparser.GreaterEqualStr: rel.Ge, sqlparser.LikeStr: rel.Like,
	sqlparser.NullSafeEqualStr: rel.IsNotDistinct, sqlparser.InStr: rel.In,
}

// negated are the comparisons that are the opposite of another.
var negated = map[string]string{
	sqlparser.NotLikeStr: sqlparser.LikeStr, sqlparser.NotInStr: sqlparser.InStr,
	sqlparser.RegexpStr: sqlparser.NullSafeEqualStr,
}

var binaries = map[string]rel.Func{
	sqlparser.PlusStr: rel.Add, sqlparser.MinusStr: rel.Sub, sqlparser.MultStr: rel.Mul, sqlparser.DivStr: rel.Div,
	sqlparser.ModStr: rel.Mod, sqlparser.BitOrStr: rel.Concat,
}

func (b *builder) build(e sqlparser.Expr) rel.Expr {
	switch e := e.(type) {
	case *sqlparser.ParenExpr:
		return b.build(e.Expr)
	case *sqlparser.ColName:
		return b.leaf(e)
	case *sqlparser.AndExpr:
		return b.logic(rel.And, e.Left, e.Right)
	case *sqlparser.OrExpr:
		return b.logic(rel.Or, e.Left, e.Right)
	case *sqlparser.NotExpr:
		return b.apply(rel.Not, b.build(e.Expr))
	case *sqlparser.ComparisonExpr:
		return b.comparison(e)
	case *sqlparser.RangeCond:
		return b.between(e)
	case *sqlparser.IsExpr:
		return b.is(e)
	case *sqlparser.BinaryExpr:
		return b.binary(e)
	case *sqlparser.UnaryExpr:
		return b.unary(e)
	case *sqlparser.FuncExpr:
		return b.call(e)
	case *sqlparser.CaseExpr:
		return b.choose(e)
	case sqlparser.ValTuple:
		return b.refuse(b.text.Span, "one expression is expected here, and these are several")
	default:
		return b.refuse(b.text.Span, "this is not part of the expression grammar")
	}
}

// refuse reports what is outside the grammar.
func (b *builder) refuse(at diag.Span, message string) rel.Expr {
	b.bag.Add(diag.Diagnostic{Code: syntax, Message: message, Span: at, Hint: outside})
	return Unresolved(at)
}

// apply is f over args, spanning them.
func (b *builder) apply(f rel.Func, args ...rel.Expr) rel.Expr { return b.applyAt(span(args), f, args) }

func (b *builder) applyAt(at diag.Span, f rel.Func, args []rel.Expr) rel.Expr {
	t, err := rel.CheckCall(f, args)
	return b.checked(&rel.Call{Func: f, Args: args, T: t, At: at}, err)
}

// conversion is the hint for values whose types do not suit.
const conversion = "convert what is of the wrong type, as in cast(amount as double)"

func (b *builder) mistyped(at diag.Span, message, hint string) {
	b.bag.Add(diag.Diagnostic{Code: types, Span: at, Message: message, Hint: hint})
}

// checked is call where err is nil; else err is reported at the argument it names, or at the whole call.
func (b *builder) checked(call *rel.Call, err error) rel.Expr {
	if err == nil {
		return call
	}
	at := call.At
	if wrong := (*rel.ArgumentError)(nil); errors.As(err, &wrong) && wrong.Arg >= 0 {
		at = call.Args[wrong.Arg].Span()
	}
	b.mistyped(at, err.Error(), conversion)
	return Unresolved(call.At)
}

func span(xs []rel.Expr) diag.Span {
	at := diag.Span{}
	for _, x := range xs {
		at = at.Join(x.Span())
	}
	return at
}

// logic joins a AND b AND c into one call.
func (b *builder) logic(f rel.Func, left, right sqlparser.Expr) rel.Expr {
	var args []rel.Expr
	for _, x := range []rel.Expr{b.build(left), b.build(right)} {
		if c, ok := x.(*rel.Call); ok && c.Func == f {
			args = append(args, c.Args...)
		} else {
			args = append(args, x)
		}
	}
	return b.apply(f, args...)
}

func (b *builder) comparison(e *sqlparser.ComparisonExpr) rel.Expr {
	if positive, ok := negated[e.Operator]; ok {
		return b.apply(rel.Not, b.comparison(&sqlparser.ComparisonExpr{Operator: positive, Left: e.Left, Right: e.Right}))
	}
	f, ok := comparisons[e.Operator]
	if !ok {
		return b.refuse(b.build(e.Left).Span(), "this comparison is not part of the expression grammar")
	}
	args := []rel.Expr{b.build(e.Left)}
	if list, ok := e.Right.(sqlparser.ValTuple); ok {
		for _, item := range list {
			args = append(args, b.build(item))
		}
	} else {
		args = append(args, b.build(e.Right))
	}
	return b.apply(f, b.readTimes(args)...)
}

func (b *builder) between(e *sqlparser.RangeCond) rel.Expr {
	args := b.readTimes([]rel.Expr{b.build(e.Left), b.build(e.From), b.build(e.To)})
	x := b.apply(rel.And, b.apply(rel.Ge, args[0], args[1]), b.apply(rel.Le, args[0], args[2]))
	if e.Operator == sqlparser.NotBetweenStr {
		return b.apply(rel.Not, x)
	}
	return x
}

func (b *builder) is(e *sqlparser.IsExpr) rel.Expr {
	x := b.build(e.Expr)
	switch e.Operator {
	case sqlparser.IsNullStr:
		return b.apply(rel.IsNull, x)
	case sqlparser.IsNotNullStr:
		return b.apply(rel.IsNotNull, x)
	case sqlparser.IsTrueStr:
		return b.truth(x, true)
	case sqlparser.IsNotTrueStr:
		return b.apply(rel.Not, b.truth(x, true))
	case sqlparser.IsFalseStr:
		return b.truth(x, false)
	default:
		return b.apply(rel.Not, b.truth(x, false))
	}
}

// truth is whether x is the value and not NULL.
func (b *builder) truth(x rel.Expr, value bool) rel.Expr {
	if t := x.Type(); t != rel.Boolean && t != rel.Unknown {
		b.mistyped(x.Span(), fmt.Sprintf("only a condition is true or false, and this is %s", t), "compare it with a value, as in amount > 10")
		return Unresolved(x.Span())
	}
	return b.apply(rel.IsNotDistinct, x, &rel.Lit{Value: value, T: rel.Boolean, At: x.Span()})
}

func (b *builder) binary(e *sqlparser.BinaryExpr) rel.Expr {
	f, ok := binaries[e.Operator]
	left, right := b.build(e.Left), b.build(e.Right)
	if !ok {
		return b.refuse(left.Span().Join(right.Span()), fmt.Sprintf("`%s` is not part of the expression grammar", e.Operator))
	}
	if c, isCall := left.(*rel.Call); isCall && f == rel.Concat && c.Func == f {
		return b.apply(f, append(c.Args[:len(c.Args):len(c.Args)], right)...)
	}
	return b.apply(f, left, right)
}

func (b *builder) unary(e *sqlparser.UnaryExpr) rel.Expr {
	x := b.build(e.Expr)
	switch e.Operator {
	case sqlparser.UMinusStr:
		if lit, ok := x.(*rel.Lit); ok {
			if minus, ok := negative(lit); ok {
				return minus
			}
		}
		return b.apply(rel.Neg, x)
	case sqlparser.UPlusStr:
		return x
	default:
		return b.refuse(x.Span(), fmt.Sprintf("`%s` is not part of the expression grammar", strings.TrimSpace(e.Operator)))
	}
}

// choose is a CASE; with an operand, each WHEN is a value it equals.
func (b *builder) choose(e *sqlparser.CaseExpr) rel.Expr {
	x := &rel.Case{}
	var operand rel.Expr
	if e.Expr != nil {
		operand = b.build(e.Expr)
	}
	for _, w := range e.Whens {
		cond := b.build(w.Cond)
		if operand != nil {
			cond = b.apply(rel.Eq, b.readTimes([]rel.Expr{operand, cond})...)
		}
		x.Whens = append(x.Whens, rel.When{Cond: cond, Then: b.build(w.Val)})
		x.At = x.At.Join(cond.Span()).Join(x.Whens[len(x.Whens)-1].Then.Span())
	}
	if e.Else != nil {
		x.Else = b.build(e.Else)
		x.At = x.At.Join(x.Else.Span())
	}
	t, err := rel.CheckCase(x.Else, x.Whens)
	if err != nil {
		b.mistyped(x.At, err.Error(), conversion)
		return Unresolved(x.At)
	}
	x.T = t
	return x
}
