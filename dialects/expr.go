package dialects

import (
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// A printer writes one statement. Expressions are printed in the order in which they stand in the text, each time they stand
// there: so the parameters are in the order of their placeholders.
type printer struct {
	*Dialect
	out    strings.Builder
	tables map[*rel.Step]string // names of the steps that are read
	params []rel.ParamName
}

func (d *Dialect) call(c *rel.Call) (Spelling, Operation) {
	op := Operation{Args: c.Args, Unit: c.Unit, Part: c.Part, Type: c.T}
	return d.Funcs[c.Func].spell(op), op
}

func (d *Dialect) cast(c *rel.Cast) (Spelling, Operation) {
	op := Operation{Args: []rel.Expr{c.X}, Type: c.T}
	return d.Cast.spell(op), op
}

func (d *Dialect) window(o *rel.Over) (Spelling, Operation) {
	op := Operation{Args: o.Args, Type: o.T}
	return d.Windows[o.Func].spell(op), op
}

// aggregate spells a with its condition inside its first argument, as a CASE, unless the template has a $filter: that of First, for
// which a NULL counts as a value, and those that an engine computes faster so.
func (d *Dialect) aggregate(a *rel.Agg) (Spelling, Operation) {
	op := Operation{Args: a.Args, Type: a.T}
	spelling := d.Aggs[a.Func].spell(op)
	if a.Where == nil || a.Func == rel.First || strings.Contains(spelling.Template, "$filter") {
		return spelling, op
	}
	f, args := a.Func, a.Args
	if f == rel.CountRows {
		f, args = rel.Count, []rel.Expr{rel.Int(1)}
	}
	op.Args = append([]rel.Expr{onlyWhere(a.Where, args[0])}, args[1:]...)
	return d.Aggs[f].spell(op), op
}

// onlyWhere is x where cond holds. A CASE that does the same already takes the condition in.
func onlyWhere(cond, x rel.Expr) rel.Expr {
	if c, ok := x.(*rel.Case); ok && len(c.Whens) == 1 && c.Else == nil {
		return rel.NewCase(nil, rel.When{Cond: rel.AndAll(cond, c.Whens[0].Cond), Then: c.Whens[0].Then})
	}
	return rel.NewCase(nil, rel.When{Cond: cond, Then: x})
}

func (p *printer) expr(e rel.Expr, s scope) fragment {
	switch e := e.(type) {
	case *rel.Col:
		if text, ok := s[e]; ok {
			return atom(text)
		}
		return atom(p.Ident(e.Name))
	case *rel.Lit:
		return p.literal(e)
	case *rel.Param:
		p.params = append(p.params, e.Name)
		return atom("CAST(" + p.Placeholder(len(p.params)) + " AS " + p.Types[e.Type()] + ")")
	case *rel.Verbatim:
		sql, _ := e.For(p.Dialect.Name)
		return atom(enclose(sql))
	case *rel.Case:
		return atom(strings.Join(p.branches(e, s), " "))
	case *rel.Call:
		spelling, op := p.call(e)
		return p.spell(spelling, op, s, nil)
	case *rel.Cast:
		spelling, op := p.cast(e)
		return p.spell(spelling, op, s, nil)
	case *rel.Agg:
		spelling, op := p.aggregate(e)
		return p.spell(spelling, op, s, map[string]func() string{
			"order":  func() string { return p.orderBy(" ORDER BY ", e.OrderBy, s) },
			"filter": func() string { return p.filter(e.Where, s) },
		})
	case *rel.Over:
		spelling, op := p.window(e)
		return p.spell(spelling, op, s, map[string]func() string{"over": func() string { return p.over(e, s) }})
	}
	panic(&rel.Invariant{Message: "an expression of an unknown kind"})
}

// enclose puts a user's own SQL between parentheses: on lines of its own where it may end in a comment.
func enclose(sql string) string {
	if strings.ContainsAny(sql, "\n#") || strings.Contains(sql, "--") || strings.Contains(sql, "/*") {
		return "(\n" + sql + "\n)"
	}
	return "(" + sql + ")"
}

// bare is e where an expression of any level may stand.
func (p *printer) bare(e rel.Expr, s scope) string { return p.expr(e, s).text }

// spell fills the template of an operation; further are holes that this kind of operation has.
func (p *printer) spell(spelling Spelling, op Operation, s scope, further map[string]func() string) fragment {
	if spelling.Template == "$1" {
		return p.expr(op.Args[0], s)
	}
	var b strings.Builder
	for _, h := range holes(spelling.Template) {
		b.WriteString(h.text)
		if write, ok := further[h.name]; ok {
			b.WriteString(write())
			continue
		}
		b.WriteString(p.hole(h, spelling.Level, op, s))
	}
	return fragment{b.String(), spelling.Level}
}

func (p *printer) hole(h hole, level Level, op Operation, s scope) string {
	if t, ok := typeHoles[h.name]; ok {
		return p.Types[t]
	}
	switch h.name {
	case "":
		return ""
	case "unit":
		return p.Units[op.Unit]
	case "interval":
		return p.Intervals[op.Unit]
	case "part":
		return p.Parts[op.Part]
	case "type":
		return p.Types[op.Type]
	case "*":
		return p.list(op.Args, s)
	}
	from, rest := strings.CutSuffix(h.name, "*")
	n, err := strconv.Atoi(from)
	if err != nil {
		panic(&rel.Invariant{Message: "a template with $" + h.name})
	}
	if rest {
		return p.list(op.Args[n-1:], s)
	}
	f := p.expr(op.Args[n-1], s)
	if f.level < h.need(level) {
		return "(" + f.text + ")"
	}
	return f.text
}

// typeHoles are the names of types in templates.
var typeHoles = map[string]rel.Type{
	"boolean": rel.Boolean, "integer": rel.Integer, "decimal": rel.Decimal, "float": rel.Float, "text": rel.Text,
	"date": rel.Date, "timestamp": rel.Timestamp,
}

func (p *printer) list(es []rel.Expr, s scope) string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = p.bare(e, s)
	}
	return strings.Join(texts, ", ")
}

