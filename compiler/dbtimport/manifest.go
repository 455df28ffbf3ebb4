package dbtimport

import (
	"encoding/json"
	"slices"
)

// The shapes of semantic_manifest.json. What is known to say nothing of numbers is ignored; what is not listed is reported.

type manifest struct {
	SemanticModels []*semanticModel `json:"semantic_models"`
	Metrics        []*metric        `json:"metrics"`
	SavedQueries   []*savedQuery    `json:"saved_queries"`
	Configuration  struct {
		TimeSpines []*timeSpine `json:"time_spines"`
		// Legacy is dbt's older list of spines, a day's among them.
		Legacy []*legacySpine `json:"time_spine_table_configurations"`

		Metadata ignored `json:"metadata"`
		Version  ignored `json:"dsi_package_version"`
	} `json:"project_configuration"`
}

// Metadata is where something is declared in the dbt project.
type metadata struct {
	Slice *fileSlice `json:"file_slice"`

	RepoFilePath ignored `json:"repo_file_path"`
}

type fileSlice struct {
	Filename  string `json:"filename"`
	Content   string `json:"content"`
	StartLine int    `json:"start_line_number"`

	EndLine ignored `json:"end_line_number"`
}

type nodeRelation struct {
	Alias    string `json:"alias"`
	Schema   string `json:"schema_name"`
	Database string `json:"database"`
	Relation string `json:"relation_name"`
}

type semanticModel struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Relation    nodeRelation `json:"node_relation"`
	Primary     string       `json:"primary_entity"`
	Defaults    *struct {
		AggTimeDimension string `json:"agg_time_dimension"`
	} `json:"defaults"`
	Entities   []*entity    `json:"entities"`
	Dimensions []*dimension `json:"dimensions"`
	Measures   []*measure   `json:"measures"`
	Metadata   *metadata    `json:"metadata"`

	Label  ignored `json:"label"`
	Config ignored `json:"config"`
}

type entity struct {
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	Expr     string    `json:"expr"`
	Metadata *metadata `json:"metadata"`

	Description ignored `json:"description"`
	Label       ignored `json:"label"`
	Role        ignored `json:"role"` // of no use to dbt either
	Config      ignored `json:"config"`
}

type dimension struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	Label       string `json:"label"`
	Expr        string `json:"expr"`
	IsPartition bool   `json:"is_partition"`
	TypeParams  *struct {
		Granularity string `json:"time_granularity"`
		Validity    *struct {
			IsStart bool `json:"is_start"`
			IsEnd   bool `json:"is_end"`
		} `json:"validity_params"`
	} `json:"type_params"`
	Metadata *metadata `json:"metadata"`

	Config ignored `json:"config"`
}

type aggParams struct {
	Percentile  *float64 `json:"percentile"`
	Discrete    bool     `json:"use_discrete_percentile"`
	Approximate bool     `json:"use_approximate_percentile"`
}

type nonAdditive struct {
	Name      string   `json:"name"`
	Choice    string   `json:"window_choice"`
	Groupings []string `json:"window_groupings"`
}

type measure struct {
	Name             string       `json:"name"`
	Agg              string       `json:"agg"`
	Expr             string       `json:"expr"`
	Params           *aggParams   `json:"agg_params"`
	AggTimeDimension string       `json:"agg_time_dimension"`
	NonAdditive      *nonAdditive `json:"non_additive_dimension"`
	CreateMetric     bool         `json:"create_metric"`
	Metadata         *metadata    `json:"metadata"`

	Description ignored `json:"description"`
	Label       ignored `json:"label"`
	Config      ignored `json:"config"`
}

type metric struct {
	Name            string     `json:"name"`
	Label           string     `json:"label"`
	Description     string     `json:"description"`
	Type            string     `json:"type"`
	TypeParams      typeParams `json:"type_params"`
	Filter          *filters   `json:"filter"`
	TimeGranularity string     `json:"time_granularity"`
	Metadata        *metadata  `json:"metadata"`
	Config          config     `json:"config"`
}

// A config is the dbt project's own; what it says to us has a key in its meta.
type config struct{ assay json.RawMessage }

func (c *config) UnmarshalJSON(data []byte) error {
	var own struct {
		Meta struct {
			Assay json.RawMessage `json:"assay"`
		} `json:"meta"`
	}
	err := json.Unmarshal(data, &own)
	c.assay = own.Meta.Assay
	return err
}

