package plan

import (
	"time"

	"assay/compiler/rel"
)

// A Compiled program: steps for an engine, and the meaning of what they return.
type Compiled struct {
	Program *rel.Program
	Layout  *Layout
}

// Decode gives the meaning of what the fetched steps returned, by step name, as of an instant. A step that the engine refused
// is absent from rows and named in failed.
func (l *Layout) Decode(asOf time.Time, rows map[string]Rows, failed map[string]error) ([]*Observed, error) {
	panic("unimplemented")
}

// Layout maps every fetched statement and column to what it is: experiment, metric, moment. No one parses column names.
type Layout struct {
	// Metrics lists, for each step, the (experiment, metric) pairs that cannot be computed without it, so that one refused
	// statement fails only these.
	Metrics map[string][]Use
}

// A Use names a metric of an experiment.
type Use struct{ Experiment, Metric string }
