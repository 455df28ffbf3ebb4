package runner_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assay/compiler/rel"
	clickhousesql "assay/dialects/clickhouse"
	databrickssql "assay/dialects/databricks"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	trinosql "assay/dialects/trino"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/clickhouse"
	"assay/runner/databricks"
	"assay/runner/duckdb"
	"assay/runner/postgres"
	"assay/runner/trino"
)

// victimVariable is what the process that is to be killed runs on.
const victimVariable = "ASSAY_TEST_VICTIM"

// A victim is how an engine is told to another process.
type victim struct {
	Engine string
	Fields map[string]any
}

// A scene is an engine that processes are killed on.
type scene struct {
	engine
	kills int
	lease time.Duration // short, and long enough that the engine can renew it
	watch func(*testing.T, engine) (look func())
	hold  func(*testing.T, runner.Session) (run string)
	left  string // a query for the tables that killed runs left
}

const (
	shortLease = 400 * time.Millisecond
	inSchemas  = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'assay_tmp_%'"
)

// scenes go by the victim's engine. Without transactions views alone are whole; on engines that take seconds for what others do in
// milliseconds, processes are killed less often.
var scenes = map[string]scene{
	"duckdb":     {engine{dialect: duckdbsql.Dialect, open: duckdb.Open}, 8, shortLease, away, holdTables, inSchemas},
	"postgres":   {engine{dialect: postgressql.Dialect, open: postgres.Open}, 8, shortLease, watchTables, holdTables, inSchemas},
	"plain":      {engine{dialect: duckdbsql.Dialect, open: openPlain}, 8, shortLease, away, holdViews, inSchemas},
	"clickhouse": {engine{dialect: clickhousesql.Dialect, open: clickhouse.Open}, 8, shortLease, watchViews, holdViews, inSchemas},
	"trino":      {engine{dialect: trinosql.Dialect, open: trino.Open}, 2, 10 * shortLease, watchViews, holdViews, inSchemas},
	"databricks": {engine{dialect: databrickssql.Dialect, open: databricks.Open}, 2, 50 * shortLease, watchViews, holdViews,
		"SHOW TABLES IN results LIKE 'assay_tmp_*'"},
}

func openPlain(output runner.Output) (runner.Warehouse, error) {
	warehouse, err := duckdb.Open(output)
	return plain{warehouse}, err
}

// TestVictim runs without end, in the process that TestKilledAnywhere kills.
func TestVictim(t *testing.T) {
	text := os.Getenv(victimVariable)
	if text == "" {
		t.Skip("runs in a process of its own")
	}
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	s := scenes[v.Engine]
	s.output.Fields = v.Fields
	job := newJob(t, s.engine, s.warehouse(t), shop, "orders")
	job.Lease = s.lease
	for {
		started := time.Now()
		if _, err := runner.Run(t.Context(), job); err == nil {
			fmt.Println(ranIn, time.Since(started))
		}
	}
}

// TestKilledAnywhere kills a process again and again while it replaces results: whoever reads sees those of one run, whole, and
// what the process staged is swept.
func TestKilledAnywhere(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		s, ok := scenes[e.dialect.Name]
		if !ok {
			t.Skip("publishes as an engine does that is killed here")
		}
		s.output = e.output
		t.Run("set up", func(t *testing.T) { execute(t, connect(t, s.warehouse(t)), shopData) })
		s.killedAnywhere(t, e.dialect.Name)
	})
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		s := scenes["plain"]
		s.output.Fields = map[string]any{"path": filepath.Join(t.TempDir(), "shop.duckdb"), "schema": "results"}
		t.Run("set up", func(t *testing.T) { execute(t, connect(t, s.warehouse(t)), shopData) })
		s.killedAnywhere(t, "plain")
	})
	for _, name := range []string{"clickhouse", "trino", "databricks"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := scenes[name], enginetest.Named(name)
			s.output = at.Output(t)
			s.output.Fields["schema"] = "public"
			at.Empty(t, s.output)
			at.Fill(t, connect(t, s.warehouse(t)), "public", shopTables()...)
			s.output.Fields["schema"] = "results"
			at.Empty(t, s.output)
			s.killedAnywhere(t, name)
		})
	}
}

func (s scene) killedAnywhere(t *testing.T, name string) {
	t.Run("first", func(t *testing.T) { run(t, newJob(t, s.engine, s.warehouse(t), shop, "orders")) })
	last := ""
	for range s.kills {
		t.Run("killed", func(t *testing.T) { kill(t, victim{name, s.output.Fields}, s.watch(t, s.engine)) })
		t.Run("whole", func(t *testing.T) {
			id := s.hold(t, connect(t, s.warehouse(t)))
			if id == last {
				t.Error("a run that has ended is not seen")
			}
			last = id
		})
	}
	s.takeOver(t)
	t.Run("swept", func(t *testing.T) {
		equal(t, [][]any(nil), query(t, connect(t, s.warehouse(t)), s.left))
	})
}

