package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xwb1989/sqlparser"

	"assay/compiler/rel"
	"assay/internal/diag"
)

// constants are the words that are values.
var constants = map[string]rel.Lit{
	"TRUE": {Value: true, T: rel.Boolean}, "FALSE": {Value: false, T: rel.Boolean}, "NULL": {T: rel.Unknown},
}

// leaf is what the token behind a name of ours says.
func (b *builder) leaf(c *sqlparser.ColName) rel.Expr {
	n, ok := leafIndex(c.Name)
	if !ok {
		return b.refuse(b.text.Span, "this is not part of the expression grammar")
	}
	t := b.tokens[n]
	at := b.text.At(t.lo, t.hi)
	switch t.kind {
	case word, quoted:
		if lit, ok := constants[strings.ToUpper(t.value)]; ok && t.kind == word {
			lit.At = at
			return &lit
		}
		return b.names.Name(t.value, t.kind == quoted, at)
	case property:
		return b.names.Property(t.prop)
	case str:
		return &rel.Lit{Value: t.value, T: rel.Text, At: at}
	case number:
		return numeral(t.value, at)
	case date:
		return b.readTime(t.value, rel.Date, at)
	case stamp:
		return b.readTime(t.value, rel.Timestamp, at)
	case typeName, operator:
	}
	return b.refuse(at, fmt.Sprintf("`%s` is not expected here", b.text.Value[t.lo:t.hi]))
}

// numeral is a number as ANSI types it: exact with a fraction, a float with an exponent.
func numeral(s string, at diag.Span) rel.Expr {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return &rel.Lit{Value: n, T: rel.Integer, At: at}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, "eE") {
		return &rel.Lit{Value: f, T: rel.Float, At: at}
	}
	return &rel.Lit{Value: s, T: rel.Decimal, At: at}
}

// negative is the literal with its sign turned.
func negative(lit *rel.Lit) (rel.Expr, bool) {
	minus := *lit
	switch v := lit.Value.(type) {
	case int64:
		minus.Value = -v
	case float64:
		minus.Value = -v
	case string:
		if digits, wasNegative := strings.CutPrefix(v, "-"); wasNegative {
			minus.Value = digits
		} else {
			minus.Value = "-" + v
		}
		return &minus, lit.T == rel.Decimal
	default:
		return nil, false
	}
	return &minus, true
}

// timeLayouts are the spellings of a time without a zone, and of one with its offset, which is taken to UTC.
var timeLayouts = map[rel.Type][]string{
	rel.Date:      {time.DateOnly},
	rel.Timestamp: {time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly, time.RFC3339},
}

func (b *builder) readTime(s string, t rel.Type, at diag.Span) rel.Expr {
	for _, layout := range timeLayouts[t] {
		if v, err := time.Parse(layout, s); err == nil {
			return &rel.Lit{Value: v.UTC(), T: t, At: at}
		}
	}
	b.bag.Add(diag.Diagnostic{Code: types, Span: at, Message: fmt.Sprintf("`%s` is no %s", s, t),
		Hint: "write 2026-01-31, or for a timestamp 2026-01-31 23:59:00"})
	return Unresolved(at)
}

// readTimes makes times of the texts that args compare with a time: ordered_at >= '2026-01-01'. A text with a time of day,
// compared with a date, is a timestamp.
func (b *builder) readTimes(args []rel.Expr) []rel.Expr {
	want := rel.Unknown
	for _, x := range args {
		if x.Type() == rel.Date || x.Type() == rel.Timestamp {
			want = max(want, x.Type())
		}
	}
	if want == rel.Unknown {
		return args
	}
	read := make([]rel.Expr, len(args))
	for i, x := range args {
		read[i] = x
		if lit, ok := x.(*rel.Lit); ok && lit.T == rel.Text {
			read[i] = b.readTime(lit.Value.(string), wideEnough(want, lit.Value.(string)), lit.At)
		}
	}
	return read
}

func wideEnough(t rel.Type, s string) rel.Type {
	if strings.Contains(s, ":") {
		return rel.Timestamp
	}
	return t
}
