// Package trino runs programs on a Trino cluster, in a catalog whose tables can be changed: Iceberg's or Delta Lake's.
package trino

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	dialect "assay/dialects/trino"
	"assay/runner"
)

type warehouse struct {
	db      *sql.DB
	schema  string
	staging runner.Staging
	engine  *runner.Engine
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Method: "none", Host: "localhost", User: "assay", Schema: "default", Retries: 3}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
	staging, err := c.Staging(runner.ScratchTables{Schema: cmp.Or(c.ScratchSchema, c.Schema)})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	secrets := runner.NewSecrets(c.Password, c.JWTToken)
	connector, err := c.connector()
	if err != nil {
		return nil, output.Errorf("%w", secrets.HideIn(err))
	}
	return &warehouse{
		db:      sql.OpenDB(connector),
		schema:  c.Schema,
		staging: staging,
		engine: &runner.Engine{
			Value: value, Columns: columns, Dialect: dialect.Dialect, Tables: tables, Explain: explain, Prepare: prepare, Diagnose: diagnose,
			Retries: int(c.Retries), Timeout: c.Timeout(), Target: fmt.Sprintf("%s/%s", c.server().Host, c.Database), Secrets: secrets,
		},
	}, nil
}

func (w *warehouse) Schema() string          { return w.schema }
func (w *warehouse) Staging() runner.Staging { return w.staging }
func (w *warehouse) Close() error            { return w.db.Close() }

// Connect asks the server something: the driver itself connects with the first statement.
func (w *warehouse) Connect(ctx context.Context) (runner.Session, error) {
	return w.engine.Connect(ctx, func(ctx context.Context) (*sql.Conn, error) {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		rows, err := conn.QueryContext(ctx, "SELECT 1")
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, rows.Close()
	})
}
