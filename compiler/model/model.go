package model

import (
	"slices"
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A Model is a project that makes sense. Lists are in the order of the project.
type Model struct {
	Project     *project.Project
	Zone        *time.Location // reporting time zone
	Tables      []*Table
	Metrics     []*Metric
	Experiments []*Experiment
	Protocols   []*Protocol           // as declared, before any experiment overrides them
	Queries     []*project.SavedQuery // checked; ask resolves them again, as it does a query typed by hand
	Spines      []*Spine              // finest first

	tables  map[string]*Table
	metrics map[string]*Metric
	keys    map[string][]*Entity // of every table, those that join it: primary, unique and natural, by name
}

// A Table is one of the project's models: rows that are events or entities.
type Table struct {
	Name       string
	Decl       *project.Model // nil for assignments that stand alone
	Source     TableSource
	Columns    []rel.Column   // those known, else those that something names, type Unknown
	Closed     bool           // whether Columns are all there are
	Filter     *Predicate     // rows that count; nil: all
	Time       *Dimension     // default time of the table's metrics; nil: rows have no time
	Zone       *time.Location // of time columns without a zone
	Dimensions []*Dimension
	Entities   []*Entity
	// PrimaryEntity is what the names of the table's dimensions start with: its primary entity, or dbt's primary_entity, which
	// has no column and joins nothing; "" for none.
	PrimaryEntity string
	Partition     *Partition    // by which its rows lie; nil for none
	Validity      *rel.Validity // columns between which a row holds; nil: rows hold always
}

// A Partition is a column that holds the period, by the clocks of some time zone, in which a row's default time lies.
type Partition struct {
	Column      rel.Expr // as stored
	Granularity rel.Unit
}

// A TableSource is a relation, a file, or a user's SELECT; SQL is empty for the first two.
type TableSource struct {
	Table rel.Table
	SQL   string
	At    diag.Span
}

// A Dimension of a table. Expr reads the table's columns; a time is as stored, not yet in UTC.
type Dimension struct {
	Name        string
	Table       *Table
	Type        project.DimensionType
	Expr        rel.Expr
	Granularity rel.Unit // of a time: Day where it is known by day only
	Decl        *project.Dimension
}

// An Entity of a table. Expr reads the table's columns.
type Entity struct {
	Name   string
	Table  *Table
	Type   project.EntityType
	Expr   rel.Expr
	RoleOf string // the entity this one plays a role of; "" for none
	Decl   *project.Entity
}

// A Hop joins a table to another through an entity: many-to-one, so it multiplies no row.
type Hop struct{ From, To *Entity }

// A Ref is a property as a query or filter names it, from the point of view of one table or unit: `user__plan`,
// `metric_time__week`. Exactly one of Dimension and Entity is set.
// Metric makes it the value of a metric for that entity.
type Ref struct {
	Name      string // as an answer calls it
	Column    string // the column it becomes: the name, or one like it where the table has a column of that name
	Path      []Hop  // from the table to the one that holds it; empty: its own
	Dimension *Dimension
	Entity    *Entity
	Grain     rel.Unit     // of a time: truncated to it
	Custom    *CustomGrain // of a time: the custom period it lies in; Grain is then its spine's
	Default   bool         // whether the grain is none that was written
	Part      rel.Part     // of a time: just that part
	Metric    *MetricOf    // nil: none
}

// A MetricOf is the value of a metric for each value of an entity, both as they were written.
type MetricOf struct{ Name, By diag.Text }

// A Predicate is a boolean expression from one table's point of view. Its columns are the table's own by their names, and those
// of Refs by the Ref's name.
type Predicate struct {
	Expr rel.Expr
	Refs []*Ref
}

// readsMetric reports whether another metric's value decides.
func (p *Predicate) readsMetric() bool {
	return slices.ContainsFunc(p.Refs, func(r *Ref) bool { return r.Metric != nil })
}

// A Metric is a formula over aggregates.
type Metric struct {
	Name    string
	Decl    *project.Metric
	Spec    Spec
	Filters []diag.Text // of a composite: further filters of each simple metric under it, as an Input's
	// Unnamed is true of rows that a funnel's step names by their model: no metric of the project.
	Unnamed bool
}

// Spec is what a metric computes.
//
//sumtype:decl
type Spec interface{ isSpec() }

// Simple is one aggregate over one table.
type Simple struct {
	Table      *Table
	Agg        project.Aggregation
	Expr       rel.Expr     // over the table's columns; nil: count of rows
	Filters    []*Predicate // ANDed
	Time       *Dimension   // nil: rows have no time
	Percentile float64
	Discrete   bool
	// Approximate says that an engine may estimate the percentile in one pass, in a KPI query.
	Approximate bool
	// NonAdditive is nil where values add up over time.
	NonAdditive *NonAdditive
}

// Ratio is a quotient of two metrics.
type Ratio struct{ Numerator, Denominator *Input }

// Derived is an expression whose columns are its inputs' aliases.
type Derived struct {
	Inputs []*Input
	Expr   rel.Expr
}

// Threshold is whether a unit's total of a metric stands on one side of a value.
type Threshold struct {
	Input *Input
	Op    rel.Func // Gt, Ge, Lt, Le
	Value float64
	From  *Clock // nil: in experiments alone
}

func (*Simple) isSpec()    {}
func (*Ratio) isSpec()     {}
func (*Derived) isSpec()   {}
func (*Threshold) isSpec() {}

// An Input is a metric used by another, under a name, with a further filter that each of its simple metrics takes from its own
// table's point of view.
type Input struct {
	Metric  *Metric
	Alias   string
	Filters []diag.Text
	Offset  Offset
}