// branches are the parts of a CASE, from its first word to its last.
func (p *printer) branches(c *rel.Case, s scope) []string {
	parts := []string{"CASE"}
	for _, w := range c.Whens {
		when := "WHEN " + p.bare(w.Cond, s)
		parts = append(parts, when+" THEN "+p.bare(w.Then, s))
	}
	if c.Else != nil {
		parts = append(parts, "ELSE "+p.bare(c.Else, s))
	}
	return append(parts, "END")
}

func (p *printer) filter(where rel.Expr, s scope) string {
	if where == nil {
		return ""
	}
	return " FILTER (WHERE " + p.bare(where, s) + ")"
}

// orderBy is an ORDER BY after a prefix, without the constants that engines refuse there; empty where none of the keys is left.
func (p *printer) orderBy(prefix string, keys []rel.SortKey, s scope) string {
	var texts []string
	for _, k := range keys {
		if !isConstant(k.X) {
			texts = append(texts, p.sortKey(k, s))
		}
	}
	if texts == nil {
		return ""
	}
	return prefix + strings.Join(texts, ", ")
}

func isConstant(e rel.Expr) bool {
	return len(rel.FreeColumns(e)) == 0 && !rel.Contains[*rel.Verbatim](e) && !rel.Contains[*rel.Agg](e)
}

func (p *printer) sortKey(k rel.SortKey, s scope) string {
	op := Operation{Args: []rel.Expr{k.X}, Type: k.X.Type()}
	clause := p.Clauses[Ascending]
	if k.Desc {
		clause = p.Clauses[Descending]
	}
	return fill(clause, map[string]string{"key": p.spell(p.Ordered.spell(op), op, s, nil).text})
}

func (p *printer) over(o *rel.Over, s scope) string {
	var parts []string
	if len(o.Partition) > 0 {
		parts = append(parts, "PARTITION BY "+p.list(o.Partition, s))
	}
	if order := p.orderBy("ORDER BY ", o.Order, s); order != "" {
		parts = append(parts, order)
	}
	if frame := frame(o); frame != "" {
		parts = append(parts, frame)
	}
	return " OVER (" + strings.Join(parts, " ") + ")"
}

// frame is written wherever SQL's own default, which ends with the current row's peers, would be another.
func frame(o *rel.Over) string {
	switch {
	case len(o.Order) == 0 || o.Func == rel.RowNumber || o.Func == rel.Lag || o.Func == rel.Lead:
		return ""
	case o.Frame == nil:
		return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
	case o.Frame.Preceding < 0:
		return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
	default:
		return "ROWS BETWEEN " + strconv.Itoa(o.Frame.Preceding) + " PRECEDING AND CURRENT ROW"
	}
}
