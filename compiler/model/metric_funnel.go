package model

import (
	"fmt"
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Funnel is how far a unit gets along a chain of rows, one a step.
type Funnel struct {
	Steps  []*FunnelStep
	Order  FunnelOrder
	Within *time.Duration // from the first step to the last; nil: however long it takes
	From   *Clock         // nil: in experiments alone
}

// A FunnelStep is the rows of a simple metric, whatever it computes of them.
type FunnelStep struct {
	Name   string
	Rows   *Input
	Within *time.Duration // from the step before; nil: however long it takes
}

// FunnelOrder says which chains count.
type FunnelOrder string

const (
	OrderedSteps FunnelOrder = "ordered" // each step at or after the one before
	StrictSteps  FunnelOrder = "strict"  // and no row of another step between them
	AnyOrder     FunnelOrder = "any"     // each step at some time
)

func (*Funnel) isSpec() {}

func (b *builder) funnel(decl *project.Metric) *Funnel {
	f := &Funnel{Order: FunnelOrder(or(decl.Order, string(OrderedSteps))), Within: b.optional(decl.Within)}
	failed := false
	for _, step := range decl.Steps {
		rows := b.stepRows(decl, step)
		failed = failed || rows == nil
		f.Steps = append(f.Steps, &FunnelStep{Name: step.Name.V, Rows: rows, Within: b.optional(step.Within)})
		if step.Within.IsSet() && f.Order == AnyOrder {
			b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: step.Within.Span,
				Message: fmt.Sprintf("in a funnel of any order no step is before `%s`", step.Name.V),
				Hint:    "`within` of the whole funnel counts from its first step"})
			failed = true
		}
	}
	if failed {
		return nil
	}
	from, ok := b.clock(decl, f.inputs()...)
	if !ok {
		return nil
	}
	f.From = from
	return f
}

func (b *builder) optional(v project.Value[project.Duration]) *time.Duration {
	if !v.IsSet() {
		return nil
	}
	d := b.fixed(v)
	return &d
}

// stepRows are a metric's rows, or those of a model; nil where there is a mistake.
func (b *builder) stepRows(decl *project.Metric, step *project.FunnelStep) *Input {
	in, at := b.modelRows(step), step.Model.Span
	if step.Metric.IsSet() {
		m := b.used(decl, step.Metric)
		if m == nil {
			return nil
		}
		in, at = &Input{Metric: m, Alias: step.Name.V, Filters: step.Filters}, step.Metric.Span
	}
	if in == nil || !b.checkTimedRows(decl, in, at) {
		return nil
	}
	return in
}

// modelRows are the rows of a step's model as a metric that has no name in the project.
func (b *builder) modelRows(step *project.FunnelStep) *Input {
	if !step.Model.IsSet() {
		return nil
	}
	t := b.tables[step.Model.V]
	if t == nil {
		b.missing(codeModel, "model", step.Model, b.tableNames())
		return nil
	}
	rows := &Simple{Table: t, Agg: project.Count, Time: t.Time}
	if rows.Filters = b.filtersOf(rows, step.Filters); len(rows.Filters) < len(step.Filters) {
		return nil
	}
	decl := &project.Metric{Name: step.Name, ModelName: step.Model, Type: project.Value[project.MetricType]{V: project.Simple}}
	return &Input{Metric: &Metric{Name: step.Name.V, Decl: decl, Spec: rows, Unnamed: true}, Alias: step.Name.V}
}

// inputs are the rows of each step.
func (f *Funnel) inputs() []*Input {
	var all []*Input
	for _, step := range f.Steps {
		all = append(all, step.Rows)
	}
	return all
}

// Grain is the coarsest granularity of the steps' times, at which they compare.
func (f *Funnel) Grain() rel.Unit {
	var coarsest rel.Unit
	for _, step := range f.Steps {
		coarsest = max(coarsest, step.Rows.Metric.Spec.(*Simple).Time.Granularity)
	}
	return coarsest
}
