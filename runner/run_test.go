package runner_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	snowflakesql "assay/dialects/snowflake"
	"assay/runner"
)

func TestRunReplacesItsDay(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		replacesItsDay(t, warehouse, newJob(t, e, warehouse, shop, "revenue"))
	})
}

// plain is an engine without transactions and without temporary tables.
type plain struct{ runner.Warehouse }

func (plain) Staging() runner.Staging { return runner.ScratchTables{Schema: "scratch"} }

func (p plain) Connect(ctx context.Context) (runner.Session, error) {
	session, err := p.Warehouse.Connect(ctx)
	return plainSession{session}, err
}

type plainSession struct{ runner.Session }

func (s plainSession) Tables(ctx context.Context, schema string) ([]string, error) {
	rows, err := s.Query(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+schema+"'")
	if err == nil && len(rows.Values) == 0 {
		err = errors.New("no such schema, or nothing in it")
	}
	var names []string
	for _, row := range rows.Values {
		names = append(names, row[0].(string))
	}
	return names, err
}

func TestRunReplacesItsDayWithoutTransactions(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect.Statements[dialects.Replace] == "" {
			t.Skip("the engine has transactions, and nothing else by which to replace a table")
		}
		warehouse := plain{e.warehouse(t)}
		replacesItsDay(t, warehouse, newJob(t, e, warehouse, shop, "revenue"))
	})
}

// replacesItsDay runs twice for a day, once for the next, and once more for the first.
func replacesItsDay(t *testing.T, warehouse runner.Warehouse, day runner.Job) {
	session := connect(t, warehouse)
	execute(t, session, shopData)
	run(t, day)
	run(t, day)
	later := day
	later.AsOf = day.AsOf.AddDate(0, 0, 1)
	newest := run(t, later)
	backfill := run(t, day)

	for _, table := range []string{"assay_experiment_results", "assay_experiments", "assay_metrics", "assay_experiment_moments",
		"assay_experiment_health", "assay_exposures_daily", "assay_programme"} {
		rows := query(t, session, "SELECT DISTINCT run_id FROM results."+table+" ORDER BY run_id")
		equal(t, [][]any{{newest.Run.RunID}, {backfill.Run.RunID}}, rows)
		rows = query(t, session, "SELECT DISTINCT run_id FROM results."+table+"_latest")
		equal(t, [][]any{{newest.Run.RunID}}, rows)
	}
	equal(t, [][]any{{int64(4), "done", "done"}},
		query(t, session, "SELECT count(*), min(status), max(status) FROM results.assay_runs"))
	equal(t, [][]any{{337.5, 339.75}},
		query(t, session, "SELECT value_control, value_variant FROM results.assay_experiment_results_latest WHERE metric = 'revenue'"))
	equal(t, [][]any{{time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC), 67725.0, backfill.Run.RunID, day.AsOf}},
		query(t, session, "SELECT * FROM results.assay_daily_revenue"))
	equal(t, [][]any{{int64(len(newest.Queries))}},
		query(t, session, "SELECT count(*) FROM results.assay_query_log WHERE run_id = '"+newest.Run.RunID+"'"))
}

// TestQueriesAreKnown: where a server has ids of its queries, a run's each has one of its own.
func TestQueriesAreKnown(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if !slices.Contains([]string{"redshift", "snowflake"}, e.dialect.Name) {
			t.Skip("has no such ids")
		}
		warehouse := e.warehouse(t)
		execute(t, connect(t, warehouse), shopData)
		known := map[string]string{}
		for _, q := range run(t, newJob(t, e, warehouse, shop, "orders")).Queries {
			id := q.Receipt.QueryID
			if id == "" || known[id] != "" {
				t.Errorf("%s is known as %q, as is %q", q.Step, id, known[id])
			}
			known[id] = q.Step
		}
	})
}

