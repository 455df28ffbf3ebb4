// Package clickhouse runs programs on a ClickHouse server, over HTTP or its native protocol.
package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	dialect "assay/dialects/clickhouse"
	"assay/runner"
)

type warehouse struct {
	config  config
	staging runner.Staging
	engine  *runner.Engine
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Driver: "http", Host: "localhost", User: "default", Schema: "default", Retries: 1}
	if err := output.Decode(&c, dbtOnly...); err != nil {
		return nil, err
	}
	staging, err := c.Staging(runner.SessionTables{})
	if err := errors.Join(err, c.check(output)); err != nil {
		return nil, output.Errorf("%w", err)
	}
	w := &warehouse{config: c, staging: staging}
	w.engine = &runner.Engine{
		Value: value, Columns: columns, Dialect: dialect.Dialect, Tables: tables, Explain: explain, Prepare: prepare, Cancel: w.kill, Uncounted: true,
		Target:   fmt.Sprintf("%s/%s", c.address(), c.Schema),
		Diagnose: diagnose, Retries: int(c.Retries), Timeout: c.Timeout(), Secrets: runner.NewSecrets(c.Password),
		Grants: c.grants(),
	}
	return w, nil
}

func (w *warehouse) Schema() string          { return w.config.Schema }
func (w *warehouse) Staging() runner.Staging { return w.staging }
func (w *warehouse) Close() error            { return nil }

// A session has a pool of its own: what a pool shares over HTTP is one session of the server, which does one thing at a time.
type session struct {
	*runner.Conn
	pool *sql.DB
}

func (s *session) Close() error { return errors.Join(s.Conn.Close(), s.pool.Close()) }

// Connect starts in the profile's database, or in the user's own where that does not exist yet.
func (w *warehouse) Connect(ctx context.Context) (runner.Session, error) {
	s := &session{pool: clickhouse.OpenDB(w.config.options())}
	var err error
	s.Conn, err = w.engine.Connect(ctx, func(ctx context.Context) (*sql.Conn, error) {
		conn, err := s.pool.Conn(ctx)
		if missing := new(clickhouse.Exception); errors.As(err, &missing) && missing.Code == unknownDatabase {
			elsewhere := w.config
			elsewhere.Schema = ""
			s.pool = clickhouse.OpenDB(elsewhere.options())
			return s.pool.Conn(ctx)
		}
		return conn, err
	})
	if err != nil {
		return nil, errors.Join(err, s.pool.Close())
	}
	return s, nil
}

// kill ends a statement from a session of its own. The server goes on with it where only the connection is closed.
func (w *warehouse) kill(ctx context.Context, queryID string) error {
	pool := clickhouse.OpenDB(w.config.options())
	defer pool.Close()
	_, err := pool.ExecContext(ctx, "KILL QUERY WHERE query_id = "+dialect.Dialect.Text(queryID))
	return err
}
