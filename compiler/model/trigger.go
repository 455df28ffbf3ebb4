package model

import (
	"fmt"
	"time"

	"assay/internal/diag"
)

// A Trigger is the fact from which a unit is counted: the first at or after its exposure.
type Trigger struct {
	Table  *Table
	Time   *Dimension
	Filter *Predicate     // nil: any row
	Within *time.Duration // after exposure; nil: until the analysis ends
}

// trigger is nil where there is none, or it has a mistake.
func (b *builder) trigger(e *Experiment) *Trigger {
	decl := e.Decl.Trigger
	if decl == nil || !decl.Model.IsSet() {
		return nil
	}
	t, ok := b.Table(decl.Model.V)
	if !ok {
		b.missing(codeModel, "model", decl.Model, b.tableNames())
		return nil
	}
	if t.Time == nil {
		b.bag.Add(diag.Diagnostic{Code: codeModel, Span: decl.Model.Span,
			Message: fmt.Sprintf("the rows of `%s` have no time, and so none can be the first after exposure", t.Name),
			Hint:    "give the model an `agg_time_dimension:`"})
		return nil
	}
	if _, _, err := b.UnitPath(t, e.Entity); err != nil {
		b.bag.Errorf(decl.Model.Span, codePath, "%s", err)
		return nil
	}
	trigger := &Trigger{Table: t, Time: t.Time}
	if !decl.Filter.IsZero() {
		trigger.Filter = b.Filter(t, decl.Filter, b.bag)
	}
	if decl.Within.IsSet() {
		within := length(decl.Within.V)
		trigger.Within = &within
	}
	return trigger
}
