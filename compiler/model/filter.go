package model

import (
	"fmt"
	"slices"

	"assay/compiler/expr"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Filter parses a filter from the point of view of a table, as a metric's, an input's or a query's.
func (m *Model) Filter(t *Table, text diag.Text, bag *diag.Bag) *Predicate {
	return m.filter(t, t.Time, text, bag)
}

// FilterOf is Filter for a simple metric, whose time may differ from its table's.
func (m *Model) FilterOf(s *Simple, text diag.Text, bag *diag.Bag) *Predicate {
	return m.filter(s.Table, s.Time, text, bag)
}

// filtersOf are those of a simple metric's filters that are right.
func (b *builder) filtersOf(s *Simple, texts []diag.Text) []*Predicate {
	var all []*Predicate
	for _, text := range texts {
		if p := b.FilterOf(s, text, b.bag); p != nil {
			all = append(all, p)
		}
	}
	return all
}

// FilterAt is Filter for rows that are counted by another time than their table's.
func (m *Model) FilterAt(t *Table, time *Dimension, text diag.Text, bag *diag.Bag) *Predicate {
	return m.filter(t, time, text, bag)
}

func (m *Model) filter(t *Table, time *Dimension, text diag.Text, bag *diag.Bag) *Predicate {
	s := &scope{model: m, table: t, time: time, bag: bag, joins: true}
	x, ok := expr.Parse(text, s, bag)
	if !ok || !wantCondition(x, bag) {
		return nil
	}
	return &Predicate{Expr: x, Refs: s.refs}
}

// wantCondition reports a filter that is neither true nor false.
func wantCondition(x rel.Expr, bag *diag.Bag) bool {
	if x.Type() == rel.Boolean || x.Type() == rel.Unknown {
		return true
	}
	bag.Add(diag.Diagnostic{Code: codeType, Span: x.Span(), Message: fmt.Sprintf("a filter is a condition, and this is %s", x.Type()),
		Hint: "compare it with a value, as in amount > 10"})
	return false
}

// A scope is what an expression over a table's rows may name: dimensions and columns of the table by their names, and
// properties near and far by calls.
type scope struct {
	model *Model
	table *Table
	time  *Dimension
	bag   *diag.Bag
	joins bool // whether a name such as user__plan is a property, as in a call
	refs  []*Ref
}

// Name is first a dimension of the table, then a property by its full name, then a column.
func (s *scope) Name(name string, quoted bool, at diag.Span) rel.Expr {
	if d := s.table.dimension(name); d != nil {
		return local(s.table, placed(d.Expr, at))
	}
	if n := s.model.splitName(diag.NewText(name, at, nil)); s.joins && (len(n.path) > 0 || n.element == metricTime) && !s.table.has(name) {
		return s.property(n, at)
	}
	c, ok := s.table.column(name, quoted)
	if ok {
		return local(s.table, &rel.Col{Name: c.Name, T: c.Type, At: at})
	}
	s.bag.Add(diag.Diagnostic{Code: codeColumn, Message: fmt.Sprintf("`%s` has no column or dimension `%s`", s.table.Name, name),
		Span: at, Hint: s.nameHint(name, quoted)})
	return expr.Unresolved(at)
}

// nameHint is what someone most likely meant who wrote a name that is nobody's.
func (s *scope) nameHint(name string, quoted bool) string {
	if near, ok := diag.Nearest(name, s.table.names()); ok {
		return fmt.Sprintf("did you mean `%s`?", near)
	}
	if quoted {
		return "double quotes are for names; a text is '" + name + "'"
	}
	if !s.joins {
		return diag.Allowed(s.table.names())
	}
	if _, metric := s.model.Metric(name); metric {
		return fmt.Sprintf("a metric's value for an entity is {{ Metric('%s', group_by=['entity']) }}", name)
	}
	if meant, ok := behindEntity(name, s.model.propertyNames(s.table)); ok {
		return fmt.Sprintf("did you mean `%s`?", meant)
	}
	return fmt.Sprintf("%s; a text stands in quotes: '%s'", diag.Allowed(s.table.names()), name)
}

// names are what a name in an expression over the table may be.
func (t *Table) names() []string {
	var names []string
	for _, d := range t.Dimensions {
		names = append(names, d.Name)
	}
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// Property becomes a column of the property's name.
func (s *scope) Property(p *expr.Property) rel.Expr {
	n, ok := s.model.readProperty(p, s.bag)
	if !ok {
		return expr.Unresolved(p.Span)
	}
	return s.property(n, p.Span)
}

// property is the column that a property becomes.
func (s *scope) property(n propertyName, at diag.Span) rel.Expr {
	r := s.model.factRef(s.table, s.time, n, s.bag)
	if r == nil {
		return expr.Unresolved(at)
	}
	if !slices.ContainsFunc(s.refs, func(other *Ref) bool { return other.Column == r.Column }) {
		s.refs = append(s.refs, r)
	}
	return &rel.Col{Name: r.Column, T: r.Type(), At: at}
}

// A rowScope is what an expression may name that joins nothing: dimensions and columns of its own table.
type rowScope struct{ scope }

func (b *builder) rows(t *Table) *rowScope {
	return &rowScope{scope{model: b.Model, table: t, bag: b.bag}}
}

// Property refuses a call.
func (s *rowScope) Property(p *expr.Property) rel.Expr { return refuseProperty(p, s.bag) }

func refuseProperty(p *expr.Property, bag *diag.Bag) rel.Expr {
	bag.Add(diag.Diagnostic{Code: codeDimension, Span: p.Span,
		Message: "only columns and dimensions of the row itself can be read here",
		Hint:    "a metric's `filter:` may reach other models; to compute over a join, use a `sql:` model"})
	return expr.Unresolved(p.Span)
}

// rowFilter is nil where text is absent or has a mistake. What rows a table has cannot depend on what is joined to them.
func (b *builder) rowFilter(t *Table, text diag.Text) *Predicate {
	if text.IsZero() {
		return nil
	}
	x, ok := expr.Parse(text, b.rows(t), b.bag)
	if !ok || !wantCondition(x, b.bag) {
		return nil
	}
	return &Predicate{Expr: x}
}
