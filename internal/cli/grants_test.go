package cli

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"assay/internal/enginetest"
	"assay/runner"
)

// grantedShop is a project over a database with the tables of limitedProject, an administrator's session there, and the role of its
// profile, which may do nothing.
func grantedShop(t *testing.T, more map[string]any) (dir string, admin runner.Session, role string) {
	t.Helper()
	postgres := enginetest.Named("postgres")
	output := postgres.Output(t)
	admin = enginetest.Connect(t, postgres.Warehouse(t, output))
	role = fmt.Sprintf("reader_%d", time.Now().UnixNano())
	rows := "generate_series(1, 20) AS s(i)"
	execute(t, admin,
		"CREATE SCHEMA raw",
		"CREATE TABLE raw.orders AS SELECT 'u' || i AS user_id, TIMESTAMP '2026-01-03 00:00:00' AS at, i * 1.5 AS amount FROM "+rows,
		"CREATE TABLE raw.flags AS SELECT 'u' || i AS user_id, TIMESTAMP '2026-01-02 00:00:00' AS at, "+
			"CASE WHEN i % 2 = 0 THEN 'control' ELSE 'treatment' END AS variant FROM "+rows,
		"REVOKE TEMPORARY ON DATABASE "+currentDatabase(t, admin)+" FROM PUBLIC",
		"CREATE ROLE "+role)
	t.Cleanup(func() { execute(t, admin, "DROP OWNED BY "+role+" CASCADE", "DROP ROLE "+role) })
	output.Fields = maps.Clone(output.Fields)
	output.Fields["role"], output.Fields["schema"] = role, "results"
	maps.Copy(output.Fields, more)
	project := strings.ReplaceAll(limitedProject, "relation: ", "relation: raw.")
	return writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"models/all.yml":    project,
		"profiles.yml":      string(enginetest.Profile(t, "shop", output)),
	}), admin, role
}

func execute(t *testing.T, session runner.Session, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := session.Exec(context.Background(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func currentDatabase(t *testing.T, session runner.Session) string {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT quote_ident(current_database())")
	if err != nil {
		t.Fatal(err)
	}
	return rows.Values[0][0].(string)
}

// statements are the GRANTs and what goes before them, in what a verb says.
var statements = regexp.MustCompile(`(?:CREATE SCHEMA|GRANT) [^;\n]+`)

// TestGrantsThatAreNamedAreEnough: a role that may do nothing is told by debug what it lacks, and by a run which tables it may not
// read, where the project names them; with no more than that it runs.
func TestGrantsThatAreNamedAreEnough(t *testing.T) {
	dir, admin, role := grantedShop(t, nil)
	code, _, problems := assay(t, dir, "debug")
	for _, want := range []string{
		"profiles.yml:4:7: result tables: ", "permission denied for database", "profiles.yml:4:7: staged steps: ",
		`GRANT USAGE, CREATE ON SCHEMA "results" TO ` + role, "GRANT TEMPORARY ON DATABASE",
	} {
		if code != exitFailed || !strings.Contains(problems, want) {
			t.Errorf("exit %d, no %s in %s", code, want, problems)
		}
	}
	execute(t, admin, statements.FindAllString(problems, -1)...)
	if code, _, problems := assay(t, dir, "debug"); code != exitDone {
		t.Errorf("exit %d, %s", code, problems)
	}

	code, _, problems = assay(t, dir, "run")
	for _, want := range []string{
		"models/all.yml:3:15: `orders` cannot be read: ", "permission denied for schema raw",
		"models/all.yml:10:29: `flags` cannot be read: ",
		"GRANT SELECT ON raw.orders TO " + role,
	} {
		if code != exitFailed || !strings.Contains(problems, want) {
			t.Errorf("exit %d, no %s in %s", code, want, problems)
		}
	}
	if written := rowsIn(t, admin, "results.assay_experiments"); written != 0 {
		t.Errorf("%d rows of an experiment that failed", written)
	}
	execute(t, admin, statements.FindAllString(problems, -1)...)
	if code, _, problems := assay(t, dir, "run"); code != exitDone {
		t.Errorf("exit %d, %s", code, problems)
	}
}

func rowsIn(t *testing.T, session runner.Session, table string) int64 {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT count(*) FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Values[0][0].(int64)
}

// TestReadOnlyUser asks and is answered; a run is refused before it writes anything.
func TestReadOnlyUser(t *testing.T) {
	dir, admin, role := grantedShop(t, map[string]any{"scratch": "none"})
	execute(t, admin, "GRANT USAGE ON SCHEMA raw TO "+role, "GRANT SELECT ON ALL TABLES IN SCHEMA raw TO "+role)
	code, out, problems := assay(t, dir, "query", "--metrics", "revenue")
	if code != exitDone || !strings.Contains(out, "315") {
		t.Errorf("exit %d, %s%s", code, out, problems)
	}
	code, out, problems = assay(t, dir, "debug")
	if code != exitFailed || !strings.Contains(out, "staged steps ok") || !strings.Contains(problems, "result tables: ") {
		t.Errorf("exit %d, %s%s", code, out, problems)
	}
	code, _, problems = assay(t, dir, "run")
	if code != exitFailed || !strings.Contains(problems, "result table results.assay_experiments: ") ||
		!strings.Contains(problems, "`assay debug` prints how") {
		t.Errorf("exit %d, %s", code, problems)
	}
	if n := rowsIn(t, admin, "pg_tables WHERE tablename LIKE 'assay%'"); n != 0 {
		t.Errorf("%d tables are there", n)
	}
}

// TestFileOnAWarehouse: a file is read by DuckDB alone; elsewhere that is a mistake at its place.
func TestFileOnAWarehouse(t *testing.T) {
	postgres := enginetest.Named("postgres")
	dir := writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"models/all.yml":    strings.Replace(limitedProject, "relation: orders", "file: orders.csv", 1),
		"profiles.yml":      string(enginetest.Profile(t, "shop", postgres.Output(t))),
	})
	for _, verb := range []string{"run", "catalog"} {
		code, _, problems := assay(t, dir, verb)
		if code != exitFailed || !strings.Contains(problems, "models/all.yml:3:11: ") ||
			!strings.Contains(problems, "reading a file is not supported on postgres") {
			t.Errorf("%s: exit %d, %s", verb, code, problems)
		}
	}
}
