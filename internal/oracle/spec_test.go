package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// A world is a project with its data. Its fields marshal to the YAML the product reads, since JSON is YAML.
type world struct {
	zone        string
	tables      []*table
	models      []*model
	metrics     []*metric // those of no model: ratio, derived, threshold
	logs        []*assignments
	protocols   []*protocol
	experiments []*experiment
	asOf        string
	questions   []*question
	onlyDuckDB  bool // its rows are in files
	fragile     bool // some answer hangs on rounding
	memory      map[string][]*contest
}

// A source is where rows come from: one of a relation, a query, a file, or (of assignments) a model.
type source struct {
	Relation string `json:"relation,omitempty"`
	SQL      string `json:"sql,omitempty"`
	File     *file  `json:"file,omitempty"`
	Model    string `json:"model,omitempty"`
}

type file struct {
	Path    string         `json:"path"`
	Options map[string]any `json:"options,omitempty"`
}

type model struct {
	Name string `json:"name"`
	source
	Filter   *condition    `json:"filter,omitempty"`
	Time     string        `json:"agg_time_dimension,omitempty"`
	Timezone string        `json:"timezone,omitempty"`
	Columns  []modelColumn `json:"columns,omitempty"`
	Metrics  []*metric     `json:"metrics,omitempty"`

	table *table
}

type modelColumn struct {
	Name        string     `json:"name"`
	Granularity string     `json:"granularity,omitempty"`
	Entity      *entity    `json:"entity,omitempty"`
	Dimension   *dimension `json:"dimension,omitempty"`
}

type entity struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	RoleOf string `json:"role_of,omitempty"`
}

type dimension struct {
	Type     string    `json:"type"`
	Validity *validity `json:"validity_params,omitempty"`
}

type validity struct {
	Start bool `json:"is_start,omitempty"`
	End   bool `json:"is_end,omitempty"`
}

// A metric has the fields of its type.
type metric struct {
	Name           string      `json:"name"`
	Type           string      `json:"type"`
	Agg            string      `json:"agg,omitempty"`
	Column         string      `json:"expr,omitempty"`
	Percentile     json.Number `json:"percentile,omitempty"`
	PercentileType string      `json:"percentile_type,omitempty"`
	Filter         *condition  `json:"filter,omitempty"`

	Numerator   *input   `json:"numerator,omitempty"` // ratio
	Denominator *input   `json:"denominator,omitempty"`
	Inputs      []*input `json:"input_metrics,omitempty"` // derived
	Formula     *formula `json:"-"`

	Input *input      `json:"input_metric,omitempty"` // threshold, retention, quantile
	Op    string      `json:"op,omitempty"`
	Value *float64    `json:"value,omitempty"`
	Start *span       `json:"start,omitempty"`
	End   *span       `json:"end,omitempty"`
	Q     json.Number `json:"q,omitempty"`

	Steps  []*step `json:"steps,omitempty"` // funnel
	Within *span   `json:"within,omitempty"`
	Order  string  `json:"order,omitempty"`

	Entity      string             `json:"entity,omitempty"` // conversion
	Base        *input             `json:"base_metric,omitempty"`
	Converted   *input             `json:"conversion_metric,omitempty"`
	Window      *span              `json:"window,omitempty"`
	Calculation string             `json:"calculation,omitempty"`
	Constants   []constantProperty `json:"constant_properties,omitempty"`

	DesiredChange string    `json:"desired_change,omitempty"`
	Spine         bool      `json:"join_to_timespine,omitempty"`
	Fill          *int      `json:"fill_nulls_with,omitempty"`
	Experiment    *settings `json:"experiment,omitempty"`

	model *model // of a simple metric
}

// A step of a funnel is the rows of a metric, or those of a model that a filter keeps.
type step struct {
	Name   string     `json:"name"`
	Metric string     `json:"metric,omitempty"`
	Model  string     `json:"model,omitempty"`
	Filter *condition `json:"filter,omitempty"`
	Within *span      `json:"within,omitempty"`

	rows *metric // a simple one
}

// A constant property is what a conversion has in common with its base event.
type constantProperty struct {
	Base      string `json:"base_property"`
	Converted string `json:"conversion_property"`
}

