// Package redshift runs programs on Amazon Redshift, a cluster or a serverless workgroup.
package redshift

import (
	"github.com/jackc/pgx/v5"

	"assay/dialects/redshift"
	"assay/runner"
	"assay/runner/pgwire"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	pgwire.Config
	Method     string `json:"method"`      // default: database, the one supported
	QueryGroup string `json:"query_group"` // of the workload manager
	RA3Node    any    `json:"ra3_node"`    // tables of other databases are read in any case
	Autocommit any    `json:"autocommit"`  // results are written in transactions in any case
}

// defaultPort of clusters and workgroups.
const defaultPort = 5439

var server = &pgwire.Server{
	// Parameters in texts of their own, without a description first: Redshift takes not all of them in binary.
	Mode:    pgx.QueryExecModeExec,
	Dialect: redshift.Dialect,
	Mends: map[string]string{
		"28000": "check `user` and `password` in the profile; temporary credentials end after an hour at most",
	},
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Config: pgwire.Config{Schema: "public"}, Method: "database"}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
	if c.Method != "database" {
		return nil, output.Errorf("`method: %s` is not supported: get temporary credentials, and give them as `user` and `password`",
			c.Method)
	}
	if c.DSN == "" && c.Port == 0 {
		c.Port = defaultPort
	}
	return server.Open(output, c.Config, c.setup()...)
}

func (c *config) setup() []string {
	if c.QueryGroup == "" {
		return nil
	}
	return []string{"SET query_group TO " + redshift.Dialect.Text(c.QueryGroup)}
}
