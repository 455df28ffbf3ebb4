package clickhouse_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	native "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/internal/enginetest"
	"assay/runner"
	"assay/runner/clickhouse"
)

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	_, session := enginetest.Session(t, "clickhouse")
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"CAST(NULL AS Nullable(Int64))", nil},
		{"true", true},
		{"1 = 1", int64(1)},
		{"toInt8(-1)", int64(-1)},
		{"toUInt8(1)", int64(1)},
		{"toInt16(1)", int64(1)},
		{"toUInt16(1)", int64(1)},
		{"toInt32(1)", int64(1)},
		{"toUInt32(1)", int64(1)},
		{"toInt64(1)", int64(1)},
		{"toNullable(toInt64(1))", int64(1)},
		{"toUInt64(1)", int64(1)},
		{"toUInt64(18446744073709551615)", 18446744073709551615.0},
		{"toInt128(1)", int64(1)},
		{"toUInt256(1)", int64(1)},
		{"toDecimal64(1.5, 2)", 1.5},
		{"toNullable(toDecimal128('1.5', 9))", 1.5},
		{"toFloat32(0.5)", 0.5},
		{"0.1", 0.1},
		{"nan", math.NaN()},
		{"-inf", math.Inf(-1)},
		{"'ü'", "ü"},
		{"toLowCardinality('a')", "a"},
		{"toFixedString('a', 1)", "a"},
		{"CAST('a' AS Enum8('a' = 1))", "a"},
		{"toDate('2024-01-01')", midnight},
		{"toDate32('2024-01-01')", midnight},
		{"toDateTime('2024-01-01 00:00:00', 'UTC')", midnight},
		{"toDateTime64('2024-01-01 02:00:00', 6, 'Europe/Berlin') - INTERVAL 1 HOUR", midnight},
		{"toNullable(toDateTime64('2024-01-01 00:00:00', 6, 'UTC'))", midnight},
		{"toUUID('03f06f7b-a732-475f-bcf8-febfc70f3401')", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"[1, 2]", "[1 2]"},
		{"toIPv4('10.0.0.1')", "10.0.0.1"},
	})
}

