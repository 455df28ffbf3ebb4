package databricks_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/databricks"
)

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	_, session := enginetest.Session(t, "databricks")
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"CAST(NULL AS bigint)", nil},
		{"true", true},
		{"1Y", int64(1)},
		{"1S", int64(1)},
		{"1", int64(1)},
		{"9007199254740993L", int64(9007199254740993)},
		{"1.50", 1.5},
		{"12345678901234567890.5", 12345678901234567890.5},
		{"0.5F", 0.5},
		{"1E-1D", 0.1},
		{"double('nan')", math.NaN()},
		{"-double('infinity')", math.Inf(-1)},
		{"'ü'", "ü"},
		{"''", ""},
		{"DATE '2024-01-01'", midnight},
		{"TIMESTAMP '2024-01-01 00:00:00'", midnight},
		{"TIMESTAMP '2024-01-01 02:00:00.5 +02:00'", midnight.Add(time.Second / 2)},
		{"TIMESTAMP_NTZ '2024-01-01 00:00:00.000001'", midnight.Add(time.Microsecond)},
		{"X'6162'", "6162"},
		{"array(1, 2)", "[1,2]"},
	})
}

func TestColumnsWithoutRunning(t *testing.T) {
	_, session := enginetest.Session(t, "databricks")
	columns, err := session.Columns(t.Context(), "SELECT 1.5 AS x, now() AS y, CAST(raise_error('ran') AS string) AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{{Name: "x", Type: "decimal(2,1)"}, {Name: "y", Type: "timestamp"}, {Name: "z", Type: "string"}}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

const slow = "SELECT count(*) FROM range(1000000) AS a CROSS JOIN range(1000000) AS b WHERE a.id * b.id % 7 = 3"

// TestCancelReachesTheServer also where the server has not answered yet.
func TestCancelReachesTheServer(t *testing.T) {
	output, _ := enginetest.Session(t, "databricks")
	relay := newRelay(t, output)
	session := enginetest.Connect(t, open(t, relay.fields))
	ctx, cancel := context.WithCancel(t.Context())
	relay.before("ExecuteStatement", func(http.ResponseWriter) bool {
		time.AfterFunc(100*time.Millisecond, cancel)
		return true
	})
	if _, err := session.Query(ctx, slow); err == nil {
		t.Error("ran to its end")
	}
	if relay.count("CancelOperation") != 1 {
		t.Error("the server did not hear of it")
	}
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the session is of no more use: %v", err)
	}
}

func TestStatementTimeoutAndReceipt(t *testing.T) {
	output, session := enginetest.Session(t, "databricks")
	fields := maps.Clone(output.Fields)
	fields["statement_timeout"] = 1
	_, err := enginetest.Connect(t, open(t, fields)).Query(t.Context(), slow)
	if err == nil || !strings.Contains(err.Error(), "stopped after 1s, the `statement_timeout` of the profile") {
		t.Error(err)
	}
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if receipt := session.(runner.Metered).Receipt(); receipt.QueryID == "" {
		t.Errorf("the receipt is %+v", receipt)
	}
}

// TestStoppedByTheServer: a statement that the server stops says so, and the session goes on.
func TestStoppedByTheServer(t *testing.T) {
	_, session := enginetest.Session(t, "databricks")
	if _, err := session.Exec(t.Context(), "SET spark.sql.thriftServer.queryTimeout = 5"); err != nil {
		t.Fatal(err)
	}
	const said = "TIMEDOUT_STATE: ; somebody stopped it there"
	if _, err := session.Query(t.Context(), slow); err == nil || !strings.Contains(err.Error(), said) {
		t.Error(err)
	}
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the session is of no more use: %v", err)
	}
}

// TestBusyServer: a statement that the server had no time for is sent again, one that was lost on the way is not.
func TestBusyServer(t *testing.T) {
	output, _ := enginetest.Session(t, "databricks")
	relay := newRelay(t, output)
	session := enginetest.Connect(t, open(t, relay.fields))
	once := func(do func(http.ResponseWriter)) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			relay.before("ExecuteStatement", nil)
			do(w)
			return false
		}
	}
	relay.before("ExecuteStatement", once(func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }))
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Error(err)
	}
	sent := relay.count("ExecuteStatement")
	relay.before("ExecuteStatement", once(func(w http.ResponseWriter) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}))
	if _, err := session.Query(t.Context(), "SELECT 1"); err == nil || relay.count("ExecuteStatement") != sent+1 {
		t.Errorf("%v, after %d tries", err, relay.count("ExecuteStatement")-sent)
	}
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the session is of no more use: %v", err)
	}
}

// A relay stands between the driver and the server.
type relay struct {
	fields map[string]any // of a profile that leads through it
	mu     sync.Mutex
	calls  map[string]int
	first  map[string]func(http.ResponseWriter) bool
}

