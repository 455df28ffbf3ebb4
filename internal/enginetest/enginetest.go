// Package enginetest gives tests the engines at hand: DuckDB, PostgreSQL, and those whose servers variables of the environment
// name (internal/engines installs and starts them). Each test gets a schema of its own.
package enginetest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"assay/dialects"
	bigquerysql "assay/dialects/bigquery"
	clickhousesql "assay/dialects/clickhouse"
	databrickssql "assay/dialects/databricks"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	redshiftsql "assay/dialects/redshift"
	snowflakesql "assay/dialects/snowflake"
	trinosql "assay/dialects/trino"
	"assay/internal/pgtest"
	"assay/internal/redshifttest"
	"assay/internal/snowflaketest"
	"assay/runner"
	"assay/runner/bigquery"
	"assay/runner/clickhouse"
	"assay/runner/databricks"
	"assay/runner/duckdb"
	"assay/runner/postgres"
	"assay/runner/redshift"
	"assay/runner/snowflake"
	"assay/runner/trino"
)

// An Engine can be run here, or a test that asks for it is skipped.
type Engine struct {
	Dialect *dialects.Dialect
	Open    runner.Driver
	// fields are a profile's, for a schema of that name, which does not exist yet.
	fields func(t testing.TB, schema string) map[string]any
	// drop drops a schema and all that is in it, if it is there.
	drop string
	// listed is how rows are loaded that are many; without it, the engine's session does that well.
	listed listed
}

// All are the engines that the tests know to run.
var All = []Engine{
	{duckdbsql.Dialect, duckdb.Open, onDuckDB, "DROP SCHEMA IF EXISTS %s CASCADE", listed{}},
	{postgressql.Dialect, postgres.Open, onPostgres, "DROP SCHEMA IF EXISTS %s CASCADE", listed{}},
	{clickhousesql.Dialect, clickhouse.Open, onClickHouse, "DROP DATABASE IF EXISTS %s",
		listed{"(SELECT arrayJoin(JSONExtract(%s, 'Array(Array(Nullable(String)))')) AS r)", "r[%d]"}},
	{trinosql.Dialect, trino.Open, onTrino, "DROP SCHEMA IF EXISTS %s CASCADE",
		listed{"UNNEST(CAST(json_parse(%s) AS array(array(varchar)))) AS list (r)", "element_at(r, %d)"}},
	{databrickssql.Dialect, databricks.Open, onSpark, "DROP SCHEMA IF EXISTS %s CASCADE",
		listed{"(SELECT explode(from_json(%s, 'array<array<string>>')) AS r)", "element_at(r, %d)"}},
}

// StandIns answer for engines that run at their vendors' alone, and take much that those refuse. Whoever opens a profile by its type
// reaches no stand-in of Redshift: Open spells statements as it takes them.
var StandIns = []Engine{
	{redshiftsql.Dialect, redshifttest.Driver(redshift.Open), onRedshift, "DROP SCHEMA %s CASCADE", listed{}},
	{snowflakesql.Dialect, snowflake.Open, onSnowflake, "DROP SCHEMA %s CASCADE", listed{}},
	{bigquerysql.Dialect, bigquery.Open, onBigQuery, "DROP SCHEMA IF EXISTS %s CASCADE", listed{}},
}

// Name is a profile's type.
func (e Engine) Name() string { return e.Dialect.Name }

// Named is the engine of a profile's type, or its stand-in.
func Named(name string) Engine {
	known := slices.Concat(All, StandIns)
	return known[slices.IndexFunc(known, func(e Engine) bool { return e.Name() == name })]
}

var schemas atomic.Int64

// Output is a profile's output for a schema of the test's own, empty, that the test's end drops.
func (e Engine) Output(t testing.TB) runner.Output {
	t.Helper()
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	output := runner.Output{Name: e.Name(), Fields: e.fields(t, schema)}
	e.run(t, output, e.Dialect.CreateSchemaSQL(schema))
	t.Cleanup(func() { e.run(t, output, fmt.Sprintf(e.drop, schema)) })
	return output
}

// Empty makes an output's schema, without what was in it.
func (e Engine) Empty(t testing.TB, output runner.Output) {
	t.Helper()
	schema := output.Fields["schema"].(string)
	e.run(t, output, fmt.Sprintf(e.drop, schema))
	e.run(t, output, e.Dialect.CreateSchemaSQL(schema))
}

// run runs a statement on a session of its own.
func (e Engine) run(t testing.TB, output runner.Output, statement string) {
	t.Helper()
	warehouse, err := e.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, err := session.Exec(context.Background(), statement); err != nil {
		t.Error(err)
	}
}

// Warehouse opens an output until the test ends.
func (e Engine) Warehouse(t testing.TB, output runner.Output) runner.Warehouse {
	t.Helper()
	warehouse, err := e.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// Connect is a session until the test ends.
func Connect(t testing.TB, warehouse runner.Warehouse) runner.Session {
	t.Helper()
	session, err := warehouse.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func onDuckDB(t testing.TB, schema string) map[string]any {
	return map[string]any{"path": filepath.Join(t.TempDir(), "test.duckdb"), "schema": schema}
}

func onPostgres(t testing.TB, schema string) map[string]any {
	return map[string]any{"dsn": pgtest.Start(t), "schema": schema}
}

func onRedshift(t testing.TB, schema string) map[string]any {
	return map[string]any{"dsn": redshifttest.Start(t), "schema": schema}
}

func onSnowflake(t testing.TB, schema string) map[string]any {
	fields := snowflaketest.Fields(t)
	fields["schema"] = schema
	return fields
}

// onBigQuery stores nothing but results: the emulator's sessions have no tables. What it refuses it does not refuse for the moment.
func onBigQuery(t testing.TB, schema string) map[string]any {
	host, port := server(t, "ASSAY_BIGQUERY")
	return map[string]any{"api_endpoint": "http://" + net.JoinHostPort(host, port), "method": "oauth-secrets", "token": "secret",
		"project": "test", "schema": schema, "location": "EU", "scratch": "none", "job_retries": 0}
}

func onClickHouse(t testing.TB, schema string) map[string]any {
	host, port := server(t, "ASSAY_CLICKHOUSE")
	return map[string]any{"host": host, "port": port, "schema": schema}
}

// onTrino has tables that can be changed.
func onTrino(t testing.TB, schema string) map[string]any {
	host, port := server(t, "ASSAY_TRINO")
	return map[string]any{"host": host, "port": port, "user": "test", "database": "iceberg", "schema": schema}
}

// onSpark has Delta's tables, as Databricks has.
func onSpark(t testing.TB, schema string) map[string]any {
	host, port := server(t, "ASSAY_SPARK")
	return map[string]any{"host": "http://" + net.JoinHostPort(host, port), "http_path": "/", "token": "test", "schema": schema}
}

// server is where a variable's URL leads.
func server(t testing.TB, variable string) (host, port string) {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		t.Skipf("%s names no server (internal/engines/serve.sh starts one)", variable)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if host, port, err = net.SplitHostPort(u.Host); err != nil {
		t.Fatal(err)
	}
	return host, port
}
