package runner_test

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
	"assay/internal/enginetest"
	"assay/runner"
)

// partitionedShop has orders by the clocks of Auckland, 13 hours before UTC, in partitions by those clocks' day.
const partitionedShop = `
models:
  - name: orders
    %s
    %s
    timezone: Pacific/Auckland
    agg_time_dimension: ordered_at
    columns:
      - {name: user_id, data_type: string, entity: {type: foreign, name: user}}
      - {name: ordered_at, data_type: timestamp, granularity: second, dimension: {type: time}}
      - {name: amount, data_type: double}
      - {name: day, data_type: %s}
    metrics: [{name: revenue, type: simple, agg: sum, expr: amount}]
assignments:
  - {name: flags, sql: "%s", entity: user, columns: {unit: user_id, time: at, variant: variant}}
experiments:
  - name: checkout
    assignments: flags
    start: 2026-02-01
    variants: [control, treatment]
    metrics: {primary: {metric: revenue, cuped: false}}
`

const flagRows = `SELECT user_id, TIMESTAMP '2026-02-01 00:00:00' AS at, variant FROM (SELECT 'u0' AS user_id, 'control' AS variant ` +
	`UNION ALL SELECT 'u1', 'treatment' UNION ALL SELECT 'u2', 'control' UNION ALL SELECT 'u3', 'treatment') AS s`

// hourly has an order an hour for 90 days from new year on, by ten users, of whom four are in the experiment.
const hourly = `SELECT 'u' || i %% 10 AS user_id, TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 hour' AS ordered_at, i * 0.5 AS amount,
  CAST(date_trunc('%s', TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 hour') AS %s) AS day
FROM generate_series(0, 90 * 24 - 1) AS s(i)`

// A partitioned table of one engine: how it is made, how a model names it, and how much of it a statement is planned to read, in
// whatever the engine says that in.
type partitioned struct {
	engine string
	make   func(t *testing.T, session runner.Session, granularity, kind string) (source string)
	read   func(t *testing.T, session runner.Session, statement string) float64
}

// planned counts what is read in an engine's plan.
func planned(count func(plan string) float64) func(*testing.T, runner.Session, string) float64 {
	return func(t *testing.T, session runner.Session, statement string) float64 {
		t.Helper()
		var lines strings.Builder
		for _, row := range query(t, session, "EXPLAIN "+statement) {
			fmt.Fprintln(&lines, row[len(row)-1])
		}
		return count(lines.String())
	}
}

// estimated is what people are told before a run.
func estimated(t *testing.T, session runner.Session, statement string) float64 {
	t.Helper()
	estimate, err := session.(runner.Estimator).Estimate(t.Context(), statement)
	if err != nil || estimate == nil {
		t.Fatalf("%s: %v, %v", statement, estimate, err)
	}
	return estimate.Amount
}

var filesRead = regexp.MustCompile(`Scanning Files: (\d+)/\d+`)

// partitionedEngines show in their plans what they prune.
var partitionedEngines = []partitioned{
	{
		engine: "duckdb",
		make: func(t *testing.T, session runner.Session, granularity, kind string) string {
			dir := filepath.Join(t.TempDir(), "orders")
			execute(t, session, fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet, PARTITION_BY (day))", fmt.Sprintf(hourly, granularity, kind), dir))
			return fmt.Sprintf("file: {path: '%s/*/*.parquet', options: {hive_partitioning: true, hive_types: {day: %s}}}", dir, kind)
		},
		read: planned(func(plan string) float64 {
			read, all := 1.0, 1.0 // a scan without a filter says nothing of files
			fmt.Sscanf(filesRead.FindString(plan), "Scanning Files: %g/%g", &read, &all)
			return read / all
		}),
	},
	{
		engine: "postgres",
		make: func(t *testing.T, session runner.Session, granularity, kind string) string {
			execute(t, session, fmt.Sprintf("CREATE TABLE orders (user_id text, ordered_at timestamp, amount double precision, day %s) "+
				"PARTITION BY LIST (day)", kind))
			rows := query(t, session, "SELECT DISTINCT CAST(day AS text) FROM ("+fmt.Sprintf(hourly, granularity, kind)+") AS o")
			for i, row := range rows {
				execute(t, session, fmt.Sprintf("CREATE TABLE orders_%d PARTITION OF orders FOR VALUES IN ('%s')", i, row[0]))
			}
			execute(t, session, "INSERT INTO orders "+fmt.Sprintf(hourly, granularity, kind))
			return "relation: orders"
		},
		read: planned(func(plan string) float64 { return float64(strings.Count(plan, "Seq Scan on orders_")) }),
	},
	{
		engine: "clickhouse",
		make: func(t *testing.T, session runner.Session, granularity, kind string) string {
			day := map[string]string{"date": "Date", "timestamp": "DateTime64(6)"}[kind]
			execute(t, session, "CREATE TABLE orders (user_id String, ordered_at DateTime64(6), amount Float64, day "+day+") "+
				"ENGINE = MergeTree PARTITION BY day ORDER BY user_id")
			execute(t, session, fmt.Sprintf("INSERT INTO orders SELECT concat('u', toString(number %% 10)), "+
				"addHours(toDateTime64('2026-01-01 00:00:00', 6), number) AS at, number * 0.5, CAST(date_trunc('%s', at) AS %s) "+
				"FROM numbers(90 * 24)", granularity, day))
			return "relation: orders"
		},
		read: estimated,
	},
	{
		engine: "trino",
		make: func(t *testing.T, session runner.Session, granularity, kind string) string {
			execute(t, session, fmt.Sprintf("CREATE TABLE orders WITH (partitioning = ARRAY['day']) AS "+
				"SELECT 'u' || CAST(i %% 10 AS varchar) AS user_id, at AS ordered_at, i * 5e-1 AS amount, CAST(date_trunc('%s', at) AS %s) AS day "+
				"FROM (SELECT i, CAST(date_add('hour', i, TIMESTAMP '2026-01-01 00:00:00') AS timestamp(6)) AS at "+
				"FROM UNNEST(sequence(0, 90 * 24 - 1)) AS s (i)) AS hours",
				granularity, map[string]string{"date": "date", "timestamp": "timestamp(6)"}[kind]))
			return "relation: orders"
		},
		read: estimated,
	},
	{
		engine: "databricks",
		make: func(t *testing.T, session runner.Session, granularity, kind string) string {
			execute(t, session, fmt.Sprintf("CREATE TABLE orders PARTITIONED BY (day) AS "+
				"SELECT 'u' || i %% 10 AS user_id, at AS ordered_at, i * 0.5D AS amount, CAST(date_trunc('%s', at) AS %s) AS day "+
				"FROM (SELECT id AS i, TIMESTAMP_NTZ '2026-01-01 00:00:00' + make_interval(0, 0, 0, 0, id) AS at FROM range(90 * 24)) AS hours",
				granularity, map[string]string{"date": "date", "timestamp": "timestamp_ntz"}[kind]))
			return "relation: orders"
		},
		read: estimated,
	},
}

