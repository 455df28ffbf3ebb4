// Package databricks runs programs on a SQL warehouse or a cluster of Databricks.
package databricks

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"

	"github.com/databricks/databricks-sql-go/logger"

	dialect "assay/dialects/databricks"
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
	c := config{Schema: "default", ConnectRetries: 4}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
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
	return &warehouse{
		db: sql.OpenDB(connector), schema: c.Schema, staging: staging,
		engine: &runner.Engine{
			Value: value, Columns: columns, Dialect: dialect.Dialect, Explain: explain, Prepare: prepare, Diagnose: diagnose, Uncounted: true,
			Retries: int(c.ConnectRetries), Timeout: c.Timeout(), Target: c.Host + c.path(),
			Secrets: runner.NewSecrets(c.Token, c.ClientSecret),
		},
	}, nil
}

func (w *warehouse) Schema() string          { return w.schema }
func (w *warehouse) Staging() runner.Staging { return w.staging }
func (w *warehouse) Close() error            { return w.db.Close() }

// Connect sets the session's time zone and schema; in one that does not exist yet, unqualified names stay those of the default.
func (w *warehouse) Connect(ctx context.Context) (runner.Session, error) {
	conn, err := w.engine.Connect(ctx, func(ctx context.Context) (*sql.Conn, error) {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if err := w.prepare(ctx, conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	})
	if err != nil {
		return nil, err
	}
	return session{conn}, nil
}

func (w *warehouse) prepare(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "SET TIME ZONE 'UTC'"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "USE "+dialect.Dialect.Ident(w.schema))
	if state(err) == noSuchSchema {
		return nil
	}
	return err
}

type session struct{ *runner.Conn }

// Tables implements runner.Lister. The statement that lists tables everywhere is no query whose columns could be chosen.
func (s session) Tables(ctx context.Context, schema string) ([]string, error) {
	rows, err := s.Query(ctx, "SHOW TABLES IN "+dialect.Dialect.Ident(schema))
	if err != nil {
		return nil, err
	}
	at := slices.Index(rows.Columns, "tableName")
	names := make([]string, len(rows.Values))
	for i, row := range rows.Values {
		names[i] = fmt.Sprint(row[at])
	}
	return names, nil
}
