package model

import (
	"fmt"
	"slices"

	"assay/compiler/rel"
	"assay/internal/diag"
)

// checkPerUnit refuses what has a value for periods and groups, and none for a unit of an experiment.
func (b *builder) checkPerUnit(use *MetricUse) {
	if m, why := Periodic(use.Metric); m != nil {
		d := diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span,
			Message: fmt.Sprintf("`%s` cannot be measured in an experiment: %s", use.Metric.Name, why),
			Hint:    "measure what it is made of, and `assay query` it beside"}
		if m != use.Metric {
			d.Notes = []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", m.Name), Span: m.Decl.Name.Span}}
		}
		b.bag.Add(d)
	}
}

// Periodic is the first metric, of m and those it uses, that has no value per unit, and why.
func Periodic(m *Metric) (found *Metric, why string) {
	switch s := m.Spec.(type) {
	case *Cumulative:
		return m, "a cumulative metric adds up over periods; use its input metric"
	case *Conversion:
		if s.Periods.Unit > rel.Week {
			return m, "its window is in " + s.Periods.Unit.String() + "s, which differ in length"
		}
	case *Simple:
		switch {
		case s.NonAdditive != nil:
			return m, "its values do not add up over time"
		case slices.ContainsFunc(s.Filters, (*Predicate).readsMetric):
			return m, "its filter reads another metric"
		}
	case *Ratio, *Derived, *Threshold, *Retention, *Quantile, *Funnel:
	}
	for _, in := range Inputs(m) {
		if !in.Offset.IsZero() {
			return m, fmt.Sprintf("its input `%s` is offset in time", in.Metric.Name)
		}
		if found, why := Periodic(in.Metric); found != nil {
			return found, why
		}
	}
	return nil, ""
}
