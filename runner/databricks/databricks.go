// Package databricks runs programs on a SQL warehouse or a cluster of Databricks.
package databricks

import (
	"cmp"
	"context"
	"database/sql"
	"io"
	"log"

	"github.com/databricks/databricks-sql-go/logger"

	dialect "assay/dialects/databricks"
	"assay/runner"
)

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Schema: "default", ConnectRetries: 4}
	if err := output.Decode(&c, dbtOnly...); err != nil {
		return nil, err
	}
	c.Catalog = cmp.Or(c.Catalog, c.Database)
	staging, err := c.Staging(runner.ScratchTables{Schema: cmp.Or(c.ScratchSchema, c.Schema)})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	connector, err := c.connector(output)
	if err != nil {
		return nil, err
	}
	// What the driver logs, and its HTTP client by the standard log, it returns as an error too.
	log.SetOutput(io.Discard)
	if err := logger.SetLogLevel("disabled"); err != nil {
		return nil, err
	}
	return &runner.Pool{
		DB: sql.OpenDB(connector), Results: c.Schema, Staged: staging, Ready: ready(c.Schema),
		Engine: &runner.Engine{
			Value: value, Columns: columns, Dialect: dialect.Dialect, Tables: tables, Explain: explain, Prepare: prepare, Diagnose: diagnose, Uncounted: true,
			Retries: int(c.ConnectRetries), Timeout: c.Timeout(), Target: c.Host + c.path(),
			Secrets: runner.NewSecrets(c.Token, c.ClientSecret), Grants: c.grants(),
		},
	}, nil
}

// ready sets the session's time zone and schema; in one that does not exist yet, unqualified names stay those of the default.
func ready(schema string) func(context.Context, *sql.Conn) error {
	return func(ctx context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "SET TIME ZONE 'UTC'"); err != nil {
			return err
		}
		_, err := conn.ExecContext(ctx, "USE "+dialect.Dialect.Ident(schema))
		if state(err) == noSuchSchema {
			return nil
		}
		return err
	}
}
