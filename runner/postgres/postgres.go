// Package postgres runs programs on a Postgres server.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"assay/runner"
)

type warehouse struct {
	db      *sql.DB
	schema  string
	staging runner.Staging
	target  string // host:port/database, for messages
	retries int
	engine  *runner.Engine
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Schema: "public"}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	secrets := runner.NewSecrets(c.Password, c.Pass, c.DSN)
	conn, err := c.connection()
	if err != nil {
		return nil, output.Errorf("%w", secrets.HideIn(err))
	}
	return &warehouse{
		db:      stdlib.OpenDB(*conn),
		schema:  c.Schema,
		staging: staging,
		target:  fmt.Sprintf("%s:%d/%s", conn.Host, conn.Port, conn.Database),
		retries: int(c.Retries),
		engine: &runner.Engine{
			Value: value, Columns: columns, Append: appendRows, Timeout: c.Timeout(),
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
	"28000": "check `user`, and what the server's pg_hba.conf allows",
	"3D000": "check `dbname` in the profile",
	"53300": "the server has no free connection: close one, or ask for more",
}

func (w *warehouse) connectError(err error) error {
	mend := "is the server running, and are `host` and `port` right?"
	if refusal := new(pgconn.PgError); errors.As(err, &refusal) {
		mend = cmp.Or(mends[refusal.Code], "the server's log may say more")
	}
	return w.engine.Secrets.HideIn(fmt.Errorf("cannot connect to %s: %w\n%s", w.target, err, mend))
}
