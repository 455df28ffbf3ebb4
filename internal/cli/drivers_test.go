package cli

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDriverLeftOut: a profile for which the build has no driver is told at its place, and how to mend it; its project is valid.
func TestDriverLeftOut(t *testing.T) {
	whole := engines["trino"]
	engines["trino"] = engine{dialect: whole.dialect}
	defer func() { engines["trino"] = whole }()
	dir := writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":      "shop: {target: prod, outputs: {prod: {type: trino, host: nowhere}}}\n",
	})
	code, _, problems := assay(t, dir, "debug")
	if code != exitFailed || !strings.Contains(problems, "profiles.yml:1:45: this build has no driver for `trino`") ||
		!strings.Contains(problems, "the tag no_trino") {
		t.Errorf("exit %d, %s", code, problems)
	}
	if code, _, problems := assay(t, dir, "validate"); code != exitDone {
		t.Errorf("exit %d, %s", code, problems)
	}
}

// TestTagLeavesOut: a build with a driver's tag has neither it nor the library that it reaches its warehouse by.
func TestTagLeavesOut(t *testing.T) {
	libraries := map[string]string{
		"bigquery": "cloud.google.com/go/bigquery", "clickhouse": "github.com/ClickHouse/clickhouse-go/v2",
		"databricks": "github.com/databricks/databricks-sql-go", "duckdb": "github.com/duckdb/duckdb-go/v2",
		"snowflake": "github.com/snowflakedb/gosnowflake/v2", "trino": "github.com/trinodb/trino-go-client/trino",
	}
	for name := range engines {
		built := packages(t, "no_"+name)
		for _, left := range []string{"assay/runner/" + name, libraries[name]} {
			if slices.Contains(built, left) {
				t.Errorf("%s is built with the tag no_%s", left, name)
			}
		}
	}
	if built := packages(t, "no_postgres,no_redshift"); slices.Contains(built, "github.com/jackc/pgx/v5") {
		t.Error("PostgreSQL's protocol is built without a warehouse that speaks it")
	}
}

// packages are those of the build with these tags.
func packages(t *testing.T, tags string) []string {
	t.Helper()
	list, err := exec.Command("go", "list", "-deps", "-tags", tags, "assay").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(list))
}
