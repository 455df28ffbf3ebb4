package runner_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"assay/runner"
)

// rival enters a run of another process, its lease ending at some time from now.
func rival(t *testing.T, session runner.Session, claim string, ends time.Duration) {
	t.Helper()
	now := time.Now().UTC()
	execute(t, session, fmt.Sprintf(`INSERT INTO results.assay_runs (run_id, status, started_at, lease_until, claims)
		VALUES ('0-%s', 'running', TIMESTAMP '%s', TIMESTAMP '%s', '["%s"]')`, claim, now.Format(time.DateTime),
		now.Add(ends).Format(time.DateTime), claim))
}

func TestBusyExperiment(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		before := run(t, newJob(t, e, warehouse, shop))
		rival(t, session, "experiment:banner", time.Hour)

		result, err := runner.Run(t.Context(), newJob(t, e, warehouse, shop))

		var busy *runner.BusyError
		if !errors.As(err, &busy) || busy.Claim != "experiment:banner" || busy.RunID != "0-experiment:banner" {
			t.Errorf("%v", err)
		}
		equal(t, "failed", result.Run.Status)
		equal(t, [][]any{{before.Run.RunID}}, query(t, session, "SELECT DISTINCT run_id FROM results.assay_experiments"))
	})
}

func TestKilledRunIsTakenOver(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		run(t, newJob(t, e, warehouse, shop))
		rival(t, session, "experiment:banner", -time.Minute)
		rival(t, session, "experiment:another", time.Hour)

		run(t, newJob(t, e, warehouse, shop))

		equal(t, [][]any{{"0-experiment:another", "running", nil}, {"0-experiment:banner", "failed", "killed: its lease ended"}},
			query(t, session, "SELECT run_id, status, error FROM results.assay_runs WHERE run_id LIKE '0-%' ORDER BY run_id"))
	})
}

// TestLeaseIsRenewedAndLost: a step that takes longer than the lease keeps it; once another takes the run's place, it ends.
func TestLeaseIsRenewedAndLost(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		job := newJob(t, e, warehouse, shop)
		job.Lease = 1500 * time.Millisecond
		var left time.Duration
		job.Observe.Started = func(step string, number, of int) {
			if number != 2 {
				return
			}
			time.Sleep(job.Lease)
			until := query(t, session, "SELECT lease_until FROM results.assay_runs WHERE status = 'running'")[0][0].(time.Time)
			left = time.Until(until)
			execute(t, session, "UPDATE results.assay_runs SET status = 'failed'")
			time.Sleep(job.Lease)
		}

		_, err := runner.Run(t.Context(), job)

		if left <= 0 {
			t.Errorf("the lease was not renewed: it ended %v ago", -left)
		}
		if !errors.Is(err, runner.ErrLeaseLost) {
			t.Error(err)
		}
		equal(t, [][]any{{int64(0)}}, query(t, session, "SELECT count(*) FROM results.assay_experiments"))
	})
}

// TestTwoAtOnce starts runs of the same experiments together: their rows never mix, and each either writes or says who is busy.
func TestTwoAtOnce(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		run(t, newJob(t, e, warehouse, shop))
		var runs sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			job := newJob(t, e, warehouse, shop)
			runs.Go(func() { _, errs[i] = runner.Run(t.Context(), job) })
		}
		runs.Wait()
		written := 0
		for _, err := range errs {
			var busy *runner.BusyError
			if err == nil {
				written++
			} else if !errors.As(err, &busy) && !strings.Contains(err.Error(), "onflict") {
				t.Error(err)
			}
		}
		if written == 0 {
			t.Errorf("none of them ran: %v", errs)
		}
		equal(t, [][]any{{int64(1), int64(3)}},
			query(t, session, "SELECT count(DISTINCT run_id), count(*) FROM results.assay_experiment_results"))
	})
}
