package dialects

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// line writes a line at a depth. Its text may hold line breaks of the user's, which stay as they are.
func (p *printer) line(depth int, format string, args ...any) {
	p.out.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&p.out, format, args...)
	p.out.WriteByte('\n')
}

// items writes a list, one item a line, each by its own call: what is printed first must be written first.
func (p *printer) items(depth, n int, item func(i int) string) {
	for i := range n {
		text := item(i)
		if i < n-1 {
			text += ","
		}
		p.line(depth, "%s", text)
	}
}

func (p *printer) query(q query, depth int) {
	switch q := q.(type) {
	case *compound:
		for i, part := range q.parts {
			if i > 0 {
				p.line(depth, "UNION ALL")
			}
			p.query(part, depth)
		}
	case *selection:
		p.selection(q, depth)
	}
}

func (p *printer) selection(q *selection, depth int) {
	if series, ok := q.series(); ok {
		p.series(series, depth)
		return
	}
	qualifiers := p.qualifiers(q)
	s := p.scopeOf(q, qualifiers)
	if q.distinct {
		p.line(depth, "SELECT DISTINCT")
	} else {
		p.line(depth, "SELECT")
	}
	p.columns(q, s, depth+1)
	for i, from := range q.sources {
		p.from(from, i == 0, qualifiers[i], s, depth)
	}
	p.conditions("WHERE", q.where, s, depth)
	p.groupBy(q, s, depth)
	p.conditions("HAVING", q.having, s, depth)
	if order := p.orderBy("ORDER BY ", q.order, s); order != "" {
		p.line(depth, "%s", order)
	}
	if q.limit != nil {
		p.line(depth, "%s", fill(p.Clauses[Limited], map[string]string{"count": strconv.FormatInt(*q.limit, 10)}))
	}
}

func (p *printer) columns(q *selection, s scope, depth int) {
	switch {
	case len(q.columns) == 0:
		p.line(depth, "1 AS one_row")
	case q.isAll():
		p.line(depth, "%s", p.all(q.sources[0]))
	default:
		p.items(depth, len(q.columns), func(i int) string { return p.column(q.columns[i], s, depth) })
	}
}

// all are the columns of a source that is written out just below.
func (p *printer) all(from *source) string {
	values, listed := from.leaf.(*rel.Values)
	if !listed || values.Domain == nil {
		return "*"
	}
	texts := make([]string, len(values.Domain.Values))
	for i, v := range values.Domain.Values {
		texts[i] = p.Text(v)
	}
	return fill(p.Clauses[WithDomain], map[string]string{"column": p.Ident(values.Domain.Column), "values": strings.Join(texts, ", ")})
}

// isAll says that q has all columns of a source whose columns are written out just below.
func (q *selection) isAll() bool {
	from := q.sources[0]
	_, listed := from.leaf.(*rel.Values)
	same := func(c rel.Named, below *rel.Col) bool { return c.X == rel.Expr(below) }
	return (listed || from.query != nil) && q.isPlain() && slices.EqualFunc(q.columns, from.columns, same)
}

// column is a column of a SELECT: it names itself where it can.
func (p *printer) column(c rel.Named, s scope, depth int) string {
	name, text := p.Ident(c.Name), p.value(c.X, s, depth)
	if isColumn(c.X) && !p.Qualified && (text == name || strings.HasSuffix(text, "."+name)) {
		return text
	}
	return text + " AS " + name
}

// value is an expression; a long CASE is spread over lines.
func (p *printer) value(e rel.Expr, s scope, depth int) string {
	c, ok := e.(*rel.Case)
	if !ok {
		return p.bare(e, s)
	}
	branches := p.branches(c, s)
	if text := strings.Join(branches, " "); len(text) <= longLine {
		return text
	}
	indent := "\n" + strings.Repeat("  ", depth)
	last := len(branches) - 1
	return strings.Join(branches[:last], indent+"  ") + indent + branches[last]
}

const longLine = 100

// conditions are ANDed, one a line.
func (p *printer) conditions(keyword string, conds []rel.Expr, s scope, depth int) {
	for i, c := range conds {
		f := p.expr(c, s)
		text := f.text
		if len(conds) > 1 && f.level < LevelAnd {
			text = "(" + text + ")"
		}
		if i == 0 {
			p.line(depth, "%s %s", keyword, text)
		} else {
			p.line(depth+1, "AND %s", text)
		}
	}
}
