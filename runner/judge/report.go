package judge

import "time"

// A Report is all that a run says of one experiment: its rows in each result table. It holds nothing else, so that what people
// read can be made again from the tables alone.
type Report struct {
	Experiment ExperimentRow
	Metrics    []MetricRow // one for each metric under the name it has in the experiment
	Moments    []MomentRow
	Results    []ResultRow
	Health     []HealthRow
	Exposures  []ExposureRow
}

// A Run is what every row of a run shares, and where its numbers come from.
type Run struct {
	ID             string
	Zone           *time.Location        // reporting time zone: where days begin
	DefinitionHash string                // of the experiment
	Metrics        map[string]Provenance // by the metric's name in the experiment
}

// Provenance identifies what a metric's numbers were made from.
type Provenance struct{ DefinitionHash, SQLHash string }