// TestPartitionsArePruned: a model's partition leaves partitions out of the engine's own plan, and no number changes.
func TestPartitionsArePruned(t *testing.T) {
	tests := []struct {
		granularity, kind      string
		all, experiment, query float64 // partitions: of the table, and those that are read
	}{
		// An experiment reads from the day before its start to the day after as-of; a query of three days, these,
		// the day before and two after.
		{"day", "date", 90, 12, 6},
		{"month", "date", 3, 2, 1},
		{"day", "timestamp", 90, 12, 6},
	}
	for _, p := range partitionedEngines {
		for _, test := range tests {
			t.Run(p.engine+" by "+test.granularity+" as "+test.kind, func(t *testing.T) {
				e := enginetest.Named(p.engine)
				warehouse := e.Warehouse(t, e.Output(t))
				session := enginetest.Connect(t, warehouse)
				source := p.make(t, session, test.granularity, test.kind)
				project := func(partition string) *model.Model {
					return loadModel(t, fmt.Sprintf(partitionedShop, source, partition, test.kind, flagRows))
				}
				whole, pruned := project(""), project("partition: {column: day, granularity: "+test.granularity+"}")

				for _, asked := range []struct {
					of   func(*testing.T, *model.Model) *rel.Program
					want float64
				}{{tenDays, test.experiment}, {threeDays, test.query}} {
					all, some := asked.of(t, whole), asked.of(t, pruned)
					near(t, answers(t, session, e.Dialect, all), answers(t, session, e.Dialect, some))
					read := test.all * p.reads(t, session, e.Dialect, some) / p.reads(t, session, e.Dialect, all)
					if math.Round(read) != asked.want {
						t.Errorf("%g partitions are read, not %g", read, asked.want)
					}
				}
			})
		}
	}
}

// tenDays is the experiment as of ten days after its start.
func tenDays(t *testing.T, m *model.Model) *rel.Program {
	t.Helper()
	compiled, err := compileWith(m)(m.Experiments)
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Program
}

// threeDays is revenue by day of three days.
func threeDays(t *testing.T, m *model.Model) *rel.Program {
	t.Helper()
	first, last := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 5, 0, 0, 0, 0, time.UTC)
	bag := &diag.Bag{}
	program, err := compiler.Query(m, ask.Query{Metrics: []diag.Text{diag.PlainText("revenue")},
		GroupBy: []diag.Text{diag.PlainText("metric_time__day")}, Start: &first, End: &last}, bag)
	if err != nil || bag.HasErrors() {
		t.Fatal(err, bag.Sorted())
	}
	return program
}

func asOfTenDays() runner.Binds {
	return runner.Binds{rel.AsOf: time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)}
}

// answers are the rows of a program's fetched steps.
func answers(t *testing.T, session runner.Session, d *dialects.Dialect, program *rel.Program) map[string]plan.Rows {
	t.Helper()
	script, err := runner.NewScript(d, runner.SessionTables{}, program, "", asOfTenDays())
	if err != nil {
		t.Fatal(err)
	}
	executed, err := runner.Execute(t.Context(), session, script, runner.Observer{})
	if err != nil || len(executed.Failed) > 0 {
		t.Fatal(err, executed.Failed)
	}
	return executed.Rows
}

// near holds rows to others; sums of other scans may differ in their last digits.
func near(t *testing.T, want, got map[string]plan.Rows) {
	t.Helper()
	byText := cmpopts.SortSlices(func(a, b []any) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0), byText); diff != "" {
		t.Error(diff)
	}
}

// reads is how much the statements of a program read of orders.
func (p partitioned) reads(t *testing.T, session runner.Session, d *dialects.Dialect, program *rel.Program) (read float64) {
	t.Helper()
	bound := program.Bind(map[rel.ParamName]*rel.Lit{rel.AsOf: rel.LitOf(asOfTenDays()[rel.AsOf])})
	for _, step := range bound.Scanning() {
		statements, err := dialects.Print(d, bound.Alone(step))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(statements[0].SQL, "orders") {
			read += p.read(t, session, statements[0].SQL)
		}
	}
	return read
}
