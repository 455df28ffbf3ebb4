package ask

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A Term is a metric as a formula over inputs. It is the same in a KPI query and in an experiment; what differs is at which grain
// and over which time its inputs are aggregated.
//
//sumtype:decl
type Term interface{ isTerm() }

// Aggregate is one input. Spine and Fill are for a KPI query by time: periods without rows appear, and what is NULL becomes Fill.
type Aggregate struct {
	Input *Input
	Spine bool
	Fill  *float64
}

// Quotient is one term over another.
type Quotient struct{ Numerator, Denominator Term }

// Formula is an expression whose columns are its arguments' names.
type Formula struct {
	Expr rel.Expr
	Args []Argument
}

// Argument is a term under the name a formula knows it by.
type Argument struct {
	Name string
	Term Term
}

// Reaches is whether a unit's total stands on one side of a value.
type Reaches struct {
	Total Term
	Op    rel.Func // Gt, Ge, Lt, Le
	Value float64
}

// Quantile is the q-quantile of units' totals.
type Quantile struct {
	Total Term
	Q     float64
}

// Funnel is how far a unit gets: Steps are the rows of its spec's.
type Funnel struct {
	Spec  *model.Funnel
	Steps []*Aggregate
}

// Conversion is conversion events among base events: see its spec.
type Conversion struct {
	Spec            *model.Conversion
	Base, Converted *Aggregate
}

func (*Aggregate) isTerm()  {}
func (*Quotient) isTerm()   {}
func (*Formula) isTerm()    {}
func (*Reaches) isTerm()    {}
func (*Quantile) isTerm()   {}
func (*Funnel) isTerm()     {}
func (*Conversion) isTerm() {}

// leaves are the aggregates a term is made of, in the order they are met.
func leaves(t Term) []*Aggregate {
	switch t := t.(type) {
	case *Aggregate:
		return []*Aggregate{t}
	case *Quotient:
		return append(leaves(t.Numerator), leaves(t.Denominator)...)
	case *Formula:
		var all []*Aggregate
		for _, a := range t.Args {
			all = append(all, leaves(a.Term)...)
		}
		return all
	case *Reaches:
		return leaves(t.Total)
	case *Quantile:
		return leaves(t.Total)
	case *Funnel:
		return t.Steps
	case *Conversion:
		return []*Aggregate{t.Base, t.Converted}
	default:
		panic(t)
	}
}

// Inputs are the inputs a term is made of, each once, in the order they are met.
func Inputs(t Term) []*Input {
	var all []*Input
	for _, leaf := range leaves(t) {
		if !slices.Contains(all, leaf.Input) {
			all = append(all, leaf.Input)
		}
	}
	return all
}

// A questioner expands metrics; inputs with equal keys become one value.
type questioner struct {
	model  *model.Model
	inputs map[string]*Input
	bag    *diag.Bag
}

func newQuestioner(m *model.Model, bag *diag.Bag) *questioner {
	return &questioner{model: m, inputs: map[string]*Input{}, bag: bag}
}

// expand is a metric as a Term. Each of filters, and a composite's own, is ANDed to the filter of each simple metric below, from
// its table's point of view.
func (q *questioner) expand(metric *model.Metric, filters []diag.Text) Term {
	filters = with(filters, metric.Filter)
	switch spec := metric.Spec.(type) {
	case *model.Simple:
		leaf := &Aggregate{Input: q.input(metric.Name, spec, filters), Spine: metric.Decl.JoinToTimespine.V}
		if fill := metric.Decl.FillNullsWith; fill.IsSet() {
			leaf.Fill = &fill.V
		}
		return leaf
	case *model.Ratio:
		return &Quotient{q.expandInput(spec.Numerator, filters), q.expandInput(spec.Denominator, filters)}
	case *model.Derived:
		formula := &Formula{Expr: spec.Expr}
		for _, in := range spec.Inputs {
			formula.Args = append(formula.Args, Argument{in.Alias, q.expandInput(in, filters)})
		}
		return formula
	case *model.Threshold:
		return &Reaches{q.expandInput(spec.Input, filters), spec.Op, spec.Value}
	case *model.Retention:
		return occurred(q.rows(spec.Input, filters))
	case *model.Conversion:
		return &Conversion{spec, q.expandInput(spec.Base, filters).(*Aggregate), q.expandInput(spec.Converted, filters).(*Aggregate)}
	case *model.Funnel:
		funnel := &Funnel{Spec: spec}
		for _, step := range spec.Steps {
			funnel.Steps = append(funnel.Steps, q.rows(step.Rows, filters))
		}
		return funnel
	case *model.Quantile:
		return &Quantile{q.expandInput(spec.Input, filters), spec.Q}
	default:
		panic(spec)
	}
}

func (q *questioner) expandInput(in *model.Input, filters []diag.Text) Term {
	return q.expand(in.Metric, with(filters, in.Filter))
}

// with is filters and one more, if there is one; the list it is given stays as it is.
func with(filters []diag.Text, more diag.Text) []diag.Text {
	if more.IsZero() {
		return filters
	}
	return append(slices.Clip(filters), more)
}

func (q *questioner) input(name string, simple *model.Simple, filters []diag.Text) *Input {
	in := &Input{
		Name: name, Table: simple.Table, Agg: simple.Agg, Expr: simple.Expr, Time: simple.Time,
		Percentile: simple.Percentile, Discrete: simple.Discrete,
	}
	if simple.Filter != nil {
		in.Filters = append(in.Filters, simple.Filter)
	}
	for _, text := range filters {
		if p := q.model.FilterOf(simple, text, q.bag); p != nil {
			in.Filters = append(in.Filters, p)
		}
	}
	key := in.Key()
	if known, ok := q.inputs[key]; ok {
		return known
	}
	q.inputs[key] = in
	return in
}
