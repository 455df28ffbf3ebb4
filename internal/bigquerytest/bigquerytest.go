// Package bigquerytest stands in for BigQuery's REST interface: what a query is answered is the test's to say.
package bigquerytest

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
)

// A StandIn answers for BigQuery's REST interface what a test has it answer, and keeps what it was asked.
type StandIn struct {
	*httptest.Server
	Uploads   []string       // what load jobs brought
	Cancelled []string       // ids of jobs
	Tokens    map[string]int // how often a request came with a token

	answer func(query string, number int) Outcome // number counts the jobs of that query, from 1
	mu     sync.Mutex
	jobs   []*api.Job // in the order in which they came
	asked  map[string]int
}

// An Outcome is what becomes of a query's job.
type Outcome struct {
	Schema []*api.TableFieldSchema
	Rows   []*api.TableRow
	Bytes  int64
	Failed *api.ErrorProto
	Status int  // of the answer to the request itself, where it is none of success
	Runs   bool // it does not end
}

// New answers until the test ends.
func New(t *testing.T, answer func(query string, number int) Outcome) *StandIn {
	t.Helper()
	s := &StandIn{answer: answer, asked: map[string]int{}, Tokens: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/{project}/datasets/{dataset}", func(w http.ResponseWriter, r *http.Request) {
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
		s.Cancelled = append(s.Cancelled, r.PathValue("id"))
		reply(w, &api.JobCancelResponse{})
	})
	mux.HandleFunc("GET /projects/shop/queries/{id}", s.results)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.Tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]++
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func reply(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func (s *StandIn) refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error": {"code": %d, "message": "no: %s", "errors": [{"reason": %q, "message": "no: %s"}]}}`, status, reason, reason, reason)
}

func (s *StandIn) insert(w http.ResponseWriter, r *http.Request) {
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
	if out.Status != 0 {
		s.refuse(w, out.Status, out.Failed.Reason)
		return
	}
	job.Status = &api.JobStatus{State: "DONE", ErrorResult: out.Failed}
	if out.Runs {
		job.Status.State = "RUNNING"
	}
	job.Statistics = &api.JobStatistics{
		TotalBytesProcessed: out.Bytes, SessionInfo: &api.SessionInfo{SessionId: "session-1"},
		Query: &api.JobStatistics2{Schema: &api.TableSchema{Fields: out.Schema}, StatementType: "SELECT"},
	}
	if out.Failed != nil {
		job.Status.Errors = []*api.ErrorProto{out.Failed}
	}
	s.jobs = append(s.jobs, job)
	reply(w, job)
}

// upload takes a load job: its configuration, then its rows, as parts of one request.
func (s *StandIn) upload(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.Uploads = append(s.Uploads, string(body))
	job := &api.Job{
		JobReference: &api.JobReference{ProjectId: "shop", JobId: "load"}, Status: &api.JobStatus{State: "DONE"},
		Configuration: &api.JobConfiguration{Load: &api.JobConfigurationLoad{}}, Statistics: &api.JobStatistics{},
	}
	s.jobs = append(s.jobs, job)
	reply(w, job)
}

func (s *StandIn) find(id string) *api.Job {
	for _, job := range s.jobs {
		if job.JobReference.JobId == id {
			return job
		}
	}
	return nil
}

func (s *StandIn) job(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if job := s.find(r.PathValue("id")); job != nil {
		reply(w, job)
		return
	}
	s.refuse(w, http.StatusNotFound, "notFound")
}

func (s *StandIn) results(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := s.find(r.PathValue("id"))
	text := job.Configuration.Query.Query
	out := s.answer(text, s.asked[text])
	reply(w, &api.GetQueryResultsResponse{
		JobComplete: true, JobReference: job.JobReference, Schema: &api.TableSchema{Fields: out.Schema}, Rows: out.Rows,
		TotalRows: uint64(len(out.Rows)),
	})
}

// Queries are the jobs whose text has these words.
func (s *StandIn) Queries(words string) []*api.Job {
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

// Secret is the token of Fields.
const Secret = "correct horse"

// Fields are a profile's that lead to the stand-in.
func (s *StandIn) Fields() map[string]any {
	return map[string]any{"method": "oauth-secrets", "token": Secret, "project": "shop", "dataset": "results", "api_endpoint": s.URL}
}
