// Package endtoend runs one shop through the whole product on each engine that executes here: two overlapping experiments over five
// models, and the same metrics as KPIs.
package endtoend

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"assay/compiler"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	duckdialect "assay/dialects/duckdb"
	pgdialect "assay/dialects/postgres"
	"assay/internal/cli"
	"assay/internal/diag"
	"assay/internal/pgtest"
	"assay/runner"
	"assay/runner/duckdb"
	"assay/runner/postgres"
)

// A shop is the project in a folder of its own, and its data on one engine.
type shop struct {
	engine  string
	dir     string
	dialect *dialects.Dialect
	connect func(*testing.T) runner.Session
}

func open(t *testing.T, engine string) *shop {
	t.Helper()
	return openProject(t, engine, "shop", shopTables())
}

// openProject is a project of testdata with its tables.
func openProject(t *testing.T, engine, project string, tables []table) *shop {
	t.Helper()
	s := &shop{engine: engine, dir: t.TempDir()}
	if err := os.CopyFS(s.dir, os.DirFS("testdata/"+project)); err != nil {
		t.Fatal(err)
	}
	output := runner.Output{Name: engine, Dir: s.dir}
	driver, schema := duckdb.Open, "main"
	switch engine {
	case "duckdb":
		s.dialect, output.Fields = duckdialect.Dialect, map[string]any{"path": "shop.duckdb"}
	case "postgres":
		driver, schema = postgres.Open, "public"
		s.dialect, output.Fields = pgdialect.Dialect, postgresFields(t)
	}
	s.connect = func(t *testing.T) runner.Session {
		t.Helper()
		warehouse, err := driver(output)
		if err != nil {
			t.Fatal(err)
		}
		session, err := warehouse.Connect(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { session.Close(); warehouse.Close() })
		return session
	}
	t.Run("fill", func(t *testing.T) { fill(t, s.connect(t), schema, tables) })
	return s
}

// postgresFields are the profile's fields of a throwaway database, which the project's own profile reads from a variable.
func postgresFields(t *testing.T) map[string]any {
	t.Helper()
	dsn := pgtest.Start(t)
	t.Setenv("SHOP_DSN", dsn)
	return map[string]any{"dsn": dsn, "schema": "public"}
}

// assay runs the command and returns what it printed.
func (s *shop) assay(t *testing.T, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	args = append(args, "--project-dir", s.dir, "--target", s.engine, "--quiet")
	if code := cli.Run(context.Background(), args, &out, &problems); code != 0 {
		t.Fatalf("assay %s exits %d:\n%s%s", strings.Join(args, " "), code, out.String(), problems.String())
	}
	return out.String()
}

const asOf = "2026-03-01"

// query is the answer of `assay query` as records by column.
func (s *shop) query(t *testing.T, args ...string) []map[string]string {
	t.Helper()
	text := s.assay(t, append([]string{"query", "--format", "csv"}, args...)...)
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var records []map[string]string
	for _, line := range lines[1:] {
		record := map[string]string{}
		for i, name := range lines[0] {
			record[name] = line[i]
		}
		records = append(records, record)
	}
	return records
}

// results are the rows of the results table, by what they are of; run and as-of left out.
func (s *shop) results(t *testing.T) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	t.Run("read", func(t *testing.T) {
		rows, err := s.connect(t).Query(context.Background(), "SELECT * FROM assay_experiment_results")
		if err != nil {
			t.Fatal(err)
		}
		for _, values := range rows.Values {
			r := map[string]any{}
			for i, name := range rows.Columns {
				r[name] = values[i]
			}
			key := fmt.Sprint(r["experiment"], "/", r["metric"], "/", r["variant"], "/", r["dimension"], "/", r["slice"])
			if r["step"] != nil {
				key += fmt.Sprint("/", r["step"])
			}
			if found[key] != nil {
				t.Errorf("two rows of %s", key)
			}
			delete(r, "run_id")
			delete(r, "sql_hash") // each dialect's own
			found[key] = r
		}
	})
	return found
}