// TestNothingIsStored: where the profile allows no tables but results, a run answers as it does with them.
func TestNothingIsStored(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		want := run(t, newJob(t, e, warehouse, shop, "orders"))
		// DuckDB waits without end for a file that a connection of the process still has open.
		session.Close()
		warehouse.Close()
		e.output.Fields["scratch"] = "none"
		job := newJob(t, e, e.warehouse(t), shop, "orders")
		scans := 0
		job.Observe.Scanned = func(times map[string]int) { scans = max(scans, times["public.orders"]) }

		got := run(t, job)

		if scans < 2 {
			t.Errorf("orders is said to be scanned %d times", scans)
		}

		for i, report := range want.Reports {
			equal(t, report.Results[0].Effect, got.Reports[i].Results[0].Effect)
		}
		for _, q := range got.Queries {
			if q.Kind == rel.Staged {
				t.Errorf("step %s is stored", q.Step)
			}
		}
	})
}

// TestExamine: what a run needs is there, and where it is not, the warehouse's words say what.
func TestExamine(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		checks, err := runner.Examine(t.Context(), warehouse, e.dialect)
		if err != nil || len(checks) != 2 {
			t.Fatal(err, checks)
		}
		for _, check := range checks {
			if check.Err != nil {
				t.Errorf("%s: %v", check.Name, check.Err)
			}
		}
		equal(t, [][]any(nil), query(t, connect(t, warehouse), "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'assay%'"))
	})
}

// TestExamineNamesTheGrant: a user without rights to the schema of results is told which is missing.
func TestExamineNamesTheGrant(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect.Name != "postgres" {
			t.Skip("the engine has no users")
		}
		reader := fmt.Sprintf("reader_%d", time.Now().UnixNano())
		execute(t, connect(t, e.warehouse(t)), "CREATE SCHEMA results;\nCREATE ROLE "+reader)
		e.output.Fields["role"] = reader
		checks, err := runner.Examine(t.Context(), e.warehouse(t), e.dialect)
		if err != nil {
			t.Fatal(err)
		}
		if err := checks[0].Err; err == nil || !strings.Contains(err.Error(), "permission denied for schema results") ||
			!strings.Contains(err.Error(), "grant the user what the message names") {
			t.Error(err)
		}
	})
}

// TestLeftTablesAreSwept: a killed run's tables go, in the scratch schema and in that of results; those of a live run, the newest
// without a row, and what only looks like ours stay.
func TestLeftTablesAreSwept(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect == snowflakesql.Dialect {
			t.Skip("staged steps are the session's own")
		}
		warehouse := plain{e.warehouse(t)}
		session := connect(t, warehouse)
		execute(t, session, shopData+";\nCREATE SCHEMA scratch")
		run(t, newJob(t, e, warehouse, shop))
		const dead, live, ancient = "019c0000000070008000000000000001", "019c0000000070008000000000000002", "010000000000700080000000000000aa"
		fresh := strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", "")
		execute(t, session, fmt.Sprintf(`INSERT INTO results.assay_runs (run_id, status, started_at, lease_until, claims) VALUES
			('%s', 'running', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-01 00:00:00', '[]'),
			('%s', 'running', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2999-01-01 00:00:00', '[]')`,
			uuid.MustParse(dead), uuid.MustParse(live)))
		for _, id := range []string{dead, live, ancient, fresh, "mine"} {
			execute(t, session, "CREATE TABLE scratch.assay_tmp_"+id+"_units AS SELECT 1 AS x")
		}
		execute(t, session, "CREATE TABLE results.assay_tmp_"+dead+"_assay_daily AS SELECT 1 AS x")

		run(t, newJob(t, e, warehouse, shop))

		equal(t, [][]any{{"assay_tmp_" + live + "_units"}, {"assay_tmp_" + fresh + "_units"}, {"assay_tmp_mine_units"}},
			query(t, session, "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'assay_tmp_%' ORDER BY table_name"))
	})
}

