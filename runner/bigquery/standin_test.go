package bigquery_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	api "google.golang.org/api/bigquery/v2"

	"assay/runner"
	"assay/runner/bigquery"
)

// A standIn answers for BigQuery's REST interface what a test has it answer, and keeps what it was asked.
type standIn struct {
	*httptest.Server
	answer func(query string, number int) outcome // number counts the jobs of that query, from 1

	mu        sync.Mutex
	jobs      []*api.Job // in the order in which they came
	uploads   []string   // what load jobs brought
	cancelled []string   // ids of jobs
	asked     map[string]int
}

// An outcome is what becomes of a query's job.
type outcome struct {
	schema []*api.TableFieldSchema
	rows   []*api.TableRow
	bytes  int64
	failed *api.ErrorProto
	status int  // of the answer to the request itself, where it is none of success
	runs   bool // it does not end
}

// newStandIn answers until the test ends.
func newStandIn(t *testing.T, answer func(query string, number int) outcome) *standIn {
	t.Helper()
	s := &standIn{answer: answer, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/shop/datasets/{dataset}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("dataset") != "results" {
			s.refuse(w, http.StatusNotFound, "notFound")
			return
		}
		reply(w, &api.Dataset{Location: "europe-west1"})
	})
	mux.HandleFunc("POST /projects/shop/jobs", s.insert)
	mux.HandleFunc("POST /upload/bigquery/v2/projects/shop/jobs", s.upload)
	mux.HandleFunc("GET /projects/shop/jobs/{id}", s.job)
	mux.HandleFunc("POST /projects/shop/jobs/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cancelled = append(s.cancelled, r.PathValue("id"))
		reply(w, &api.JobCancelResponse{})
	})
	mux.HandleFunc("GET /projects/shop/queries/{id}", s.results)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func reply(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func (s *standIn) refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error": {"code": %d, "message": "no: %s", "errors": [{"reason": %q, "message": "no: %s"}]}}`, status, reason, reason, reason)
}

func (s *standIn) insert(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := &api.Job{}
	if err := json.NewDecoder(r.Body).Decode(job); err != nil {
		s.refuse(w, http.StatusBadRequest, "parseError")
		return
	}
	query := job.Configuration.Query
	s.asked[query.Query]++
	out := s.answer(query.Query, s.asked[query.Query])
	if out.status != 0 {
		s.refuse(w, out.status, out.failed.Reason)
		return
	}
	job.Status = &api.JobStatus{State: "DONE", ErrorResult: out.failed}
	if out.runs {
		job.Status.State = "RUNNING"
	}
	job.Statistics = &api.JobStatistics{
		TotalBytesProcessed: out.bytes, SessionInfo: &api.SessionInfo{SessionId: "session-1"},
		Query: &api.JobStatistics2{Schema: &api.TableSchema{Fields: out.schema}, StatementType: "SELECT"},
	}
	if out.failed != nil {
		job.Status.Errors = []*api.ErrorProto{out.failed}
	}
	s.jobs = append(s.jobs, job)
	reply(w, job)
}

// upload takes a load job: its configuration, then its rows, as parts of one request.
func (s *standIn) upload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.uploads = append(s.uploads, string(body))
	job := &api.Job{
		JobReference: &api.JobReference{ProjectId: "shop", JobId: "load"}, Status: &api.JobStatus{State: "DONE"},
		Configuration: &api.JobConfiguration{Load: &api.JobConfigurationLoad{}}, Statistics: &api.JobStatistics{},
	}
	s.jobs = append(s.jobs, job)
	reply(w, job)
}

func (s *standIn) find(id string) *api.Job {
	for _, job := range s.jobs {
		if job.JobReference.JobId == id {
			return job
		}
	}
	return nil
}

func (s *standIn) job(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if job := s.find(r.PathValue("id")); job != nil {
		reply(w, job)
		return
	}
	s.refuse(w, http.StatusNotFound, "notFound")
}

func (s *standIn) results(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := s.find(r.PathValue("id"))
	text := job.Configuration.Query.Query
	out := s.answer(text, s.asked[text])
	reply(w, &api.GetQueryResultsResponse{
		JobComplete: true, JobReference: job.JobReference, Schema: &api.TableSchema{Fields: out.schema}, Rows: out.rows,
		TotalRows: uint64(len(out.rows)),
	})
}

// queries are the jobs whose text has these words.
func (s *standIn) queries(words string) []*api.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*api.Job
	for _, job := range s.jobs {
		if job.Configuration.Query != nil && strings.Contains(job.Configuration.Query.Query, words) {
			found = append(found, job)
		}
	}
	return found
}

// fields are a profile's that leads to the stand-in.
func (s *standIn) fields() map[string]any {
	return map[string]any{"method": "oauth-secrets", "token": secret, "project": "shop", "dataset": "results", "api_endpoint": s.URL}
}

const secret = "correct horse"

// connect opens a session with further fields, until the test ends.
func (s *standIn) connect(t *testing.T, more map[string]any) runner.Session {
	t.Helper()
	fields := s.fields()
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
