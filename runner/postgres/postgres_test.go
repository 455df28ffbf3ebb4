package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/internal/pgtest"
	"assay/runner"
	"assay/runner/postgres"
)

func connect(t *testing.T, fields map[string]any) runner.Session {
	t.Helper()
	session, err := open(t, fields).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := postgres.Open(runner.Output{Name: "prod", Fields: fields, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)})
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"true", true},
		{"1::int2", int64(1)},
		{"1::int4", int64(1)},
		{"1::int8", int64(1)},
		{"sum(1::int8)", int64(1)},
		{"1.50::numeric(10, 2)", 1.5},
		{"1.00::numeric(10, 2)", 1.0},
		{"'NaN'::numeric", math.NaN()},
		{"123456789012345678901234567890::numeric", 123456789012345678901234567890.0},
		{"0.5::float4", 0.5},
		{"0.1::float8", 0.1},
		{"'-inf'::float8", math.Inf(-1)},
		{"'ü'::text", "ü"},
		{"'a'::varchar(3)", "a"},
		{"'a'::char(3)", "a  "},
		{"'a'::name", "a"},
		{"'x'::\"char\"", "x"},
		{"date '2024-01-01'", midnight},
		{"timestamp '2024-01-01 00:00:00'", midnight},
		{"timestamptz '2024-01-01 02:00:00+02'", midnight},
		{"'infinity'::timestamp", "infinity"},
		{"time '10:00:01'", "10:00:01"},
		{"timetz '10:00:01+02'", "10:00:01+02"},
		{"interval '3 months 2 days 1 hour'", "3 mons 2 days 01:00:00"},
		{"'03f06f7b-a732-475f-bcf8-febfc70f3401'::uuid", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"'ab'::bytea", "6162"},
		{"'101'::bit(3)", "101"},
		{`'{"a": 1}'::json`, `{"a": 1}`},
		{`'{"a": 1}'::jsonb`, `{"a": 1}`},
		{"'<a/>'::xml", "<a/>"},
		{"array[1, 2]", "{1,2}"},
		{"row(1, 2)", "(1,2)"},
		{"int4range(1, 2)", "[1,2)"},
		{"'10.0.0.1'::inet", "10.0.0.1"},
		{"'1'::money", "$1.00"},
		{"1::oid", int64(1)},
	})
}

func TestTransactionsAndAppend(t *testing.T) {
	ctx := t.Context()
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)}).(runner.Transactor)
	exec(t, session, "CREATE TABLE t (a bigint, b text, c timestamp, d date, e double precision, f boolean)")
	now := time.Date(2026, 1, 5, 1, 2, 3, 4000, time.UTC)
	row := []any{int64(1), "x", now, now, 0.5, true}
	broken := errors.New("broken")
	err := session.InTransaction(ctx, func() error {
		if err := session.Append(ctx, "public", rows([]string{"a", "b", "c", "d", "e", "f"}, row)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	// A statement that failed dooms the transaction, even where the caller carries on.
	err = session.InTransaction(ctx, func() error {
		exec(t, session, "INSERT INTO t (a) VALUES (1)")
		session.Exec(ctx, "SELECT 1/0")
		return nil
	})
	if err == nil {
		t.Error("a doomed transaction committed")
	}
	if n := count(t, session, "t"); n != 0 {
		t.Errorf("%d rows of transactions that failed", n)
	}
	if err := session.Append(ctx, "public", rows([]string{"b", "a"}, []any{"y", nil})); err != nil {
		t.Fatal(err)
	}
	if n := count(t, session, "t"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestCancelReachesTheServer(t *testing.T) {
	dsn := pgtest.Start(t)
	session, watcher := connect(t, map[string]any{"dsn": dsn}), connect(t, map[string]any{"dsn": dsn})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := session.Exec(ctx, "SELECT pg_sleep(15) AS long"); err == nil {
		t.Error("ran to its end")
	}
	active := "pg_stat_activity WHERE state = 'active' AND query LIKE '%AS long' AND pid <> pg_backend_pid()"
	if n := count(t, watcher, active); n != 0 {
		t.Error("still running on the server")
	}
}

func TestColumnsWithoutRunning(t *testing.T) {
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)})
	columns, err := session.Columns(t.Context(), "SELECT 1::decimal(10,2) AS x, now() AS y, (1/0)::text AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{
		{Name: "x", Type: "numeric(10,2)"}, {Name: "y", Type: "timestamp with time zone"}, {Name: "z", Type: "text"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

func TestSettings(t *testing.T) {
	u, err := url.Parse(pgtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	admin := connect(t, map[string]any{"dsn": u.String()})
	exec(t, admin, `CREATE SCHEMA "it's mine"; GRANT USAGE ON SCHEMA "it's mine" TO pg_monitor`)
	exec(t, admin, "ALTER DATABASE "+u.Path[1:]+" SET timezone = 'Asia/Tokyo'")
	session := connect(t, map[string]any{
		"host": u.Query().Get("host"), "port": "5432", "user": "postgres", "pass": `it's \ secret`, "dbname": u.Path[1:],
		"schema": "it's mine", "sslmode": "disable", "connect_timeout": 5, "keepalives_idle": "0", "retries": 1,
		"threads": 4, "role": "pg_monitor",
	})
	rows, err := session.Query(t.Context(),
		"SELECT current_setting('timezone'), current_schema(), current_user, current_setting('application_name')")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"UTC", "it's mine", "pg_monitor", "assay"}, rows.Values[0]); diff != "" {
		t.Error(diff)
	}
}

// TestStatementsAreLabelled: the server's list of what runs says on whose behalf.
func TestStatementsAreLabelled(t *testing.T) {
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)})
	if n := count(t, session, "pg_stat_activity WHERE pid = pg_backend_pid() AND query LIKE '/* assay */ SELECT%'"); n != 1 {
		t.Error("no label")
	}
}