type typeParams struct {
	Expr            string                `json:"expr"`
	Measure         *input                `json:"measure"`
	Aggregation     *metricAggregation    `json:"metric_aggregation_params"`
	FillNullsWith   *float64              `json:"fill_nulls_with"`
	JoinToTimespine bool                  `json:"join_to_timespine"`
	Numerator       *input                `json:"numerator"`
	Denominator     *input                `json:"denominator"`
	Metrics         []*input              `json:"metrics"`
	Cumulative      *cumulativeTypeParams `json:"cumulative_type_params"`
	Conversion      *conversionTypeParams `json:"conversion_type_params"`
	// Window and GrainToDate of a cumulative metric stood here before it had parameters of its own.
	Window      *window `json:"window"`
	GrainToDate string  `json:"grain_to_date"`

	InputMeasures ignored `json:"input_measures"` // of all that the metric is made of, once more
	Private       ignored `json:"is_private"`
}

type metricAggregation struct {
	Agg              string       `json:"agg"`
	Expr             string       `json:"expr"`
	Params           *aggParams   `json:"agg_params"`
	AggTimeDimension string       `json:"agg_time_dimension"`
	NonAdditive      *nonAdditive `json:"non_additive_dimension"`
	SemanticModel    string       `json:"semantic_model"`
}

type cumulativeTypeParams struct {
	Window      *window `json:"window"`
	GrainToDate string  `json:"grain_to_date"`
	PeriodAgg   string  `json:"period_agg"`
	Metric      *input  `json:"metric"`
}

type conversionTypeParams struct {
	BaseMeasure       *input  `json:"base_measure"`
	ConversionMeasure *input  `json:"conversion_measure"`
	BaseMetric        *input  `json:"base_metric"`
	ConversionMetric  *input  `json:"conversion_metric"`
	Entity            string  `json:"entity"`
	Calculation       string  `json:"calculation"`
	Window            *window `json:"window"`
	Constant          []struct {
		Base       string `json:"base_property"`
		Conversion string `json:"conversion_property"`
	} `json:"constant_properties"`
}

// An input is a metric or a measure used by a metric.
type input struct {
	Name            string   `json:"name"`
	Alias           string   `json:"alias"`
	Filter          *filters `json:"filter"`
	OffsetWindow    *window  `json:"offset_window"`
	OffsetToGrain   string   `json:"offset_to_grain"`
	FillNullsWith   *float64 `json:"fill_nulls_with"`
	JoinToTimespine bool     `json:"join_to_timespine"`
}

type window struct {
	Count       int64  `json:"count"`
	Granularity string `json:"granularity"`
}

// Filters are ANDed.
type filters struct {
	Where []struct {
		SQL string `json:"where_sql_template"`
	} `json:"where_filters"`
}

type timeSpine struct {
	Relation nodeRelation `json:"node_relation"`
	Primary  struct {
		Name        string `json:"name"`
		Granularity string `json:"time_granularity"`
	} `json:"primary_column"`
	Custom []struct {
		Name   string `json:"name"`
		Column string `json:"column_name"`
	} `json:"custom_granularities"`
}

type legacySpine struct {
	Location string `json:"location"`
	Column   string `json:"column_name"`
	Grain    string `json:"grain"`
}

type savedQuery struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Tags        tags     `json:"tags"`
	Params      query    `json:"query_params"`
	Exports     []export `json:"exports"`

	Metadata *metadata `json:"metadata"`

	Label ignored `json:"label"`
}

type query struct {
	Metrics []string `json:"metrics"`
	GroupBy []string `json:"group_by"`
	OrderBy []string `json:"order_by"`
	Limit   *int64   `json:"limit"`
	Where   *filters `json:"where"`
}

type export struct {
	Name   string `json:"name"`
	Config struct {
		ExportAs string `json:"export_as"`
		Schema   string `json:"schema_name"`
		Alias    string `json:"alias"`

		Database ignored `json:"database"`
	} `json:"config"`

	Unrendered ignored `json:"unrendered_config"`
}

// present are the elements of a list that are not null.
func present[T any](list []*T) []*T {
	return slices.DeleteFunc(slices.Clone(list), func(x *T) bool { return x == nil })
}

// Tags are a list, or one alone.
type tags []string

func (t *tags) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = nil
		if one != "" {
			*t = tags{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}