// TestDayIsOfTheReportingZone: the day that a run replaces is the one a clock in the reporting time zone shows.
func TestDayIsOfTheReportingZone(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		job := newJob(t, e, warehouse, shop)
		job.Zone = zone
		var ids []any
		for _, hour := range []int{1, 23, 24} { // on the day that clocks go forward
			job.AsOf = time.Date(2026, 3, 8, hour, 30, 0, 0, zone)
			ids = append(ids, run(t, job).Run.RunID)
		}
		equal(t, [][]any{{ids[1]}, {ids[2]}},
			query(t, session, "SELECT run_id FROM results.assay_experiments WHERE experiment = 'banner' ORDER BY run_id"))
	})
}

func TestOlderTablesGetTheirColumns(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		execute(t, session, `CREATE SCHEMA results;
CREATE TABLE results.assay_experiment_results (run_id varchar(50), note varchar(50), experiment varchar(9), as_of timestamp);
INSERT INTO results.assay_experiment_results VALUES ('old', 'mine', 'checkout', TIMESTAMP '2025-01-01 00:00:00');
CREATE VIEW results.assay_experiment_results_latest AS
  SELECT run_id, note, experiment, as_of FROM results.assay_experiment_results`)

		result := run(t, newJob(t, e, warehouse, shop))

		equal(t, [][]any{{"old", "mine", nil}},
			query(t, session, "SELECT run_id, note, effect FROM results.assay_experiment_results WHERE run_id = 'old'"))
		equal(t, [][]any{{result.Run.RunID, int64(3)}}, query(t, session,
			"SELECT run_id, count(effect) FROM results.assay_experiment_results_latest WHERE note IS NULL GROUP BY run_id"))
	})
}

func TestDecidedExperimentsAreKept(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		decided := strings.Replace(shop, "assignments: flags\n    start: 2026-01-01",
			"assignments: flags\n    decision: {status: shipped, date: 2026-01-09}\n    start: 2026-01-01", 1)
		run(t, newJob(t, e, warehouse, shop))
		last := run(t, newJob(t, e, warehouse, decided))
		execute(t, session, "DELETE FROM public.orders")

		again := run(t, newJob(t, e, warehouse, decided))

		equal(t, []string{"checkout"}, again.Kept)
		equal(t, [][]any{{"banner", again.Run.RunID}, {"checkout", last.Run.RunID}},
			query(t, session, "SELECT DISTINCT experiment, run_id FROM results.assay_experiment_results_latest ORDER BY experiment"))
	})
}

func TestSavedTablesAreSwappedWhole(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		job := newJob(t, e, warehouse, shop, "orders")
		run(t, job)
		execute(t, session, `CREATE VIEW results.mine AS SELECT orders FROM results.assay_daily_orders;
INSERT INTO results.assay_daily_orders (orders) VALUES (7)`)
		second := run(t, job)
		equal(t, "[[300]]", fmt.Sprint(query(t, session, "SELECT orders FROM results.mine")))

		execute(t, session, "DROP VIEW results.mine;\nALTER TABLE results.assay_daily_orders ADD COLUMN extra bigint")
		third := run(t, job)
		equal(t, [][]any{{third.Run.RunID}}, query(t, session, "SELECT run_id FROM results.assay_daily_orders"))
		equal(t, []string{"metric_time__day", "orders", "run_id", "as_of"}, columnNames(t, session, "results.assay_daily_orders"))
		if second.Run.RunID == third.Run.RunID {
			t.Error("one run twice")
		}
	})
}

func TestSavedQueryMayNotTakeAResultTable(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		job := newJob(t, e, warehouse, shop)
		plan := job.Plan
		job.Plan = func(c *project.Catalog) (*runner.Work, error) {
			work, err := plan(c)
			work.Queries = []runner.SavedQuery{{Name: "Runs"}}
			return work, err
		}
		if _, err := runner.Run(t.Context(), job); err == nil || !strings.Contains(err.Error(), "result table assay_Runs") {
			t.Error(err)
		}
	})
}

