package runner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/runner"
)

// A value that would end a literal and begin a statement, and a column whose name wants every kind of quotes.
const (
	hostileValue  = `it's'); DROP TABLE orders; -- \`
	hostileColumn = `bezahlt.in "€"`
)

var hostileShop = fmt.Sprintf(`
models:
  - name: orders
    relation: orders
    agg_time_dimension: ordered_at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: ordered_at, granularity: second, dimension: {type: time}}
    metrics:
      - {name: revenue, type: simple, agg: sum, expr: '"%s"', filter: "status = '%s'"}
assignments:
  - {name: flags, relation: flags, entity: user, columns: {unit: user_id, time: assigned_at, experiment: flag, variant: variant}}
experiments:
  - name: checkout
    assignments: flags
    start: 2026-01-01
    variants: [control, treatment]
    metrics: {primary: [revenue]}
`, strings.ReplaceAll(hostileColumn, `"`, `""`), strings.ReplaceAll(strings.ReplaceAll(hostileValue, "'", "''"), `\`, `\\`))

// hostileTables have ten users, each with an order that counts, of 0 to 9, and one that does not.
func hostileTables() []runner.Table {
	orders := runner.Table{Name: "orders", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Text}, {Name: "ordered_at", Type: rel.Timestamp}, {Name: "status", Type: rel.Text},
		{Name: hostileColumn, Type: rel.Float},
	}}
	flags := runner.Table{Name: "flags", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Text}, {Name: "assigned_at", Type: rel.Timestamp}, {Name: "flag", Type: rel.Text},
		{Name: "variant", Type: rel.Text},
	}}
	assigned := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for i := range 10 {
		user := fmt.Sprint(hostileValue, i)
		flags.Rows = append(flags.Rows, []any{user, assigned, "checkout", []string{"control", "treatment"}[i%2]})
		orders.Rows = append(orders.Rows,
			[]any{user, assigned.Add(time.Hour), hostileValue, float64(i)}, []any{user, assigned.Add(time.Hour), "it", 1000.0})
	}
	return []runner.Table{orders, flags}
}

// TestHostileNamesAndValues on every engine at hand: they are what they say, and where a column is gone by the time of a run, the
// run says so by its name and writes no number.
func TestHostileNamesAndValues(t *testing.T) {
	// BigQuery has no such names of columns.
	for _, at := range append(slices.Clone(enginetest.All), enginetest.Named("redshift"), enginetest.Named("snowflake")) {
		t.Run(at.Name(), func(t *testing.T) {
			output := at.Output(t)
			e := engine{dialect: at.Dialect, output: output, open: at.Open}
			warehouse := e.warehouse(t)
			session := connect(t, warehouse)
			at.Fill(t, session, output.Fields["schema"].(string), hostileTables()...)
			job := newJob(t, e, warehouse, hostileShop)

			run(t, job)

			const means = "SELECT status, value_control, value_variant FROM assay_experiment_results_latest"
			equal(t, [][]any{{"ok", 4.0, 5.0}}, query(t, session, means))

			execute(t, session, "DROP TABLE orders;\n"+
				"CREATE TABLE orders AS SELECT user_id, assigned_at AS ordered_at, 'it' AS status FROM flags")
			_, err := runner.Run(t.Context(), job)

			if err == nil || !strings.Contains(err.Error(), "metric revenue: step ") || !strings.Contains(err.Error(), "bezahlt.in") {
				t.Errorf("the error does not name the metric and the column: %v", err)
			}
			equal(t, [][]any{{"failed", nil, nil}}, query(t, session, means))
		})
	}
}
