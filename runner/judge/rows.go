package judge

import (
	"time"

	"assay/compiler/project"
	"assay/stats"
)

// The structs below are the result tables: a struct is a table, a field a column whose name is its json tag. They are the one
// place that says what a table holds; schemas, inserts and run_results.json follow from them by reflection.
//
//	string, int64, float64, bool   text, bigint, double, boolean
//	time.Time                      timestamp, UTC
//	Date                           date
//	a slice                        text: its JSON
//	a pointer                      the same, NULL where nil
//
// `key:"true"` marks the columns that, within an as-of day, name a row. Fractions are fractions: 0.05, not 5.

// Date is a day of the reporting time zone, held as its midnight in UTC.
type Date struct{ time.Time }

// DateOf is the day of t as a clock in zone shows it.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

func (d Date) String() string { return d.Format(time.DateOnly) }

// MarshalText is the day alone, without a time.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON hides time.Time's, which would print a midnight.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// RunRow is a row of assay_runs.
type RunRow struct {
	RunID          string     `json:"run_id" key:"true"`
	AsOf           time.Time  `json:"as_of"`
	StartedAt      time.Time  `json:"started_at"`
	FinishedAt     *time.Time `json:"finished_at"`
	Status         string     `json:"status"` // running, done, failed
	Command        string     `json:"command"`
	Project        string     `json:"project"`
	ProjectVersion *string    `json:"project_version"`
	GitCommit      *string    `json:"git_commit"`
	AssayVersion   string     `json:"assay_version"`
	SchemaVersion  int64      `json:"schema_version"`
	Queries        *int64     `json:"queries"`
	RowsReturned   *int64     `json:"rows_returned"`
	BytesScanned   *int64     `json:"bytes_scanned"`
	Seconds        *float64   `json:"seconds"`
	Error          *string    `json:"error"`
}

// ExperimentRow is a row of assay_experiments.
type ExperimentRow struct {
	RunID          string         `json:"run_id"`
	AsOf           time.Time      `json:"as_of"`
	Experiment     string         `json:"experiment" key:"true"`
	Hypothesis     *string        `json:"hypothesis"`
	Owner          *string        `json:"owner"`
	Tags           []string       `json:"tags"`
	Epic           *string        `json:"epic"`
	Protocol       string         `json:"protocol"`
	Layer          *string        `json:"layer"`
	Status         Status         `json:"status"`
	StartAt        *time.Time     `json:"start_at"`
	EndAt          *time.Time     `json:"end_at"`
	ObserveUntil   *time.Time     `json:"observe_until"`
	DaysRunning    *int64         `json:"days_running"`
	Units          int64          `json:"units"`
	Control        string         `json:"control"`
	Variants       []VariantShare `json:"variants"`
	Decision       *string        `json:"decision"`
	DecidedOn      *Date          `json:"decided_on"`
	DefinitionHash string         `json:"definition_hash"`
}

// Status is where an experiment stands as of the run.
type Status string

const (
	Draft     Status = "draft"     // starts after as-of
	Running   Status = "running"   // units may still enter
	Observing Status = "observing" // ended, windows still open
	Ended     Status = "ended"
	Decided   Status = "decided" // people wrote down what they decided
)

// VariantShare is an element of assay_experiments.variants.
type VariantShare struct {
	Variant string  `json:"variant"`
	Label   string  `json:"label,omitempty"`
	Weight  float64 `json:"weight"` // the share of units asked for; the weights of an experiment add up to 1
	Units   int64   `json:"units"`  // analysed
	// Clusters are those that the units are in, where clusters were randomised.
	Clusters int64 `json:"clusters,omitempty"`
	Control  bool  `json:"control,omitempty"` // a further control, which must not differ from the baseline
	// Phases are the shares asked for by phase, where the allocation changed.
	Phases []PhaseShare `json:"phases,omitempty"`
}

// PhaseShare is a variant's share from a day on.
type PhaseShare struct {
	From   string  `json:"from"` // with its time of day where that is not midnight
	Weight float64 `json:"weight"`
}

// MetricRow is a row of assay_metrics.
type MetricRow struct {
	RunID          string    `json:"run_id"`
	AsOf           time.Time `json:"as_of"`
	Metric         string    `json:"metric" key:"true"`
	Label          *string   `json:"label"`
	Description    *string   `json:"description"`
	Type           string    `json:"type"`
	Unit           *string   `json:"unit"`
	DesiredChange  string    `json:"desired_change"`
	Owner          *string   `json:"owner"`
	Tags           []string  `json:"tags"`
	DefinitionHash string    `json:"definition_hash"`
	File           string    `json:"file"`
	Line           int64     `json:"line"`
}

// MomentRow is a row of assay_experiment_moments.
type MomentRow struct {
	RunID      string    `json:"run_id"`
	AsOf       time.Time `json:"as_of"`
	Experiment string    `json:"experiment" key:"true"`
	Metric     string    `json:"metric" key:"true"`
	Phase      *string   `json:"phase" key:"true"` // NULL: all phases together
	Stratum    *string   `json:"stratum" key:"true"`
	Variant    string    `json:"variant" key:"true"`
	Dimension  string    `json:"dimension" key:"true"`
	Slice      string    `json:"slice" key:"true"`
	Stat       string    `json:"stat" key:"true"` // n, mean, cov, rank, size
	A          *string   `json:"a" key:"true"`
	B          *string   `json:"b" key:"true"`
	Value      *float64  `json:"value"`
	SQLHash    string    `json:"sql_hash"`
}

