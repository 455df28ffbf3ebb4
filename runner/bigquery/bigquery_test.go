package bigquery_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	api "google.golang.org/api/bigquery/v2"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/bigquerytest"
	"assay/runner"
	"assay/runner/bigquery"
)

// connect opens a session with further fields, until the test ends.
func connect(t *testing.T, s *bigquerytest.StandIn, more map[string]any) runner.Session {
	t.Helper()
	fields := s.Fields()
	for name, v := range more {
		fields[name] = v
	}
	warehouse, err := bigquery.Open(runner.Output{Name: "prod", Fields: fields})
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

// nothing is what statements without rows return.
func nothing(string, int) bigquerytest.Outcome { return bigquerytest.Outcome{} }

func column(name, kind string) *api.TableFieldSchema {
	return &api.TableFieldSchema{Name: name, Type: kind}
}

func row(values ...any) *api.TableRow {
	r := &api.TableRow{}
	for _, v := range values {
		r.F = append(r.F, &api.TableCell{V: v})
	}
	return r
}

// TestValues holds every type of the service to what rows hold of it.
func TestValues(t *testing.T) {
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		kind, text string
		want       any
	}{
		{"INTEGER", "-1", int64(-1)},
		{"FLOAT", "0.1", 0.1},
		{"NUMERIC", "1.5", 1.5},
		{"BIGNUMERIC", "12", 12.0},
		{"BOOLEAN", "true", true},
		{"STRING", "ü", "ü"},
		{"BYTES", "AQI=", "0102"},
		{"DATE", "2024-01-01", midnight},
		{"DATETIME", "2024-01-01T00:00:00.000001", midnight.Add(time.Microsecond)},
		{"TIMESTAMP", "1704067200000000", midnight},
		{"TIME", "12:30:00", "12:30:00"},
	}
	out := bigquerytest.Outcome{Rows: []*api.TableRow{row(), row()}}
	want := [][]any{{}, {}}
	for _, test := range tests {
		out.Schema = append(out.Schema, column("c"+test.kind, test.kind))
		out.Rows[0].F = append(out.Rows[0].F, &api.TableCell{V: test.text})
		out.Rows[1].F = append(out.Rows[1].F, &api.TableCell{})
		want[0], want[1] = append(want[0], test.want), append(want[1], nil)
	}
	session := connect(t, bigquerytest.New(t, func(string, int) bigquerytest.Outcome { return out }), nil)
	rows, err := session.Query(t.Context(), "SELECT *")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rows.Values); diff != "" {
		t.Error(diff)
	}
}

// TestJobs: each is of the session, where the data are, with its name, labels and limits; what it read is known afterwards.
func TestJobs(t *testing.T) {
	s := bigquerytest.New(t, func(string, int) bigquerytest.Outcome { return bigquerytest.Outcome{Bytes: 42} })
	session := connect(t, s, map[string]any{
		"maximum_bytes_billed": 1000, "priority": "batch", "job_execution_timeout_seconds": 60,
	})
	if _, err := session.Exec(t.Context(), "CREATE TEMP TABLE x AS SELECT 1"); err != nil {
		t.Fatal(err)
	}
	receipt := session.(runner.Metered).Receipt()
	opened, job := s.Queries("SELECT 1")[0], s.Queries("TEMP")[0]
	if !opened.Configuration.Query.CreateSession || opened.JobReference.Location != "europe-west1" {
		t.Errorf("the session is opened by %+v", opened)
	}
	if receipt.QueryID == "" || receipt.QueryID != job.JobReference.JobId || receipt.BytesScanned == nil || *receipt.BytesScanned != 42 {
		t.Errorf("the receipt is %+v", receipt)
	}
	query := job.Configuration.Query
	if job.JobReference.Location != "europe-west1" || query.DefaultDataset.DatasetId != "results" || query.Priority != "BATCH" ||
		query.MaximumBytesBilled != 1000 || job.Configuration.JobTimeoutMs != 60_000 ||
		query.ConnectionProperties[0].Value != "session-1" || query.UseLegacySql == nil || *query.UseLegacySql {
		t.Errorf("%+v %+v", job.Configuration, query)
	}
	if diff := cmp.Diff(map[string]string{"application": "assay"}, job.Configuration.Labels); diff != "" {
		t.Error(diff)
	}
	if err := session.Close(); err != nil || len(s.Queries("ABORT_SESSION")) != 1 {
		t.Errorf("the session stays: %v", err)
	}
}

