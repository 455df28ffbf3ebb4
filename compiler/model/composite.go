package model

import (
	"fmt"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Cumulative is a simple metric over all rows of a window that ends with each period: the last Window, the period of ToDate so
// far, or, where neither is set, all time.
type Cumulative struct {
	Input  *Input
	Window Window
	ToDate rel.Unit
	Period project.Name // what stands for a coarser period: first, last or average of the periods in it
}

// An Offset moves an input in time: back by Window, or to the beginning of the period of ToGrain. The zero value moves nothing.
type Offset struct {
	Window  Window
	ToGrain rel.Unit
}

// IsZero reports whether nothing is moved.
func (o Offset) IsZero() bool { return o == Offset{} }

// IsFixed reports whether every time is moved by as much, so that it can be moved back: a month is not always as long.
func (o Offset) IsFixed() bool {
	return o.ToGrain == rel.NoUnit && o.Window.Custom == nil && o.Window.Unit <= rel.Week && o.Window.Count > 0
}

// Grain is the unit that times are moved by, or to.
func (o Offset) Grain() rel.Unit {
	if o.ToGrain != rel.NoUnit {
		return o.ToGrain
	}
	return o.Window.Unit
}

func (*Cumulative) isSpec() {}

func (b *builder) cumulative(decl *project.Metric) *Cumulative {
	in := b.simpleInput(decl, decl.Input, "a cumulative metric")
	window, ok := b.window(decl.Window)
	if in == nil || !ok {
		return nil
	}
	if window.Custom != nil {
		b.bag.Errorf(decl.Window.Span, codeGrain, "a cumulative metric's window is counted in units of time, and `%s` is none",
			window.Custom.Name)
		return nil
	}
	c := &Cumulative{Input: in, Window: window, Period: decl.PeriodAgg}
	if decl.GrainToDate.IsSet() {
		c.ToDate = unitOf(decl.GrainToDate.V)
	}
	if in.Metric.Spec.(*Simple).Time == nil {
		b.bag.Add(diag.Diagnostic{Code: codeMissing, Span: decl.Input.Metric.Span,
			Message: fmt.Sprintf("`%s` adds up over time, and the rows of `%s` have none", decl.Name.V, in.Metric.Name),
			Hint:    "give their model an `agg_time_dimension:`"})
		return nil
	}
	return c
}

// simpleInput is an input that has to be simple; nil where it is not, which is reported.
func (b *builder) simpleInput(decl *project.Metric, used *project.MetricInput, what string) *Input {
	in := b.input(decl, used)
	if in == nil {
		return nil
	}
	if _, simple := in.Metric.Spec.(*Simple); !simple {
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: used.Metric.Span,
			Message: fmt.Sprintf("%s is over a simple one, and `%s` is %s", what, in.Metric.Name, withArticle(kindOf(in.Metric))),
			Notes:   []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", in.Metric.Name), Span: in.Metric.Decl.Name.Span}}})
		return nil
	}
	return in
}

// offset resolves how an input is moved; false where it cannot be, which is reported.
func (b *builder) offset(in *project.MetricInput, metric *Metric) (Offset, bool) {
	window, ok := b.window(in.OffsetWindow)
	o := Offset{Window: window}
	if in.OffsetToGrain.IsSet() {
		if o.ToGrain = unitOf(in.OffsetToGrain.V); o.ToGrain == rel.NoUnit {
			b.bag.Add(unknown(codeGrain, "unit of time", string(in.OffsetToGrain.V), in.OffsetToGrain.Span, unitNames()))
			return o, false
		}
	}
	if _, conversion := metric.Spec.(*Conversion); conversion && !o.IsZero() {
		b.bag.Errorf(in.Metric.Span, codeMetric, "the conversion metric `%s` cannot be offset: its window is counted from its own events",
			metric.Name)
		return o, false
	}
	return o, ok
}

// nonAdditive resolves the dimension over which a simple metric does not add up.
func (b *builder) nonAdditive(decl *project.Metric, t *Table) *NonAdditive {
	if decl.NonAdditive == nil {
		return nil
	}
	n := &NonAdditive{Time: b.timeNamed(t, decl.NonAdditive.Dimension), Last: decl.NonAdditive.WindowChoice.V == "max"}
	for _, name := range decl.NonAdditive.WindowGroupings {
		e := t.entity(name.V)
		if e == nil {
			b.bag.Add(unknown(codeEntity, fmt.Sprintf("entity of `%s`", t.Name), name.V, name.Span, t.entityNames()))
			continue
		}
		n.Groupings = append(n.Groupings, e)
	}
	return n
}

// NonAdditive says over which time values of rows do not add up, as balances do not: only rows at the last, or first, time of a
// group count.
type NonAdditive struct {
	Time      *Dimension
	Last      bool
	Groupings []*Entity
}
