package snowflake_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/youmark/pkcs8"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/internal/snowflaketest"
	"assay/runner"
	"assay/runner/snowflake"
)

func connect(t *testing.T, fields map[string]any) runner.Session {
	t.Helper()
	warehouse, err := snowflake.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func exec(t *testing.T, session runner.Session, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := session.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestValues(t *testing.T) {
	session := connect(t, snowflaketest.Fields(t))
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	enginetest.Values(t, session, []enginetest.Value{
		{"NULL", nil},
		{"true", true},
		{"1", int64(1)},
		{"count(*)", int64(1)},
		{"1.50::number(10, 2)", 1.5},
		{"0.1::float", 0.1},
		{"'ü'", "ü"},
		{"'2024-01-01'::date", midnight},
		{"'2024-01-01 00:00:00'::timestamp_ntz", midnight},
		{"'2024-01-01 00:00:00.000001'::timestamp_ntz", midnight.Add(time.Microsecond)},
	})
}

func TestColumnsWithoutRunning(t *testing.T) {
	session := connect(t, snowflaketest.Fields(t))
	columns, err := session.Columns(t.Context(), "SELECT 1::number(10, 2) AS x, 1 AS n, 'a' AS s, 0.5::float AS f, current_date AS d")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{
		{Name: "X", Type: "NUMBER(10,2)"}, {Name: "N", Type: "INTEGER"}, {Name: "S", Type: "TEXT"}, {Name: "F", Type: "FLOAT"},
		{Name: "D", Type: "DATE"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

func TestTransactionsAndAppend(t *testing.T) {
	session := connect(t, snowflaketest.Fields(t)).(runner.Transactor)
	exec(t, session, "CREATE SCHEMA IF NOT EXISTS results", "CREATE TABLE results.t (a number(38, 0), b varchar)")
	table := runner.Table{
		Name: "t", Columns: []rel.Column{{Name: "a", Type: rel.Integer}, {Name: "b", Type: rel.Text}},
		Rows: [][]any{{int64(1), `it's \n "x"; DROP TABLE t --`}, {nil, nil}},
	}
	broken := session.InTransaction(t.Context(), func() error {
		if err := session.Append(t.Context(), "RESULTS", table); err != nil {
			t.Error(err)
		}
		return os.ErrInvalid
	})
	if broken == nil {
		t.Error("work that failed was committed")
	}
	if err := session.Append(t.Context(), "RESULTS", table); err != nil {
		t.Fatal(err)
	}
	rows, err := session.Query(t.Context(), "SELECT a, b FROM results.t ORDER BY a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Rows, rows.Values); diff != "" {
		t.Error(diff)
	}
}

// TestReceipt: the server says by which name it knows a statement, also one that it refuses.
func TestReceipt(t *testing.T) {
	session := connect(t, snowflaketest.Fields(t)).(runner.Metered)
	exec(t, session, "SELECT 1")
	if session.Receipt().QueryID == "" {
		t.Error("no name")
	}
}

const passphrase = "correct horse"

// writeKey makes a key pair's private half.
func writeKey(t *testing.T, passphrase string) (path string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := pkcs8.MarshalPrivateKey(key, []byte(passphrase), nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "key.p8")
	block := &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLogIns: what a profile lacks is said before anything is connected to, and no secret with it.
func TestLogIns(t *testing.T) {
	key := writeKey(t, passphrase)
	tests := []struct {
		fields map[string]any
		want   string // in the refusal; "" for none
	}{
		{map[string]any{"user": "u", "password": "correct horse"}, ""},
		{map[string]any{"user": "u", "private_key_path": key, "private_key_passphrase": passphrase}, ""},
		{map[string]any{"token": "correct horse", "authenticator": "oauth"}, ""},
		{map[string]any{"token": "correct horse"}, ""},
		{map[string]any{"user": "u", "token": "correct horse", "authenticator": "PROGRAMMATIC_ACCESS_TOKEN"}, ""},
		{map[string]any{"user": "u", "authenticator": "https://x.okta.com", "password": "correct horse"}, ""},
		{map[string]any{"authenticator": "workload_identity", "workload_identity_provider": "AWS"}, ""},
		{map[string]any{"authenticator": "workload_identity"}, "`workload_identity_provider` is missing"},
		{map[string]any{"user": "u"}, "`password` is missing, for `authenticator: snowflake`"},
		{map[string]any{"password": "correct horse"}, "`user` is missing"},
		{map[string]any{"user": "u", "authenticator": "oauth"}, "`token` is missing"},
		{map[string]any{"user": "u", "authenticator": "kerberos"}, "no log-in is called `kerberos`"},
		{map[string]any{"user": "u", "private_key_path": "gone.p8"}, "gone.p8"},
		{map[string]any{"user": "u", "private_key_path": key, "private_key_passphrase": "wrong"}, "does `private_key_passphrase` belong"},
		{map[string]any{"user": "u", "private_key": "!"}, "it is neither PEM nor base64"},
		{map[string]any{"user": "u", "private_key": "x", "private_key_path": key}, "not both"},
		{map[string]any{"user": "u", "password": "p", "account": ""}, "`account` is missing"},
		{map[string]any{"user": "u", "password": "p", "database": ""}, "`database` is missing"},
		{map[string]any{"user": "u", "password": "p", "scratch": "x"}, "`scratch`"},
	}
	for _, test := range tests {
		fields := map[string]any{"account": "org-name", "database": "d"}
		for name, value := range test.fields {
			fields[name] = value
		}
		_, err := snowflake.Open(runner.Output{Name: "prod", Fields: fields, Dir: t.TempDir()})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%v: %v", test.fields, err)
		case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "output `prod`") || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v: %v; want %s", test.fields, err, test.want)
		case err != nil && strings.Contains(err.Error(), "horse"):
			t.Errorf("%v shows a secret: %v", test.fields, err)
		}
	}
}

// TestRefusedLogIns asks a server that says no, and repeats the secret.
func TestRefusedLogIns(t *testing.T) {
	tests := []struct {
		answer, want string
	}{
		{`{"success": false, "code": "390100", "message": "Incorrect username or password: correct horse"}`, "check `user` and `password`"},
		{`{"success": false, "code": "390318", "message": "OAuth access token expired. correct horse"}`, "`token` has expired"},
		{`{"success": false, "code": "390144", "message": "JWT token is invalid."}`, "is the public key"},
		{`{"success": false, "code": "390201", "message": "The requested warehouse does not exist"}`, "The requested warehouse does not exist"},
	}
	for _, test := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(test.answer)) }))
		host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		warehouse, err := snowflake.Open(runner.Output{Name: "prod", Fields: map[string]any{
			"account": "org-name", "user": "u", "password": "correct horse", "database": "d", "host": host, "port": port, "protocol": "http",
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = warehouse.Connect(t.Context())
		warehouse.Close()
		server.Close()
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "horse") {
			t.Errorf("%s: %v", test.answer, err)
		}
	}
}

// explained is how the service answers EXPLAIN USING JSON, as its documents show it, in the answer to a statement.
const explained = `{"success": true, "data": {"queryId": "q", "queryResultFormat": "json", "total": 1, "returned": 1,
  "rowtype": [{"name": "content", "type": "TEXT", "nullable": true}],
  "rowset": [["{\"GlobalStats\": {\"partitionsTotal\": 40, \"partitionsAssigned\": 2, \"bytesAssigned\": 1024}, \"Operations\": [[]]}"]]}}`

// TestEstimate: the stand-in knows no plans, so this one is the documents'.
func TestEstimate(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "login") {
			w.Write([]byte(`{"success": true, "data": {"token": "t", "masterToken": "m", "sessionId": 1}}`))
			return
		}
		var request struct{ SQLText string }
		if json.NewDecoder(r.Body).Decode(&request) == nil && request.SQLText != "" {
			asked = request.SQLText
		}
		w.Write([]byte(explained))
	}))
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	session := connect(t, map[string]any{
		"account": "org-name", "user": "u", "password": "p", "database": "d", "host": host, "port": port, "protocol": "http",
	})
	estimate, err := session.(runner.Estimator).Estimate(t.Context(), "SELECT 1")
	if err != nil || *estimate != (runner.Estimate{Amount: 1024, Unit: runner.ScannedBytes}) || asked != "EXPLAIN USING JSON SELECT 1" {
		t.Errorf("%v, %v, asked by %s", estimate, err, asked)
	}
}
