package cli

import (
	"encoding/pem"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assay/internal/enginetest"
	"assay/internal/pgtest"
	"assay/runner"
)

// secret is the password, token or key of every profile here. Each server repeats it.
const secret = "correct horse"

// inSecret has a profile read the secret.
const inSecret = "{{ env_var('ASSAY_TEST_SECRET') }}"

// A mistake is a profile that leads nowhere, and what its user is told to do.
type mistake struct {
	of     string
	fields map[string]any
	want   string
}

// answering has a field of a profile lead to a server whose every answer is this.
func answering(t *testing.T, status int, header, value, body string) (host, port string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(header, value)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// nobody is an address of this machine where no server listens.
func nobody(t *testing.T) (host, port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	host, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// withServer are a profile's fields with those of a server.
func withServer(host, port string, fields map[string]any) map[string]any {
	all := map[string]any{"host": host, "port": port}
	maps.Copy(all, fields)
	return all
}

// pgMistakes are those of a server that speaks PostgreSQL's protocol.
func pgMistakes(t *testing.T) []mistake {
	fields := map[string]any{"user": "u", "password": inSecret, "dbname": "d", "schema": "s", "sslmode": "disable"}
	return []mistake{
		{"no server", leadingTo(t, nobody, fields), "is the server running"},
		{"wrong password", leadingTo(t, wrongPassword, fields), "check `user` and `password` in the profile"},
	}
}

func wrongPassword(t *testing.T) (host, port string) {
	t.Helper()
	return pgtest.Listen(t, pgtest.RefusePassword)
}

// leadingTo are a profile's fields with those of a server that a function starts.
func leadingTo(t *testing.T, server func(*testing.T) (string, string), fields map[string]any) map[string]any {
	t.Helper()
	host, port := server(t)
	return withServer(host, port, fields)
}

// snowflakeMistakes are refusals as the service answers a log-in.
func snowflakeMistakes(t *testing.T) []mistake {
	fields := map[string]any{"account": "org-shop", "user": "u", "database": "d", "schema": "s", "protocol": "http",
		"connect_retries": 0, "connect_timeout": 1}
	password, token, pat := maps.Clone(fields), maps.Clone(fields), maps.Clone(fields)
	password["password"], token["token"], pat["token"] = inSecret, inSecret, inSecret
	pat["authenticator"] = "programmatic_access_token"
	refusing := func(code, message string) func(*testing.T) (string, string) {
		return func(t *testing.T) (string, string) {
			return answering(t, http.StatusOK, "Content-Type", "application/json",
				fmt.Sprintf(`{"data": {}, "success": false, "code": %q, "message": "%s: %s"}`, code, message, secret))
		}
	}
	return []mistake{
		{"no server", leadingTo(t, nobody, password), "can this machine reach the account"},
		{"wrong password", leadingTo(t, refusing("390100", "Incorrect username or password was specified."), password),
			"check `user` and `password`"},
		{"expired session", leadingTo(t, refusing("390114", "Authentication token has expired."), password),
			"the session has expired: try again"},
		{"expired token", leadingTo(t, refusing("390318", "OAuth access token expired. [1172527951366]"), token), "`token` has expired"},
		{"wrong token", leadingTo(t, refusing("394400", "Programmatic access token is invalid."), pat), "get a new one"},
	}
}

// bigqueryRefusal is an answer as the service's documents show it.
func bigqueryRefusal(t *testing.T, status int, reason, message, state string) string {
	host, port := answering(t, status, "Content-Type", "application/json; charset=UTF-8", fmt.Sprintf(
		`{"error": {"code": %d, "message": %[2]q, "errors": [{"message": %[2]q, "domain": "global", "reason": %[3]q}], "status": %[4]q}}`,
		status, message+" "+secret, reason, state))
	return "http://" + net.JoinHostPort(host, port)
}

func bigqueryMistakes(t *testing.T) []mistake {
	at := func(endpoint string, more map[string]any) map[string]any {
		fields := map[string]any{"method": "oauth-secrets", "token": inSecret, "project": "shop", "dataset": "s", "location": "EU",
			"api_endpoint": endpoint, "job_retries": 0, "job_creation_timeout_seconds": 2}
		maps.Copy(fields, more)
		return fields
	}
	host, port := nobody(t)
	nowhere := "http://" + net.JoinHostPort(host, port)
	tokens, tokenPort := answering(t, http.StatusBadRequest, "Content-Type", "application/json",
		`{"error": "invalid_grant", "error_description": "Token has been expired or revoked: `+secret+`"}`)
	key := filepath.Join(t.TempDir(), "key.json")
	content := `{"type": "service_account", "private_key": "` + secret + `", "client_email": "a@b", "private_key_id": "1"}`
	if err := os.WriteFile(key, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return []mistake{
		{"no server", at(nowhere, nil), "can this machine reach Google's APIs"},
		{"expired token", at(bigqueryRefusal(t, http.StatusUnauthorized, "authError",
			"Request had invalid authentication credentials.", "UNAUTHENTICATED"), nil),
			"the token has expired"},
		{"expired log-in", at(nowhere, map[string]any{"token": nil, "refresh_token": inSecret, "client_id": "i",
			"client_secret": inSecret, "token_uri": "http://" + net.JoinHostPort(tokens, tokenPort)}), "log in again"},
		{"missing grant", at(bigqueryRefusal(t, http.StatusForbidden, "accessDenied",
			"Access Denied: Project shop: User does not have bigquery.jobs.create permission in project shop.", "PERMISSION_DENIED"), nil),
			"`roles/bigquery.jobUser` on the project"},
		{"broken key", at(nowhere, map[string]any{"token": nil, "method": "service-account", "keyfile": key}), "key"},
	}
}

func databricksMistakes(t *testing.T) []mistake {
	at := func(host, port string) map[string]any {
		return map[string]any{"host": "http://" + net.JoinHostPort(host, port), "http_path": "/sql/1.0/warehouses/1", "token": inSecret,
			"schema": "s", "connect_retries": 0}
	}
	host, port := nobody(t)
	wrong, wrongPort := answering(t, http.StatusForbidden, "X-Databricks-Reason-Phrase", "Invalid access token. "+secret,
		`{"error_code": "403", "message": "Invalid access token."}`)
	expired, expiredPort := answering(t, http.StatusUnauthorized, "X-Databricks-Reason-Phrase", "Token is expired: "+secret, "")
	return []mistake{
		{"no server", at(host, port), "does the warehouse exist"},
		{"wrong token", at(wrong, wrongPort), "check `token`"},
		{"expired token", at(expired, expiredPort), "a token may have expired"},
	}
}

func clickhouseMistakes(t *testing.T) []mistake {
	fields := map[string]any{"user": "u", "password": inSecret, "schema": "s", "retries": 0, "connect_timeout": 1}
	wrong, port := answering(t, http.StatusForbidden, "X-ClickHouse-Exception-Code", "516",
		"Code: 516. DB::Exception: u: Authentication failed: password is incorrect, or there is no user with such name. "+secret+
			" (AUTHENTICATION_FAILED)")
	return []mistake{
		{"no server", leadingTo(t, nobody, fields), "is the server running"},
		{"wrong password", withServer(wrong, port, fields), "check `user` and `password`"},
	}
}

// trinoMistakes are of a server with TLS: passwords and tokens go over no other.
func trinoMistakes(t *testing.T) []mistake {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no: "+r.Header.Get("Authorization")+secret, http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	authorities := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authorities, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{"user": "u", "database": "lake", "schema": "s", "retries": 0, "cert": authorities}
	password, token := maps.Clone(fields), maps.Clone(fields)
	password["method"], password["password"] = "ldap", inSecret
	token["method"], token["jwt_token"] = "jwt", inSecret
	return []mistake{
		{"no server", leadingTo(t, nobody, password), "is the server running"},
		{"wrong password", withServer(host, port, password), "check `method`, `user`, and `password`"},
		{"expired token", withServer(host, port, token), "`jwt_token` in the profile"},
	}
}

func duckdbMistakes(t *testing.T) []mistake {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.duckdb")
	if err := os.WriteFile(other, []byte(strings.Repeat("not a database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	return []mistake{
		{"no database", map[string]any{"path": other}, "not a valid DuckDB database"},
		{"no folder", map[string]any{"path": filepath.Join(other, "a.duckdb")}, "other.duckdb"},
		{"no such setting", map[string]any{"path": filepath.Join(dir, "a.duckdb"),
			"settings": map[string]any{"s3_secret_access_kee": inSecret}}, "s3_secret_access_kee"},
	}
}

// TestConnectionMistakes: each is told at the profile's place, with what to do; the secret shows nowhere, and nothing but the
// project's manifest is written.
func TestConnectionMistakes(t *testing.T) {
	t.Setenv("ASSAY_TEST_SECRET", secret)
	for kind, mistakes := range map[string]func(*testing.T) []mistake{
		"bigquery": bigqueryMistakes, "clickhouse": clickhouseMistakes, "databricks": databricksMistakes, "duckdb": duckdbMistakes,
		"postgres": pgMistakes, "redshift": pgMistakes, "snowflake": snowflakeMistakes, "trino": trinoMistakes,
	} {
		for _, m := range mistakes(t) {
			for _, args := range [][]string{{"debug"}, {"run", "--log-format", "json"}} {
				t.Run(kind+"/"+m.of+"/"+args[0], func(t *testing.T) {
					t.Parallel()
					m.told(t, kind, args)
				})
			}
		}
	}
}

// told has a verb meet the mistake.
func (m mistake) told(t *testing.T, kind string, args []string) {
	dir := writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"models/all.yml":    limitedProject,
		"profiles.yml":      string(enginetest.Profile(t, "shop", runner.Output{Name: kind, Fields: m.fields})),
	})
	before := filesIn(t, dir)
	code, out, problems := assay(t, dir, args...)
	if code == exitDone || !strings.Contains(problems, "profiles.yml:") || !strings.Contains(problems, m.want) {
		t.Errorf("exit %d, %s; want %s", code, problems, m.want)
	}
	if strings.Contains(out+problems, "horse") {
		t.Errorf("it shows the secret: %s%s", out, problems)
	}
	for name, text := range filesIn(t, dir) {
		if before[name] == "" && filepath.Base(name) != "manifest.json" || strings.Contains(text, "horse") {
			t.Errorf("%s is written: %s", name, text)
		}
	}
}

// filesIn are the texts of a directory's files, by name.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
