package runner_test

import (
	"slices"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/dialects"
	"assay/runner"
)

// only is a job's run of one experiment, so many days later.
func only(job runner.Job, experiment string, days int) runner.Job {
	plan := job.Plan
	job.AsOf = job.AsOf.AddDate(0, 0, days)
	job.Plan = func(c *project.Catalog) (*runner.Work, error) {
		work, err := plan(c)
		work.Experiments = slices.DeleteFunc(slices.Clone(work.Experiments), func(e *model.Experiment) bool { return e.Name != experiment })
		return work, err
	}
	return job
}

// TestProgramme: a run of some experiments sums all up, each as it was found by the day that the run is of.
func TestProgramme(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		sumsUp(t, e, warehouse)
	})
}

func TestProgrammeWithoutTransactions(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect.Statements[dialects.Replace] == "" {
			t.Skip("the engine has transactions, and nothing else by which to replace a table")
		}
		sumsUp(t, e, plain{e.warehouse(t)})
	})
}

func sumsUp(t *testing.T, e engine, warehouse runner.Warehouse) {
	session := connect(t, warehouse)
	execute(t, session, shopData)
	job := newJob(t, e, warehouse, strings.Replace(shop, "assignments: flags\n    start: 2026-01-01",
		"assignments: flags\n    decision: {status: shipped, date: 2026-01-09}\n    start: 2026-01-01", 1))

	first := run(t, only(job, "checkout", 0))
	later := run(t, only(job, "banner", 1))
	between := run(t, only(job, "banner", 0))
	early := run(t, only(job, "banner", -1))

	const columns = "run_id, metric, started, decided, comparisons, shipped"
	wholes := [][]any{
		{early.Run.RunID, nil, int64(1), int64(0), nil, nil}, {between.Run.RunID, nil, int64(2), int64(1), nil, nil},
		{later.Run.RunID, nil, int64(2), int64(1), nil, nil},
	}
	equal(t, wholes, query(t, session, "SELECT "+columns+" FROM results.assay_programme WHERE metric IS NULL ORDER BY as_of"))
	equal(t, [][]any{{later.Run.RunID, "revenue", nil, nil, int64(1), int64(1)}, wholes[2]},
		query(t, session, "SELECT "+columns+" FROM results.assay_programme_latest ORDER BY metric NULLS LAST"))
	queries := len(first.Queries) + len(later.Queries)
	equal(t, [][]any{{int64(queries)}}, query(t, session, "SELECT queries FROM results.assay_programme_latest WHERE metric IS NULL"))
}