// MarshalJSON writes a derived metric's formula where a simple one has its column.
func (m *metric) MarshalJSON() ([]byte, error) {
	type plain metric
	written := plain(*m)
	if m.Formula != nil {
		written.Column = m.Formula.String()
	}
	return compact(written)
}

type input struct {
	Name   string     `json:"name"`
	Alias  string     `json:"alias,omitempty"`
	Filter *condition `json:"filter,omitempty"`

	metric *metric
}

func (in *input) MarshalJSON() ([]byte, error) {
	if in.Filter == nil && in.Alias == "" {
		return compact(in.Name)
	}
	type plain input
	return compact(plain(*in))
}

// Settings are how a metric behaves per unit.
type settings struct {
	Window    *window    `json:"window,omitempty"`
	Mature    *bool      `json:"mature,omitempty"`
	Winsorize *winsorize `json:"winsorize,omitempty"`
	Cap       *fixedCap  `json:"cap,omitempty"`
	Cuped     *cuped     `json:"cuped,omitempty"`
	MDE       string     `json:"mde,omitempty"`
}

type window struct {
	Start *span `json:"start,omitempty"`
	End   *span `json:"end,omitempty"`
}

type winsorize struct {
	Upper       json.Number `json:"upper,omitempty"`
	Lower       json.Number `json:"lower,omitempty"`
	IgnoreZeros bool        `json:"ignore_zeros,omitempty"`
}

type fixedCap struct {
	Upper *float64 `json:"upper,omitempty"`
	Lower *float64 `json:"lower,omitempty"`
}

// Cuped names covariates: `own`, `all`, metrics, attributes; none is own. Off is `cuped: false`.
type cuped struct {
	Lookback   *span    `json:"lookback,omitempty"`
	Covariates []string `json:"covariates,omitempty"`
	Off        bool     `json:"-"`
}

// MarshalJSON writes false where it is off.
func (c *cuped) MarshalJSON() ([]byte, error) {
	if c.Off {
		return []byte("false"), nil
	}
	type plain cuped
	return compact(plain(*c))
}

type assignments struct {
	Name string `json:"name"`
	source
	Entity     string            `json:"entity"`
	Timezone   string            `json:"timezone,omitempty"`
	Filter     *condition        `json:"filter,omitempty"`
	Columns    map[string]string `json:"columns"` // unit, variant; time, experiment, stratum, cluster where the log has them
	Dimensions []string          `json:"dimensions,omitempty"`

	rows *model // as a model: its own, or one of the project's
}

type protocol struct {
	Name              string     `json:"name"`
	Statistics        statistics `json:"statistics"`
	MultipleExposures string     `json:"multiple_exposures,omitempty"`
	Power             string     `json:"power,omitempty"`
	Minimum           *minimum   `json:"minimum,omitempty"`
	Guardrails        []*use     `json:"guardrails,omitempty"`
	SRM               *srm       `json:"srm,omitempty"`
	Decision          []*rule    `json:"decision,omitempty"`
}

type minimum struct {
	Runtime *span `json:"runtime,omitempty"`
	Units   int   `json:"units_per_variant,omitempty"`
}

type srm struct {
	Threshold float64 `json:"threshold"`
}

// A rule recommends something when its condition holds; the last is `otherwise`.
type rule struct {
	When      string `json:"when,omitempty"`
	Recommend string `json:"recommend,omitempty"`
	Otherwise string `json:"otherwise,omitempty"`
}

// Statistics of a protocol; of an experiment, what it has instead of its protocol's.
type statistics struct {
	Method     string      `json:"method,omitempty"`
	Confidence string      `json:"confidence,omitempty"`
	Show       []string    `json:"show,omitempty"`
	Sides      string      `json:"sides,omitempty"`
	Correction *correction `json:"correction,omitempty"`
	Tuning     int         `json:"tuning,omitempty"`
	Prior      *prior      `json:"prior,omitempty"`
	Looks      int         `json:"looks,omitempty"`
	Spending   string      `json:"spending,omitempty"`
	Cuped      *cuped      `json:"cuped,omitempty"`
	Winsorize  *winsorize  `json:"winsorize,omitempty"`
}