// ResultRow is a row of assay_experiment_results: a metric of a variant against the control, in a slice, at a confidence.
type ResultRow struct {
	RunID             string          `json:"run_id"`
	AsOf              time.Time       `json:"as_of"`
	Experiment        string          `json:"experiment" key:"true"`
	Metric            string          `json:"metric" key:"true"`
	Step              *string         `json:"step" key:"true"`
	Variant           string          `json:"variant" key:"true"`
	Control           string          `json:"control" key:"true"`
	Dimension         string          `json:"dimension" key:"true"`
	Slice             string          `json:"slice" key:"true"`
	Confidence        float64         `json:"confidence" key:"true"`
	Role              string          `json:"role"`
	Status            ResultStatus    `json:"status"`
	Method            string          `json:"method"`
	Decides           bool            `json:"decides"`
	NControl          *int64          `json:"n_control"`
	NVariant          *int64          `json:"n_variant"`
	TotalControl      *float64        `json:"total_control"`
	TotalVariant      *float64        `json:"total_variant"`
	ValueControl      *float64        `json:"value_control"` // after caps, before covariates
	ValueVariant      *float64        `json:"value_variant"`
	AdjustedControl   *float64        `json:"adjusted_control"`
	AdjustedVariant   *float64        `json:"adjusted_variant"`
	SDControl         *float64        `json:"sd_control"`
	SDVariant         *float64        `json:"sd_variant"`
	Effect            *float64        `json:"effect"` // variant − control, in the metric's unit
	EffectSE          *float64        `json:"effect_se"`
	EffectLow         *float64        `json:"effect_low"`
	EffectHigh        *float64        `json:"effect_high"`
	Lift              *float64        `json:"lift"` // effect over the control's value
	LiftSE            *float64        `json:"lift_se"`
	LiftLow           *float64        `json:"lift_low"`
	LiftHigh          *float64        `json:"lift_high"`
	PValue            *float64        `json:"p_value"`
	PAdjusted         *float64        `json:"p_adjusted"`
	Alpha             *float64        `json:"alpha"`
	Margin            *float64        `json:"margin"`
	Verdict           *Verdict        `json:"verdict"`
	VarianceReduction *float64        `json:"variance_reduction"`
	CapLower          *float64        `json:"cap_lower"`
	CapUpper          *float64        `json:"cap_upper"`
	ShareCapped       *float64        `json:"share_capped"`
	MDE               *float64        `json:"mde"`
	MDENow            *float64        `json:"mde_now"`
	PowerProgress     *float64        `json:"power_progress"`
	DaysLeft          *float64        `json:"days_left"`
	Progress          *float64        `json:"progress"`
	Coverage          *float64        `json:"coverage"`
	GlobalLift        *float64        `json:"global_lift"`
	ShrunkenEffect    *float64        `json:"shrunken_effect"` // of a slice, pulled towards the effect of all slices
	ShrunkenLow       *float64        `json:"shrunken_low"`
	ShrunkenHigh      *float64        `json:"shrunken_high"`
	ChanceToWin       *float64        `json:"chance_to_win"`
	ExpectedLoss      *float64        `json:"expected_loss"`
	DefinitionHash    string          `json:"definition_hash"`
	SQLHash           string          `json:"sql_hash"`
	Warnings          []stats.Warning `json:"warnings"`
	Error             *string         `json:"error"`
}

// ResultStatus tells a number from the lack of one.
type ResultStatus string

const (
	OK        ResultStatus = "ok"
	Undefined ResultStatus = "undefined" // the data give no answer: the reason is in the warnings
	Failed    ResultStatus = "failed"    // the warehouse refused the metric: see the error
)

// Verdict is what the deciding interval says of a metric.
type Verdict string

const (
	Better      Verdict = "better"
	Worse       Verdict = "worse"
	Changed     Verdict = "changed"      // differs, and no direction is desired
	Neutral     Verdict = "neutral"      // whatever difference there is, is smaller than the smallest one that matters
	NonInferior Verdict = "non_inferior" // of a guardrail: not worse by as much as its margin
	Inferior    Verdict = "inferior"
	Undecided   Verdict = "undecided" // the data allow more than one of the above
)

