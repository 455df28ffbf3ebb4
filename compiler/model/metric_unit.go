package model

import (
	"fmt"
	"time"

	"assay/compiler/project"
	"assay/internal/diag"
)

// Retention is whether a row that the input keeps lies in [Start, End) after a unit's clock has started.
type Retention struct {
	Input *Input // a simple metric; its filter matters, and not what it computes
	Start time.Duration
	End   *time.Duration // nil: until the analysis ends
	From  *Clock         // nil: in experiments alone
}

// Quantile is a quantile of units' totals of a metric.
type Quantile struct {
	Input *Input
	Q     float64 // in (0, 1)
}

func (*Retention) isSpec() {}
func (*Quantile) isSpec()  {}

// PerUnit is the first metric, among m and those it uses, that has a value for each unit and none over plain rows; nil for none.
func PerUnit(m *Metric) *Metric {
	switch m.Spec.(type) {
	case *Threshold, *Retention, *Quantile, *Funnel:
		return m
	case *Simple, *Ratio, *Derived, *Cumulative, *Conversion:
	}
	for _, in := range Inputs(m) {
		if found := PerUnit(in.Metric); found != nil {
			return found
		}
	}
	return nil
}

// Clockless is the first metric, among m and those it uses, that has a value for each unit of an experiment alone, and what a query
// may ask instead; nil for none.
func Clockless(m *Metric) (found *Metric, mend string) {
	switch {
	case ClockOf(m) != nil:
		return nil, ""
	case PerUnit(m) != m:
	case m.Decl.Type.V == project.Quantile:
		return m, "query the metric it is made of"
	default:
		return m, "give it `from:`, a metric whose first event starts each unit's clock; or query the metrics it is made of"
	}
	for _, in := range Inputs(m) {
		if found, mend := Clockless(in.Metric); found != nil {
			return found, mend
		}
	}
	return nil, ""
}

func (b *builder) retention(decl *project.Metric) *Retention {
	in := b.input(decl, decl.Input)
	if in == nil || !b.checkTimedRows(decl, in, decl.Input.Metric.Span) {
		return nil
	}
	from, ok := b.clock(decl, in)
	if !ok {
		return nil
	}
	r := &Retention{Input: in, Start: b.fixed(decl.Start), From: from}
	if decl.End.IsSet() {
		end := b.fixed(decl.End)
		r.End = &end
	}
	return r
}

// checkTimedRows asks that an input stands for rows whose times are known.
func (b *builder) checkTimedRows(decl *project.Metric, in *Input, at diag.Span) bool {
	notes := []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", in.Metric.Name), Span: in.Metric.Decl.Name.Span}}
	s, simple := in.Metric.Spec.(*Simple)
	switch {
	case !simple:
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: at, Notes: notes,
			Message: fmt.Sprintf("a %s looks at rows, and `%s` is %s", decl.Type.V, in.Metric.Name, withArticle(kindOf(in.Metric))),
			Hint:    "its input is a simple metric, whose filter says which rows"})
	case s.Time == nil:
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: at, Notes: notes, Hint: "give the model an `agg_time_dimension:`",
			Message: fmt.Sprintf("a %s asks when, and the rows of `%s` have no time", decl.Type.V, s.Table.Name)})
	default:
		return true
	}
	return false
}

func (b *builder) quantile(decl *project.Metric) *Quantile {
	in := b.input(decl, decl.Input)
	if in == nil || !b.checkTotal(decl, in) {
		return nil
	}
	return &Quantile{Input: in, Q: decl.Q.V}
}

// checkTotal asks that an input has a total per unit.
func (b *builder) checkTotal(decl *project.Metric, in *Input) bool {
	if s, simple := in.Metric.Spec.(*Simple); simple && additive[s.Agg] {
		return true
	}
	b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: decl.Input.Metric.Span,
		Message: fmt.Sprintf("a %s is on units' totals, and `%s` is %s", decl.Type.V, in.Metric.Name, withArticle(kindOf(in.Metric))),
		Hint:    "its input is a sum or a count",
		Notes:   []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", in.Metric.Name), Span: in.Metric.Decl.Name.Span}}})
	return false
}
