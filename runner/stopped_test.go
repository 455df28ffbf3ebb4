package runner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"assay/internal/enginetest"
	"assay/runner"
)

// endless is hostileShop with orders from a query that no server ends.
var endless = strings.Replace(hostileShop, "relation: orders\n", "sql: |\n      SELECT * FROM orders WHERE 0 < ("+
	"SELECT count(*) FROM "+strings.Join(numbered("flags AS a%d", 14), " CROSS JOIN ")+" WHERE a1.user_id <> a14.variant)\n", 1)

func numbered(format string, times int) []string {
	var all []string
	for i := range times {
		all = append(all, fmt.Sprintf(format, i+1))
	}
	return all
}

// stops are the statements by which an administrator stops others: the first finds the ids of those that are endless, but not of
// what logs them, and the second takes one.
var stops = map[string]struct{ find, stop string }{
	"postgres": {
		`SELECT pid FROM pg_stat_activity
			WHERE state = 'active' AND query LIKE '%a14.variant%' AND query NOT LIKE '%query_log%' AND pid <> pg_backend_pid()`,
		"SELECT pg_cancel_backend(%v)",
	},
	"clickhouse": {
		`SELECT query_id FROM system.processes
			WHERE query LIKE '%a14.variant%' AND query NOT LIKE '%query_log%' AND query NOT LIKE '%system.processes%'`,
		"KILL QUERY WHERE query_id IN ('%v') ASYNC",
	},
	"trino": {
		`SELECT query_id FROM system.runtime.queries
			WHERE state = 'RUNNING' AND query LIKE '%a14.variant%' AND query NOT LIKE '%query_log%' AND query NOT LIKE '%runtime%'`,
		"CALL system.runtime.kill_query(query_id => '%v', message => 'by an administrator')",
	},
}

// TestStoppedOnTheServer: of a statement that somebody stops on the server, the run says so by the metric's name, and
// writes no number of that metric.
func TestStoppedOnTheServer(t *testing.T) {
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			at := enginetest.Named(name)
			output := at.Output(t)
			e := engine{dialect: at.Dialect, output: output, open: at.Open}
			warehouse := e.warehouse(t)
			session := connect(t, warehouse)
			at.Fill(t, session, output.Fields["schema"].(string), hostileTables()...)
			job := newJob(t, e, warehouse, endless)
			ended := make(chan error)
			go func() {
				_, err := runner.Run(t.Context(), job)
				ended <- err
			}()

			stopped := 0
			for {
				select {
				case err := <-ended:
					if err == nil || !strings.Contains(err.Error(), "metric revenue: step ") || stopped == 0 {
						t.Errorf("after %d stops the error does not name the metric: %v", stopped, err)
					}
					equal(t, [][]any{{"failed", nil, nil}},
						query(t, session, "SELECT status, value_control, value_variant FROM assay_experiment_results_latest"))
					return
				case <-time.After(200 * time.Millisecond):
				}
				for _, row := range query(t, session, stop.find) {
					query(t, session, fmt.Sprintf(stop.stop, row[0]))
					stopped++
				}
			}
		})
	}
}
