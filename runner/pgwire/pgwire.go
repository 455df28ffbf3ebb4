// Package pgwire runs programs on servers that speak PostgreSQL's protocol. What they do differently is a Server.
package pgwire

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"assay/dialects"
	"assay/runner"
)

// A Server is what an engine does differently from others that speak the protocol.
type Server struct {
	// Mode is how statements and their parameters are sent.
	Mode pgx.QueryExecMode
	// Append is its bulk load. Without one, rows are INSERTed as Dialect spells them.
	Append  func(ctx context.Context, driverConn any, schema string, table runner.Table) error
	Dialect *dialects.Dialect
	// Mends say what to do about a refused connection, by SQLSTATE, where mends do not.
	Mends map[string]string
}

type warehouse struct {
	server  *Server
	db      *sql.DB
	schema  string
	staging runner.Staging
	target  string // host:port/database, for messages
	retries int
	engine  *runner.Engine
}

// Open makes a warehouse of an output that has been read. Statements of setup begin each session.
func (s *Server) Open(output runner.Output, c Config, setup ...string) (runner.Warehouse, error) {
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	secrets := runner.NewSecrets(c.Password, c.Pass, c.DSN)
	conn, err := c.connection(s.Mode, setup)
	if err != nil {
		return nil, output.Errorf("%w", secrets.HideIn(err))
	}
	return &warehouse{
		server:  s,
		db:      stdlib.OpenDB(*conn),
		schema:  c.Schema,
		staging: staging,
		target:  fmt.Sprintf("%s:%d/%s", conn.Host, conn.Port, conn.Database),
		retries: int(c.Retries),
		engine: &runner.Engine{
			Value: value, Columns: columns, Append: s.Append, Dialect: s.Dialect, Prepare: label, Timeout: c.Timeout(),
			Secrets: runner.NewSecrets(c.DSN, conn.Password),
		},
	}, nil
}

func (w *warehouse) Schema() string          { return w.schema }
func (w *warehouse) Staging() runner.Staging { return w.staging }
func (w *warehouse) Close() error            { return w.db.Close() }

func (w *warehouse) Connect(ctx context.Context) (runner.Session, error) {
	conn, err := w.db.Conn(ctx)
	for tries := 0; tries < w.retries && err != nil && !refused(err); tries++ {
		time.Sleep(retryPause)
		conn, err = w.db.Conn(ctx)
	}
	if err != nil {
		return nil, w.connectError(err)
	}
	return runner.TxConn{Conn: runner.NewConn(conn, w.engine)}, nil
}

// retryPause is how long an unreachable server gets to come back.
const retryPause = time.Second

// refused reports whether a server answered, and said no.
func refused(err error) bool { return errors.As(err, new(*pgconn.PgError)) }

// mends say what to do about a refused connection, by SQLSTATE.
var mends = map[string]string{
	"28P01": "check `user` and `password` in the profile",
	"28000": "check `user` in the profile, and what the server allows it",
	"3D000": "check `dbname` in the profile",
	"53300": "the server has no free connection: close one, or ask for more",
}

func (w *warehouse) connectError(err error) error {
	mend := "is the server running, and are `host` and `port` right?"
	if refusal := new(pgconn.PgError); errors.As(err, &refusal) {
		mend = cmp.Or(w.server.Mends[refusal.Code], mends[refusal.Code], "the server's log may say more")
	}
	return w.engine.Secrets.HideIn(fmt.Errorf("cannot connect to %s: %w\n%s", w.target, err, mend))
}
