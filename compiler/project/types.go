package project

import (
	"time"

	"assay/internal/diag"
)

// A Value is a value and the place it was written; the zero span means nobody wrote it.
type Value[T any] struct {
	V    T `yaml:",inline"`
	Span diag.Span
}

// IsSet reports whether the value was written.
func (v Value[T]) IsSet() bool { return !v.Span.IsZero() }

// Or is the value, or another where nobody wrote it.
func (v Value[T]) Or(otherwise Value[T]) Value[T] {
	if v.IsSet() {
		return v
	}
	return otherwise
}

// Name is an identifier: of a model, a metric, a column.
type Name = Value[string]

// A Project is everything a user declared, as written: names are not resolved and expressions not parsed. Every list is in the
// order of file path, then place.
//
// What a field is called in YAML is its name in snake case, or its yaml tag: a path where the YAML nests deeper, `,inline` where
// the field is no level of its own, and `-` where it is no setting.
type Project struct {
	Dir               string // absolute
	Name              Name
	Profile           Name
	ReportingTimezone Value[*time.Location] // UTC unless set
	Defaults          *Experiment           // any key of an experiment; nil when absent
	Models            []*Model
	Metrics           []*Metric // those of models too, with Model set
	Patches           []*Metric // what is said of metrics declared elsewhere, until it is applied
	Assignments       []*Assignments
	Experiments       []*Experiment
	Protocols         []*Protocol
	SavedQueries      []*SavedQuery
	UnitTests         []*UnitTest
	Annotations       []*Annotation
	Manifests         []Manifest
	Catalog           *Catalog // nil when there is none
	Unread            []string // files not read, or not in whole: what they declare is unknown, not absent
}

// A Manifest is a dbt project's semantic_manifest.json, imported and not yet read.
type Manifest struct {
	File string // as spans show it
	Data []byte
}

// A Model is a set of rows: events or entities.
type Model struct {
	Name              Name
	Description       Value[string]
	Source            Source    `yaml:",inline"`
	Filter            diag.Text // rows that count
	AggTimeDimension  Name
	Timezone          Value[*time.Location] // of time columns without a zone; UTC unless set
	Partition         *Partition
	PrimaryEntity     Name        // dbt's primary_entity: an entity without a column
	ContractEnforced  Value[bool] `yaml:"contract.enforced"`
	Columns           []*Column
	DerivedDimensions []*Dimension `yaml:"derived_semantics.dimensions"`
	DerivedEntities   []*Entity    `yaml:"derived_semantics.entities"`
	TimeSpine         *TimeSpine
	Metrics           []*Metric `yaml:"-"`
	Span              diag.Span // the whole entry
}

// A Source is where rows come from; exactly one of Relation, SQL, File and Model is set.
type Source struct {
	Relation Value[string] // schema.table, quoted parts allowed
	SQL      diag.Text     // the user's own SELECT, embedded as it is
	File     *File
	Model    Name // assignments only
}

// A File is read by DuckDB.
type File struct {
	Path    Value[string] // as written; relative to the project
	Options []Option
}

// An Option is one read option of a file, in the order written.
type Option struct {
	Name  Name
	Value Scalar
}

// A Scalar is a YAML scalar with the type YAML gave it: string, int64, float64, bool or nil.
type Scalar = Value[any]

// Partition names the column that prunes scans.
type Partition struct {
	Column      Name
	Granularity Value[Unit]
}

// A Column of a model, with the entity or dimension it is.
type Column struct {
	Name        Name
	Description Value[string]
	DataType    Value[string]
	Granularity Value[Unit]
	Entity      *Entity
	Dimension   *Dimension
}

// EntityType says how often a value of the entity occurs in the model.
type EntityType string

const (
	Primary EntityType = "primary" // once, never NULL
	Unique  EntityType = "unique"  // at most once, may be NULL
	Foreign EntityType = "foreign" // any number of times
	Natural EntityType = "natural" // once at any moment, with validity
)

// An Entity is a key that joins models.
type Entity struct {
	Name   Name
	Type   Value[EntityType]
	Expr   Expression // default: the column, or the name
	RoleOf Name       // the entity this one plays a role of (host_id is a user)
}

// DimensionType is categorical, time or numeric.
type DimensionType string

const (
	Categorical DimensionType = "categorical"
	Time        DimensionType = "time"
	Numeric     DimensionType = "numeric"
)

// A Dimension is a property rows are grouped and filtered by.
type Dimension struct {
	Name        Name
	Description Value[string]
	Label       Value[string]
	Type        Value[DimensionType]
	Expr        Expression // default: the column, or the name
	Granularity Value[Unit]
	IsPartition Value[bool] // dbt: two partitions join only where they are equal
	Validity    *Validity   `yaml:"validity_params"`
}

// Validity marks the column that starts or ends the time a row holds.
type Validity struct {
	IsStart, IsEnd Value[bool]
	Span           diag.Span
}

// TimeSpine declares a model to be dbt's table of dates.
type TimeSpine struct {
	Column              Name `yaml:"standard_granularity_column"`
	CustomGranularities []CustomGranularity
	Span                diag.Span
}

// A CustomGranularity is a column of the spine that names longer periods.
type CustomGranularity struct{ Name, Column Name }

// An Expression is portable ANSI text, or a text per dialect, which is then used as it is.
type Expression struct {
	Text       diag.Text     `yaml:",inline"`
	PerDialect []DialectText `yaml:",inline"` // in the order written; `default` among them
	Span       diag.Span
}

// DialectText is an expression for one dialect.
type DialectText struct {
	Dialect Name
	Text    diag.Text
}

// IsSet reports whether anything was written.
func (e Expression) IsSet() bool { return !e.Text.IsZero() || len(e.PerDialect) > 0 }

// Unit is a unit of time, as durations and granularities use it.
type Unit string

const (
	Nanosecond  Unit = "nanosecond"
	Microsecond Unit = "microsecond"
	Millisecond Unit = "millisecond"
	Second      Unit = "second"
	Minute      Unit = "minute"
	Hour        Unit = "hour"
	Day         Unit = "day"
	Week        Unit = "week"
	Month       Unit = "month"
	Quarter     Unit = "quarter"
	Year        Unit = "year"
)

// A Duration is `14 days`, as written.
type Duration struct {
	Count int64
	Unit  Unit
}

// A Moment is an instant, or a date without a time: the midnight that begins it, in the reporting time zone.
type Moment struct {
	Time     time.Time // UTC
	DateOnly bool
}
