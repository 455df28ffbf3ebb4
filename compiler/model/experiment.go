package model

import (
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// An Experiment with everything it uses. Times are instants in UTC.
type Experiment struct {
	Name         string
	Decl         *project.Experiment // with the project's defaults filled in
	Logs         []*Log
	Entity       string
	Key          string    // value of the logs' experiment column
	Start        time.Time // zero where neither assignments nor facts need one
	End          time.Time // zero while it runs
	ObserveUntil time.Time
	Variants     []Variant
	Phases       []Phase     // stretches with allocations of their own, by time; nil: one allocation throughout
	Control      string      // the baseline's name
	Controls     []string    // further controls, each compared with the baseline, from which it must not differ
	Population   *Predicate  // over UnitRefs; nil: all units
	Trigger      *Trigger    // nil: counted from exposure
	Entry        *Log        // rows of a model that show who would enter, each as an exposure; nil: nobody says
	Rehearses    *Experiment // what this one tries on history; nil: it is no rehearsal
	Dimensions   []*UnitDimension
	Metrics      []*MetricUse
	Protocol     *Protocol
	Exposures    ExposurePolicy
}

// Clustered reports whether clusters of units were randomised, and not each unit by itself.
func (e *Experiment) Clustered() bool { return e.Logs[0].Cluster != nil }

// SharesLayer reports whether another experiment may have no unit of e's: it is of the same layer and the same time, has units of the
// same entity, and reads another key.
func (e *Experiment) SharesLayer(other *Experiment) bool {
	layer := e.Decl.Layer
	return layer.IsSet() && layer.V == other.Decl.Layer.V && e.Entity == other.Entity && e.Key != other.Key && e.overlaps(other)
}

// overlaps reports whether two experiments run at the same time; one without a start or an end always has or goes on.
func (e *Experiment) overlaps(other *Experiment) bool {
	before := func(end, start time.Time) bool { return !end.IsZero() && !end.After(start) }
	return !before(e.End, other.Start) && !before(other.End, e.Start)
}

// A Variant of an experiment; shares add up to one.
type Variant struct {
	Name, Label string
	Value       string // in the logs
	Share       float64
}

// A Phase is a stretch of an experiment with its own shares; it ends where the next begins.
type Phase struct {
	Name     string // its first day
	From     time.Time
	Variants []Variant
}

// A Log holds assignments. Its Table has the columns; the expressions read them. Nil means the log has no such column.
type Log struct {
	Decl       *project.Assignments // nil: rows of a model that stand for assignments
	Table      *Table
	Moment     *Dimension // when a row's properties of other tables are read; nil: it reads none
	Unit       rel.Expr
	Reach      *Ref     // how the rows lead to Unit where another table has it; nil: the log's own column
	Time       rel.Expr // as stored, in Table.Zone
	DayGrain   bool     // whether Time is known by day only
	Experiment rel.Expr
	Variant    rel.Expr
	Cluster    rel.Expr // what was randomised, with all units in it
	Stratum    rel.Expr
	Dimensions []rel.Named
}

// ByDay reports whether the log has times, and knows them by day alone.
func (l *Log) ByDay() bool { return l.Time != nil && l.DayGrain }

// ExposurePolicy says what becomes of a unit seen in several variants.
type ExposurePolicy string

const (
	ExcludeMultiple ExposurePolicy = "exclude"
	FirstExposure   ExposurePolicy = "first"
	RefuseMultiple  ExposurePolicy = "error"
)

// A UnitDimension is a property of a unit at assignment: a dimension of the logs (Ref nil), or one reached from the unit's
// entity, whose Ref.Path starts at a table that holds the entity as a key: the first Hop has From nil.
type UnitDimension struct {
	Name string // as written: country, user__plan
	Ref  *Ref
}

// Role of a metric in an experiment.
type Role string

const (
	Primary   Role = "primary"
	Secondary Role = "secondary"
	Guardrail Role = "guardrail"
	Explore   Role = "explore"
)

// A MetricUse is a metric in an experiment under its settings.
type MetricUse struct {
	Name     string // the `as` name where there is one
	Metric   *Metric
	Role     Role
	Unit     string   // the entity, or the role of it, that leads from the metric's facts to units: see UnitPath
	Margin   *float64 // of a guardrail, a fraction
	Settings Settings
	Decl     *project.MetricEntry
}

// Settings of a metric in an experiment, each from the entry, else the metric, else the protocol, else the default.
type Settings struct {
	WindowStart time.Duration
	WindowEnd   *time.Duration // nil: until the analysis ends
	Mature      bool
	Winsorize   *Winsorize
	Cap         *Cap
	CUPED       *CUPED
	MDE         *float64
	Origins     []Origin // one for each setting, for `show`
}

// An Origin tells where a setting comes from.
type Origin struct {
	Setting string    // window, mature, winsorize, cap, cuped, mde
	Value   string    // as `show` prints it
	Layer   string    // experiment, metric, protocol, default
	Span    diag.Span // zero for a default
}

// Winsorize caps at quantiles; nil: no cap on that side.
type Winsorize struct {
	Lower, Upper *float64
	IgnoreZeros  bool
}

// Cap caps at numbers; nil: no cap on that side.
type Cap struct{ Lower, Upper *float64 }

// CUPED adjusts by what was known before assignment, as a rule the metric's own values over Lookback.
type CUPED struct {
	Lookback   time.Duration
	Covariates []Covariate
	Choose     bool // among the covariates, of which the first is the metric's own, those that correlate best with it
}

// A Prior is what is believed of a relative lift before the data: normal, its mean and standard deviation fractions.
type Prior struct{ Mean, SD float64 }

// A Protocol with its defaults filled in.
type Protocol struct {
	Name         string
	Decl         *project.Protocol // nil: the built-in default
	Method       string
	Confidence   float64
	Sides        string    // two, one
	Show         []float64 // further confidences, which decide nothing
	Correction   string
	Gamma        float64 // preferential_bonferroni: the share of the error rate that the primary metrics have together
	Tuning       int64   // sequential and hybrid: the units at which the interval should be tightest
	Prior        Prior   // bayesian
	Looks        int64   // group_sequential
	Spending     string  // group_sequential: obrien_fleming, pocock, kim_demets
	Power        float64
	SRMThreshold float64
	MinimumUnits int64
	MinimumDays  int64
	Decision     []Rule             // the first that holds recommends
	Statistics   project.Statistics // as declared, with what the experiment overrides
}
