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
	p.items(depth+1, len(q.columns), func(i int) string { return p.column(q.columns[i], s) })
	if len(q.columns) == 0 {
		p.line(depth+1, "1 AS one_row")
	}
	for i, from := range q.sources {
		p.from(from, i == 0, qualifiers[i], s, depth)
	}
	p.conditions("WHERE", q.where, s, depth)
	p.groupBy(q, depth)
	p.conditions("HAVING", q.having, s, depth)
	if order := p.orderBy("ORDER BY ", q.order, s); order != "" {
		p.line(depth, "%s", order)
	}
	if q.limit != nil {
		p.line(depth, "%s", fill(p.Clauses[Limited], map[string]string{"count": strconv.FormatInt(*q.limit, 10)}))
	}
}

// column is a column of a SELECT: it names itself where it can.
func (p *printer) column(c rel.Named, s scope) string {
	name, text := p.Ident(c.Name), p.bare(c.X, s)
	if isColumn(c.X) && (text == name || strings.HasSuffix(text, "."+name)) {
		return text
	}
	return text + " AS " + name
}

// conditions are ANDed, one a line.
func (p *printer) conditions(keyword string, conds []rel.Expr, s scope, depth int) {
	for i, c := range conds {
		text := p.conjunct(c, s)
		if i == 0 {
			p.line(depth, "%s %s", keyword, text)
		} else {
			p.line(depth+1, "AND %s", text)
		}
	}
}

// conjunct is a condition as an operand of AND.
func (p *printer) conjunct(c rel.Expr, s scope) string {
	f := p.expr(c, s)
	if f.level < LevelAnd {
		return "(" + f.text + ")"
	}
	return f.text
}

// qualifiers are the names by which the sources of q are known in it; a table that stands alone needs none.
func (p *printer) qualifiers(q *selection) []string {
	if len(q.sources) == 1 && q.sources[0].isTable() {
		return []string{""}
	}
	var names rel.Names
	list := make([]string, len(q.sources))
	for i, from := range q.sources {
		list[i] = names.Take(strings.ToLower(baseName(from)))
	}
	return list
}

func (s *source) isTable() bool {
	switch s.leaf.(type) {
	case *rel.Scan, *rel.Ref:
		return true
	default:
		return false
	}
}

// baseName is what a reader would call a source.
func baseName(s *source) string {
	switch leaf := s.leaf.(type) {
	case *rel.Scan:
		if len(leaf.Table.Parts) > 0 {
			return leaf.Table.Parts[len(leaf.Table.Parts)-1].Name
		}
		return "file"
	case *rel.Ref:
		return leaf.Step.Name
	case *rel.Series:
		return "series"
	case *rel.Values:
		return "listed"
	case *rel.Raw:
		return "query"
	default:
		return baseOf(s.query)
	}
}

func baseOf(q query) string {
	switch q := q.(type) {
	case *selection:
		return baseName(q.sources[0])
	default:
		return "parts"
	}
}

// scopeOf qualifies columns where there is more than one source.
func (p *printer) scopeOf(q *selection, qualifiers []string) scope {
	s := scope{}
	for i, from := range q.sources {
		for _, c := range from.columns {
			s[c] = p.Ident(c.Name)
			if len(q.sources) > 1 {
				s[c] = p.Ident(qualifiers[i]) + "." + s[c]
			}
		}
	}
	if g := q.grouping; g != nil && g.id != nil {
		s[g.id] = p.setNumber(g, s)
	}
	return s
}

// setNumber tells from the engine's mask of missing groups which grouping set a row is of.
func (p *printer) setNumber(g *grouping, s scope) string {
	mask := fill(p.Clauses[GroupingMask], map[string]string{"groups": p.list(expressions(g.groups), s)})
	text := "CASE " + mask
	for i, set := range g.sets {
		missing := 0
		for j := range g.groups {
			missing <<= 1
			if !slices.Contains(set, j) {
				missing |= 1
			}
		}
		text += fmt.Sprintf(" WHEN %d THEN %d", missing, i)
	}
	return text + " END"
}

// groupBy names groups by their places among the columns, which no engine can take for something else.
func (p *printer) groupBy(q *selection, depth int) {
	if q.grouping == nil {
		return
	}
	places := make([]string, len(q.grouping.groups))
	for i, g := range q.grouping.groups {
		at := slices.IndexFunc(q.columns, func(c rel.Named) bool { return c.X == g.X })
		places[i] = strconv.Itoa(at + 1)
	}
	switch {
	case q.grouping.sets != nil:
		p.line(depth, "GROUP BY %s", fill(p.Clauses[GroupingSets], map[string]string{"sets": groupingSets(q.grouping.sets, places)}))
	case len(places) > 0:
		p.line(depth, "GROUP BY %s", strings.Join(places, ", "))
	}
}

func groupingSets(sets [][]int, places []string) string {
	texts := make([]string, len(sets))
	for i, set := range sets {
		members := make([]string, len(set))
		for j, g := range set {
			members[j] = places[g]
		}
		texts[i] = "(" + strings.Join(members, ", ") + ")"
	}
	return strings.Join(texts, ", ")
}