func engines(t *testing.T, test func(*testing.T, *shop)) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) { test(t, open(t, engine)) })
	}
}

// TestReplace runs twice: what the second run writes takes the place of what the first wrote.
func TestReplace(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		s.assay(t, "run", "--as-of", asOf)
		first := s.results(t)
		s.assay(t, "run", "--as-of", asOf)
		second := s.results(t)
		if len(first) < 40 {
			t.Errorf("only %d results", len(first))
		}
		compare(t, first, second)
	})
}

// TestEnginesAgree holds the results of the engines to each other.
func TestEnginesAgree(t *testing.T) {
	of := map[string]map[string]map[string]any{}
	engines(t, func(t *testing.T, s *shop) {
		s.assay(t, "run", "--as-of", asOf)
		of[s.engine] = s.results(t)
	})
	if of["postgres"] == nil {
		t.Skip("one engine alone")
	}
	compare(t, of["duckdb"], of["postgres"])
}

// compare wants the same rows, numbers to 1e-9.
func compare(t *testing.T, want, got map[string]map[string]any) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%d rows and %d", len(want), len(got))
	}
	for key, w := range want {
		for column, value := range w {
			if g := got[key][column]; !same(value, g) {
				t.Errorf("%s %s: %v and %v", key, column, value, g)
			}
		}
	}
}

func same(a, b any) bool {
	x, isFloat := a.(float64)
	y, too := b.(float64)
	if !isFloat || !too {
		return fmt.Sprint(a) == fmt.Sprint(b)
	}
	return close(x, y)
}

func close(x, y float64) bool {
	return math.Abs(x-y) <= 1e-9*math.Max(1, math.Max(math.Abs(x), math.Abs(y)))
}

// explained is a session that keeps the engine's own plan of each statement.
type explained struct {
	runner.Session
	plans *strings.Builder
}

func (e explained) Exec(ctx context.Context, query string) (int64, error) {
	e.explain(ctx, query)
	return e.Session.Exec(ctx, query)
}

func (e explained) Query(ctx context.Context, query string) (plan.Rows, error) {
	e.explain(ctx, query)
	return e.Session.Query(ctx, query)
}

func (e explained) explain(ctx context.Context, query string) {
	rows, err := e.Session.Query(ctx, "EXPLAIN "+query)
	if err != nil {
		return // a statement that has no plan: DROP
	}
	for _, row := range rows.Values {
		for _, cell := range row {
			fmt.Fprintln(e.plans, cell)
		}
	}
}

// scansOf counts the scans of a table in plans: DuckDB names it in the box of the scan, Postgres in the scan's line.
func scansOf(plans, table string) int {
	pattern := regexp.MustCompile(`Seq Scan on (?:\w+\.)?` + table + `\b|\.` + table + ` *│`) // DuckDB's boxes break names before the dot
	return len(pattern.FindAllString(plans, -1))
}

// TestOneScan counts in the engine's own plans how often each fact table is read for both experiments together.
func TestOneScan(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		// Orders are read for themselves, and once more to lead a refund to its user.
		s.wantScans(t, map[string]int{"page_views": 1, "refunds": 1, "orders": 2, "units": 1, "exposures": 1})
	})
}

