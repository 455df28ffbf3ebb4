package model

import (
	"fmt"
	"time"

	"assay/compiler/project"
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
	trigger := b.unitFact(e, e.Decl.Trigger)
	if trigger != nil && e.Decl.Trigger.Within.IsSet() {
		within := length(e.Decl.Trigger.Within.V)
		trigger.Within = &within
	}
	return trigger
}

// unitFact is rows of a model, each at a time and of a unit; nil where none are declared, or that has a mistake.
func (b *builder) unitFact(e *Experiment, decl *project.Trigger) *Trigger {
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
			Message: fmt.Sprintf("the rows of `%s` have no time, and so none is the first of its unit", t.Name),
			Hint:    "give the model an `agg_time_dimension:`"})
		return nil
	}
	if _, _, err := b.UnitPath(t, e.Entity); err != nil {
		b.unreached(decl.Model.Span, err, "")
		return nil
	}
	fact := &Trigger{Table: t, Time: t.Time}
	if !decl.Filter.IsZero() {
		fact.Filter = b.Filter(t, decl.Filter, b.bag)
	}
	return fact
}