func columnNames(t *testing.T, session runner.Session, table string) []string {
	t.Helper()
	columns, err := session.Columns(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range columns {
		names = append(names, strings.ToLower(c.Name))
	}
	return names
}

// TestBadMetrics: the warehouse cannot compute `scores`, which shares its scan with the others.
func TestBadMetrics(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		yaml := strings.Replace(shop, "secondary: [orders]", "secondary: [orders, scores]", 1)
		yaml = strings.Replace(yaml, "primary: [orders]", "primary: [scores, orders]", 1)

		result, err := runner.Run(t.Context(), newJob(t, e, warehouse, yaml))

		if err == nil || !strings.Contains(err.Error(), "checkout, metric scores: step ") {
			t.Errorf("the error does not name the metric: %v", err)
		}
		equal(t, [][]any{
			{"banner", "orders", "ok", false}, {"banner", "scores", "failed", true}, {"checkout", "orders", "ok", false},
			{"checkout", "revenue", "ok", false}, {"checkout", "scores", "failed", true},
		}, query(t, session, `SELECT experiment, metric, status, error IS NOT NULL FROM results.assay_experiment_results_latest
			ORDER BY experiment, metric`))
		equal(t, "done", result.Run.Status)
		swept(t, e, session)
	})
}

// TestMissingTable: an experiment without its log takes no other along.
func TestMissingTable(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		yaml := strings.Replace(shop, "experiments:\n", `  - name: gone
    relation: public.gone
    entity: user
    columns: {unit: user_id, variant: variant}
experiments:
  - {name: lost, assignments: gone, start: 2026-01-01, variants: [control, treatment], metrics: {primary: [orders]}}
`, 1)

		result, err := runner.Run(t.Context(), newJob(t, e, warehouse, yaml))

		if err == nil || !strings.Contains(err.Error(), "experiment lost") || !strings.Contains(strings.ToLower(err.Error()), "gone") {
			t.Errorf("the error does not name what is missing: %v", err)
		}
		equal(t, [][]any{{"banner"}, {"checkout"}},
			query(t, session, "SELECT experiment FROM results.assay_experiments_latest ORDER BY experiment"))
		equal(t, 3, len(result.Nodes))
	})
}

func TestNothingComputed(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		before := run(t, newJob(t, e, warehouse, shop))
		execute(t, session, "ALTER TABLE public.flags RENAME COLUMN variant TO arm")

		result, err := runner.Run(t.Context(), newJob(t, e, warehouse, shop))

		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "variant") || result.Run.Status != "failed" {
			t.Errorf("%v %v", err, result)
		}
		equal(t, [][]any{{before.Run.RunID}}, query(t, session, "SELECT DISTINCT run_id FROM results.assay_experiments_latest"))
		equal(t, [][]any{{"failed", true}}, query(t, session,
			"SELECT status, error IS NOT NULL FROM results.assay_runs WHERE run_id = '"+result.Run.RunID+"'"))
	})
}

// TestUsersTablesAreTheirs: tables with the names of our steps, in every place where they could be taken for ours.
func TestUsersTablesAreTheirs(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		want := run(t, newJob(t, e, warehouse, shop))
		var steps []string
		for _, q := range want.Queries {
			steps = append(steps, "public."+q.Step, "results."+q.Step)
			if q.Kind == rel.Staged {
				steps = append(steps, "public.assay_"+q.Step, "results.assay_"+q.Step)
			}
		}
		for _, step := range steps {
			execute(t, session, "CREATE TABLE "+step+" AS SELECT 7 AS mine")
		}

		got := run(t, newJob(t, e, warehouse, shop))

		for _, step := range steps {
			equal(t, [][]any{{int64(7)}}, query(t, session, "SELECT mine FROM "+step))
		}
		for i, report := range got.Reports {
			equal(t, want.Reports[i].Results[0].Effect, report.Results[0].Effect)
		}
	})
}

func TestCancelledRun(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		before := run(t, newJob(t, e, warehouse, shop))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		job := newJob(t, e, warehouse, shop)
		var steps []string
		job.Observe.Started = func(step string, number, of int) {
			if steps = append(steps, step); number == 3 {
				cancel()
			}
		}

		result, err := runner.Run(ctx, job)

		if !errors.Is(err, context.Canceled) || result.Run.Status != "failed" {
			t.Errorf("%v %v", err, result)
		}
		equal(t, 3, len(steps))
		equal(t, [][]any{{before.Run.RunID}}, query(t, session, "SELECT DISTINCT run_id FROM results.assay_experiments_latest"))
		equal(t, [][]any{{"failed"}}, query(t, session, "SELECT status FROM results.assay_runs WHERE run_id = '"+result.Run.RunID+"'"))
		swept(t, e, session)
	})
}

