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
	if err := output.Decode(&c, dbtOnly...); err != nil {
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
			Grants: c.grants(), Target: fmt.Sprintf("BigQuery's project %s", c.Project), Diagnose: diagnose,
			Retries: int(c.JobRetries), Timeout: c.Timeout(), Secrets: c.secrets(),
		},
	}, nil
}

// Reasons of refusals.
const (
	accessDenied = "accessDenied"
	authError    = "authError"
)

// mends say what to do about a refusal, by BigQuery's reason.
var mends = map[string]string{
	accessDenied: "grant the account what the message names (`assay debug` prints how): `roles/bigquery.jobUser` on the project to " +
		"run jobs, `roles/bigquery.dataViewer` to read tables, `roles/bigquery.dataEditor` on the dataset where results go",
	"notFound":                 "check `project`, `dataset` and `location` in the profile",
	"bytesBilledLimitExceeded": "`maximum_bytes_billed` of the profile allows no more",
	"quotaExceeded":            "the project's quota is used up: ask for more, or wait",
	authError:                  "the token has expired or is not Google's: get a new one, or check `method` and what goes with it",
	"required":                 "log in: `gcloud auth application-default login`, or another `method` in the profile",
}

// kinds are of refusals; each other is of what was asked, whoever asks.
var kinds = map[string]runner.FailureKind{
	accessDenied: runner.Denied,
	// The service failed, or has too much to do.
	"backendError": runner.Transient, "internalError": runner.Transient, "rateLimitExceeded": runner.Transient,
	"jobRateLimitExceeded": runner.Transient, "jobBackendError": runner.Transient, "jobInternalError": runner.Transient,
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
	case errors.As(err, &refused) && refused.Code == http.StatusUnauthorized:
		return byReason(authError)
	case errors.As(err, &refused):
		return runner.Failure{}
	}
	return runner.Failure{Kind: runner.Unreachable, Mend: "can this machine reach Google's APIs, and does `method` fit the log-in it has?"}
}

func byReason(reason string) runner.Failure {
	return runner.Failure{Kind: kinds[reason], Mend: mends[reason]}
}
