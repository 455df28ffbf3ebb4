package model

import (
	"fmt"
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Conversion is conversion events among base events of the same entity: each counts once, where a base event lies at or before it
// and less than Window ago.
type Conversion struct {
	Base, Converted *Input // simple metrics that add up
	Entity          string
	Window          *time.Duration // nil: however long ago
	Periods         Window         // the same as it is written: months are of no one length, and Window is nil for them
	Calculation     ConversionCalculation
	Constants       []ConstantProperty // besides the entity
}

// ConversionCalculation says what becomes of the two numbers.
type ConversionCalculation string

const (
	ConversionRate   ConversionCalculation = "conversion_rate"
	ConversionNumber ConversionCalculation = "conversions"
)

// A ConstantProperty is the same at a base event and at a conversion: over the columns of each one's table.
type ConstantProperty struct{ Base, Converted rel.Expr }

func (*Conversion) isSpec() {}

func (b *builder) conversion(decl *project.Metric) *Conversion {
	base, converted := b.input(decl, decl.Base), b.input(decl, decl.Converted)
	if base == nil || converted == nil || !b.checkEvents(decl, base, decl.Base) || !b.checkEvents(decl, converted, decl.Converted) {
		return nil
	}
	before := b.bag.Errors()
	periods, _ := b.window(decl.Window)
	c := &Conversion{Base: base, Converted: converted, Entity: decl.Entity.V, Periods: periods,
		Calculation: ConversionCalculation(or(decl.Calculation, string(ConversionRate)))}
	if periods.Unit <= rel.Week {
		c.Window = b.optional(decl.Window)
	}
	from, to := base.Metric.Spec.(*Simple).Table, converted.Metric.Spec.(*Simple).Table
	for _, t := range []*Table{from, to} {
		if t.entity(c.Entity) == nil {
			b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: decl.Entity.Span,
				Message: fmt.Sprintf("`%s` has no entity `%s`", t.Name, c.Entity), Hint: diag.Suggest(c.Entity, t.entityNames())})
		}
	}
	for _, p := range decl.ConstantProperties {
		c.Constants = append(c.Constants, ConstantProperty{
			Base: b.element(from, p.BaseProperty), Converted: b.element(to, p.ConversionProperty)})
	}
	if b.bag.Errors() > before {
		return nil
	}
	return c
}

// checkEvents asks that an input counts rows whose times are known.
func (b *builder) checkEvents(decl *project.Metric, in *Input, written *project.MetricInput) bool {
	if !b.checkTimedRows(decl, in, written.Metric.Span) {
		return false
	}
	if s := in.Metric.Spec.(*Simple); !additive[s.Agg] {
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: written.Metric.Span,
			Message: fmt.Sprintf("a conversion counts events, and `%s` is %s", in.Metric.Name, withArticle(kindOf(in.Metric))),
			Hint:    "its metrics are counts or sums"})
		return false
	}
	return true
}

// element is a table's entity, dimension or column.
func (b *builder) element(t *Table, name project.Name) rel.Expr {
	if e := t.entity(name.V); e != nil {
		return e.Expr
	}
	return b.rows(t).Name(name.V, false, name.Span)
}

// SameEntity is the conversion's entity as one more property that is the same at both events.
func (c *Conversion) SameEntity() ConstantProperty {
	entity := func(in *Input) rel.Expr { return in.Metric.Spec.(*Simple).Table.entity(c.Entity).Expr }
	return ConstantProperty{Base: entity(c.Base), Converted: entity(c.Converted)}
}