func newRelay(t *testing.T, output runner.Output) *relay {
	r := &relay{fields: maps.Clone(output.Fields), calls: map[string]int{}, first: map[string]func(http.ResponseWriter) bool{}}
	server := output.Fields["host"].(string)
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		if !r.heard(w, string(body[8:8+body[7]])) {
			return
		}
		passed, _ := http.NewRequest(http.MethodPost, server, bytes.NewReader(body))
		passed.Header = request.Header
		response, err := http.DefaultClient.Do(passed)
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		w.WriteHeader(response.StatusCode)
		io.Copy(w, response.Body)
	}))
	t.Cleanup(listening.Close)
	r.fields["host"] = listening.URL
	return r
}

// heard counts a call by its name; the result says whether it is to be passed on.
func (r *relay) heard(w http.ResponseWriter, name string) bool {
	r.mu.Lock()
	r.calls[name]++
	first := r.first[name]
	r.mu.Unlock()
	return first == nil || first(w)
}

// before does something when a call of that name comes; its result says whether to pass that on.
func (r *relay) before(name string, do func(http.ResponseWriter) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.first[name] = do
}

func (r *relay) count(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls[name]
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := databricks.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

const password = "correct horse"

func TestRefusals(t *testing.T) {
	wary := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Databricks-Reason-Phrase", "no: "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusForbidden)
	}))
	defer wary.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	with := func(more map[string]any) map[string]any {
		fields := map[string]any{"host": wary.URL, "http_path": "/sql/1.0/warehouses/1", "connect_retries": 0}
		maps.Copy(fields, more)
		return fields
	}
	for want, fields := range map[string]map[string]any{
		"does the warehouse exist":        with(map[string]any{"host": "http://" + closed.Addr().String(), "token": password}),
		"check `token`":                   with(map[string]any{"token": password}),
		"`token` is missing":              with(nil),
		"`host` and `http_path`":          {"token": password},
		"`host` is a name":                with(map[string]any{"host": "https://shop.example.com/sql/editor", "token": password}),
		"wants `client_id`":               with(map[string]any{"auth_type": "oauth", "client_secret": password}),
		"token or oauth, not `magic`":     with(map[string]any{"auth_type": "magic", "token": password}),
		"unknown field `tokn`":            with(map[string]any{"tokn": password}),
		"`scratch` is `none` or left out": with(map[string]any{"scratch": "some", "token": password}),
	} {
		err := refusal(t.Context(), fields)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(fmt.Sprintf("%v %+v", err, err), password) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func refusal(ctx context.Context, fields map[string]any) error {
	warehouse, err := databricks.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		return err
	}
	defer warehouse.Close()
	_, err = warehouse.Connect(ctx)
	return err
}

// TestSchemaMissing: what cannot be found is named with the field that asks for it.
func TestSchemaMissing(t *testing.T) {
	output, _ := enginetest.Session(t, "databricks")
	fields := maps.Clone(output.Fields)
	fields["schema"] = "nowhere"
	session := enginetest.Connect(t, open(t, fields))
	if _, err := session.Exec(t.Context(), "CREATE TABLE nowhere.t (x bigint)"); err == nil || !strings.Contains(err.Error(), "check `schema`") {
		t.Error(err)
	}
}

// TestTables lists what a killed run can have left, and tells a schema without tables from none.
func TestTables(t *testing.T) {
	output, session := enginetest.Session(t, "databricks")
	schema := output.Fields["schema"].(string)
	if tables, err := session.(runner.Lister).Tables(t.Context(), schema); err != nil || len(tables) != 0 {
		t.Error(tables, err)
	}
	if _, err := session.Exec(t.Context(), "CREATE TABLE assay_tmp_x (x bigint)"); err != nil {
		t.Fatal(err)
	}
	if tables, err := session.(runner.Lister).Tables(t.Context(), schema); err != nil || !slices.Equal(tables, []string{"assay_tmp_x"}) {
		t.Error(tables, err)
	}
	if _, err := session.(runner.Lister).Tables(t.Context(), "nowhere"); err == nil {
		t.Error("a schema that does not exist has tables")
	}
}

// TestChangesAtOnce: of two changes to one table that meet, both are made.
func TestChangesAtOnce(t *testing.T) {
	output, session := enginetest.Session(t, "databricks")
	for _, statement := range []string{"CREATE TABLE t (x bigint, n bigint)", "INSERT INTO t VALUES (1, 0), (2, 0)"} {
		if _, err := session.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var both sync.WaitGroup
	for x := range 2 {
		changing := enginetest.Connect(t, open(t, output.Fields))
		both.Go(func() {
			if _, err := changing.Exec(t.Context(), fmt.Sprintf("UPDATE t SET n = n + 1 WHERE x = %d", x+1)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	rows, err := session.Query(t.Context(), "SELECT sum(n) AS n FROM t")
	if err != nil || rows.Values[0][0] != int64(2) {
		t.Error(rows.Values, err)
	}
}
