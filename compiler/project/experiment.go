package project

import (
	"time"

	"assay/internal/diag"
)

// Assignments are a log of who got which variant, or a table of it.
type Assignments struct {
	Name       Name
	Source     Source `yaml:",inline"`
	Filter     diag.Text
	Timezone   Value[*time.Location] // of Time without a zone; UTC unless set
	Entity     Name
	Unit       Name `yaml:"columns.unit"`
	Time       Name `yaml:"columns.time"`
	Experiment Name `yaml:"columns.experiment"`
	Variant    Name `yaml:"columns.variant"`
	Cluster    Name `yaml:"columns.cluster"`
	Stratum    Name `yaml:"columns.stratum"`
	Dimensions []Name
	Span       diag.Span
}

// An Experiment as declared; defaults are merged in by model.
type Experiment struct {
	Name              Name
	Hypothesis        Value[string]
	Owner             Value[string]
	Tags              []Name
	Epic              Value[string]
	Layer             Value[string]
	Assignments       []Name
	Key               Value[string]
	Start, End        Value[Moment]
	ObserveUntil      Value[Moment]
	Variants          []Variant
	Controls          []Name `yaml:"control"`
	Protocol          Name
	Population        diag.Text
	Trigger           *Trigger
	Entry             *Trigger
	Primary           []*MetricEntry `yaml:"metrics.primary"`
	Secondary         []*MetricEntry `yaml:"metrics.secondary"`
	Guardrails        []*MetricEntry `yaml:"metrics.guardrails"`
	Explore           []*MetricEntry `yaml:"metrics.explore"`
	Dimensions        []Name
	Phases            []*Phase
	Decision          *DecisionRecord
	MultipleExposures Name        // exclude | first | error: overrides the protocol's
	Statistics        *Statistics // overrides of the protocol's
	Span              diag.Span
}

// A Variant of an experiment. Weight is as written, before normalising: 50% and 1/2 are 0.5 with Percent or Fraction set.
type Variant struct {
	Name   Name
	Value  Value[string] // in the assignments; default: the name
	Label  Value[string]
	Weight Value[float64]
	Form   WeightForm `yaml:"-"`
}

// WeightForm tells how shares must add up.
type WeightForm uint8

const (
	EqualWeights WeightForm = iota // a list of names
	BareWeights                    // {a: 5, b: 1}: any positive sum
	ShareWeights                   // percent or fractions: must add up to one
)

// Trigger says which fact starts counting, or (entry, without Within) who would enter.
type Trigger struct {
	Model  Name
	Filter diag.Text
	Within Value[Duration]
	Span   diag.Span
}

// A MetricEntry is a metric in an experiment or protocol with what it overrides.
type MetricEntry struct {
	Metric   Name
	As       Name
	Unit     Name // the role that leads to the unit: `unit: host`
	Margin   Value[float64]
	Settings MetricSettings `yaml:",inline"`
	Span     diag.Span
}

// A Phase is a stretch of an experiment with its own allocation.
type Phase struct {
	From     Value[Moment]
	Variants []Variant
	Span     diag.Span
}

// What people may have decided, as far as it is counted.
const (
	Shipped   = "shipped"   // a variant stays
	Dropped   = "dropped"   // the control stays, whatever was found
	Abandoned = "abandoned" // it was ended without an answer
)

// DecisionRecord is what people write after an experiment.
type DecisionRecord struct {
	Status Name // Shipped, Dropped, Abandoned, or words of their own
	Date   Value[Moment]
	Notes  Value[string]
	Span   diag.Span
}

// A Protocol is the rules of engagement.
type Protocol struct {
	Name              Name
	Description       Value[string]
	Statistics        Statistics
	Power             Value[float64]
	MinimumRuntime    Value[Duration] `yaml:"minimum.runtime"`
	MinimumUnits      Value[int64]    `yaml:"minimum.units_per_variant"`
	RequireFields     []Name          `yaml:"require.fields"`
	Guardrails        []*MetricEntry
	LimitPrimary      Value[int64] `yaml:"limits.primary"`
	LimitMetrics      Value[int64] `yaml:"limits.metrics"`
	LimitBytes        Value[int64] `yaml:"limits.bytes_scanned"`
	Locked            []Name
	MultipleExposures Name
	SRMThreshold      Value[float64] `yaml:"srm.threshold"`
	Decision          []*DecisionRule
	DefaultDecision   Name `yaml:"decision"` // `decision: default`
	Span              diag.Span
}

// Statistics are a protocol's methods.
type Statistics struct {
	Method     Name
	Confidence Value[float64]
	Show       []Value[float64]
	Sides      Name // two | one
	CUPED      *CUPED
	Winsorize  *Winsorize
	Correction *Correction
	Tuning     Value[int64]
	PriorMean  Value[float64] `yaml:"prior.mean"`
	PriorSD    Value[float64] `yaml:"prior.sd"`
	Looks      Value[int64]
	Spending   Name
	Span       diag.Span
}

// Correction for many tests.
type Correction struct {
	Method Name
	Gamma  Value[float64]
	Span   diag.Span
}

// A DecisionRule recommends something when its condition holds; the last may be `otherwise`.
type DecisionRule struct {
	When      diag.Text // empty for otherwise
	Recommend Value[Recommendation]
	Span      diag.Span
}

// Recommendation is what a rule says to do.
type Recommendation string

const (
	Ship        Recommendation = "ship"
	KeepRunning Recommendation = "keep_running" // which leaves the decision to a later look
	Stop        Recommendation = "stop"
	Discuss     Recommendation = "discuss"
)

// A SavedQuery is a scheduled KPI table.
type SavedQuery struct {
	Name        Name
	Description Value[string]
	Tags        []Name
	Metrics     []Name       `yaml:"query_params.metrics"`
	GroupBy     []diag.Text  `yaml:"query_params.group_by"`
	Where       []diag.Text  `yaml:"query_params.where"`
	OrderBy     []diag.Text  `yaml:"query_params.order_by"`
	Limit       Value[int64] `yaml:"query_params.limit"`
	Exports     []Export
	Span        diag.Span
}

// An Export names the table a saved query becomes.
type Export struct {
	Name     Name
	ExportAs Name `yaml:"config.export_as"`
	Schema   Name `yaml:"config.schema"`
	Alias    Name `yaml:"config.alias"`
}

// A UnitTest gives rows and the numbers they must produce.
type UnitTest struct {
	Name         Name
	Description  Value[string]
	Metric       Name
	Experiment   Name
	Given        []Given
	Expect       []Row     // format dict
	ExpectText   diag.Text // csv and sql
	ExpectFormat Name
	Span         diag.Span
}

// Given are the rows of one input.
type Given struct {
	Input  Name
	Format Name // dict | csv | sql
	Rows   []Row
	Text   diag.Text // csv and sql
}

// An Annotation is what happened on a day, for those who see a metric move then.
type Annotation struct {
	Date    Value[Moment]
	Metrics []Name // none: every metric
	Text    Value[string]
	Span    diag.Span
}

// A Row is named scalars in the order written.
type Row []Option

// A Catalog lists the columns of models and assignments, by their names in the project, where they are known.
type Catalog struct {
	Models      map[string][]CatalogColumn `json:"models"`
	Assignments map[string][]CatalogColumn `json:"assignments,omitempty"`
	Open        bool                       `json:"-"` // columns that are not listed are believed to be there
}

// A CatalogColumn is a column as the warehouse reports it.
type CatalogColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}