func TestColumnsWithoutRunning(t *testing.T) {
	_, session := enginetest.Session(t, "clickhouse")
	columns, err := session.Columns(t.Context(), "SELECT toDecimal64(1, 2) AS x, toNullable('a') AS y, throwIf(1) AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{{Name: "x", Type: "Decimal(18, 2)"}, {Name: "y", Type: "Nullable(String)"}, {Name: "z", Type: "UInt8"}}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

// TestTemporaryTablesAreTheSessions: what one session stages no other sees.
func TestTemporaryTablesAreTheSessions(t *testing.T) {
	output, session := enginetest.Session(t, "clickhouse")
	other := enginetest.Connect(t, open(t, output.Fields))
	if _, err := session.Exec(t.Context(), "CREATE TEMPORARY TABLE staged AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Query(t.Context(), "SELECT * FROM staged"); err != nil {
		t.Error(err)
	}
	if _, err := other.Query(t.Context(), "SELECT * FROM staged"); err == nil {
		t.Error("another session sees it")
	}
}

const slow = "SELECT sum(sleepEachRow(0.1)) FROM numbers(100) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0"

func TestCancelReachesTheServer(t *testing.T) {
	output, session := enginetest.Session(t, "clickhouse")
	watcher := enginetest.Connect(t, open(t, output.Fields))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := session.Query(ctx, slow); err == nil {
		t.Error("ran to its end")
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		rows, err := watcher.Query(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE '%sleepEach%' AND query NOT LIKE '%system%'")
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
	if _, err := session.Query(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the session is of no more use: %v", err)
	}
}

func TestStatementTimeout(t *testing.T) {
	output, _ := enginetest.Session(t, "clickhouse")
	fields := maps.Clone(output.Fields)
	fields["statement_timeout"] = 1
	_, err := enginetest.Connect(t, open(t, fields)).Query(t.Context(), slow)
	if err == nil || !strings.Contains(err.Error(), "stopped after 1s, the `statement_timeout` of the profile") {
		t.Error(err)
	}
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := clickhouse.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

const password = "correct horse"

func TestRefusals(t *testing.T) {
	output, _ := enginetest.Session(t, "clickhouse")
	with := func(name string, value any) map[string]any {
		fields := map[string]any{"host": output.Fields["host"], "port": output.Fields["port"], "schema": "default"}
		fields[name] = value
		return fields
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, port, _ := net.SplitHostPort(closed.Addr().String())
	for want, fields := range map[string]map[string]any{
		"check `user` and `password`":          with("password", password),
		"is the server running":                with("port", port),
		"`driver` is http or native, not `tcp": with("driver", "tcp"),
		"unknown field `pasword`":              with("pasword", password),
	} {
		err := refusal(t.Context(), fields)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(fmt.Sprintf("%v %+v", err, err), password) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func refusal(ctx context.Context, fields map[string]any) error {
	warehouse, err := clickhouse.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		return err
	}
	_, err = warehouse.Connect(ctx)
	return err
}

// TestReadOnlyUser: who may only read is told so, and can ask.
func TestReadOnlyUser(t *testing.T) {
	output, _ := enginetest.Session(t, "clickhouse")
	fields := maps.Clone(output.Fields)
	fields["custom_settings"] = map[string]any{"readonly": 2}
	session := enginetest.Connect(t, open(t, fields))
	if _, err := session.Query(t.Context(), "SELECT 1 SETTINGS join_use_nulls = 1"); err != nil {
		t.Error(err)
	}
	_, err := session.Exec(t.Context(), "CREATE TABLE mine (x Int8) ENGINE = Memory")
	if err == nil || !strings.Contains(err.Error(), "`scratch: none`") {
		t.Error(err)
	}
}

// TestBusyServer: a server that has too much to do is asked again, with the labels and the id of each statement, and says what it read.
func TestBusyServer(t *testing.T) {
	var ids, comments []string
	answer := hello(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if id := q.Get("query_id"); id != "" {
			ids, comments = append(ids, id), append(comments, q.Get("log_comment"))
		}
		if len(ids) == 1 {
			w.Header().Set("X-ClickHouse-Exception-Code", "202")
			http.Error(w, "Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)", 500)
			return
		}
		w.Header().Set("X-ClickHouse-Summary", `{"read_rows":"7","read_bytes":"42"}`)
		if len(ids) == 0 {
			w.Write(answer)
		}
	}))
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	session, err := open(t, map[string]any{"host": host, "port": port}).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, err := session.Exec(t.Context(), "OPTIMIZE TABLE t"); err != nil {
		t.Fatal(err)
	}
	receipt := session.(runner.Metered).Receipt()
	if len(ids) != 2 || receipt.QueryID != ids[1] || receipt.BytesScanned == nil || *receipt.BytesScanned != 42 || comments[1] != "assay" {
		t.Errorf("asked as %v with %q; the receipt is %+v", ids, comments, receipt)
	}
}

// hello is the answer to the driver's first question.
func hello(t *testing.T) []byte {
	t.Helper()
	block, answer := native.NewBlock(), &proto.Buffer{}
	for _, c := range []struct{ name, kind string }{{"displayName()", "String"}, {"version()", "String"}, {"revision()", "UInt32"}, {"timezone()", "String"}} {
		if err := block.AddColumn(c.name, column.Type(c.kind)); err != nil {
			t.Fatal(err)
		}
	}
	if err := block.Append("test", "26.7.2.1", uint32(driver.ClientTCPProtocolVersion), "UTC"); err != nil {
		t.Fatal(err)
	}
	if err := block.Encode(answer, driver.ClientTCPProtocolVersion); err != nil {
		t.Fatal(err)
	}
	return answer.Buf
}