// swept holds that no staged table is left on any connection.
func swept(t *testing.T, e engine, session runner.Session) {
	t.Helper()
	left := map[string]string{
		"duckdb":    "SELECT table_name FROM duckdb_tables() WHERE temporary",
		"postgres":  "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'",
		"redshift":  "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'",
		"snowflake": "SELECT table_name FROM information_schema.tables WHERE table_type = 'LOCAL TEMPORARY'",
	}[e.dialect.Name]
	if tables := query(t, session, left); len(tables) > 0 {
		t.Errorf("left behind: %v", tables)
	}
}

func TestSavedResults(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		execute(t, connect(t, warehouse), shopData)
		result := run(t, newJob(t, e, warehouse, shop, "orders"))
		dir := filepath.Join(t.TempDir(), "target")
		if err := result.Save(dir, map[string]any{"which": "run"}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "run_results.json"))
		if err != nil {
			t.Fatal(err)
		}
		var saved struct {
			Metadata struct {
				InvocationID string `json:"invocation_id"`
			}
			Results []struct {
				UniqueID string `json:"unique_id"`
				Status   string
				Relation *string `json:"relation_name"`
			}
			Args   map[string]any
			Tables map[string][]map[string]any
		}
		if err := json.Unmarshal(text, &saved); err != nil {
			t.Fatal(err)
		}
		equal(t, result.Run.RunID, saved.Metadata.InvocationID)
		equal(t, map[string]any{"which": "run"}, saved.Args)
		statuses := map[string]string{}
		for _, r := range saved.Results {
			statuses[r.UniqueID] = r.Status
			if isQuery := strings.HasPrefix(r.UniqueID, "saved_query"); isQuery != (r.Relation != nil) {
				t.Errorf("%s has the relation %v", r.UniqueID, r.Relation)
			}
		}
		equal(t, map[string]string{
			"experiment.shop.checkout": "success", "experiment.shop.banner": "success", "saved_query.shop.daily_orders": "success",
		}, statuses)
		equal(t, 3, len(saved.Tables["assay_experiment_results"]))
		equal(t, any("done"), saved.Tables["assay_runs"][0]["status"])
		equal(t, "2026-01-02", saved.Tables["assay_exposures_daily"][0]["day"])
	})
}

func TestSchemaOfAnyName(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.dialect == snowflakesql.Dialect {
			t.Skip("the stand-in knows no such names")
		}
		e.output.Fields["schema"] = `it's "my" [run_id]? <place>.x é`
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		run(t, newJob(t, e, warehouse, shop, "orders"))
		run(t, newJob(t, e, warehouse, shop, "orders"))
		for table, want := range map[string]int64{"assay_experiment_results_latest": 3, "assay_daily_orders": 1, "assay_runs": 2} {
			equal(t, [][]any{{want}}, query(t, session, `SELECT count(*) FROM "it's ""my"" [run_id]? <place>.x é".`+table))
		}
	})
}

// TestNewColumnsShow: a table that an older release made gets the columns that it lacks, and so does its view.
func TestNewColumnsShow(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		warehouse := e.warehouse(t)
		session := connect(t, warehouse)
		execute(t, session, shopData)
		job := newJob(t, e, warehouse, shop)
		run(t, job)
		execute(t, session, "DROP VIEW results.assay_metrics_latest;\nALTER TABLE results.assay_metrics DROP COLUMN owner;\n"+
			"CREATE VIEW results.assay_metrics_latest AS SELECT * FROM results.assay_metrics")

		run(t, job)

		if rows := query(t, session, "SELECT owner FROM results.assay_metrics_latest"); len(rows) == 0 {
			t.Error("no row in the view")
		}
	})
}
