package plan

import (
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// own is a property of a row of the table that holds it, as a query sees it: a time truncated or taken apart in the reporting
// time zone.
func own(ref *model.Ref, reporting *time.Location) rel.Expr {
	if ref.Entity != nil {
		return ref.Entity.Expr
	}
	d := ref.Dimension
	if ref.Grain == rel.NoUnit && ref.Part == rel.NoPart {
		return d.Expr
	}
	local := localTime(d, reporting)
	if ref.Part != rel.NoPart {
		return rel.NewPartCall(ref.Part, local)
	}
	if ref.Grain <= d.Granularity {
		return local
	}
	return rel.NewTimeCall(rel.DateTrunc, ref.Grain, local)
}

// localTime is a stored time on the clocks of the reporting time zone. A date is what it is.
func localTime(d *model.Dimension, reporting *time.Location) rel.Expr {
	if d.Expr.Type() == rel.Date || d.Granularity >= rel.Day && d.Expr.Type() != rel.TimestampTZ {
		return d.Expr
	}
	if d.Expr.Type() != rel.TimestampTZ && d.Table.Zone.String() == reporting.String() {
		return d.Expr
	}
	return toZone(instant(d.Expr, d.Table.Zone, reporting), reporting)
}

// filtered is the rows of a joined table that count, with what is read of it.
func filtered(t *model.Table, cols []rel.Named) rel.Relation {
	var read []rel.Expr
	for _, c := range cols {
		read = append(read, c.X)
	}
	if t.Filter == nil || len(t.Filter.Refs) > 0 {
		return scan(t, read)
	}
	return rel.NewFilter(scan(t, append(read, t.Filter.Expr)), t.Filter.Expr)
}

// matching is key as the warehouse compares it with other: as text where their types differ.
func matching(key, other rel.Expr) rel.Expr {
	a, b := key.Type(), other.Type()
	if a == b || a == rel.Unknown || b == rel.Unknown {
		return key
	}
	if _, err := rel.Unify(key, other); err == nil {
		return key
	}
	return asText(key)
}

func asText(x rel.Expr) rel.Expr {
	if x.Type() == rel.Text {
		return x
	}
	return rel.ToType(x, rel.Text)
}

// scan reads the columns of a table that exprs mention.
func scan(t *model.Table, exprs []rel.Expr) rel.Relation {
	var schema rel.Schema
	for _, name := range rel.FreeColumns(exprs...) {
		if col := columnOf(t, name); col != nil {
			schema.Columns = append(schema.Columns, rel.Column{Name: name, Type: col.T})
		}
	}
	if t.Source.SQL != "" {
		return rel.NewRaw(t.Source.SQL, schema, t.Source.At)
	}
	return rel.NewScan(t.Source.Table, schema, t.Source.At)
}

// columnOf is a column of the table; nil where it has none of that name, as is so for what a join brings.
func columnOf(t *model.Table, name string) *rel.Col {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return rel.NewCol(rel.Column{Name: name, Type: c.Type})
		}
	}
	return nil
}