type correction struct {
	Method string      `json:"method"`
	Gamma  json.Number `json:"gamma,omitempty"`
}

type prior struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

type experiment struct {
	Name              string      `json:"name"`
	Assignments       []string    `json:"assignments"`
	Key               string      `json:"key,omitempty"`
	Protocol          string      `json:"protocol"`
	Start             string      `json:"start,omitempty"`
	End               string      `json:"end,omitempty"`
	ObserveUntil      string      `json:"observe_until,omitempty"`
	Variants          variants    `json:"variants,omitempty"`
	Control           []string    `json:"control,omitempty"`
	Phases            []*phase    `json:"phases,omitempty"`
	Population        *condition  `json:"population,omitempty"`
	Trigger           *trigger    `json:"trigger,omitempty"`
	Metrics           roles       `json:"metrics"`
	Dimensions        []string    `json:"dimensions,omitempty"`
	MultipleExposures string      `json:"multiple_exposures,omitempty"`
	Statistics        *statistics `json:"statistics,omitempty"`

	logs     []*assignments
	protocol *protocol
	known    map[string]*metric // all of the world, by name
}

type phase struct {
	From     string   `json:"from"`
	Variants variants `json:"variants"`
}

type trigger struct {
	Model  string     `json:"model"`
	Filter *condition `json:"filter,omitempty"`
	Within *span      `json:"within,omitempty"`

	model *model
}

type roles struct {
	Primary    []*use `json:"primary,omitempty"`
	Secondary  []*use `json:"secondary,omitempty"`
	Guardrails []*use `json:"guardrails,omitempty"`
	Explore    []*use `json:"explore,omitempty"`
}

// A use is a metric in an experiment.
type use struct {
	Metric string `json:"metric"`
	As     string `json:"as,omitempty"`
	Unit   string `json:"unit,omitempty"` // the role that leads to the unit
	Margin string `json:"margin,omitempty"`
	settings

	metric *metric
	role   string
}

func (u *use) name() string {
	if u.As != "" {
		return u.As
	}
	return u.Metric
}

// A variant has a value in the log where that is not its name.
type variant struct {
	name   string
	value  string
	weight float64 // bare: shares are of the sum
}

// logged is how the log spells the variant.
func (v variant) logged() string {
	if v.value != "" {
		return v.value
	}
	return v.name
}

// Variants keep their order.
type variants []variant

func (vs variants) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, v := range vs {
		name, err := compact(v.name)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if v.value == "" {
			fmt.Fprintf(&b, "%s: %v", name, v.weight)
			continue
		}
		value, err := compact(v.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s: {\"value\": %s, \"weight\": %v}", name, value, v.weight)
	}
	return []byte("{" + b.String() + "}"), nil
}

// yaml is the project's files.
func (w *world) yaml() map[string]string {
	return map[string]string{
		"assay_project.yml": fmt.Sprintf("name: world\nprofile: world\nreporting_timezone: %s\n", w.zone),
		"profiles.yml": `world:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: world.duckdb}
    postgres: {type: postgres, dsn: "{{ env_var('ORACLE_DSN', '') }}", schema: public}
`,
		"models/world.yml":      list("models", w.models) + list("metrics", w.metrics),
		"experiments/world.yml": list("assignments", w.logs) + list("protocols", w.protocols) + list("experiments", w.experiments),
	}
}

var plainKey = regexp.MustCompile(`"(\w+)":`)

// list writes a top-level key with an item a line, the metrics of a model a line each too.
func list[T any](key string, items []T) string {
	if len(items) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(key + ":\n")
	for _, item := range items {
		line, err := compact(item)
		if err != nil {
			panic(err)
		}
		flow := plainKey.ReplaceAllString(string(line), "$1: ") // quotes less: easier to read
		flow = strings.ReplaceAll(flow, `,{name: `, ",\n      {name: ")
		b.WriteString("  - " + flow + "\n")
	}
	return b.String()
}

// compact is JSON with characters as they are: < is no escape in YAML's eyes.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
