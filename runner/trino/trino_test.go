package trino_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/trino"
)

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	_, session := enginetest.Session(t, "trino")
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"CAST(NULL AS bigint)", nil},
		{"true", true},
		{"TINYINT '1'", int64(1)},
		{"SMALLINT '1'", int64(1)},
		{"1", int64(1)},
		{"BIGINT '9007199254740993'", int64(9007199254740993)},
		{"1.50", 1.5},
		{"DECIMAL '12345678901234567890.5'", 12345678901234567890.5},
		{"REAL '0.5'", 0.5},
		{"1E-1", 0.1},
		{"nan()", math.NaN()},
		{"-infinity()", math.Inf(-1)},
		{"'ü'", "ü"},
		{"CAST('a' AS char(3))", "a  "},
		{"DATE '2024-01-01'", midnight},
		{"TIMESTAMP '2024-01-01 00:00:00.000000'", midnight},
		{"TIMESTAMP '2024-01-01 02:00:00 +02:00'", midnight},
		{"TIMESTAMP '2024-01-01 01:00:00 Europe/Berlin'", midnight},
		{"TIME '10:00:01'", "10:00:01"},
		{"UUID '03f06f7b-a732-475f-bcf8-febfc70f3401'", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"to_utf8('ab')", "6162"},
		{"ARRAY[1, 2]", "[1 2]"},
	})
}

func TestColumnsWithoutRunning(t *testing.T) {
	_, session := enginetest.Session(t, "trino")
	columns, err := session.Columns(t.Context(), "SELECT DECIMAL '1.5' AS x, now() AS y, CAST(fail('ran') AS varchar) AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{
		{Name: "x", Type: "decimal"}, {Name: "y", Type: "timestamp with time zone"}, {Name: "z", Type: "varchar"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

const slow = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) " +
	"CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z) WHERE x * y <> z"

func TestCancelReachesTheServer(t *testing.T) {
	output, session := enginetest.Session(t, "trino")
	watcher := enginetest.Connect(t, open(t, output.Fields))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	if _, err := session.Query(ctx, slow); err == nil {
		t.Error("ran to its end")
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		rows, err := watcher.Query(t.Context(), "SELECT count(*) AS n FROM system.runtime.queries "+
			"WHERE query LIKE '%sequence(1, 10000)%' AND state IN ('QUEUED', 'PLANNING', 'RUNNING') AND query NOT LIKE '%runtime%'")
		if err != nil {
			t.Fatal(err)
		}
		if rows.Values[0][0] == int64(0) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("still running on the server")
		}
	}
}

func TestStatementTimeoutAndReceipt(t *testing.T) {
	output, session := enginetest.Session(t, "trino")
	fields := maps.Clone(output.Fields)
	fields["statement_timeout"] = 1
	_, err := enginetest.Connect(t, open(t, fields)).Query(t.Context(), slow)
	if err == nil || !strings.Contains(err.Error(), "stopped after 1s, the `statement_timeout` of the profile") {
		t.Error(err)
	}
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if receipt := session.(runner.Metered).Receipt(); receipt.QueryID == "" || receipt.BytesScanned == nil {
		t.Errorf("the receipt is %+v", receipt)
	}
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := trino.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// TestBusyServer: what a server does not do since it has too much to do, it is asked again; what it refuses, it is not.
func TestBusyServer(t *testing.T) {
	for name, want := range map[string]int{"QUERY_QUEUE_FULL": 2, "SYNTAX_ERROR": 1} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := io.ReadAll(r.Body)
			if err != nil || string(text) == "SELECT 1" { // the session's first
				fmt.Fprint(w, `{"id": "q", "stats": {"state": "FINISHED"}}`)
				return
			}
			if asked++; asked == 1 {
				fmt.Fprintf(w, `{"id": "q", "error": {"message": "no", "errorName": %q}, "stats": {"state": "FAILED"}}`, name)
				return
			}
			fmt.Fprint(w, `{"id": "q", "stats": {"state": "FINISHED"}}`)
		}))
		host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		session := enginetest.Connect(t, open(t, map[string]any{"host": host, "port": port}))
		_, err := session.Exec(t.Context(), "CREATE TABLE t (x bigint)")
		if answered := err == nil; asked != want || answered != (want == 2) {
			t.Errorf("%s: asked %d times: %v", name, asked, err)
		}
		server.Close()
	}
}

const password = "correct horse"

func TestRefusals(t *testing.T) {
	wary := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, _ := r.BasicAuth()
		http.Error(w, "no: "+given, http.StatusUnauthorized)
	}))
	defer wary.Close()
	host, port, _ := net.SplitHostPort(wary.Listener.Addr().String())
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, nobody, _ := net.SplitHostPort(closed.Addr().String())
	for want, fields := range map[string]map[string]any{
		"is the server running":           {"host": "127.0.0.1", "port": nobody, "retries": 0},
		"`method` is none, ldap, jwt":     {"method": "magic"},
		"unknown field `pasword`":         {"pasword": password},
		"certificate":                     {"method": "ldap", "host": host, "port": port, "user": "u", "password": password, "retries": 0},
		"password":                        {"host": host, "port": port, "user": "u", "password": password},
		"`scratch` is `none` or left out": {"scratch": "some"},
	} {
		err := refusal(t.Context(), fields)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(fmt.Sprintf("%v %+v", err, err), password) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func refusal(ctx context.Context, fields map[string]any) error {
	warehouse, err := trino.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		return err
	}
	defer warehouse.Close()
	_, err = warehouse.Connect(ctx)
	return err
}

// TestSchemaMissing: what cannot be found is named with the field that asks for it.
func TestSchemaMissing(t *testing.T) {
	output, _ := enginetest.Session(t, "trino")
	fields := maps.Clone(output.Fields)
	fields["schema"] = "nowhere"
	session := enginetest.Connect(t, open(t, fields))
	if _, err := session.Exec(t.Context(), "CREATE TABLE t (x bigint)"); err == nil || !strings.Contains(err.Error(), "check `schema`") {
		t.Error(err)
	}
}