// wantScans counts how often the engine's own plans of all experiments together scan each table.
func (s *shop) wantScans(t *testing.T, tables map[string]int) {
	t.Helper()
	session := explained{s.connect(t), &strings.Builder{}}
	m, bag := compiler.Load(project.Options{Dir: s.dir})
	compiled, err := compiler.Experiments(m, m.Experiments, bag)
	refuse(t, bag, err)
	script, err := runner.NewScript(s.dialect, runner.SessionTables{}, compiled.Program, "",
		runner.Binds{rel.AsOf: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	execution, err := runner.Execute(context.Background(), session, script, runner.Observer{})
	if err != nil || len(execution.Failed) > 0 {
		t.Fatal(err, execution.Failed)
	}
	plans := session.plans.String()
	for table, want := range tables {
		if got := scansOf(plans, table); got != want {
			t.Errorf("%s is scanned %d times, want %d:\n%s", table, got, want, plans)
		}
	}
}

func refuse(t *testing.T, bag *diag.Bag, err error) {
	t.Helper()
	for _, d := range bag.Sorted() {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s", d.Span, d.Message)
		}
	}
	if err != nil || t.Failed() {
		t.Fatal(err)
	}
}

// TestWeeklyKPIs holds a query by week and by a property with validity to SQL written by hand, and the engines to each other.
func TestWeeklyKPIs(t *testing.T) {
	answers := map[string][]map[string]string{}
	engines(t, func(t *testing.T, s *shop) {
		answers[s.engine] = s.query(t, "--metrics", "revenue,net_revenue", "--group-by", "metric_time__week,user__plan")
		if s.engine == "duckdb" {
			t.Run("by hand", func(t *testing.T) { weeklyByHand(t, s, answers[s.engine]) })
		}
	})
	if answers["postgres"] == nil {
		t.Skip("one engine alone")
	}
	if a, b := len(answers["duckdb"]), len(answers["postgres"]); a != b {
		t.Fatalf("%d rows and %d", a, b)
	}
	for i, want := range answers["duckdb"] {
		for column, value := range want {
			x, notX := strconv.ParseFloat(value, 64)
			y, notY := strconv.ParseFloat(answers["postgres"][i][column], 64)
			if notX == nil && notY == nil && close(x, y) {
				continue
			}
			if got := answers["postgres"][i][column]; got != value {
				t.Errorf("row %d, %s: %q and %q", i, column, value, got)
			}
		}
	}
}

const weeklyRevenue = `SELECT strftime(date_trunc('week', o.ordered_at), '%Y-%m-%d') AS week, u.plan, sum(o.amount) AS revenue
	FROM orders o LEFT JOIN users u ON u.user_id = o.user_id AND o.ordered_at >= u.plan_from AND (u.plan_to IS NULL OR o.ordered_at < u.plan_to)
	WHERE o.status = 'completed' GROUP BY 1, 2`

func weeklyByHand(t *testing.T, s *shop, got []map[string]string) {
	rows, err := s.connect(t).Query(context.Background(), weeklyRevenue)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Values {
		week, planName, want := row[0].(string), row[1].(string), row[2].(float64)
		i := slices.IndexFunc(got, func(r map[string]string) bool {
			return strings.HasPrefix(r["metric_time__week"], week) && r["user__plan"] == planName
		})
		if i < 0 {
			t.Errorf("no row of week %s, plan %s", week, planName)
			continue
		}
		if revenue, err := strconv.ParseFloat(got[i]["revenue"], 64); err != nil || !close(revenue, want) {
			t.Errorf("week %s, plan %s: revenue %s, want %v", week, planName, got[i]["revenue"], want)
		}
	}
}

// TestSpine wants a row for each day, those without an order too.
func TestSpine(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		records := s.query(t, "--metrics", "revenue", "--group-by", "metric_time__day", "--where", "amount > 195",
			"--start-time", "2025-12-01", "--end-time", "2026-02-28")
		if len(records) != 90 {
			t.Errorf("%d days, want 90", len(records))
		}
		empty := 0
		for _, r := range records {
			if r["revenue"] == "0" || r["revenue"] == "0.0" {
				empty++
			}
		}
		if empty == 0 || empty == len(records) {
			t.Errorf("%d of %d days are empty", empty, len(records))
		}
	})
}

