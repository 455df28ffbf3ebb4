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

// Aggregate is one input. What follows it is for a KPI query by time: which rows a period counts, that periods without rows appear,
// and that what is NULL becomes Fill.
type Aggregate struct {
	Input *Input
	Reach Reach
	Spine bool
	Fill  *float64
}

// Shifted is a formula's value at an earlier time. Groups are the query's, and what the filters read besides: of these a time is the
// formula's own, as in dbt, and not the one that it is moved to. It is for KPI queries.
type Shifted struct {
	Term   Term
	Offset model.Offset
	Where  []*model.Predicate // from the point of view of the term's first input
	Groups []*Group
	Moved  int // how many of Groups come before those that filters alone read
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

// Holds reports whether a total stands on that side.
func (r *Reaches) Holds(total float64) bool {
	switch r.Op {
	case rel.Gt:
		return total > r.Value
	case rel.Ge:
		return total >= r.Value
	case rel.Lt:
		return total < r.Value
	default:
		return total <= r.Value
	}
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

// Conversion is conversion events among base events: see its spec. BaseRows are the base events, whatever Base computes of them.
type Conversion struct {
	Spec            *model.Conversion
	Base, Converted *Aggregate
	BaseRows        *Aggregate
}

// Started is the mean of a metric per unit, over the units whose first event a query asks for. Whichever the first is of a unit's
// events, that one says its groups, and whether the query's filters and time range hold. It is for KPI queries.
type Started struct {
	Metric *model.Metric
	Clock  *model.Clock
	First  *Aggregate // the events; the query's filters are Added
	Term   Term       // of a unit, from its first event
}

func (*Aggregate) isTerm()  {}
func (*Shifted) isTerm()    {}
func (*Quotient) isTerm()   {}
func (*Formula) isTerm()    {}
func (*Reaches) isTerm()    {}
func (*Quantile) isTerm()   {}
func (*Funnel) isTerm()     {}
func (*Conversion) isTerm() {}
func (*Started) isTerm()    {}

// leaves are the aggregates a term is made of, in the order they are met.
func leaves(t Term) []*Aggregate {
	if leaf, ok := t.(*Aggregate); ok {
		return []*Aggregate{leaf}
	}
	var all []*Aggregate
	for _, part := range parts(t) {
		all = append(all, leaves(part)...)
	}
	return all
}

// parts are the terms a term is computed from; none for an aggregate.
func parts(t Term) []Term {
	switch t := t.(type) {
	case *Aggregate:
		return nil
	case *Quotient:
		return []Term{t.Numerator, t.Denominator}
	case *Formula:
		var all []Term
		for _, a := range t.Args {
			all = append(all, a.Term)
		}
		return all
	case *Reaches:
		return []Term{t.Total}
	case *Quantile:
		return []Term{t.Total}
	case *Funnel:
		var all []Term
		for _, step := range t.Steps {
			all = append(all, step)
		}
		return all
	case *Conversion:
		return []Term{t.Base, t.Converted}
	case *Shifted:
		return []Term{t.Term}
	case *Started:
		return []Term{t.First} // the rest is aggregated by unit
	default:
		panic(t)
	}
}

// Inputs are the inputs a term is made of, each once, in the order they are met.
func Inputs(t Term) []*Input { return inputsOf(leaves(t)) }

// viewpoints are the inputs from whose point of view a query's groups and filters are read: all but those of conversion events, which
// belong to the group of their base event.
func viewpoints(t Term) []*Input {
	switch t := t.(type) {
	case *Aggregate:
		return []*Input{t.Input}
	case *Conversion:
		return []*Input{t.Base.Input}
	case *Quotient, *Formula, *Reaches, *Quantile, *Funnel, *Shifted, *Started:
		var all []*Input
		for _, part := range parts(t) {
			all = append(all, viewpoints(part)...)
		}
		return all
	default:
		panic(t)
	}
}

// Viewpoint is the first input from whose point of view the groups of a term are read.
func Viewpoint(t Term) *Input { return viewpoints(t)[0] }

func inputsOf(leaves []*Aggregate) []*Input {
	var all []*Input
	for _, leaf := range leaves {
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
	clock  func(*model.Metric) *model.Clock // what starts the clock of a metric's units; nil: an experiment does
	bag    *diag.Bag
}

func newQuestioner(m *model.Model, bag *diag.Bag) *questioner {
	return &questioner{model: m, inputs: map[string]*Input{}, bag: bag}
}

// expand is a metric as a Term. Each of filters, and a composite's own, is ANDed to the filter of each simple metric below, from
// its table's point of view.
func (q *questioner) expand(metric *model.Metric, filters []diag.Text) Term {
	if q.clock != nil {
		if clock := q.clock(metric); clock != nil {
			return q.started(metric, clock, filters)
		}
	}
	return q.expandSpec(metric, slices.Concat(filters, metric.Filters))
}

func (q *questioner) expandSpec(metric *model.Metric, filters []diag.Text) Term {
	fill := metric.Decl.FillNullsWith
	switch spec := metric.Spec.(type) {
	case *model.Simple:
		leaf := &Aggregate{Input: q.input(metric.Name, spec, filters), Spine: metric.Decl.JoinToTimespine.V}
		if fill.IsSet() {
			leaf.Fill = &fill.V
		}
		return leaf
	case *model.Cumulative:
		leaf := q.expandInput(spec.Input, filters).(*Aggregate)
		leaf.Reach = reachOf(spec)
		if fill.IsSet() && leaf.Fill == nil {
			leaf.Fill = &fill.V
		}
		return leaf
	case *model.Conversion:
		// Filters choose base events; what became of them counts however it came about.
		return &Conversion{Spec: spec, Base: q.expandInput(spec.Base, filters).(*Aggregate), BaseRows: q.rows(spec.Base, filters),
			Converted: q.expandInput(spec.Converted, nil).(*Aggregate)}
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
	filters = slices.Concat(filters, in.Filters)
	if in.Offset.IsZero() {
		return q.expand(in.Metric, filters)
	}
	switch in.Metric.Spec.(type) {
	case *model.Simple, *model.Cumulative:
		leaf := q.expand(in.Metric, filters).(*Aggregate)
		leaf.Reach.Shift = in.Offset
		return leaf
	default:
		return q.shifted(in, filters)
	}
}

// shifted moves a formula as a whole: what it is at the earlier time, and then the filters.
func (q *questioner) shifted(in *model.Input, filters []diag.Text) Term {
	s := &Shifted{Term: q.expand(in.Metric, nil), Offset: in.Offset}
	first := Viewpoint(s.Term)
	for _, text := range filters {
		if p := q.model.FilterAt(first.Table, first.Time, text, q.bag); p != nil {
			s.Where = append(s.Where, p)
		}
	}
	return s
}

func (q *questioner) input(name string, simple *model.Simple, filters []diag.Text) *Input {
	in := &Input{
		Name: name, Table: simple.Table, Agg: simple.Agg, Expr: simple.Expr, Time: simple.Time,
		Percentile: simple.Percentile, Discrete: simple.Discrete, Approximate: simple.Approximate, NonAdditive: simple.NonAdditive,
		Filters: slices.Clip(simple.Filters),
	}
	for _, text := range filters {
		if p := q.model.FilterOf(simple, text, q.bag); p != nil {
			in.Filters, in.Added = append(in.Filters, p), append(in.Added, p)
		}
	}
	key := in.Key()
	if known, ok := q.inputs[key]; ok {
		return known
	}
	q.inputs[key] = in
	in.Metrics = q.readMetrics(in.Refs())
	return in
}
