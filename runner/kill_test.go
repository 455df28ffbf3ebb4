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

	clickhousesql "assay/dialects/clickhouse"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/clickhouse"
	"assay/runner/duckdb"
	"assay/runner/postgres"
)

const (
	victimVariable = "ASSAY_TEST_VICTIM" // what the process that is to be killed runs on
	kills          = 8
	shortLease     = 400 * time.Millisecond
)

// A victim is how an engine is told to another process.
type victim struct {
	Engine string
	Fields map[string]any
}

// victims are the engines that a process can be killed on; the views of the last two are whole without transactions.
var victims = map[string]engine{
	"duckdb":     {dialect: duckdbsql.Dialect, open: duckdb.Open},
	"postgres":   {dialect: postgressql.Dialect, open: postgres.Open},
	"plain":      {dialect: duckdbsql.Dialect, open: openPlain},
	"clickhouse": {dialect: clickhousesql.Dialect, open: clickhouse.Open},
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
	e := victims[v.Engine]
	e.output.Fields = v.Fields
	job := newJob(t, e, e.warehouse(t), shop)
	job.Lease = shortLease
	for {
		started := time.Now()
		if _, err := runner.Run(t.Context(), job); err == nil {
			fmt.Println(ranIn, time.Since(started))
		}
	}
}

// TestKilledAnywhere kills a process again and again while it replaces results: those of one run are always there, whole.
func TestKilledAnywhere(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if _, ok := victims[e.dialect.Name]; !ok {
			t.Skip("publishes as an engine does that is killed here")
		}
		killedAnywhere(t, e.dialect.Name, e, shopData, holdTables)
	})
	t.Run("clickhouse", func(t *testing.T) {
		t.Parallel()
		e := victims["clickhouse"]
		e.output.Fields = enginetest.Named("clickhouse").Output(t).Fields
		e.output.Fields["schema"] = "results"
		killedAnywhere(t, "clickhouse", e, clickhouseShop, holdViews)
	})
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		e := victims["plain"]
		e.output.Fields = map[string]any{"path": filepath.Join(t.TempDir(), "shop.duckdb"), "schema": "results"}
		killedAnywhere(t, "plain", e, shopData, holdViews)
	})
}

func killedAnywhere(t *testing.T, name string, e engine, data string, hold func(*testing.T, runner.Session) string) {
	t.Run("set up", func(t *testing.T) {
		warehouse := e.warehouse(t)
		execute(t, connect(t, warehouse), data)
		run(t, newJob(t, e, warehouse, shop))
	})
	last := ""
	for range kills {
		kill(t, victim{name, e.output.Fields})
		t.Run("whole", func(t *testing.T) {
			id := hold(t, connect(t, e.warehouse(t)))
			if id == last {
				t.Error("a run that has ended is not seen")
			}
			last = id
		})
	}
	takeOver(t, e)
	t.Run("swept", func(t *testing.T) {
		equal(t, [][]any(nil), query(t, connect(t, e.warehouse(t)),
			"SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'assay_tmp_%'"))
	})
}

// clickhouseShop is shopData in the words of ClickHouse, in the place of whatever an earlier test left.
const clickhouseShop = `DROP DATABASE IF EXISTS results;
DROP DATABASE IF EXISTS public;
CREATE DATABASE public;
CREATE TABLE public.flags ENGINE = MergeTree ORDER BY tuple() AS SELECT 'u' || toString(number + 1) AS user_id,
  toDateTime64('2026-01-02 00:00:00', 6, 'UTC') AS at, flag, if(number % 2 = 1, 'control', 'treatment') AS variant
FROM numbers(200) ARRAY JOIN ['checkout', 'banner'] AS flag;
CREATE TABLE public.orders ENGINE = MergeTree ORDER BY tuple() AS SELECT 'u' || toString((number + 1) % 200 + 1) AS user_id,
  toDateTime64('2026-01-03 00:00:00', 6, 'UTC') AS ordered_at, (number + 1) * 1.5 AS amount, 'bad' AS score FROM numbers(300)`

// ranIn begins a line that says how long a run of the victim took.
const ranIn = "ran in"

// kill starts a process that runs on v, and kills it at some moment of its second run.
func kill(t *testing.T, v victim) {
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
	time.Sleep(rand.N(firstRun(t, said)))
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
func takeOver(t *testing.T, e engine) {
	job := newJob(t, e, e.warehouse(t), shop)
	for deadline := time.Now().Add(10 * shortLease); time.Now().Before(deadline); time.Sleep(shortLease / 4) {
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