// DailyRow is a row of assay_experiment_daily: a metric of a variant on a day, for a metric of a role that decides and that adds up over
// days.
type DailyRow struct {
	RunID      string    `json:"run_id"`
	AsOf       time.Time `json:"as_of"`
	Experiment string    `json:"experiment" key:"true"`
	Metric     string    `json:"metric" key:"true"`
	Variant    string    `json:"variant" key:"true"`
	Axis       Axis      `json:"axis" key:"true"`
	Day        int64     `json:"day" key:"true"` // from 0: of the experiment, or since a unit's exposure
	Date       *Date     `json:"date"`           // NULL since exposure
	N          int64     `json:"n"`              // units that the metric counts at the end of the day

	// The facts of the day alone, before caps and covariates; the interval is the fixed one.
	Value      *float64 `json:"value"`
	Effect     *float64 `json:"effect"` // variant − control; NULL in the control's own rows
	EffectLow  *float64 `json:"effect_low"`
	EffectHigh *float64 `json:"effect_high"`

	// All facts up to the end of the day, as a result row of that day's end would tell it.
	CumulativeValue      *float64 `json:"cumulative_value"`
	CumulativeLow        *float64 `json:"cumulative_low"`
	CumulativeHigh       *float64 `json:"cumulative_high"`
	CumulativeEffect     *float64 `json:"cumulative_effect"`
	CumulativeEffectLow  *float64 `json:"cumulative_effect_low"`
	CumulativeEffectHigh *float64 `json:"cumulative_effect_high"`
	CumulativeLift       *float64 `json:"cumulative_lift"`
	CumulativeLiftLow    *float64 `json:"cumulative_lift_low"`
	CumulativeLiftHigh   *float64 `json:"cumulative_lift_high"`
}

// Axis is what the days of a DailyRow are counted along.
type Axis string

const (
	ByDate        Axis = "date"
	SinceExposure Axis = "since_exposure" // the day of exposure is day 0
)

// HealthRow is a row of assay_experiment_health. Metric, dimension and slice are NULL where a check is of the experiment.
type HealthRow struct {
	RunID      string       `json:"run_id"`
	AsOf       time.Time    `json:"as_of"`
	Experiment string       `json:"experiment" key:"true"`
	CheckName  string       `json:"check_name" key:"true"`
	Metric     *string      `json:"metric" key:"true"`
	Dimension  *string      `json:"dimension" key:"true"`
	Slice      *string      `json:"slice" key:"true"`
	Status     HealthStatus `json:"status"`
	Value      *float64     `json:"value"`
	Threshold  *float64     `json:"threshold"`
	PValue     *float64     `json:"p_value"`
	Advice     *string      `json:"advice"` // what to do; NULL where there is nothing to do
}

// HealthStatus is the outcome of a check.
type HealthStatus string

const (
	Pass HealthStatus = "pass"
	Warn HealthStatus = "warn" // read the results with this in mind
	Fail HealthStatus = "fail" // do not act on the results
)

// HeterogeneityRow is a row of assay_experiment_heterogeneity: how a metric's effects differ over the slices of a dimension.
type HeterogeneityRow struct {
	RunID      string    `json:"run_id"`
	AsOf       time.Time `json:"as_of"`
	Experiment string    `json:"experiment" key:"true"`
	Metric     string    `json:"metric" key:"true"`
	Variant    string    `json:"variant" key:"true"`
	Dimension  string    `json:"dimension" key:"true"`
	Q          *float64  `json:"q"`
	DF         int64     `json:"df"`
	I2         *float64  `json:"i2"`
	Tau2       *float64  `json:"tau2"` // variance of the true effects, in the metric's unit squared
	PValue     *float64  `json:"p_value"`
	PAdjusted  *float64  `json:"p_adjusted"` // over all metrics, variants and dimensions of the experiment
}

// DecisionRow is a row of assay_experiment_decisions: what the protocol's rules recommend.
type DecisionRow struct {
	RunID          string                 `json:"run_id"`
	AsOf           time.Time              `json:"as_of"`
	Experiment     string                 `json:"experiment" key:"true"`
	Recommendation project.Recommendation `json:"recommendation"`
	Reasons        []string               `json:"reasons"`
	Rule           *string                `json:"rule"` // as written; NULL where none holds
	Protocol       string                 `json:"protocol"`
	Variants       []VariantDecision      `json:"variants"`
}

// VariantDecision is what the rules recommend of a variant by itself.
type VariantDecision struct {
	Variant        string                 `json:"variant"`
	Recommendation project.Recommendation `json:"recommendation"`
	Rule           *string                `json:"rule"`
	Reasons        []string               `json:"reasons"`
}

// ExposureRow is a row of assay_exposures_daily. Days without a new unit have none.
type ExposureRow struct {
	RunID           string    `json:"run_id"`
	AsOf            time.Time `json:"as_of"`
	Experiment      string    `json:"experiment" key:"true"`
	Variant         string    `json:"variant" key:"true"`
	Day             Date      `json:"day" key:"true"`
	Units           int64     `json:"units"`
	CumulativeUnits int64     `json:"cumulative_units"`
}

// QueryRow is a row of assay_query_log.
type QueryRow struct {
	RunID        string    `json:"run_id" key:"true"`
	AsOf         time.Time `json:"as_of"`
	Step         string    `json:"step" key:"true"`
	Statement    string    `json:"statement"`
	Seconds      float64   `json:"seconds"`
	Rows         *int64    `json:"rows"`
	BytesScanned *int64    `json:"bytes_scanned"`
	SQLHash      string    `json:"sql_hash"`
	QueryID      *string   `json:"query_id"` // the warehouse's own
}
