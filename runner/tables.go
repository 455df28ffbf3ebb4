package runner

import (
	"strings"

	"assay/runner/judge"
)

// The result tables that this package itself writes or reads.
const (
	runsTable        = "assay_runs"
	queryLogTable    = "assay_query_log"
	experimentsTable = "assay_experiments"
	metricsTable     = "assay_metrics"
)

// A subject is what the rows of a table are of: a run replaces those of its own subjects.
type subject struct {
	column string // "" where all rows of a run are of one subject
	table  string // holds a row for each subject of a run
}

// subject is the experiment where the table has one, else the metric. The rows of a run itself have none. A forecast is no run
// of its experiment, and so is found in its own table; the programme is one whole.
func (t Table) subject() (subject, bool) {
	switch {
	case t.Name == programmeTable:
		return subject{"", programmeTable}, true
	case t.Name == PowerTable:
		return subject{"experiment", PowerTable}, true
	case t.index("experiment") >= 0:
		return subject{"experiment", experimentsTable}, true
	case t.index("metric") >= 0:
		return subject{"metric", metricsTable}, true
	}
	return subject{}, false
}

// spell puts the column's name into a template; without a column there is nothing to spell.
func (s subject) spell(template string) string {
	if s.column == "" {
		return ""
	}
	return strings.ReplaceAll(template, "%s", s.column)
}

// reportTables are the tables of what a run says of experiments.
func reportTables(reports []*judge.Report) []Table {
	return []Table{
		gather(experimentsTable, reports, func(r *judge.Report) []judge.ExperimentRow { return []judge.ExperimentRow{r.Experiment} }),
		NewTable(metricsTable, metricRows(reports)),
		gather("assay_experiment_moments", reports, func(r *judge.Report) []judge.MomentRow { return r.Moments }),
		gather("assay_experiment_results", reports, func(r *judge.Report) []judge.ResultRow { return r.Results }),
		gather("assay_experiment_daily", reports, func(r *judge.Report) []judge.DailyRow { return r.Daily }),
		gather("assay_experiment_heterogeneity", reports, func(r *judge.Report) []judge.HeterogeneityRow { return r.Heterogeneity }),
		gather("assay_experiment_health", reports, func(r *judge.Report) []judge.HealthRow { return r.Health }),
		gather("assay_experiment_decisions", reports, func(r *judge.Report) []judge.DecisionRow { return r.Decisions }),
		gather("assay_exposures_daily", reports, func(r *judge.Report) []judge.ExposureRow { return r.Exposures }),
	}
}

func gather[R any](name string, reports []*judge.Report, rows func(*judge.Report) []R) Table {
	var all []R
	for _, r := range reports {
		all = append(all, rows(r)...)
	}
	return NewTable(name, all)
}

// metricRows has each metric once, whatever the number of experiments that use it.
func metricRows(reports []*judge.Report) []judge.MetricRow {
	var rows []judge.MetricRow
	seen := map[string]bool{}
	for _, report := range reports {
		for _, row := range report.Metrics {
			if !seen[row.Metric] {
				seen[row.Metric] = true
				rows = append(rows, row)
			}
		}
	}
	return rows
}
