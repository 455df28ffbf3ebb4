package runner_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
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

const flagRows = `SELECT 'u' || i AS user_id, TIMESTAMP '2026-02-01 00:00:00' AS at, CASE WHEN i % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant ` +
	`FROM (SELECT 0 AS i UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS s`

// hourly has an order an hour for 90 days from new year on, by ten users, of whom four are in the experiment.
const hourly = `SELECT 'u' || i %% 10 AS user_id, TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 hour' AS ordered_at, i * 0.5 AS amount,
  CAST(date_trunc('%s', TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 hour') AS %s) AS day
FROM generate_series(0, 90 * 24 - 1) AS s(i)`

// A partitioned table of one engine: how it is made, how a model names it, and which partitions a plan shows.
type partitioned struct {
	engine string
	make   func(t *testing.T, session runner.Session, granularity, kind string) (source string)
	asking string // for a plan
	read   func(explained string) int
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
		asking: "EXPLAIN ",
		read: func(explained string) (read int) {
			fmt.Sscanf(filesRead.FindString(explained), "Scanning Files: %d/", &read)
			return read
		},
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
		asking: "EXPLAIN ",
		read:   func(explained string) int { return strings.Count(explained, "Seq Scan on orders_") },
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
		asking: "EXPLAIN ESTIMATE ",
		read: func(explained string) (read int) { // marks, of which a partition of so few rows has one
			for _, marks := range strings.Fields(explained) {
				n, _ := strconv.Atoi(marks)
				read += n
			}
			return read
		},
	},
}

// TestPartitionsArePruned: a model's partition leaves partitions out of the engine's own plan, and no number changes.
func TestPartitionsArePruned(t *testing.T) {
	tests := []struct {
		granularity, kind string
		experiment, query int // partitions read
	}{
		// An experiment reads from the day before its start to the day after as-of; a query of three days, these,
		// the day before and two after.
		{"day", "date", 12, 6},
		{"month", "date", 2, 1},
		{"day", "timestamp", 12, 6},
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
					want int
				}{{tenDays, test.experiment}, {threeDays, test.query}} {
					program := asked.of(t, pruned)
					near(t, answers(t, session, e.Dialect, asked.of(t, whole)), answers(t, session, e.Dialect, program))
					if explained := explain(t, session, e.Dialect, p.asking, program); p.read(explained) != asked.want {
						t.Errorf("%d partitions are read, not %d:\n%s", p.read(explained), asked.want, explained)
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

// explain is what the engine answers of its plan for the statement that reads orders, the last column of each row.
func explain(t *testing.T, session runner.Session, d *dialects.Dialect, asking string, program *rel.Program) string {
	t.Helper()
	bound := program.Bind(map[rel.ParamName]*rel.Lit{rel.AsOf: rel.LitOf(asOfTenDays()[rel.AsOf])})
	var explained strings.Builder
	for _, step := range bound.Scanning() {
		statements, err := dialects.Print(d, bound.Alone(step))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(statements[0].SQL, "orders") {
			continue
		}
		for _, row := range query(t, session, asking+statements[0].SQL) {
			fmt.Fprintln(&explained, row[len(row)-1])
		}
	}
	return explained.String()
}
