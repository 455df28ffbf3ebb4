package project

import "assay/internal/diag"

// MetricType is dbt's simple, ratio, derived, cumulative and conversion, and ours per unit.
type MetricType string

const (
	Simple     MetricType = "simple"
	Ratio      MetricType = "ratio"
	Derived    MetricType = "derived"
	Cumulative MetricType = "cumulative"
	Conversion MetricType = "conversion"
	Retention  MetricType = "retention"
	Threshold  MetricType = "threshold"
	Funnel     MetricType = "funnel"
	Quantile   MetricType = "quantile"
)

// Aggregation of a simple metric.
type Aggregation string

const (
	Sum                 Aggregation = "sum"
	Count               Aggregation = "count"
	CountDistinct       Aggregation = "count_distinct"
	SumBoolean          Aggregation = "sum_boolean"
	Min                 Aggregation = "min"
	Max                 Aggregation = "max"
	Average             Aggregation = "average"
	Median              Aggregation = "median"
	Percentile          Aggregation = "percentile"
	ApproxCountDistinct Aggregation = "approx_count_distinct"
	FirstValue          Aggregation = "first_value"
	LastValue           Aggregation = "last_value"
)

// DesiredChange says which way a metric should move.
type DesiredChange string

const (
	Increase DesiredChange = "increase"
	Decrease DesiredChange = "decrease"
	None     DesiredChange = "none"
)

// A Metric as declared. Which fields may be set depends on Type; reading refuses the others by their place.
type Metric struct {
	Name            Name
	Model           *Model `yaml:"-"`     // where the metric stands in a model's metrics; nil at top level
	ModelName       Name   `yaml:"model"` // of a simple metric at top level: `model: orders`
	Label           Value[string]
	Description     Value[string]
	Type            Value[MetricType]
	Unit            Value[string]
	DesiredChange   Value[DesiredChange]
	Owner           Value[string]
	Tags            []Name
	Indicates       []Name
	Counter         []Name
	Filters         []diag.Text `yaml:"filter"`
	TimeGranularity Value[Unit] // dbt: grain of metric_time where a query names none
	Span            diag.Span   // the whole entry

	// simple
	Agg                   Value[Aggregation]
	Expr                  Expression
	Percentile            Value[float64]
	PercentileDiscrete    Value[bool] `yaml:"use_discrete_percentile"` // dbt: percentile_type discrete
	PercentileApproximate Value[bool] `yaml:"use_approximate_percentile"`
	AggTimeDimension      Name
	NonAdditive           *NonAdditive `yaml:"non_additive_dimension"`
	FillNullsWith         Value[float64]
	JoinToTimespine       Value[bool]

	// ratio
	Numerator, Denominator *MetricInput
	// derived: Expr is the formula
	Inputs []*MetricInput `yaml:"input_metrics"`
	// cumulative, retention, threshold, quantile; From of the latter three in a KPI query
	Input       *MetricInput    `yaml:"input_metric"`
	Window      Value[Duration] // cumulative, conversion
	GrainToDate Value[Unit]
	PeriodAgg   Name
	// conversion
	Base               *MetricInput `yaml:"base_metric"`
	Converted          *MetricInput `yaml:"conversion_metric"`
	Calculation        Name
	ConstantProperties []ConstantProperty
	// retention
	Start, End Value[Duration]
	// threshold
	Op        Name           // gt, gte, lt, lte
	Threshold Value[float64] `yaml:"value"`
	// quantile
	Q Value[float64]
	// funnel
	Steps  []*FunnelStep
	Within Value[Duration]
	Order  Name // any, ordered, strict
	// retention, threshold, funnel in a KPI query
	From Name
	// conversion; of those with From the units, where it could be several
	Entity Name

	Experiment *MetricSettings // the experiment: block; nil when absent
}

// A MetricInput is a metric used by another.
type MetricInput struct {
	Metric        Name `yaml:"name"`
	Alias         Name
	Filters       []diag.Text `yaml:"filter"`
	OffsetWindow  Value[Duration]
	OffsetToGrain Value[Unit]
}

// ConstantProperty must be equal at base and conversion event.
type ConstantProperty struct{ BaseProperty, ConversionProperty Name }

// NonAdditive says over which dimension a measure must not be summed.
type NonAdditive struct {
	Dimension       Name `yaml:"name"`
	WindowChoice    Name // min | max
	WindowGroupings []Name
	Span            diag.Span
}

// A FunnelStep is a metric's rows, or a model's under a filter.
type FunnelStep struct {
	Name    Name
	Metric  Name
	Model   Name
	Filters []diag.Text `yaml:"filter"`
	Within  Value[Duration]
}

// MetricSettings say how a metric behaves per experimental unit. Each may be set on the metric, in an experiment's entry, or in
// a protocol; see the precedence in `show`.
type MetricSettings struct {
	WindowStart Value[Duration] `yaml:"window.start"`
	WindowEnd   Value[Duration] `yaml:"window.end"`
	Mature      Value[bool]
	Winsorize   *Winsorize
	Cap         *Cap
	CUPED       *CUPED
	MDE         Value[float64] // a fraction
	Span        diag.Span
}

// Winsorize caps units' values at quantiles of all units'.
type Winsorize struct {
	Lower, Upper Value[float64]
	IgnoreZeros  Value[bool]
	Span         diag.Span
}

// Cap caps units' values at fixed numbers.
type Cap struct {
	Lower, Upper Value[float64]
	Span         diag.Span
}

// CUPED adjusts for what was known before.
type CUPED struct {
	Off        bool // `cuped: false`
	Lookback   Value[Duration]
	Covariates []Name // own, all, or names
	Span       diag.Span
}

// All reports whether covariates are to be chosen among all that are known.
func (c *CUPED) All() bool { return len(c.Covariates) == 1 && c.Covariates[0].V == "all" }
