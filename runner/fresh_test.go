package runner_test

import (
	"context"
	"strings"
	"testing"

	"assay/compiler/project"
	"assay/runner"
)

// TestStaleResultsAreNotReplaced: a run that asks for fresh data leaves the rows of an experiment that has none, and computes what
// else there is.
func TestStaleResultsAreNotReplaced(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData+";\nUPDATE public.orders SET ordered_at = TIMESTAMP '2026-01-09 00:00:00';\n"+
			"UPDATE public.flags SET \"at\" = TIMESTAMP '2026-01-09 00:00:00' WHERE flag = 'banner' AND user_id = 'u1'")
		first := run(t, newJob(t, e, warehouse, shop))
		job := newJob(t, e, warehouse, shop)
		job.RequireFresh = true
		result, err := runner.Run(context.Background(), job)
		if err == nil || !strings.Contains(err.Error(), "experiment checkout has stale data and keeps its last results") {
			t.Errorf("error %v", err)
		}
		if len(result.Reports) != 1 || result.Reports[0].Experiment.Experiment != "banner" {
			t.Errorf("%d reports", len(result.Reports))
		}
		for experiment, id := range map[string]string{"checkout": first.Run.RunID, "banner": result.Run.RunID} {
			equal(t, [][]any{{id}}, query(t, session,
				"SELECT DISTINCT run_id FROM results.assay_experiment_results WHERE experiment = '"+experiment+"'"))
		}
	})
}

// TestFirstDefinitionsAreRemembered: a later day's run compares with the first since the start, and not with the one before it.
func TestFirstDefinitionsAreRemembered(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		execute(t, connect(t, warehouse), shopData)
		hashed := func(days int, suffix string) *runner.Result {
			job := newJob(t, e, warehouse, shop)
			plan := job.Plan
			job.AsOf = job.AsOf.AddDate(0, 0, days)
			job.Plan = func(found *project.Catalog) (*runner.Work, error) {
				work, err := plan(found)
				work.DefinitionHash = func(kind, name string) string { return name + suffix }
				return work, err
			}
			return run(t, job)
		}
		told := func(result *runner.Result) string {
			for _, row := range result.Reports[0].Health {
				if row.CheckName == "definition_changed" && row.Advice != nil {
					return *row.Advice
				}
			}
			return ""
		}
		hashed(0, "")
		changed, again, back := hashed(1, "!"), hashed(2, "!"), hashed(3, "")
		for name, result := range map[string]*runner.Result{"changed": changed, "again": again} {
			if advice := told(result); !strings.Contains(advice, "as of 2026-01-10: revenue, orders") {
				t.Errorf("%s: %q", name, advice)
			}
		}
		if advice := told(back); advice != "" {
			t.Errorf("changed back: %q", advice)
		}
	})
}
