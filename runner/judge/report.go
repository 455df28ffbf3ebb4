package judge

import (
	"errors"
	"fmt"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// A Report is all that a run says of one experiment: its rows in each result table, so that what people read can be made again
// from the tables alone.
type Report struct {
	Experiment    ExperimentRow
	Metrics       []MetricRow // one for each metric under the name it has in the experiment
	Moments       []MomentRow
	Results       []ResultRow
	Daily         []DailyRow
	Heterogeneity []HeterogeneityRow
	Health        []HealthRow
	Decisions     []DecisionRow // one, or none where there is nothing to decide
	Exposures     []ExposureRow

	// Err is why the run must not pass for complete: metrics that the warehouse refused, or an experiment that its exposure policy
	// refuses. The rows tell the same.
	Err error
}

// A Run is what every row of a run shares, and where its numbers come from.
type Run struct {
	ID             string
	Zone           *time.Location        // reporting time zone: where days begin
	DefinitionHash string                // of the experiment
	Metrics        map[string]Provenance // by the metric's name in the experiment
	First          *Definitions          // of the first run since the start; nil where this is the first
}

// Provenance identifies what a metric's numbers were made from.
type Provenance struct{ DefinitionHash, SQLHash string }

// Experiment judges what a run observed of an experiment.
func Experiment(run Run, observed *plan.Observed) *Report {
	e := evidence{Observed: observed, run: run, contests: contests(observed.Metrics)}
	report := &Report{Experiment: e.experimentRow(), Exposures: e.exposureRows(), Err: e.err()}
	for _, m := range e.Metrics {
		report.Metrics = append(report.Metrics, e.metricRow(m.Use))
	}
	if e.hasResults() {
		deciding := e.rulings(observed.Experiment.Protocol.Confidence)
		report.Moments = e.momentRows()
		studies := e.studies()
		report.Results = e.resultRows(deciding, studies)
		report.Daily = e.dailyRows(deciding)
		report.Heterogeneity = e.heterogeneityRows(studies)
	}
	report.Health = e.health(report.Results)
	report.Decisions = e.decisionRows(report.Results, report.Health)
	return report
}

// evidence is what was observed, with the run it is judged in.
type evidence struct {
	*plan.Observed
	run      Run
	contests []contest
}

// hasResults is false before the start, and where the experiment refuses units that were seen in several variants.
func (e evidence) hasResults() bool { return e.status() != Draft && !e.refused() }

func (e evidence) refused() bool {
	return e.Observed.Experiment.Exposures == model.RefuseMultiple && e.Exposures.Multiple > 0
}

func (e evidence) err() error {
	var errs []error
	if e.refused() {
		errs = append(errs, fmt.Errorf("experiment %s has no results: %s seen in several variants, and it is set to "+
			"`multiple_exposures: error`", e.Observed.Experiment.Name, counted(e.Exposures.Multiple, "unit")))
	}
	for _, m := range e.Metrics {
		if m.Failed != nil {
			errs = append(errs, fmt.Errorf("experiment %s, metric %s: %w", e.Observed.Experiment.Name, m.Use.Name, m.Failed))
		}
	}
	return errors.Join(errs...)
}
