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
	fragile     bool // some answer hangs on rounding
}

type model struct {
	Name     string        `json:"name"`
	Relation string        `json:"relation,omitempty"`
	SQL      string        `json:"sql,omitempty"`
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
	Type string `json:"type"`
	Name string `json:"name"`
}

type dimension struct {
	Type     string    `json:"type"`
	Validity *validity `json:"validity_params,omitempty"`
}

type validity struct {
	Start bool `json:"is_start,omitempty"`
	End   bool `json:"is_end,omitempty"`
}

type metric struct {
	Name          string     `json:"name"`
	Type          string     `json:"type"`
	Agg           string     `json:"agg,omitempty"`
	Column        string     `json:"expr,omitempty"`
	Formula       *formula   `json:"-"`
	Filter        *condition `json:"filter,omitempty"`
	Numerator     *input     `json:"numerator,omitempty"`
	Denominator   *input     `json:"denominator,omitempty"`
	Inputs        []*input   `json:"input_metrics,omitempty"`
	Input         *input     `json:"input_metric,omitempty"`
	Op            string     `json:"op,omitempty"`
	Value         *float64   `json:"value,omitempty"`
	DesiredChange string     `json:"desired_change,omitempty"`
	Spine         bool       `json:"join_to_timespine,omitempty"`
	Fill          *int       `json:"fill_nulls_with,omitempty"`
	Experiment    *settings  `json:"experiment,omitempty"`

	model *model
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

type cuped struct {
	Lookback   span   `json:"lookback"`
	Covariates string `json:"covariates,omitempty"`
}

type assignments struct {
	Name       string            `json:"name"`
	Relation   string            `json:"relation"`
	Entity     string            `json:"entity"`
	Timezone   string            `json:"timezone,omitempty"`
	Filter     *condition        `json:"filter,omitempty"`
	Columns    map[string]string `json:"columns"` // unit, variant; time and experiment where the log has them
	Dimensions []string          `json:"dimensions,omitempty"`

	table *table
}

type protocol struct {
	Name              string     `json:"name"`
	Statistics        statistics `json:"statistics"`
	MultipleExposures string     `json:"multiple_exposures,omitempty"`
	Power             string     `json:"power,omitempty"`
	SRM               *srm       `json:"srm,omitempty"`
}

type srm struct {
	Threshold float64 `json:"threshold"`
}

type statistics struct {
	Method     string `json:"method"`
	Confidence string `json:"confidence,omitempty"`
	Correction string `json:"correction,omitempty"`
	Tuning     int    `json:"tuning,omitempty"`
	Cuped      *cuped `json:"cuped,omitempty"`
}

type experiment struct {
	Name        string     `json:"name"`
	Assignments []string   `json:"assignments"`
	Key         string     `json:"key,omitempty"`
	Protocol    string     `json:"protocol"`
	Start       string     `json:"start"`
	End         string     `json:"end,omitempty"`
	Variants    variants   `json:"variants"`
	Control     string     `json:"control,omitempty"`
	Population  *condition `json:"population,omitempty"`
	Metrics     roles      `json:"metrics"`
	Dimensions  []string   `json:"dimensions,omitempty"`

	logs     []*assignments
	protocol *protocol
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

// all lists the uses role by role.
func (r *roles) all() []*use {
	var list []*use
	add := func(role string, uses []*use) {
		for _, u := range uses {
			u.role = role
			list = append(list, u)
		}
	}
	add("primary", r.Primary)
	add("secondary", r.Secondary)
	add("guardrail", r.Guardrails)
	add("explore", r.Explore)
	return list
}

type variant struct {
	name   string
	weight float64 // bare: shares are of the sum
}

// Variants keep their order, the control's first where none is named.
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
		fmt.Fprintf(&b, "%s: %v", name, v.weight)
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