// shopTables are the tables of shopData.
func shopTables() []runner.Table {
	flags := runner.Table{Name: "flags", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Text}, {Name: "at", Type: rel.Timestamp}, {Name: "flag", Type: rel.Text},
		{Name: "variant", Type: rel.Text},
	}}
	assigned := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for i := range 200 {
		user, variant := fmt.Sprint("u", i+1), []string{"treatment", "control"}[i%2]
		flags.Rows = append(flags.Rows, []any{user, assigned, "checkout", variant}, []any{user, assigned, "banner", variant})
	}
	orders := runner.Table{Name: "orders", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Text}, {Name: "ordered_at", Type: rel.Timestamp}, {Name: "amount", Type: rel.Float},
		{Name: "score", Type: rel.Text},
	}}
	for i := range 300 {
		orders.Rows = append(orders.Rows,
			[]any{fmt.Sprint("u", (i+1)%200+1), assigned.AddDate(0, 0, 1), float64(i+1) * 1.5, "bad"})
	}
	return []runner.Table{flags, orders}
}

// ranIn begins a line that says how long a run of the victim took.
const ranIn = "ran in"

// kill starts a process that runs on v, and looks at what it writes until it kills it at some moment of its second run.
func kill(t *testing.T, v victim, look func()) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	process.Env = append(os.Environ(), victimVariable+"="+string(text))
	said, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	for moment := time.Now().Add(rand.N(firstRun(t, said))); time.Now().Before(moment); {
		look()
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	process.Wait()
}

// firstRun waits for the end of the victim's first run, and says how long it took.
func firstRun(t *testing.T, said io.Reader) time.Duration {
	t.Helper()
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if took, ran := strings.CutPrefix(lines.Text(), ranIn+" "); ran {
			d, err := time.ParseDuration(took)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("the process ended by itself")
	return 0
}

// away does not look: one process at a time has the file.
func away(*testing.T, engine) func() { return func() { time.Sleep(time.Millisecond) } }

// watchTables sees in each look one run's rows in every table that a run replaces.
func watchTables(t *testing.T, e engine) func() { return watch(t, e, "") }

// watchViews sees them in the views.
func watchViews(t *testing.T, e engine) func() { return watch(t, e, "_latest") }

func watch(t *testing.T, e engine, suffix string) func() {
	session := connect(t, e.warehouse(t))
	tables, rows := []string{"assay_daily_orders"}, []int64{1}
	for table, want := range wholeTables {
		tables, rows = append(tables, table+suffix), append(rows, want)
	}
	return func() {
		i := rand.N(len(tables))
		seen := query(t, session, "SELECT count(*), min(run_id), max(run_id) FROM results."+tables[i])
		equal(t, [][]any{{rows[i], seen[0][1], seen[0][1]}}, seen)
	}
}

// holdViews holds that the views are of one run and complete, and returns that run.
func holdViews(t *testing.T, session runner.Session) (id string) {
	id = query(t, session, "SELECT max(run_id) FROM results.assay_experiments_latest")[0][0].(string)
	for table, want := range wholeTables {
		equal(t, [][]any{{want, id, id}},
			query(t, session, "SELECT count(*), min(run_id), max(run_id) FROM results."+table+"_latest"))
	}
	equal(t, [][]any{{"done"}}, query(t, session, "SELECT status FROM results.assay_runs WHERE run_id = '"+id+"'"))
	return id
}

// holdTables holds that the tables themselves are.
func holdTables(t *testing.T, session runner.Session) (id string) {
	id = holdViews(t, session)
	for table, want := range wholeTables {
		equal(t, [][]any{{want, id, id}}, query(t, session, "SELECT count(*), min(run_id), max(run_id) FROM results."+table))
	}
	return id
}

var wholeTables = map[string]int64{
	"assay_experiments": 2, "assay_metrics": 2, "assay_experiment_results": 3, "assay_exposures_daily": 4,
}

// takeOver holds that a run succeeds as soon as the killed one's lease has ended.
func (s scene) takeOver(t *testing.T) {
	job := newJob(t, s.engine, s.warehouse(t), shop)
	for deadline := time.Now().Add(10 * s.lease); time.Now().Before(deadline); time.Sleep(s.lease / 4) {
		_, err := runner.Run(t.Context(), job)
		var busy *runner.BusyError
		if !errors.As(err, &busy) {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("the killed run was never taken over")
}
