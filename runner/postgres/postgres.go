// Package postgres runs programs on a Postgres server.
package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"assay/runner"
	"assay/runner/pgwire"
)

var server = &pgwire.Server{
	// Temporary tables come and go under the same names: a statement's description must not be kept.
	Mode:   pgx.QueryExecModeDescribeExec,
	Append: copyRows,
	Mends:  map[string]string{"28000": "check `user`, and what the server's pg_hba.conf allows"},
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := pgwire.Config{Schema: "public"}
	// dbt's adapter has it; results are written in transactions in any case.
	if err := output.Decode(&c, "autocommit"); err != nil {
		return nil, err
	}
	return server.Open(output, c, pgwire.Profile{})
}

func copyRows(ctx context.Context, driverConn any, schema string, table runner.Table) error {
	_, err := driverConn.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{schema, table.Name}, table.ColumnNames(),
		pgx.CopyFromRows(table.Rows))
	return err
}
