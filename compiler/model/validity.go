package model

import (
	"fmt"
	"slices"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// validity finds the columns between which a row holds. A natural entity needs them, for it occurs more than once.
func (b *builder) validity(t *Table) {
	v := &rel.Validity{}
	var first *project.Validity
	for _, d := range t.Dimensions {
		mark := d.Decl.Validity
		if mark == nil {
			continue
		}
		if first == nil {
			first = mark
		}
		if mark.IsStart.V {
			b.bound(&v.From, "start", d)
		}
		if mark.IsEnd.V {
			b.bound(&v.To, "end", d)
		}
	}
	switch {
	case first != nil && (v.From == "" || v.To == "") && b.incomplete():
	case first != nil && (v.From == "" || v.To == ""):
		b.bag.Add(diag.Diagnostic{Code: codeValidity, Span: first.Span,
			Message: fmt.Sprintf("`%s` needs one time with `is_start: true` and one with `is_end: true`", t.Name),
			Hint:    "dimension: {type: time, validity_params: {is_start: true}} on one column, {is_end: true} on another"})
	case first != nil:
		t.Validity = v
	default:
		b.checkNatural(t)
	}
}

// bound notes the column of one end.
func (b *builder) bound(column *string, end string, d *Dimension) {
	read, ok := d.Expr.(*rel.Col)
	switch {
	case *column != "":
		b.bag.Add(diag.Diagnostic{Code: codeValidity, Span: d.Decl.Validity.Span, Hint: "keep one of them",
			Message: fmt.Sprintf("`%s` has two dimensions that are the %s of validity", d.Table.Name, end)})
	case ok:
		*column = read.Name
	case d.Expr.Type() != rel.Unknown:
		b.bag.Add(diag.Diagnostic{Code: codeValidity, Span: d.Expr.Span(), Hint: "compute the column in a `sql:` source",
			Message: fmt.Sprintf("the %s of validity is a column as it is, not an expression", end)})
		*column = d.Name
	default:
		*column = d.Name
	}
}

func (b *builder) checkNatural(t *Table) {
	for _, e := range t.Entities {
		if e.Type == project.Natural {
			b.bag.Add(diag.Diagnostic{Code: codeValidity, Span: e.Decl.Type.Span,
				Message: "a natural entity occurs once at a moment, and nothing says from when to when a row holds",
				Hint:    "mark two times with validity_params: {is_start: true} and {is_end: true}; or make it primary"})
		}
	}
}

// defaultTime is the time of the table's metrics.
func (b *builder) defaultTime(t *Table) {
	name := t.Decl.AggTimeDimension
	if !name.IsSet() {
		return
	}
	if t.Time = b.timeNamed(t, name); t.Time == nil {
		// One stands in for the time that was meant, so that nobody is told that the rows have none.
		t.Time = &Dimension{Name: name.V, Table: t, Type: project.Time, Expr: expr.Unresolved(name.Span), Granularity: rel.Second}
	}
}

// timeNamed is a time dimension of the table; nil where the name is none, which is reported.
func (b *builder) timeNamed(t *Table, name project.Name) *Dimension {
	other := t.dimension(name.V)
	switch {
	case other == nil:
	case other.Type == project.Time:
		return other
	case other.Type == "":
		return nil // its type is wrong, which reading has told
	}
	if other == nil && b.incomplete() {
		return nil
	}
	d := unknown(codeDimension, "time dimension of `"+t.Name+"`", name.V, name.Span, t.timeNames())
	if other != nil {
		d.Message, d.Hint = "`"+name.V+"` is not a time dimension", "dimension: {type: time}"
		d.Notes = []diag.Note{{Message: "declared here", Span: other.Decl.Name.Span}}
	}
	if slices.ContainsFunc(t.Columns, func(c rel.Column) bool { return c.Name == name.V }) && other == nil {
		d.Hint = "the column exists: make it one with `dimension: {type: time}` and a `granularity:`"
	}
	b.bag.Add(d)
	return nil
}

func (t *Table) timeNames() []string {
	var names []string
	for _, d := range t.Dimensions {
		if d.Type == project.Time {
			names = append(names, d.Name)
		}
	}
	return names
}
