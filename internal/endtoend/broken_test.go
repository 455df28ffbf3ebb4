package endtoend

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"assay/compiler/rel"
	"assay/internal/cli"
	"assay/internal/enginetest"
	"assay/runner"
)

// A counter is a project on an engine that is about to break: ten users, half of them treated, with orders of 0 to 9.
type counter struct {
	at     enginetest.Engine
	output runner.Output
	dir    string
}

func openCounter(t *testing.T, engine string) *counter {
	t.Helper()
	c := &counter{at: enginetest.Named(engine), dir: t.TempDir()}
	c.output = c.at.Output(t)
	if err := os.CopyFS(c.dir, os.DirFS("testdata/broken")); err != nil {
		t.Fatal(err)
	}
	flags := runner.Table{Name: "flags", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Integer}, {Name: "assigned_at", Type: rel.Timestamp}, {Name: "flag", Type: rel.Text},
		{Name: "variant", Type: rel.Text},
	}}
	sales := runner.Table{Name: "sales", Columns: []rel.Column{
		{Name: "user_id", Type: rel.Integer}, {Name: "ordered_at", Type: rel.Timestamp}, {Name: "amount", Type: rel.Float},
		{Name: "note", Type: rel.Text},
	}}
	for user := range int64(10) {
		flags.Rows = append(flags.Rows, []any{user, day(2, 0), "checkout", []string{"control", "treatment"}[user%2]})
		sales.Rows = append(sales.Rows, []any{user, day(2, 1), float64(user), "none"})
	}
	c.at.Fill(t, c.session(t), c.output.Fields["schema"].(string), flags, sales)
	c.connectWith(t, c.output.Fields)
	return c
}

func (c *counter) session(t *testing.T) runner.Session {
	t.Helper()
	return enginetest.Connect(t, c.at.Warehouse(t, c.output))
}

// connectWith has the project's profile lead to the engine by other fields than the test itself does.
func (c *counter) connectWith(t *testing.T, fields map[string]any) {
	t.Helper()
	profile := enginetest.Profile(t, "broken", runner.Output{Name: c.output.Name, Fields: fields})
	if err := os.WriteFile(filepath.Join(c.dir, "profiles.yml"), profile, 0o666); err != nil {
		t.Fatal(err)
	}
}

// run is what `assay run` says of problems, and how it exits.
func (c *counter) run() (problems string, code int) {
	_, problems, code = c.assay("run", "--as-of", "2026-01-10", "--quiet")
	return problems, code
}

// assay runs a verb on the project.
func (c *counter) assay(args ...string) (answer, problems string, code int) {
	var out, said bytes.Buffer
	code = cli.Run(context.Background(), append(args, "--project-dir", c.dir), &out, &said)
	return out.String(), said.String(), code
}

// shown is what readers see of the metric: status, value in control and in treatment.
func (c *counter) shown(t *testing.T, session runner.Session) []any {
	t.Helper()
	rows, err := session.Query(t.Context(), "SELECT status, value_control, value_variant FROM assay_experiment_results_latest")
	if err != nil || len(rows.Values) != 1 {
		t.Fatal(rows.Values, err)
	}
	return rows.Values[0]
}

var (
	whole   = []any{"ok", 4.0, 5.0}
	refused = []any{"failed", nil, nil}
)

// revenue is where and how a failure of the metric is told, whose statement has the word.
const revenue = "models/shop.yml:11:16: metric `revenue` of experiment `checkout`: step "

// stops are the statements by which an administrator stops others: the first finds the ids of those that are endless, but not of
// what logs them, and the second takes one.
var stops = map[string]struct{ find, stop string }{
	"postgres": {
		`SELECT pid FROM pg_stat_activity
			WHERE state = 'active' AND query LIKE '%a14.note%' AND query NOT LIKE '%query_log%' AND pid <> pg_backend_pid()`,
		"SELECT pg_cancel_backend(%v)",
	},
	"clickhouse": {
		`SELECT query_id FROM system.processes
			WHERE query LIKE '%a14.note%' AND query NOT LIKE '%query_log%' AND query NOT LIKE '%system.processes%'`,
		"KILL QUERY WHERE query_id IN ('%v') ASYNC",
	},
	"trino": {
		`SELECT query_id FROM system.runtime.queries
			WHERE state = 'RUNNING' AND query LIKE '%a14.note%' AND query NOT LIKE '%query_log%' AND query NOT LIKE '%runtime%'`,
		"CALL system.runtime.kill_query(query_id => '%v', message => 'by an administrator')",
	},
}