// TestReconcile holds the KPI compilation over what an experiment counts to the experiment's own results.
func TestReconcile(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		s.assay(t, "run", "--as-of", asOf)
		results := s.results(t)
		totals := map[string]map[string]string{}
		for _, r := range s.query(t, "--metrics", "revenue,purchases_per_view,points", "--experiment", "checkout", "--as-of", asOf) {
			totals[r["variant"]] = r
		}
		for metric, sums := range map[string]bool{"revenue": true, "points": true, "purchases_per_view": false} {
			r := results["checkout/"+metric+"/treatment/overall/all"]
			for arm, side := range map[string]string{"control": "control", "treatment": "variant"} {
				want := r["value_"+side].(float64)
				if sums {
					want *= float64(r["n_"+side].(int64))
				}
				if got, err := strconv.ParseFloat(totals[arm][metric], 64); err != nil || !close(got/want, 1) {
					t.Errorf("%s of %s: the query says %s, the run %v", metric, arm, totals[arm][metric], want)
				}
			}
		}
	})
}

// TestTablesOfThatNameStayTheirs: the shop's table `units` is read, and is what it was.
func TestTablesOfThatNameStayTheirs(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		s.assay(t, "run", "--as-of", asOf)
		rows, err := s.connect(t).Query(context.Background(), "SELECT count(*) AS n, sum(points) AS points FROM units")
		if err != nil {
			t.Fatal(err)
		}
		var points int64
		for _, table := range shopTables() {
			if table.name == "units" {
				for _, row := range table.rows {
					points += int64(row[1].(int))
				}
			}
		}
		if got := fmt.Sprint(rows.Values[0]...); got != fmt.Sprint(int64(users), points) {
			t.Errorf("units is now %s, want %d rows with %d points", got, users, points)
		}
	})
}

// TestCompiledIsTheSame compiles twice: the text is the same to the byte, and holds no path of this machine.
func TestCompiledIsTheSame(t *testing.T) {
	s := &shop{engine: "duckdb", dir: t.TempDir()}
	if err := os.CopyFS(s.dir, os.DirFS("testdata/shop")); err != nil {
		t.Fatal(err)
	}
	compiled := func() map[string]string {
		s.assay(t, "compile")
		texts := map[string]string{}
		err := filepath.WalkDir(filepath.Join(s.dir, "target", "compiled"), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			texts[path] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	first, second := compiled(), compiled()
	if len(first) == 0 {
		t.Fatal("nothing was compiled")
	}
	for path, text := range first {
		if second[path] != text {
			t.Errorf("%s differs between two compilations", path)
		}
		if strings.Contains(text, s.dir) {
			t.Errorf("%s holds the path of the project", path)
		}
	}
}

const triggered = `experiments:
  - name: triggered
    assignments: flags
    key: checkout
    protocol: plain
    start: 2026-01-05
    end: 2026-02-02
    variants: [control, treatment]
    trigger: {model: page_views, within: 3 days}
    metrics: {primary: {metric: points, window: {start: 0 days, end: 10 days}}}
    dimensions: [country]
`

// triggeredByHand counts from the first page view in the three days after exposure.
const triggeredByHand = `WITH u AS (
		SELECT user_id, min(variant) AS variant, min(exposed_at) AS assigned_at FROM exposures
		WHERE flag = 'checkout' AND exposed_at >= TIMESTAMP '2026-01-05' AND exposed_at < TIMESTAMP '2026-02-02'
		GROUP BY user_id HAVING min(variant) = max(variant)),
	t AS (
		SELECT u.user_id, u.variant, min(v.viewed_at) AS counted_from FROM u JOIN page_views v ON v.user_id = u.user_id
			AND v.viewed_at >= u.assigned_at AND v.viewed_at < u.assigned_at + INTERVAL '3 days' AND v.viewed_at < TIMESTAMP '2026-02-02'
		WHERE u.variant IN ('control', 'treatment') GROUP BY u.user_id, u.variant),
	p AS (
		SELECT t.user_id, t.variant, coalesce(sum(points.points), 0) AS points FROM t LEFT JOIN units points ON points.unit_id = t.user_id
			AND points.noted_at >= t.counted_from AND points.noted_at < t.counted_from + INTERVAL '10 days'
		GROUP BY t.user_id, t.variant)
	SELECT variant, count(*) AS n, CAST(avg(points) AS double precision) AS mean FROM p GROUP BY variant ORDER BY variant`

// TestTrigger holds units and values counted from a trigger to SQL written by hand.
func TestTrigger(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		if err := os.WriteFile(filepath.Join(s.dir, "experiments", "triggered.yml"), []byte(triggered), 0o644); err != nil {
			t.Fatal(err)
		}
		s.assay(t, "run", "--as-of", asOf)
		got := s.results(t)["triggered/points/treatment/overall/all"]
		rows, err := s.connect(t).Query(context.Background(), triggeredByHand)
		if err != nil {
			t.Fatal(err)
		}
		for i, side := range []string{"control", "variant"} {
			n, mean := rows.Values[i][1].(int64), rows.Values[i][2].(float64)
			if got["n_"+side] != n || !close(got["value_"+side].(float64), mean) {
				t.Errorf("%s: %v units with mean %v, want %d with %v", side, got["n_"+side], got["value_"+side], n, mean)
			}
		}
	})
}

