// Package trino runs programs on a Trino cluster, in a catalog whose tables can be changed: Iceberg's or Delta Lake's.
package trino

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	dialect "assay/dialects/trino"
	"assay/runner"
)

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Method: "none", Host: "localhost", User: "assay", Schema: "default", Retries: 3}
	if err := output.Decode(&c, dbtOnly...); err != nil {
		return nil, err
	}
	staging, err := c.Staging(runner.ScratchTables{Schema: cmp.Or(c.ScratchSchema, c.Schema)})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	secrets := runner.NewSecrets(c.Password, c.JWTToken)
	connector, err := c.connector(output)
	if err != nil {
		return nil, output.Errorf("%w", secrets.HideIn(err))
	}
	return &runner.Pool{
		DB: sql.OpenDB(connector), Results: c.Schema, Staged: staging, Ready: ready,
		Engine: &runner.Engine{
			Value: value, Columns: columns, Dialect: dialect.Dialect, Tables: tables, Explain: explain, Prepare: prepare, Diagnose: diagnose,
			Retries: int(c.Retries), Timeout: c.Timeout(), Target: fmt.Sprintf("%s/%s", c.server().Host, c.Database), Secrets: secrets,
			Grants: c.grants(),
		},
	}, nil
}

// ready asks the server something: the driver itself connects with the first statement.
func ready(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, "SELECT 1")
	if err != nil {
		return err
	}
	return rows.Close()
}
