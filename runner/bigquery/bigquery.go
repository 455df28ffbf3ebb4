// Package bigquery runs programs on Google's BigQuery.
package bigquery

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"cloud.google.com/go/bigquery"
	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	dialect "assay/dialects/bigquery"
	"assay/runner"
)

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Method: "oauth", Scopes: []string{bigquery.Scope}, JobRetries: 1, JobCreationTimeout: 30}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.complete(output); err != nil {
		return nil, err
	}
	login, err := logins[c.Method](&c, output)
	if err != nil {
		return nil, err
	}
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	db := sql.OpenDB(&connector{config: &c, login: login})
	// An idle connection would keep the temporary tables of a session that ended.
	db.SetMaxIdleConns(0)
	// No session has transactions: two that change one table would end one another.
	return &runner.Pool{
		DB: db, Results: c.Dataset, Staged: staging,
		Engine: &runner.Engine{
			Value: value, Columns: columns, Append: load, Dialect: dialect.Dialect, Explain: dryRun, Tables: tables, Prepare: c.prepare,
			Target: fmt.Sprintf("BigQuery's project %s", c.Project), Diagnose: diagnose,
			Retries: int(c.JobRetries), Timeout: c.Timeout(), Secrets: c.secrets(),
		},
	}, nil
}

// mends say what to do about a refusal, by BigQuery's reason.
var mends = map[string]string{
	"accessDenied": "grant the account what the message names: to run jobs in the project, to read the tables, and to edit the dataset " +
		"where results go",
	"notFound":                 "check `project`, `dataset` and `location` in the profile",
	"bytesBilledLimitExceeded": "`maximum_bytes_billed` of the profile allows no more",
	"quotaExceeded":            "the project's quota is used up: ask for more, or wait",
	"authError":                "check `method` in the profile and what goes with it",
	"required":                 "log in: `gcloud auth application-default login`, or another `method` in the profile",
}

// passing are reasons that say nothing of the statement: the service failed, or has too much to do.
var passing = map[string]bool{
	"backendError": true, "internalError": true, "rateLimitExceeded": true, "jobRateLimitExceeded": true, "jobBackendError": true,
	"jobInternalError": true,
}

// diagnose goes by the reason of a job that failed or of a request that was refused.
func diagnose(err error) runner.Failure {
	failed, refused, login := new(bigquery.Error), new(googleapi.Error), new(oauth2.RetrieveError)
	switch {
	case errors.As(err, &login):
		return runner.Failure{Mend: "log in again: `gcloud auth application-default login`, or a new key or token"}
	case errors.As(err, &failed):
		return byReason(failed.Reason)
	case errors.As(err, &refused) && refused.Code >= http.StatusInternalServerError:
		return runner.Failure{Kind: runner.Transient}
	case errors.As(err, &refused) && len(refused.Errors) > 0:
		return byReason(refused.Errors[0].Reason)
	case errors.As(err, &refused):
		return runner.Failure{}
	}
	return runner.Failure{Kind: runner.Unreachable, Mend: "can this machine reach Google's APIs, and does `method` fit the log-in it has?"}
}

func byReason(reason string) runner.Failure {
	if passing[reason] {
		return runner.Failure{Kind: runner.Transient}
	}
	return runner.Failure{Mend: mends[reason]}
}
