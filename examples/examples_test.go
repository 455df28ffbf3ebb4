// Package examples runs each example and compares its result tables with SQL written by hand over the same files.
package examples

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"assay/internal/agree"
	"assay/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the README's report")

// run runs a copy of an example and opens its database. It returns what the run printed, too.
func run(t *testing.T, example, database string) (*sql.DB, string) {
	t.Helper()
	dir := copied(t, example)
	report := assay(t, "run", "--project-dir", dir)
	return open(t, filepath.Join(dir, "target", database), dir), report
}

// copied is a copy of an example that has never been run.
func copied(t *testing.T, example string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "target")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// assay runs a command line and returns what it printed.
func assay(t *testing.T, args ...string) string {
	t.Helper()
	var out, log bytes.Buffer
	if code := cli.Run(context.Background(), args, &out, &log); code != 0 {
		t.Fatalf("assay %v exits %d:\n%s", args, code, log.String())
	}
	return out.String()
}

// open opens a database, with dir as the folder of relative files.
func open(t *testing.T, database, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec("SET file_search_path = '" + dir + "'"); err != nil {
		t.Fatal(err)
	}
	return db
}

// byHand reads a query of testdata, for use inside another.
func byHand(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// same compares two queries row by row: numbers to 1e-9 of themselves, the rest by its text. NULL on the right is not asked for.
func same(t *testing.T, db *sql.DB, got, want string) {
	t.Helper()
	gotRows, columns := rows(t, db, got)
	wantRows, _ := rows(t, db, want)
	if len(gotRows) != len(wantRows) || len(wantRows) == 0 {
		t.Fatalf("%d rows, want %d (and some)", len(gotRows), len(wantRows))
	}
	for i, want := range wantRows {
		for j, w := range want {
			if w != nil && !agree.Equal(gotRows[i][j], w) {
				t.Errorf("row %v: %s is %v, want %v", want[:2], columns[j], gotRows[i][j], w)
			}
		}
	}
}

func rows(t *testing.T, db *sql.DB, query string) (all [][]any, columns []string) {
	t.Helper()
	result, err := db.Query(query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer result.Close()
	if columns, err = result.Columns(); err != nil {
		t.Fatal(err)
	}
	for result.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		if err := result.Scan(places...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return all, columns
}

func TestCheckout(t *testing.T) {
	db, report := run(t, "checkout", "shop.duckdb")
	const columns = "experiment, metric, n_control, n_variant, value_control, value_variant"
	got := "FROM assay_experiment_results_latest WHERE dimension = 'overall' AND decides ORDER BY experiment, metric"
	want := "FROM (" + byHand(t, "checkout.sql") + ") SEMI JOIN assay_experiment_results_latest USING (experiment, metric) ORDER BY experiment, metric"
	same(t, db, "SELECT "+columns+", effect, effect_se "+got, "SELECT "+columns+", effect, effect_se "+want)

	t.Run("slices by a dimension add up to the whole", func(t *testing.T) {
		same(t, db, `SELECT experiment, metric, dimension, sum(n_control)::BIGINT, sum(n_variant)::BIGINT
			FROM assay_experiment_results_latest WHERE dimension <> 'overall' GROUP BY ALL ORDER BY ALL`,
			`SELECT s.experiment, s.metric, s.dimension, w.n_control, w.n_variant
			FROM (SELECT DISTINCT experiment, metric, dimension FROM assay_experiment_results_latest WHERE dimension <> 'overall') AS s
			JOIN assay_experiment_results_latest AS w ON (w.experiment, w.metric, w.dimension) = (s.experiment, s.metric, 'overall')
			ORDER BY ALL`)
	})
	t.Run("a plan is the one at exposure", func(t *testing.T) {
		same(t, db, `SELECT slice, n_control + n_variant FROM assay_experiment_results_latest
			WHERE experiment = 'checkout_redesign' AND metric = 'orders' AND dimension = 'user__plan' ORDER BY slice`,
			`SELECT plan, count(*) FROM (
				SELECT user_id, min(exposed_at) AS exposed_at FROM 'data/assignments.csv'
				WHERE flag_key = 'checkout-redesign' AND user_id IS NOT NULL
				GROUP BY user_id HAVING count(DISTINCT variant) = 1 AND min(variant) <> 'preview'
			) AS units JOIN 'data/users.csv' AS u
				ON u.user_id = units.user_id AND plan_from <= exposed_at AND (plan_to IS NULL OR exposed_at < plan_to)
			GROUP BY plan ORDER BY plan`)
	})
	t.Run("health counts the faults of the log", func(t *testing.T) {
		same(t, db, `SELECT check_name, value FROM assay_experiment_health_latest
			WHERE experiment = 'checkout_redesign' AND check_name IN ('multiple_exposures', 'null_units', 'undeclared_variants')
			ORDER BY check_name`,
			`SELECT * FROM (VALUES ('multiple_exposures', 9.0::DOUBLE), ('null_units', 3.0::DOUBLE), ('undeclared_variants', 2.0::DOUBLE))`)
	})
	t.Run("the saved query", func(t *testing.T) {
		const order = " ORDER BY metric_time__week, user__plan"
		same(t, db, "SELECT metric_time__week::TIMESTAMP, user__plan, revenue, orders, aov FROM assay_weekly_revenue"+order,
			byHand(t, "weekly_revenue.sql")+order)
	})
	t.Run("the report tells the story", func(t *testing.T) { contains(t, report, "checkout_redesign", "shipping_banner") })
}

// Asked together, each metric counts in its own window.
func TestQueryOfAnExperiment(t *testing.T) {
	dir := copied(t, "checkout")
	assay(t, "query", "--project-dir", dir, "--experiment", "checkout_redesign", "--metrics", "orders,aov,refund_rate,net_revenue",
		"--format", "csv", "--output", filepath.Join(dir, "answer.csv"))
	arm := func(variant, column string) string {
		return `SELECT '` + variant + `',
			any_value(n_` + column + ` * value_` + column + `) FILTER (WHERE metric = 'orders'),
			any_value(value_` + column + `) FILTER (WHERE metric = 'aov'),
			any_value(value_` + column + `) FILTER (WHERE metric = 'refund_rate'),
			any_value(n_` + column + ` * value_` + column + `) FILTER (WHERE metric = 'net_revenue')
			FROM (` + byHand(t, "checkout.sql") + `) WHERE experiment = 'checkout_redesign'`
	}
	same(t, open(t, "", dir), "SELECT variant, orders::DOUBLE, aov, refund_rate, net_revenue FROM 'answer.csv' ORDER BY variant",
		arm("control", "control")+" UNION ALL "+arm("treatment", "variant")+" ORDER BY 1")
}

func TestOnboarding(t *testing.T) {
	db, report := run(t, "onboarding", "app.duckdb")
	const columns = "experiment, variant, metric, n_control, n_variant, value_control, value_variant, effect, effect_se"
	const order = " ORDER BY variant, metric"
	same(t, db, "SELECT "+columns+" FROM assay_experiment_results_latest WHERE dimension = 'overall' AND decides"+order,
		"SELECT "+columns+" FROM ("+byHand(t, "onboarding.sql")+")"+order)
	contains(t, report, "onboarding_tour", "ship Short tour")
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("the report has no %q:\n%s", word, text)
		}
	}
}
