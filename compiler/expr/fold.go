package expr

import (
	"slices"
	"strings"

	"assay/internal/diag"
)

// A folder rewrites what only a tokenizer can: parentheses are matched, and the words that ANSI puts between arguments become
// tokens that any call has.
type folder struct {
	text diag.Text
	bag  *diag.Bag
	in   []token
	out  []token
	open []opening
}

// An opening is a parenthesis not yet closed: its own token, and the word before it, -1 for none.
type opening struct{ paren, call int }

// fold turns DATE 'x' into one literal, IS DISTINCT FROM into one operator, and the AS of CAST and the FROM of EXTRACT into
// commas; it records where each call closes. Ok is false where a mistake was reported.
func fold(text diag.Text, tokens []token, bag *diag.Bag) (folded []token, ok bool) {
	f := &folder{text: text, bag: bag, in: tokens}
	for len(f.in) > 0 {
		if !f.next() {
			return nil, false
		}
	}
	if n := len(f.open); n > 0 {
		return nil, f.fail(f.out[f.open[n-1].paren], "this parenthesis is never closed", "")
	}
	return f.out, true
}

func (f *folder) next() bool {
	switch {
	case f.starts("("):
		f.open = append(f.open, opening{paren: len(f.out), call: f.callBefore()})
		f.take(1, f.in[0])
		return true
	case f.starts(")"):
		return f.closeParen()
	case f.starts("IS", "NOT", "DISTINCT", "FROM"):
		return f.take(4, token{kind: operator, value: notDistinct})
	case f.starts("IS", "DISTINCT", "FROM"):
		return f.take(3, token{kind: operator, value: isDistinct})
	case f.startsLiteral("DATE"):
		return f.take(2, token{kind: date, value: f.in[1].value})
	case f.startsLiteral("TIMESTAMP"):
		return f.take(2, token{kind: stamp, value: f.in[1].value})
	case f.inside("CAST") && f.starts("AS"):
		return f.castType()
	case f.inside("EXTRACT", "SUBSTRING") && (f.starts("FROM") || f.starts("FOR")):
		return f.take(1, token{kind: operator, value: ","})
	}
	return f.take(1, f.in[0])
}

// Operators that the words of IS [NOT] DISTINCT FROM become.
const (
	isDistinct  = "is distinct from"
	notDistinct = "is not distinct from"
)

// take moves n tokens of the input to the output as t, which stands where they stood.
func (f *folder) take(n int, t token) bool {
	t.lo, t.hi = f.in[0].lo, f.in[n-1].hi
	f.out, f.in = append(f.out, t), f.in[n:]
	return true
}

func (f *folder) starts(words ...string) bool {
	if len(f.in) < len(words) {
		return false
	}
	for i, w := range words {
		if !f.in[i].is(w) {
			return false
		}
	}
	return true
}

func (f *folder) startsLiteral(name string) bool {
	return len(f.in) > 1 && f.in[0].is(name) && f.in[1].kind == str
}

// inside reports whether the innermost parenthesis is that of a call of one of the functions.
func (f *folder) inside(functions ...string) bool {
	if len(f.open) == 0 || f.open[len(f.open)-1].call < 0 {
		return false
	}
	return slices.ContainsFunc(functions, f.out[f.open[len(f.open)-1].call].is)
}

// callBefore is the position of the function name that the next parenthesis follows, -1 where it only groups.
func (f *folder) callBefore() int {
	last := len(f.out) - 1
	if last < 0 || f.out[last].kind != word || keywords[strings.ToUpper(f.out[last].value)] {
		return -1
	}
	return last
}

func (f *folder) closeParen() bool {
	if len(f.open) == 0 {
		return f.fail(f.in[0], "this parenthesis closes nothing", "remove it, or open it before")
	}
	innermost := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	if innermost.call >= 0 {
		f.out[innermost.call].close = len(f.out)
	}
	return f.take(1, f.in[0])
}

// castType takes AS and the words up to the parenthesis that closes CAST: decimal(18, 2), double precision.
func (f *folder) castType() bool {
	f.take(1, token{kind: operator, value: ","})
	depth, n := 0, 0
	for ; n < len(f.in) && (depth > 0 || !f.in[n].is(")")); n++ {
		switch f.in[n].value {
		case "(":
			depth++
		case ")":
			depth--
		}
	}
	if n == 0 || n == len(f.in) {
		return true // the grammar reports what is missing
	}
	return f.take(n, token{kind: typeName, value: f.text.Value[f.in[0].lo:f.in[n-1].hi]})
}

func (f *folder) fail(t token, message, hint string) bool {
	f.bag.Add(diag.Diagnostic{Code: syntax, Message: message, Span: f.text.At(t.lo, t.hi), Hint: hint})
	return false
}