// TestStoppedOnTheServer: of a statement that somebody stops on the server, the run says so at the metric's place, and writes no
// number of that metric.
func TestStoppedOnTheServer(t *testing.T) {
	for engine, stop := range stops {
		t.Run(engine, func(t *testing.T) {
			c := openCounter(t, engine)
			c.makeEndless(t)
			ended := make(chan func())
			go func() {
				problems, code := c.run()
				ended <- func() {
					if code != 1 || !strings.Contains(problems, revenue) {
						t.Errorf("exits %d, not at the metric's place:\n%s", code, problems)
					}
				}
			}()
			session, stopped := c.session(t), 0
			for {
				select {
				case check := <-ended:
					check()
					if diff := cmp.Diff(refused, c.shown(t, session)); diff != "" || stopped == 0 {
						t.Errorf("after %d stops: %s", stopped, diff)
					}
					return
				case <-time.After(200 * time.Millisecond):
				}
				stopped += c.stopAll(t, session, stop.find, stop.stop)
			}
		})
	}
}

func (c *counter) stopAll(t *testing.T, session runner.Session, find, stop string) int {
	running, err := session.Query(t.Context(), find)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range running.Values {
		if _, err := session.Query(t.Context(), fmt.Sprintf(stop, row[0])); err != nil {
			t.Fatal(err)
		}
	}
	return len(running.Values)
}

// makeEndless has the model's query be one that no server ends.
func (c *counter) makeEndless(t *testing.T) {
	t.Helper()
	var tables []string
	for i := range 14 {
		tables = append(tables, fmt.Sprintf("sales AS a%d", i+1))
	}
	path := filepath.Join(c.dir, "models", "shop.yml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	endless := bytes.Replace(text, []byte("'word' <> note"),
		[]byte("0 < (SELECT count(*) FROM "+strings.Join(tables, " CROSS JOIN ")+" WHERE a1.user_id + 1 <> length(a14.note))"), 1)
	if err := os.WriteFile(path, endless, 0o666); err != nil {
		t.Fatal(err)
	}
}

// breakages are the words at which a connection breaks, as patterns, and what the run then says.
func (c *counter) breakages() map[string]string {
	results := "result table " + c.output.Fields["schema"].(string) + ".assay_experiment_results: the connection to"
	return map[string]string{
		`'word' <> note`:                                     "models/shop.yml:4:7: orders: the connection to", // where its columns are asked for
		`(?s)(CREATE|WITH)\b.*'word' <> note`:                "models/shop.yml:15:5: step orders_",
		`(?i)(insert into|copy) \S+assay_experiment_results`: results,
	}
}