// TestStagedTablesChange: a statement must be described anew where a temporary table comes back with other columns.
func TestStagedTablesChange(t *testing.T) {
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)})
	for literal, value := range map[string]any{"1::int8": int64(1), "'x'::text": "x"} {
		exec(t, session, "CREATE TEMPORARY TABLE step AS SELECT "+literal+" AS v")
		rows, err := session.Query(t.Context(), "SELECT v FROM step")
		if err != nil || rows.Values[0][0] != value {
			t.Errorf("%v %v", rows.Values, err)
		}
		exec(t, session, "DROP TABLE pg_temp.step")
	}
}

const password = "correct horse"

// TestPasswordNeverShows asks a server that repeats the password in its refusal.
func TestPasswordNeverShows(t *testing.T) {
	host, port := pgtest.Listen(t, pgtest.RefusePassword)
	outputs := []map[string]any{
		{"host": host, "port": port, "user": "u", "password": password, "dbname": "d", "sslmode": "disable"},
		{"host": host, "port": port, "user": "u", "pass": password, "dbname": "d", "sslmode": "prefer"},
		{"dsn": fmt.Sprintf("postgres://u:correct%%20horse@%s:%s/d?sslmode=disable", host, port)},
		{"dsn": fmt.Sprintf("host=%s port=%s user=u password='correct horse' dbname=d", host, port)},
		{"dsn": "host=" + host + " port=closed password='correct horse'"},
		{"dsn": "postgres://u:correct horse@h:x/d"},
		{"dsn": "postgres://u:correct horse@" + host + "/d", "host": host},
		{"host": host, "port": "1", "user": "u", "password": password},
		{"host": host, "port": port, "user": "u", "password": []any{password}},
	}
	for _, fields := range outputs {
		err := refusal(t, fields)
		if err == nil {
			t.Fatalf("%v connects", fields)
		}
		if shown := fmt.Sprintf("%v %+v", err, err); strings.Contains(shown, password) || strings.Contains(shown, "correct%20horse") {
			t.Errorf("%v shows the password: %s", fields, shown)
		}
	}
	if err := refusal(t, outputs[0]); !strings.Contains(err.Error(), "check `user` and `password`") {
		t.Errorf("no mend: %v", err)
	}
	if err := refusal(t, outputs[7]); !strings.Contains(err.Error(), "is the server running") {
		t.Errorf("no mend: %v", err)
	}
}

// TestRetry: a server that hangs up may come back; one that says no is not asked again.
func TestRetry(t *testing.T) {
	asked := 0
	host, port := pgtest.Listen(t, func(conn net.Conn) {
		if asked++; asked == 1 {
			conn.Close()
			return
		}
		pgtest.RefusePassword(conn)
	})
	fields := map[string]any{"host": host, "port": port, "user": "u", "password": password, "sslmode": "disable", "retries": 5}
	err := refusal(t, fields)
	if err == nil || !strings.Contains(err.Error(), "28P01") || asked > 3 { // the driver itself may ask twice
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func refusal(t *testing.T, fields map[string]any) error {
	warehouse, err := postgres.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		return err
	}
	defer warehouse.Close()
	_, err = warehouse.Connect(t.Context())
	return err
}

func exec(t *testing.T, session runner.Session, statement string) {
	t.Helper()
	if _, err := session.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, session runner.Session, table string) int64 {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT count(*) FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Values[0][0].(int64)
}

// rows are those of a table t.
func rows(columns []string, rows ...[]any) runner.Table {
	table := runner.Table{Name: "t", Rows: rows}
	for _, name := range columns {
		table.Columns = append(table.Columns, rel.Column{Name: name})
	}
	return table
}
