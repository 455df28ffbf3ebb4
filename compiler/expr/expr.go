package expr

import (
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Codes of the diagnostics.
const (
	syntax   diag.Code = "expression"
	function diag.Code = "function"
	types    diag.Code = "type"
)

// outside is the hint for what the grammar does not have.
const outside = "expressions are portable ANSI SQL; give what is not per dialect: `{duckdb: …, default: …}`"

// A Resolver knows the names that an expression may use. Where a name is none, it reports so and returns Unresolved.
type Resolver interface {
	// Name is a column or the like. A quoted name is spelt exactly so.
	Name(name string, quoted bool, at diag.Span) rel.Expr
	// Property is what a call in braces reads.
	Property(p *Property) rel.Expr
}

// Unresolved stands for what could not be read: a column of Unknown type, so that nothing complains about it again.
func Unresolved(at diag.Span) rel.Expr { return &rel.Col{T: rel.Unknown, At: at} }

// Parse reads an expression; ok is false where a mistake was reported, by Parse or by the resolver's diagnostics in bag.
func Parse(text diag.Text, names Resolver, bag *diag.Bag) (x rel.Expr, ok bool) {
	tokens, ok := lex(text, bag)
	if !ok {
		return Unresolved(text.Span), false
	}
	if len(tokens) == 0 {
		if !text.Span.IsZero() { // what is not there at all is reported as missing
			bag.Add(diag.Diagnostic{Code: syntax, Span: text.Span, Message: "an expression is expected here",
				Hint: "write one, such as amount > 10"})
		}
		return Unresolved(text.Span), false
	}
	tokens, ok = fold(text, tokens, bag)
	if !ok {
		return Unresolved(text.Span), false
	}
	tree := parse(text, tokens, bag)
	if tree == nil {
		return Unresolved(text.Span), false
	}
	b := &builder{text: text, tokens: tokens, names: names, bag: bag}
	before := bag.Errors()
	x = b.build(tree)
	return x, bag.Errors() == before
}