const phased = `assignments:
  - name: stratified
    relation: exposures
    entity: user
    columns: {unit: user_id, time: exposed_at, experiment: flag, variant: variant, stratum: country}
experiments:
  - name: phased
    assignments: stratified
    key: checkout
    protocol: plain
    start: 2026-01-05
    end: 2026-02-02
    phases:
      - {from: 2026-01-05, variants: {control: 40%, treatment: 60%}}
      - {from: 2026-01-15, variants: {treatment: 50%, control: 50%}}
    metrics: {primary: {metric: points, window: {start: 0 days, end: 10 days}}}
`

// phasedByHand is the difference within each phase and country, weighted by the units there (Miratrix, Sekhon and Yu 2013).
const phasedByHand = `WITH u AS (
		SELECT user_id, min(variant) AS variant, min(exposed_at) AS at, coalesce(min(country), '-') AS country FROM exposures
		WHERE flag = 'checkout' AND exposed_at >= TIMESTAMP '2026-01-05' AND exposed_at < TIMESTAMP '2026-02-02'
		GROUP BY user_id HAVING min(variant) = max(variant)),
	p AS (
		SELECT u.user_id, u.variant, u.country, u.at >= TIMESTAMP '2026-01-15' AS late, coalesce(sum(f.points), 0) AS points
		FROM u LEFT JOIN units f ON f.unit_id = u.user_id AND f.noted_at >= u.at AND f.noted_at < u.at + INTERVAL '10 days'
		WHERE u.variant IN ('control', 'treatment') GROUP BY 1, 2, 3, 4),
	s AS (
		SELECT country, late, CAST(count(*) AS double precision) AS n,
			CAST(avg(CASE WHEN variant = 'treatment' THEN points END) - avg(CASE WHEN variant = 'control' THEN points END) AS double precision) AS effect,
			CAST(var_samp(CASE WHEN variant = 'treatment' THEN points END) / count(CASE WHEN variant = 'treatment' THEN 1 END)
				+ var_samp(CASE WHEN variant = 'control' THEN points END) / count(CASE WHEN variant = 'control' THEN 1 END) AS double precision) AS v
		FROM p GROUP BY 1, 2)
	SELECT sum(n * effect) / sum(n) AS effect, sqrt(sum(n * n * v)) / sum(n) AS se, count(*) AS strata FROM s`

