package site

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/runner"
	"assay/runner/judge"
)

// An Archive is what runs have written: each experiment as its newest done run found it, by name.
type Archive struct {
	Reports []*judge.Report
	Runs    []judge.RunRow // all that there were
}

// ErrNoRuns says that there is nothing to report yet.
var ErrNoRuns = errors.New("no run has written results here yet; `assay run` does")

// ReadArchive reads the result tables of a schema. Tables that an older release did not write are as good as empty.
func ReadArchive(ctx context.Context, s runner.Session, d *dialects.Dialect, schema string) (*Archive, error) {
	r := reader{ctx: ctx, session: s, dialect: d, schema: schema}
	if !r.exists("assay_experiments_latest") {
		return nil, ErrNoRuns
	}
	t := tables{
		experiments: read[judge.ExperimentRow](&r, "assay_experiments_latest"),
		// A run may have replaced the newest rows of a metric; those of the experiment's own run say what was judged.
		metrics:       read[judge.MetricRow](&r, "assay_metrics"),
		newest:        read[judge.MetricRow](&r, "assay_metrics_latest"),
		results:       read[judge.ResultRow](&r, "assay_experiment_results_latest"),
		health:        read[judge.HealthRow](&r, "assay_experiment_health_latest"),
		daily:         read[judge.DailyRow](&r, "assay_experiment_daily_latest"),
		exposures:     read[judge.ExposureRow](&r, "assay_exposures_daily_latest"),
		decisions:     read[judge.DecisionRow](&r, "assay_experiment_decisions_latest"),
		heterogeneity: read[judge.HeterogeneityRow](&r, "assay_experiment_heterogeneity_latest"),
		runs:          read[judge.RunRow](&r, "assay_runs"),
	}
	if r.err != nil {
		return nil, r.err
	}
	return t.archive(), nil
}

// A reader reads tables until one fails.
type reader struct {
	ctx     context.Context
	session runner.Session
	dialect *dialects.Dialect
	schema  string
	err     error
}

func (r *reader) all(table string) string {
	parts := []rel.TablePart{{Name: r.schema, Quoted: true}, {Name: table, Quoted: true}}
	return "SELECT * FROM " + r.dialect.Table(rel.Table{Parts: parts})
}

func (r *reader) exists(table string) bool {
	_, err := r.session.Columns(r.ctx, r.all(table))
	return err == nil
}

func read[R any](r *reader, table string) []R {
	if r.err != nil || !r.exists(table) {
		return nil
	}
	fetched, err := r.session.Query(r.ctx, r.all(table))
	if err == nil {
		var rows []R
		if rows, err = runner.Decode[R](fetched); err == nil {
			return rows
		}
	}
	r.err = fmt.Errorf("result table %s.%s: %w", r.schema, table, err)
	return nil
}

// tables are the rows of all experiments.
type tables struct {
	experiments     []judge.ExperimentRow
	metrics, newest []judge.MetricRow
	results         []judge.ResultRow
	health          []judge.HealthRow
	daily           []judge.DailyRow
	exposures       []judge.ExposureRow
	decisions       []judge.DecisionRow
	heterogeneity   []judge.HeterogeneityRow
	runs            []judge.RunRow
}

func (t tables) archive() *Archive {
	a := &Archive{Runs: t.runs}
	slices.SortFunc(t.experiments, func(x, y judge.ExperimentRow) int { return compare(x.Experiment, y.Experiment) })
	for _, x := range t.experiments {
		a.Reports = append(a.Reports, t.report(x))
	}
	return a
}

func (t tables) report(x judge.ExperimentRow) *judge.Report {
	r := &judge.Report{
		Experiment:    x,
		Results:       of(x, t.results, func(r judge.ResultRow) string { return r.Experiment }),
		Health:        of(x, t.health, func(r judge.HealthRow) string { return r.Experiment }),
		Daily:         of(x, t.daily, func(r judge.DailyRow) string { return r.Experiment }),
		Exposures:     of(x, t.exposures, func(r judge.ExposureRow) string { return r.Experiment }),
		Decisions:     of(x, t.decisions, func(r judge.DecisionRow) string { return r.Experiment }),
		Heterogeneity: of(x, t.heterogeneity, func(r judge.HeterogeneityRow) string { return r.Experiment }),
	}
	order(r)
	seen := map[string]bool{}
	for _, result := range r.Results {
		if !seen[result.Metric] {
			seen[result.Metric] = true
			r.Metrics = append(r.Metrics, t.metric(x.RunID, result.Metric))
		}
	}
	return r
}

// of are the rows of one experiment.
func of[R any](x judge.ExperimentRow, rows []R, experiment func(R) string) []R {
	var own []R
	for _, r := range rows {
		if experiment(r) == x.Experiment {
			own = append(own, r)
		}
	}
	return own
}

// metric is as the run knew it, else as the newest run does, else its name alone.
func (t tables) metric(run, name string) judge.MetricRow {
	for _, m := range t.metrics {
		if m.RunID == run && m.Metric == name {
			return m
		}
	}
	for _, m := range t.newest {
		if m.Metric == name {
			return m
		}
	}
	return judge.MetricRow{Metric: name}
}
