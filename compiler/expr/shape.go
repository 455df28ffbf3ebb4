package expr

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/xwb1989/sqlparser"

	"assay/internal/diag"
)

// keywords are the words that sqlparser sees as they are. TRUE, FALSE and NULL are leaves, for they have a place.
var keywords = map[string]bool{
	"AND": true, "OR": true, "NOT": true, "IS": true, "BETWEEN": true, "IN": true, "LIKE": true,
	"CASE": true, "WHEN": true, "THEN": true, "ELSE": true, "END": true,
}

// spellings are the operators that sqlparser reads under another name, at the precedence that ANSI gives them. REGEXP stands
// for IS DISTINCT FROM: nothing else of ours becomes it, and it binds as a comparison.
var spellings = map[string]string{"||": "|", "<>": "!=", isDistinct: "regexp", notDistinct: "<=>"}

// A shape is what sqlparser parses, and where each token ends in it.
type shape struct {
	sql  strings.Builder
	ends []int
}

func newShape(tokens []token) *shape {
	s := &shape{}
	s.sql.WriteString("select ( ")
	for i := range tokens {
		s.sql.WriteString(piece(tokens, i))
		s.ends = append(s.ends, s.sql.Len())
		s.sql.WriteByte(' ')
	}
	s.sql.WriteString(")")
	return s
}

// piece is what token i becomes.
func piece(tokens []token, i int) string {
	t := tokens[i]
	switch {
	case t.kind == operator:
		if other, ok := spellings[t.value]; ok {
			return other
		}
		return t.value
	case t.kind == word && (keywords[strings.ToUpper(t.value)] || followsIs(tokens, i)):
		return t.value
	}
	return leafName(i)
}

// followsIs reports whether token i is the NULL, TRUE or FALSE of IS [NOT] NULL.
func followsIs(tokens []token, i int) bool {
	if _, ok := constants[strings.ToUpper(tokens[i].value)]; !ok {
		return false
	}
	if i > 1 && tokens[i-1].is("NOT") {
		i--
	}
	return i > 0 && tokens[i-1].is("IS")
}

func leafName(i int) string { return "_" + strconv.Itoa(i) }

// leafIndex is the n of _n.
func leafIndex(id sqlparser.ColIdent) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(id.String(), "_"))
	return n, err == nil
}

// parse is the tree of the tokens; nil where a mistake was reported.
func parse(text diag.Text, tokens []token, bag *diag.Bag) sqlparser.Expr {
	s := newShape(tokens)
	sql := s.sql.String()
	if tree, ok := trees.Load(sql); ok {
		return tree.(sqlparser.Expr)
	}
	statement, err := sqlparser.Parse(sql)
	if err != nil {
		bag.Add(s.diagnose(text, tokens, err))
		return nil
	}
	tree := statement.(*sqlparser.Select).SelectExprs[0].(*sqlparser.AliasedExpr).Expr
	if len(sql) <= commonShape {
		trees.Store(sql, tree)
	}
	return tree
}

// trees are the trees of short shapes, which nothing changes. A project has thousands of expressions and few shapes, and
// sqlparser takes as long over one as all the rest of resolving a metric.
var trees sync.Map

// commonShape is the length in bytes up to which a shape is worth keeping.
const commonShape = 64

var atPosition = regexp.MustCompile(`at position (\d+)`)

// diagnose finds the token that sqlparser stumbled over. It gives the offset of the second character after it.
func (s *shape) diagnose(text diag.Text, tokens []token, err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: syntax, Hint: outside}
	if strings.Contains(err.Error(), "max nesting level") {
		d.Message, d.Span = "parentheses nest too deep", text.Span
		return d
	}
	i := len(tokens)
	if m := atPosition.FindStringSubmatch(err.Error()); m != nil {
		position, _ := strconv.Atoi(m[1])
		i = sort.SearchInts(s.ends, position-1)
	}
	if i >= len(tokens) {
		end := tokens[len(tokens)-1].hi
		d.Message, d.Span = "the expression ends before it is complete", text.At(tokens[len(tokens)-1].lo, end)
		return d
	}
	t := tokens[i]
	d.Message, d.Span = fmt.Sprintf("`%s` is not expected here", text.Value[t.lo:t.hi]), text.At(t.lo, t.hi)
	if t.kind == word {
		d.Hint = wordHint(t.value)
	}
	return d
}

// wordHint says what to do about a word that stands where none may.
func wordHint(name string) string {
	if hint, ok := elsewhere[strings.ToUpper(name)]; ok {
		return hint
	}
	if keywords[strings.ToUpper(name)] {
		return fmt.Sprintf("a column of that name is written \"%s\"", name)
	}
	return outside
}

// elsewhere are words of other dialects that people try, and what to write instead.
var elsewhere = map[string]string{
	"ILIKE":    "write LOWER(x) LIKE 'pattern'",
	"SELECT":   "a query belongs in a model's `sql:`",
	"OVER":     "a window function belongs in a model's `sql:`",
	"INTERVAL": "write date_add(day, 7, x)",
	"ESCAPE":   "LIKE knows % and _ alone; use starts_with(x, 'text') or a model's `sql:`",
	"FILTER":   "put the condition into the metric's `filter:`",
}
