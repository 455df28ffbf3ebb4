package bigquery

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/impersonate"
	"google.golang.org/api/option"

	"assay/internal/diag"
	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Method                    string         `json:"method"`
	Project                   string         `json:"project"`
	Database                  string         `json:"database"`          // another name of project
	ExecutionProject          string         `json:"execution_project"` // runs jobs and is billed; default: project
	QuotaProject              string         `json:"quota_project"`     // whose quota of requests counts
	Reservation               string         `json:"reservation"`       // of slots
	Dataset                   string         `json:"dataset"`
	Schema                    string         `json:"schema"`       // another name of dataset
	Keyfile                   string         `json:"keyfile"`      // with service-account
	KeyfileJSON               map[string]any `json:"keyfile_json"` // with service-account-json
	Token                     string         `json:"token"`        // with oauth-secrets; or the three below
	RefreshToken              string         `json:"refresh_token"`
	ClientID                  string         `json:"client_id"`
	ClientSecret              string         `json:"client_secret"`
	TokenURI                  string         `json:"token_uri"` // default: Google's
	ImpersonateServiceAccount string         `json:"impersonate_service_account"`
	Scopes                    []string       `json:"scopes"`   // default: BigQuery's
	Location                  string         `json:"location"` // default: the dataset's
	Priority                  string         `json:"priority"` // interactive or batch; default: interactive
	MaximumBytesBilled        runner.Number  `json:"maximum_bytes_billed"`
	JobCreationTimeout        runner.Number  `json:"job_creation_timeout_seconds"`  // default: 30
	JobExecutionTimeout       runner.Number  `json:"job_execution_timeout_seconds"` // as statement_timeout
	TimeoutSeconds            runner.Number  `json:"timeout_seconds"`               // as statement_timeout
	JobRetries                runner.Number  `json:"job_retries"`                   // default: 1
	Retries                   runner.Number  `json:"retries"`                       // another name of job_retries
	APIEndpoint               string         `json:"api_endpoint"`                  // default: Google's
	federation
	runner.Common
}

// dbtOnly are fields of dbt's adapter: models in Python, and how it logs and asks again.
var dbtOnly = []string{"job_retry_deadline_seconds", "job_link_info_level_log", "compute_region", "dataproc_region",
	"dataproc_cluster_name", "dataproc_batch", "gcs_bucket", "submission_method"}

// complete brings fields of two names together, and refuses what cannot be meant.
func (c *config) complete(output runner.Output) error {
	c.Project, c.Dataset = cmp.Or(c.Project, c.Database), cmp.Or(c.Dataset, c.Schema)
	c.ExecutionProject = cmp.Or(c.ExecutionProject, c.Project)
	c.StatementTimeout = cmp.Or(c.StatementTimeout, c.JobExecutionTimeout, c.TimeoutSeconds)
	c.JobRetries = cmp.Or(c.Retries, c.JobRetries)
	// A key in a variable of the environment often has its line breaks spelt out.
	if key, ok := c.KeyfileJSON["private_key"].(string); ok {
		c.KeyfileJSON["private_key"] = strings.ReplaceAll(key, `\n`, "\n")
	}
	for _, field := range []struct{ name, value string }{{"project", c.Project}, {"dataset", c.Dataset}} {
		if field.value == "" {
			return output.Errorf("`%s` is missing", field.name)
		}
	}
	if _, known := priorities[c.Priority]; !known {
		return output.FieldErrorf("priority", "`priority` is interactive or batch, not `%s`", c.Priority)
	}
	if _, known := logins[c.Method]; !known {
		return output.FieldErrorf("method", "no log-in is called `%s`; %s", c.Method,
			diag.Suggest(c.Method, slices.Collect(maps.Keys(logins))))
	}
	return nil
}

var priorities = map[string]bigquery.QueryPriority{
	"": bigquery.InteractivePriority, "interactive": bigquery.InteractivePriority, "batch": bigquery.BatchPriority,
}

// logins are the ways to log in by the profile's words for them.
var logins = map[string]func(*config, runner.Output) (option.ClientOption, error){
	"oauth": func(c *config, _ runner.Output) (option.ClientOption, error) {
		return option.WithScopes(c.Scopes...), nil // what gcloud, the environment or the machine has
	},
	"service-account": func(c *config, output runner.Output) (option.ClientOption, error) {
		if c.Keyfile == "" {
			return nil, output.Errorf("`keyfile` is missing, for `method: service-account`")
		}
		return option.WithAuthCredentialsFile(option.ServiceAccount, output.Path(c.Keyfile)), nil
	},
	"service-account-json": func(c *config, output runner.Output) (option.ClientOption, error) {
		if len(c.KeyfileJSON) == 0 {
			return nil, output.Errorf("`keyfile_json` is missing, for `method: service-account-json`")
		}
		key, err := json.Marshal(c.KeyfileJSON)
		return option.WithAuthCredentialsJSON(option.ServiceAccount, key), err
	},
	"oauth-secrets": func(c *config, output runner.Output) (option.ClientOption, error) {
		given := &oauth2.Token{AccessToken: c.Token}
		if c.RefreshToken == "" && c.Token == "" {
			return nil, output.Errorf("`refresh_token` (with `client_id` and `client_secret`) or `token` is missing, for `method: oauth-secrets`")
		}
		if c.RefreshToken == "" {
			return option.WithTokenSource(oauth2.StaticTokenSource(given)), nil
		}
		given.RefreshToken = c.RefreshToken
		app := oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Scopes: c.Scopes, Endpoint: google.Endpoint}
		app.Endpoint.TokenURL = cmp.Or(c.TokenURI, app.Endpoint.TokenURL)
		return option.WithTokenSource(app.TokenSource(context.Background(), given)), nil
	},
	"external-oauth-wif": (*config).federated,
}

// client reaches the service as the profile says. What is wrong with a log-in shows at its first use at the latest.
func (c *config) client(ctx context.Context, login option.ClientOption) (*bigquery.Client, error) {
	options := []option.ClientOption{option.WithScopes(c.Scopes...), login}
	if c.ImpersonateServiceAccount != "" {
		target := impersonate.CredentialsConfig{TargetPrincipal: c.ImpersonateServiceAccount, Scopes: c.Scopes}
		// It logs in with wider rights than BigQuery's: what it asks is another service.
		source, err := impersonate.CredentialsTokenSource(ctx, target, login)
		if err != nil {
			return nil, err
		}
		options = []option.ClientOption{option.WithTokenSource(source)}
	}
	if c.QuotaProject != "" {
		options = append(options, option.WithQuotaProject(c.QuotaProject))
	}
	if c.APIEndpoint != "" {
		options = append(options, option.WithEndpoint(c.APIEndpoint))
	}
	return bigquery.NewClient(ctx, c.ExecutionProject, options...)
}

// secrets are what the profile itself holds of a log-in.
func (c *config) secrets() runner.Secrets {
	key, _ := c.KeyfileJSON["private_key"].(string)
	asked, _ := url.ParseQuery(c.TokenEndpoint.Form)
	return runner.NewSecrets(c.Token, c.RefreshToken, c.ClientSecret, key, c.TokenEndpoint.Form, asked.Get("client_secret"))
}

func (c *config) creationTimeout() time.Duration {
	return time.Duration(c.JobCreationTimeout) * time.Second
}
