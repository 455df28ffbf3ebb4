package plan

import (
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/stats"
)

// Rows are what a fetched step returned. Values are nil, bool, int64, float64, string or time.Time (UTC).
type Rows struct {
	Columns []string
	Values  [][]any
}

// Observed is what a run brought back of one experiment: moments and counts, no unit's row.
type Observed struct {
	Experiment *model.Experiment
	AsOf       time.Time
	Exposures  Exposures
	Metrics    []*ObservedMetric // in the order of Experiment.Metrics
}

// Exposures counts units and rows on the way from the logs to the analysis, before population unless said otherwise.
type Exposures struct {
	Variants   []VariantCount // as seen in the logs, undeclared ones too, by name
	Clusters   []VariantCount // the same of clusters of units; nil where each unit was randomised by itself
	Phases     []PhaseCount   // the same of what was randomised, by phase, in their order; nil without phases
	Multiple   int64          // units seen in more than one variant
	Undeclared int64          // units seen in an undeclared variant
	NullRows   int64          // rows with a NULL unit, variant or time
	Newest     time.Time      // newest row of the logs; zero for none
	Shared     []SharedUnits  // with each other experiment of the layer, as the exposure policies leave them
	Entering   []DailyUnits   // what was randomised, by variant and day, as the exposure policy leaves it
	Daily      []DailyUnits   // units of the population, before the trigger, by variant and day
	Slices     []SliceCount   // the same by slice; nil where the warehouse did not answer
}

// A SliceCount is the units of a slice that entered, or their clusters where those were randomised, in the order of the experiment's
// variants.
type SliceCount struct {
	Dimension, Value string
	Randomised       []int64
}

// VariantCount is the units of a variant: Assigned as the exposure policy leaves them, Entered after population, Analysed after
// the trigger; without one the last two are equal.
type VariantCount struct {
	Variant                     string
	Declared                    bool
	Assigned, Entered, Analysed int64
}

// A PhaseCount is the units, or clusters, that a phase assigned to each declared variant, as the exposure policy leaves them.
type PhaseCount struct {
	Phase    string
	Assigned []int64 // in the order of the experiment's variants
	Entering []DailyUnits
}

// SharedUnits are in another experiment too.
type SharedUnits struct {
	With  string // the other experiment
	Units int64
}

// DailyUnits are the units first exposed on a day of the reporting time zone, and the clusters first seen by one of them.
type DailyUnits struct {
	Variant  string
	Day      time.Time
	Units    int64
	Clusters int64 // 0 where each unit was randomised by itself
}

// An ObservedMetric is a metric's moments in each slice and variant.
type ObservedMetric struct {
	Use    *model.MetricUse
	Shape  stats.Shape
	Labels []string // a name for each of the shape's quantities: value, numerator, denominator, pre, …
	// Formula is the estimate as a function of the quantities' means, of kind KindFunction: its columns are Labels. Nil otherwise.
	Formula rel.Expr
	// Centre is R₀ about which a ratio's residual was taken; CentreBefore its covariate's.
	Centre, CentreBefore float64
	CapLower, CapUpper   *float64          // caps used; a ratio's are its numerator's
	Quantile             *Quantile         // of kind KindQuantile
	Step                 string            // of a step of a funnel: its name
	Steps                []*ObservedMetric // of a funnel: the units that get at least to each step
	Slices               []Slice           // the whole first, then by dimension and value
	Daily                *Daily            // nil where the metric has no daily rows
	Facts                []Facts           // by the models that the metric reads
	Failed               error             // the warehouse refused the metric; the rest is then empty
}

// A Slice of units: the whole (Dimension "overall", Value "all") or those with one value of a dimension.
type Slice struct {
	Dimension, Value string
	Arms             []Arm // one for each variant of the experiment, in its order; absent arms have no units
	// Strata are the slice's units by phase and stratum, in that order; the arms above are theirs added up. Nil where the experiment
	// has neither.
	Strata []Stratum
}

// Facts are what a run found of a model: the rows that any of its metrics can use, of units that count.
type Facts struct {
	Model  string
	Units  int64     // units with a row
	Newest time.Time // when the newest row had happened, of days the end; zero where there is none, or times are coarser
	Oldest time.Time // when the oldest row happened, one before exposure that a covariate reads among them; zero but of rehearsals
}

// Daily is a metric by day.
type Daily struct {
	Shape         stats.Shape // of what is so far; a day's own facts have it without covariates
	Labels        []string    // of its quantities
	ByDate        []Day       // from the first unit's day on
	SinceExposure []Day       // the same by the days since a unit's first, which is day 0
	// Everyone is what all rows of the days by date add up to, whether or not their units are in the experiment; nil where the metric
	// is no sum.
	Everyone *float64
}

// A Day is a metric as it stands at the end of a day, all units together.
type Day struct {
	Number int   // days since 1970-01-01, or since exposure
	SoFar  Slice // all facts up to the end of the day
	Alone  Slice // the facts of the day alone, before caps and covariates
}

// A Stratum is the units of a slice that were assigned in one phase and stratum.
type Stratum struct {
	Phase, Stratum string // "" where the experiment has none; NoValue for a NULL stratum
	Arms           []Arm  // as a slice's
}

// An Arm is one variant's units in a slice.
type Arm struct {
	Variant  string
	Units    int64         // units in the slice, whether or not this metric counts them
	Clusters int64         // clusters that have such units; 0 where each unit was randomised by itself
	Moments  stats.Moments // of the units this metric counts, with the clusters they are in
	Capped   int64         // units whose value a cap changed
	// Total is what the KPI compilation answers over the rows this arm counts (sums and counts: the total; a ratio: the
	// quotient; a percentile: itself), nil where the metric has no such reading or was not asked to reconcile.
	Total *float64
	// Ranks are what a quantile reads; of one over events, Moments are of units' counts of events at or below it and of events.
	Ranks *Ranks
}

// A Quantile says at which fraction of sorted values a metric is, and at which confidence its brackets are taken.
type Quantile struct {
	P, Confidence float64
	Clustered     bool // the values are of units' events
}

// Ranks are the quantile of N values and the values that bracket it.
type Ranks struct {
	N                int64
	Low, Point, High float64
}

// The whole's dimension and slice, and the slices of NULL and of the tail.
const (
	Overall = "overall"
	All     = "all"
	NoValue = "(none)"
	Other   = "(other)"
)
