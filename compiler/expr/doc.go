// Package expr reads a YAML fragment of portable ANSI SQL into a rel.Expr: an expression, or a filter with dbt's calls.
//
//	text ── lex, fold ─▶ tokens ── shape ─▶ `select ( … )` ── sqlparser ─▶ tree ── build ─▶ rel.Expr
//
// sqlparser is a MySQL grammar of 2018 that knows no position, reads `a || b` as OR and "a" as a string. So it gives the shape
// alone: every name, literal and call is a token of ours, replaced by _n before it parses and looked up by n in the tree that
// comes back. What the allow-list of build does not know is refused with its place. Spelling, reserved words, escapes and
// spans are therefore ours, and no text reaches SQL but through rel.
package expr
