package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// properties resolves the dimensions and entities of a table, its validity and its default time.
func (b *builder) properties(t *Table) {
	r := &propertyReader{b: b, t: t, pending: map[string]*pendingDimension{}}
	r.dimensions()
	r.entities()
	b.validity(t)
	b.defaultTime(t)
}

// A propertyReader reads what a table's columns mean. A dimension may read others of its table, so each is resolved when it is
// first named.
type propertyReader struct {
	b       *builder
	t       *Table
	pending map[string]*pendingDimension
	reading []*pendingDimension // outermost first
}

// A pendingDimension is a dimension, and the column it stands on; nil for a derived one.
type pendingDimension struct {
	decl   *project.Dimension
	column *project.Column
	done   *Dimension
}

func (r *propertyReader) dimensions() {
	var order []*pendingDimension
	add := func(p *pendingDimension) {
		name := p.decl.Name
		if before, taken := r.pending[name.V]; taken {
			r.b.bag.Add(diag.Diagnostic{Code: codeDuplicate, Span: name.Span,
				Message: fmt.Sprintf("`%s` has two dimensions `%s`", r.t.Name, name.V),
				Hint:    "give one of them another name, or keep one",
				Notes:   []diag.Note{{Message: "the first is here", Span: before.decl.Name.Span}}})
			return
		}
		r.pending[name.V] = p
		order = append(order, p)
	}
	for _, c := range r.t.Decl.Columns {
		if c.Dimension != nil {
			add(&pendingDimension{decl: c.Dimension, column: c})
		}
	}
	for _, d := range r.t.Decl.DerivedDimensions {
		add(&pendingDimension{decl: d})
	}
	for _, p := range order {
		r.t.Dimensions = append(r.t.Dimensions, r.dimension(p))
	}
}

func (r *propertyReader) dimension(p *pendingDimension) *Dimension {
	if p.done != nil {
		return p.done
	}
	r.reading = append(r.reading, p)
	x := bare(r.read(p.decl.Expr, p.decl.Name, p.column))
	r.reading = r.reading[:len(r.reading)-1]
	p.done = &Dimension{Name: p.decl.Name.V, Table: r.t, Type: p.decl.Type.V, Expr: x, Decl: p.decl}
	r.checkDimension(p.done)
	return p.done
}

// read is an expression, or where none is written the column it stands on, or the column of that name.
func (r *propertyReader) read(e project.Expression, name project.Name, on *project.Column) rel.Expr {
	switch {
	case e.IsSet():
		return r.b.expression(e, r)
	case on != nil:
		return r.column(on.Name.V, true, on.Name.Span)
	default:
		return r.column(name.V, false, name.Span)
	}
}

// Name is first another dimension of the table, then a column: within its own expression a dimension's name means the column.
func (r *propertyReader) Name(name string, quoted bool, at diag.Span) rel.Expr {
	p := r.pending[name]
	if p == nil || len(r.reading) > 0 && p == r.reading[len(r.reading)-1] {
		return r.column(name, quoted, at)
	}
	if i := slices.Index(r.reading, p); i >= 0 {
		r.b.bag.Errorf(at, codeCycle, "the dimension `%s` reads itself: %s", name, r.circle(i))
		return expr.Unresolved(at)
	}
	return local(r.t, placed(r.dimension(p).Expr, at))
}

func (r *propertyReader) circle(from int) string {
	var names []string
	for _, p := range r.reading[from:] {
		names = append(names, p.decl.Name.V)
	}
	return strings.Join(append(names, names[0]), " → ")
}

// Property refuses a call: what a table's own dimension is cannot depend on a join.
func (r *propertyReader) Property(p *expr.Property) rel.Expr { return refuseProperty(p, r.b.bag) }

func (r *propertyReader) column(name string, quoted bool, at diag.Span) rel.Expr {
	return r.t.read(name, quoted, at, r.b.bag)
}

