package runner

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"assay/runner/judge"
)

// programmeTable sums experimentation up. Each run that has results of experiments writes it anew, as of its day.
const programmeTable = "assay_programme"

// newestRuns is a row for each experiment: its newest done run of those before an instant.
const newestRuns = `SELECT placed.[experiment], placed.[run_id]
FROM (
  SELECT e.[experiment], e.[run_id],
    ROW_NUMBER() OVER (PARTITION BY e.[experiment] ORDER BY e.[as_of] DESC, r.[finished_at] DESC) AS place
  FROM <assay_experiments> AS e
  JOIN <assay_runs> AS r ON r.[run_id] = e.[run_id]
  WHERE r.[status] = 'done' AND e.[as_of] < ?
) AS placed
WHERE placed.place = 1`

// newest selects columns of a result table from the newest runs; a condition may follow.
func newest(table string, columns ...string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "t.[" + c + "] AS [" + c + "]"
	}
	return "SELECT " + strings.Join(list, ", ") + "\nFROM <" + table + "> AS t\n" +
		"JOIN (" + newestRuns + ") AS n ON n.[experiment] = t.[experiment] AND n.[run_id] = t.[run_id]"
}

// What a programme reads of the experiments that a run leaves as they are, and what runs have taken.
var (
	newestExperiments = newest(experimentsTable, "experiment", "status", "days_running", "control", "variants", "decision")
	newestFailures    = newest("assay_experiment_health", "experiment", "status") + "\nWHERE t.[status] = 'fail'"
	newestResults     = newest("assay_experiment_results", "experiment", "metric", "variant", "dimension", "role", "method", "decides",
		"verdict", "lift", "lift_se") +
		"\nWHERE t.[decides] AND t.[dimension] = 'overall' AND t.[step] IS NULL AND t.[role] IN ('primary', 'guardrail')"
	doneRuns = "SELECT [queries], [seconds], [bytes_scanned] FROM <assay_runs> WHERE [status] = 'done' AND [as_of] < ?"
)

// sumUp makes the rows of the programme from what this run found and, of all other experiments, what was found as of its day. Of two
// runs that end at the same moment one may miss what the other found; the next run has both.
func (r *run) sumUp(ctx context.Context) error {
	if len(r.result.Reports) == 0 {
		return nil
	}
	end := dayOf(r.AsOf, r.Zone).to
	reports, err := r.store.newestReports(ctx, end)
	if err != nil {
		return err
	}
	runs, err := readAll[judge.RunRow](ctx, r.store, doneRuns, end)
	if err != nil {
		return err
	}
	for _, own := range r.result.Reports {
		reports[own.Experiment.Experiment] = own
	}
	programme := judge.Programme{Runs: append(runs, r.row.RunRow), MetricOf: r.MetricOf}
	for _, name := range slices.Sorted(maps.Keys(reports)) {
		programme.Reports = append(programme.Reports, reports[name])
	}
	r.summary = programme.Rows(r.row.RunID, r.AsOf)
	return nil
}

// newestReports are what the newest runs before an instant found, by experiment, as far as a programme reads it.
func (s *store) newestReports(ctx context.Context, before time.Time) (map[string]*judge.Report, error) {
	experiments, err := readAll[judge.ExperimentRow](ctx, s, newestExperiments, before)
	if err != nil {
		return nil, err
	}
	results, err := readAll[judge.ResultRow](ctx, s, newestResults, before)
	if err != nil {
		return nil, err
	}
	failures, err := readAll[judge.HealthRow](ctx, s, newestFailures, before)
	if err != nil {
		return nil, err
	}
	reports := map[string]*judge.Report{}
	for _, x := range experiments {
		reports[x.Experiment] = &judge.Report{Experiment: x}
	}
	// An experiment may have come between two of the queries.
	for _, row := range results {
		if r := reports[row.Experiment]; r != nil {
			r.Results = append(r.Results, row)
		}
	}
	for _, row := range failures {
		if r := reports[row.Experiment]; r != nil {
			r.Health = append(r.Health, row)
		}
	}
	return reports, nil
}

// readAll reads rows of a struct whose json tags are the query's columns.
func readAll[R any](ctx context.Context, s *store, template string, values ...any) ([]R, error) {
	fetched, err := s.query(ctx, template, values...)
	if err != nil {
		return nil, err
	}
	return Decode[R](fetched)
}