// TestConnectionLost: where the connection breaks in the middle of a statement, the run says which, what readers see stays as it was,
// no statement is sent twice, and the next run is as good as any.
func TestConnectionLost(t *testing.T) {
	for _, engine := range []string{"postgres", "clickhouse", "trino", "databricks"} {
		t.Run(engine, func(t *testing.T) {
			c := openCounter(t, engine)
			fields, secret, relay := c.throughRelay(t)
			c.connectWith(t, fields)
			if problems, code := c.run(); code != 0 {
				t.Fatal(problems)
			}
			session := c.session(t)
			for words, said := range c.breakages() {
				relay.breakAt(regexp.MustCompile(words))
				problems, code := c.run()
				if code != 1 || !strings.Contains(problems, said) || strings.Contains(problems, secret) {
					t.Errorf("exits %d, and does not say %s (or a secret):\n%s", code, said, problems)
				}
				if times := relay.happened(); times != 1 {
					t.Errorf("%s was sent %d times", words, times)
				}
				if diff := cmp.Diff(whole, c.shown(t, session)); diff != "" {
					t.Errorf("broken at %s: %s", words, diff)
				}
			}
			relay.breakAt(nil)
			if problems, code := c.run(); code != 0 {
				t.Errorf("exits %d:\n%s", code, problems)
			}
			if diff := cmp.Diff(whole, c.shown(t, session)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestReadOnly: a user of ClickHouse's who may only read asks and is answered; a run is refused, and nothing is there of it.
func TestReadOnly(t *testing.T) {
	c := openCounter(t, "clickhouse")
	fields := maps.Clone(c.output.Fields)
	fields["scratch"], fields["custom_settings"] = "none", map[string]any{"readonly": 2}
	c.connectWith(t, fields)
	if answer, problems, code := c.assay("query", "--metrics", "revenue"); code != 0 || !strings.Contains(answer, "45") {
		t.Errorf("exits %d: %s%s", code, answer, problems)
	}
	for _, verb := range []string{"debug", "run"} {
		_, problems, code := c.assay(verb)
		if code != 1 || !strings.Contains(problems, "result table") || !strings.Contains(problems, "a user who only reads wants `scratch: none`") {
			t.Errorf("%s exits %d:\n%s", verb, code, problems)
		}
	}
	left, err := c.session(t).Query(t.Context(), "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'assay%'")
	if err != nil || len(left.Values) > 0 {
		t.Error(left.Values, err)
	}
}

// TestTableChangesInTheMiddle: where a table loses a column after a run has looked at it, the run says so at the place of the metric
// that reads it, and writes no number of that metric.
func TestTableChangesInTheMiddle(t *testing.T) {
	for _, engine := range []string{"postgres", "clickhouse", "trino", "databricks"} {
		t.Run(engine, func(t *testing.T) {
			c := openCounter(t, engine)
			fields, _, relay := c.throughRelay(t)
			c.connectWith(t, fields)
			session := c.session(t)
			relay.doAt(regexp.MustCompile(`(?s)(CREATE|WITH)\b.*'word' <> note`), func() {
				for _, statement := range []string{"DROP TABLE sales", "CREATE TABLE sales AS SELECT user_id, assigned_at AS ordered_at FROM flags"} {
					if _, err := session.Exec(t.Context(), statement); err != nil {
						t.Error(err)
					}
				}
			})
			problems, code := c.run()
			if code != 1 || relay.happened() != 1 || !strings.Contains(problems, revenue) || !strings.Contains(problems, "amount") {
				t.Errorf("exits %d, not at the metric's place:\n%s", code, problems)
			}
			if diff := cmp.Diff(refused, c.shown(t, session)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// throughRelay are fields that lead to the engine through a relay, and a secret among them.
func (c *counter) throughRelay(t *testing.T) (map[string]any, string, *relay) {
	t.Helper()
	fields := maps.Clone(c.output.Fields)
	if dsn, ok := fields["dsn"].(string); ok {
		config, err := pgconn.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		network, address := pgconn.NetworkAddress(config.Host, config.Port)
		r := newRelay(t, network, address)
		u := url.URL{Scheme: "postgres", Host: r.listener.Addr().String(), Path: config.Database, RawQuery: "sslmode=disable",
			User: url.UserPassword(config.User, "correct horse")}
		fields["dsn"] = u.String()
		return fields, "horse", r
	}
	host, isURL := strings.CutPrefix(fields["host"].(string), "http://")
	if isURL {
		r := newRelay(t, "tcp", host)
		fields["host"] = "http://" + r.listener.Addr().String()
		return fields, "Bearer", r
	}
	r := newRelay(t, "tcp", net.JoinHostPort(host, fields["port"].(string)))
	fields["host"], fields["port"], _ = net.SplitHostPort(r.listener.Addr().String())
	return fields, "Authorization", r
}