// read is a column as an expression sees it.
func (t *Table) read(name string, quoted bool, at diag.Span, bag *diag.Bag) rel.Expr {
	c, ok := t.column(name, quoted)
	if !ok {
		bag.Add(noColumn(t, name, at))
		return expr.Unresolved(at)
	}
	return local(t, &rel.Col{Name: c.Name, T: c.Type, At: at})
}

// local makes an instant a time without a zone in the table's time zone, so that expressions meet one kind of time.
func local(t *Table, x rel.Expr) rel.Expr {
	if x.Type() != rel.TimestampTZ {
		return x
	}
	zoned := rel.NewCall(rel.ToZone, rel.NewCall(rel.FromTZ, x), rel.String(t.Zone.String()))
	zoned.At = x.Span()
	return zoned
}

// bare undoes local where the whole expression is a column: a time dimension is its column as stored.
func bare(x rel.Expr) rel.Expr {
	if zoned, ok := x.(*rel.Call); ok && zoned.Func == rel.ToZone {
		return zoned.Args[0].(*rel.Call).Args[0]
	}
	return x
}

// placed is x as if written at the place that names it, so that a message about it points there.
func placed(x rel.Expr, at diag.Span) rel.Expr {
	switch x := x.(type) {
	case *rel.Col:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Lit:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Call:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Case:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Cast:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Verbatim:
		copied := *x
		copied.At = at
		return &copied
	case *rel.Param, *rel.Agg, *rel.Over:
	}
	return x
}

// expression reads portable text, or keeps what is given by dialect.
func (b *builder) expression(e project.Expression, names expr.Resolver) rel.Expr {
	if len(e.PerDialect) == 0 {
		x, _ := expr.Parse(e.Text, names, b.bag)
		return x
	}
	v := &rel.Verbatim{At: e.Span}
	for _, d := range e.PerDialect {
		if d.Dialect.V == "default" {
			v.SQL = d.Text.Value
		} else {
			v.Texts = append(v.Texts, rel.DialectSQL{Dialect: d.Dialect.V, SQL: d.Text.Value})
		}
	}
	return v
}

// temporal are the types a time can have.
var temporal = []rel.Type{rel.Unknown, rel.Date, rel.Timestamp, rel.TimestampTZ}

var numeric = []rel.Type{rel.Unknown, rel.Integer, rel.Decimal, rel.Float}

// checkDimension holds a dimension's type against its column's, and fills in the granularity of a time.
func (r *propertyReader) checkDimension(d *Dimension) {
	got := d.Expr.Type()
	switch {
	case d.Type == project.Numeric && !slices.Contains(numeric, got):
		r.b.bag.Errorf(d.Expr.Span(), codeType, "`%s` is declared numeric, and this is %s", d.Name, got)
	case d.Type == project.Time && !slices.Contains(temporal, got):
		r.b.bag.Add(diag.Diagnostic{Code: codeType, Span: d.Expr.Span(),
			Message: fmt.Sprintf("`%s` is declared a time, and this is %s", d.Name, got),
			Hint:    fmt.Sprintf("expr: CAST(%s AS timestamp)", d.Name)})
	case d.Type == project.Time:
		d.Granularity = r.granularity(d)
	}
}

// granularity is what is declared; else a date is known by day, and a timestamp as finely as it is stored.
func (r *propertyReader) granularity(d *Dimension) rel.Unit {
	declared := d.Decl.Granularity
	isDate := d.Expr.Type() == rel.Date
	switch {
	case !declared.IsSet() && isDate:
		return rel.Day
	case !declared.IsSet():
		return rel.NoUnit // as fine as it is stored
	case isDate && unitOf(declared.V) < rel.Day:
		r.b.bag.Errorf(declared.Span, codeGrain, "a date is not known by %s; its granularity is day or coarser", declared.V)
	}
	return unitOf(declared.V)
}

// unitOf is a unit as rel has it, which knows none finer than a millisecond.
func unitOf(u project.Unit) rel.Unit {
	if u == project.Nanosecond || u == project.Microsecond {
		return rel.Millisecond
	}
	return expr.Units[string(u)]
}
