// Package redshift runs programs on Amazon Redshift, a cluster or a serverless workgroup.
package redshift

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"assay/dialects/redshift"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/pgwire"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	pgwire.Config
	identity
	Method     string `json:"method"`      // default: database
	QueryGroup string `json:"query_group"` // of the workload manager
}

// dbtOnly are fields of dbt's adapter: how it drops and tries again, and log-ins by Identity Center, which speaks no protocol of
// PostgreSQL's. Tables of other databases are read in any case, and results are written in transactions.
var dbtOnly = []string{"ra3_node", "datasharing", "autocommit", "retry_all", "allow_concurrent_drops", "drop_without_cascade",
	"tcp_keepalive", "tcp_keepalive_idle", "tcp_keepalive_interval", "tcp_keepalive_count", "serverless_acct_id",
	"idc_region", "issuer_url", "idp_listen_port", "idc_client_display_name", "idp_response_timeout", "token_endpoint"}

// defaultPort of clusters and workgroups.
const defaultPort = 5439

var server = &pgwire.Server{
	// Parameters in texts of their own, without a description first: Redshift takes not all of them in binary.
	Mode:    pgx.QueryExecModeExec,
	Dialect: redshift.Dialect,
	// That of sys_query_history, which each user may read of his own.
	LastQuery: "last_user_query_id()",
	Mends: map[string]string{
		"28000": "check `user` and `password` in the profile; temporary credentials end after an hour at most",
	},
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Config: pgwire.Config{Schema: "public"}, Method: "database"}
	if err := output.Decode(&c, dbtOnly...); err != nil {
		return nil, err
	}
	if c.DSN == "" && c.Port == 0 {
		c.Port = defaultPort
	}
	profile := pgwire.Profile{Setup: c.setup(), Secrets: []string{c.SecretAccessKey}}
	issue, known := methods[c.Method]
	if !known {
		return nil, output.FieldErrorf("method", "`method: %s` is not supported; %s", c.Method,
			diag.Suggest(c.Method, slices.Collect(maps.Keys(methods))))
	}
	if issue != nil {
		logIn, err := c.byIdentity(output, issue)
		if err != nil {
			return nil, err
		}
		profile.LogIn = logIn
	}
	return server.Open(output, c.Config, profile)
}

func (c *config) setup() []string {
	if c.QueryGroup == "" {
		return nil
	}
	return []string{"SET query_group TO " + redshift.Dialect.Text(c.QueryGroup)}
}