// TestPhasesAndStrata holds a comparison within phases and strata to SQL written by hand, and the split of each phase to its shares.
func TestPhasesAndStrata(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		if err := os.WriteFile(filepath.Join(s.dir, "experiments", "phased.yml"), []byte(phased), 0o644); err != nil {
			t.Fatal(err)
		}
		s.assay(t, "run", "--as-of", asOf)
		got := s.results(t)["phased/points/treatment/overall/all"]
		session := s.connect(t)
		rows, err := session.Query(context.Background(), phasedByHand)
		if err != nil {
			t.Fatal(err)
		}
		effect, se := rows.Values[0][0].(float64), rows.Values[0][1].(float64)
		if !close(got["effect"].(float64), effect) || !close(got["effect_se"].(float64), se) {
			t.Errorf("effect %v ± %v, want %v ± %v over %v strata", got["effect"], got["effect_se"], effect, se, rows.Values[0][2])
		}
		rows, err = session.Query(context.Background(), `SELECT slice, value FROM assay_experiment_health
			WHERE experiment = 'phased' AND check_name = 'sample_ratio' AND dimension = 'phase' ORDER BY slice`)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows.Values) != 2 || rows.Values[0][0] != "2026-01-05" || rows.Values[1][0] != "2026-01-15" {
			t.Errorf("sample ratio by phase: %v", rows.Values)
		}
	})
}

const roles = `models:
  - name: gifts
    relation: gifts
    agg_time_dimension: given_at
    columns:
      - {name: giver_id, entity: {type: foreign, name: giver, role_of: user}}
      - {name: taker_id, entity: {type: foreign, name: taker, role_of: user}}
      - {name: given_at, granularity: second, dimension: {type: time}}
    metrics:
      - {name: gifts, type: simple, agg: count}
experiments:
  - name: gifting
    assignments: flags
    key: checkout
    protocol: plain
    start: 2026-01-05
    end: 2026-02-02
    variants: [control, treatment]
    metrics: {primary: [{metric: gifts, unit: giver, as: given}, {metric: gifts, unit: taker, as: taken}]}
`

// TestRoles counts facts for units in the role that the experiment's entry names.
func TestRoles(t *testing.T) {
	engines(t, func(t *testing.T, s *shop) {
		if err := os.WriteFile(filepath.Join(s.dir, "experiments", "roles.yml"), []byte(roles), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Run("gifts", func(t *testing.T) {
			session := s.connect(t)
			// Whoever has an even number gives two gifts to the next, on the last day that counts.
			for _, statement := range []string{"CREATE TABLE gifts (giver_id integer, taker_id integer, given_at timestamp)",
				`INSERT INTO gifts SELECT user_id, user_id + 1, TIMESTAMP '2026-02-01 23:00:00' FROM users WHERE user_id % 2 = 0`} {
				if _, err := session.Exec(context.Background(), statement); err != nil {
					t.Fatal(err)
				}
			}
		})
		s.assay(t, "run", "--as-of", asOf, "--select", "experiment:gifting")
		rows, err := s.connect(t).Query(context.Background(), `SELECT r.metric, sum(u.gifts) FROM (
				SELECT metric, CASE metric WHEN 'given' THEN 0 ELSE 1 END AS parity, run_id FROM assay_experiment_results WHERE experiment = 'gifting'
			) r JOIN (
				SELECT e.user_id % 2 AS parity, 2 AS gifts FROM exposures e WHERE flag = 'checkout' AND exposed_at < TIMESTAMP '2026-02-01 23:00:00'
				GROUP BY e.user_id HAVING min(variant) = max(variant) AND min(variant) <> 'preview'
			) u ON u.parity = r.parity GROUP BY r.metric ORDER BY r.metric`)
		if err != nil {
			t.Fatal(err)
		}
		results := s.results(t)
		for _, row := range rows.Values {
			r := results["gifting/"+row[0].(string)+"/treatment/overall/all"]
			got := float64(r["n_control"].(int64))*r["value_control"].(float64) + float64(r["n_variant"].(int64))*r["value_variant"].(float64)
			if want, err := strconv.ParseFloat(fmt.Sprint(row[1]), 64); err != nil || !close(got, want) {
				t.Errorf("%s: %v gifts in all, want %v", row[0], got, row[1])
			}
		}
	})
}