// TestWithoutRunning: columns and estimates are asked for by jobs that do not run.
func TestWithoutRunning(t *testing.T) {
	s := bigquerytest.New(t, func(string, int) bigquerytest.Outcome {
		return bigquerytest.Outcome{Bytes: 2e9, Schema: []*api.TableFieldSchema{
			column("n", "INTEGER"), column("at", "DATETIME"), {Name: "list", Type: "FLOAT", Mode: "REPEATED"}}}
	})
	session := connect(t, s, nil)
	columns, err := session.Columns(t.Context(), "SELECT n, at FROM facts")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{{Name: "n", Type: "INT64"}, {Name: "at", Type: "DATETIME"}, {Name: "list", Type: "ARRAY<FLOAT64>"}}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
	estimate, err := session.(runner.Estimator).Estimate(t.Context(), "SELECT n FROM facts")
	if err != nil || *estimate != (runner.Estimate{Amount: 2e9, Unit: runner.ScannedBytes}) {
		t.Error(estimate, err)
	}
	for _, job := range s.Queries("facts") {
		if !job.Configuration.DryRun {
			t.Errorf("%s runs", job.Configuration.Query.Query)
		}
	}
}

// TestRetries: what the service did not do it is asked again, under another name; what it refuses is not.
func TestRetries(t *testing.T) {
	s := bigquerytest.New(t, func(query string, number int) bigquerytest.Outcome {
		switch {
		case strings.HasPrefix(query, "BUSY") && number == 1:
			return bigquerytest.Outcome{Failed: &api.ErrorProto{Reason: "backendError", Message: "try again"}}
		case strings.HasPrefix(query, "DOWN") && number == 1:
			return bigquerytest.Outcome{Status: http.StatusServiceUnavailable, Failed: &api.ErrorProto{Reason: "backendError"}}
		case strings.HasPrefix(query, "NO"):
			return bigquerytest.Outcome{Failed: &api.ErrorProto{Reason: "accessDenied", Message: "Access Denied: " + bigquerytest.Secret}}
		case strings.HasPrefix(query, "DEAR"):
			return bigquerytest.Outcome{Failed: &api.ErrorProto{Reason: "bytesBilledLimitExceeded", Message: "Query exceeded limit"}}
		}
		return bigquerytest.Outcome{}
	})
	session := connect(t, s, nil)
	for _, query := range []string{"BUSY", "DOWN"} {
		if _, err := session.Exec(t.Context(), query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if jobs := s.Queries("BUSY"); len(jobs) != 2 || jobs[0].JobReference.JobId == jobs[1].JobReference.JobId {
		t.Errorf("%d jobs", len(jobs))
	}
	for query, want := range map[string]string{"NO": "grant the account", "DEAR": "`maximum_bytes_billed` of the profile"} {
		_, err := session.Exec(t.Context(), query)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "horse") || len(s.Queries(query)) != 1 {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestCancelReachesTheService(t *testing.T) {
	s := bigquerytest.New(t, func(query string, _ int) bigquerytest.Outcome { return bigquerytest.Outcome{Runs: query == "SLOW"} })
	session := connect(t, s, map[string]any{"statement_timeout": 1})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := session.Exec(ctx, "SLOW"); err == nil {
		t.Error("ran to its end")
	}
	_, err := session.Exec(t.Context(), "SLOW")
	if err == nil || !strings.Contains(err.Error(), "stopped after 1s, the `statement_timeout` of the profile") {
		t.Error(err)
	}
	if _, err := session.Exec(t.Context(), "QUICK"); err != nil {
		t.Errorf("the session is of no more use: %v", err)
	}
	jobs := s.Queries("SLOW")
	if diff := cmp.Diff([]string{jobs[0].JobReference.JobId, jobs[1].JobReference.JobId}, s.Cancelled); diff != "" {
		t.Error(diff)
	}
}

// TestExecutionProject: one project runs the jobs and is billed, the other has the datasets.
func TestExecutionProject(t *testing.T) {
	s := bigquerytest.New(t, nothing)
	session := connect(t, s, map[string]any{"project": "warehouse", "execution_project": "shop"})
	if _, err := session.Exec(t.Context(), "SELECT 2"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"SELECT 1", "SELECT 2"} {
		job := s.Queries(text)[0]
		query := job.Configuration.Query
		property := query.ConnectionProperties[len(query.ConnectionProperties)-1]
		if job.JobReference.ProjectId != "shop" || job.JobReference.Location != "europe-west1" ||
			query.DefaultDataset.ProjectId != "warehouse" || property.Key != "dataset_project_id" || property.Value != "warehouse" {
			t.Errorf("%+v %+v %+v", job.JobReference, query, property)
		}
	}
	if err := session.Append(t.Context(), "results", runner.Table{Name: "t"}); err != nil {
		t.Fatal(err)
	}
	if len(s.Uploads) != 1 || !strings.Contains(s.Uploads[0], `"projectId":"warehouse"`) {
		t.Errorf("%q", s.Uploads)
	}
}

// TestAppend loads rows in one job, by a file of one object a line.
func TestAppend(t *testing.T) {
	s := bigquerytest.New(t, nothing)
	noon := time.Date(2024, 1, 1, 12, 0, 0, 1000, time.UTC)
	table := runner.Table{Name: "t",
		Columns: []rel.Column{{Name: "n", Type: rel.Integer}, {Name: "at", Type: rel.Timestamp}, {Name: "day", Type: rel.Date}, {Name: "s", Type: rel.Text}},
		Rows:    [][]any{{int64(1) << 60, noon, noon, "it's \"x\"\n"}, {nil, nil, nil, nil}},
	}
	if err := connect(t, s, nil).Append(t.Context(), "results", table); err != nil {
		t.Fatal(err)
	}
	const lines = `{"at":"2024-01-01 12:00:00.000001","day":"2024-01-01","n":"1152921504606846976","s":"it's \"x\"\n"}
{"at":null,"day":null,"n":null,"s":null}
`
	if len(s.Uploads) != 1 || !strings.Contains(s.Uploads[0], lines) ||
		!strings.Contains(s.Uploads[0], `"writeDisposition":"WRITE_APPEND"`) || !strings.Contains(s.Uploads[0], `"tableId":"t"`) {
		t.Errorf("%q", s.Uploads)
	}
}

// TestLogIns: what a profile lacks is said before anything is connected to, and no secret with it.
func TestLogIns(t *testing.T) {
	tests := []struct {
		fields map[string]any
		want   string // in the refusal; "" for none
	}{
		{map[string]any{}, ""},
		{map[string]any{"method": "service-account", "keyfile": "key.json"}, ""},
		{map[string]any{"method": "service-account-json", "keyfile_json": map[string]any{"private_key": bigquerytest.Secret}}, ""},
		{map[string]any{"method": "oauth-secrets", "refresh_token": bigquerytest.Secret, "client_id": "i", "client_secret": "s"}, ""},
		{map[string]any{"timeout_seconds": 60, "retries": 2, "quota_project": "shop", "reservation": "r", "submission_method": "serverless"}, ""},
		{map[string]any{"impersonate_service_account": "a@b.iam.gserviceaccount.com"}, ""},
		{map[string]any{"project": "", "database": "shop", "dataset": "", "schema": "results"}, ""},
		{map[string]any{"method": "service-account"}, "`keyfile` is missing"},
		{map[string]any{"method": "service-account-json"}, "`keyfile_json` is missing"},
		{map[string]any{"method": "oauth-secrets"}, "`refresh_token`"},
		{map[string]any{"method": "service_account"}, "no log-in is called `service_account`; did you mean `service-account`"},
		{map[string]any{"project": ""}, "`project` is missing"},
		{map[string]any{"dataset": ""}, "`dataset` is missing"},
		{map[string]any{"method": "external-oauth-wif"}, "`workload_pool_provider_path` is missing"},
		{map[string]any{"method": "external-oauth-wif", "workload_pool_provider_path": "p",
			"token_endpoint": map[string]any{"type": "okta", "request_url": "u", "request_data": "d"}}, "is entra, not `okta`"},
		{map[string]any{"priority": "high"}, "`priority` is interactive or batch, not `high`"},
		{map[string]any{"keyfil": "x"}, "unknown field `keyfil`; did you mean `keyfile`"},
		{map[string]any{"scratch": "x"}, "`scratch`"},
	}
	for _, test := range tests {
		fields := map[string]any{"project": "shop", "dataset": "results"}
		for name, v := range test.fields {
			fields[name] = v
		}
		_, err := bigquery.Open(runner.Output{Name: "prod", Fields: fields})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%v: %v", test.fields, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v: %v; want %s", test.fields, err, test.want)
		}
	}
}

// TestUnreachable: no service, a log-in that it does not take, and a dataset that is not there yet, which is no reason to stop.
func TestUnreachable(t *testing.T) {
	gone := bigquerytest.New(t, nothing)
	gone.Server.Close()
	closed := bigquerytest.New(t, func(string, int) bigquerytest.Outcome {
		return bigquerytest.Outcome{Status: http.StatusUnauthorized, Failed: &api.ErrorProto{Reason: "authError"}}
	})
	for want, s := range map[string]*bigquerytest.StandIn{"can this machine reach Google's APIs": gone, "check `method`": closed} {
		fields := s.Fields()
		fields["job_creation_timeout_seconds"], fields["job_retries"] = 1, 0
		warehouse, err := bigquery.Open(runner.Output{Name: "prod", Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		_, err = warehouse.Connect(t.Context())
		if err == nil || !strings.Contains(err.Error(), "cannot connect to BigQuery's project shop") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	connect(t, bigquerytest.New(t, nothing), map[string]any{"dataset": "new"})
}
