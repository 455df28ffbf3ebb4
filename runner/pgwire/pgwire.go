// Package pgwire runs programs on servers that speak PostgreSQL's protocol. What they do differently is a Server.
package pgwire

import (
	"cmp"
	"context"
	"errors"
	"fmt"

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
	// Mends say what to do about a refusal, by SQLSTATE, where mends do not.
	Mends map[string]string
	// LastQuery is a call that gives the id of the session's last query, negative where there was none; "" where the server has no such.
	LastQuery string
}

// A Profile is what an engine's own fields of a profile say besides Config.
type Profile struct {
	Setup   []string // statements that begin each session
	Secrets []string
	// LogIn, unless nil, gives a connection that is about to be made its user and password. A refusal is a *LogInError.
	LogIn func(ctx context.Context, conn *pgx.ConnConfig) error
}

// A LogInError is a refusal by whoever gives out passwords, before the server is asked.
type LogInError struct {
	Cause error
	Mend  string
}

func (e *LogInError) Error() string { return e.Cause.Error() }

// Unwrap is the refusal as it came.
func (e *LogInError) Unwrap() error { return e.Cause }

// Open makes a warehouse of an output that has been read.
func (s *Server) Open(output runner.Output, c Config, p Profile) (runner.Warehouse, error) {
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	secrets := runner.NewSecrets(c.Password, c.Pass, c.DSN)
	conn, err := c.connection(s.Mode, p.Setup)
	if err != nil {
		return nil, output.Errorf("%w", secrets.HideIn(err))
	}
	return &runner.Pool{
		DB: stdlib.OpenDB(*conn, p.options()...), Results: c.Schema, Staged: staging,
		Engine: &runner.Engine{
			Value: value, Columns: columns, Append: s.Append, Dialect: s.Dialect, Explain: explain, Prepare: s.prepare, Timeout: c.Timeout(),
			Diagnose: s.diagnose, Retries: int(c.Retries), Target: fmt.Sprintf("%s:%d/%s", conn.Host, conn.Port, conn.Database),
			Secrets: runner.NewSecrets(append(p.Secrets, c.DSN, conn.Password)...), Grants: c.grants(conn.Database), Transactional: true,
		},
	}, nil
}

func (p Profile) options() []stdlib.OptionOpenDB {
	if p.LogIn == nil {
		return nil
	}
	return []stdlib.OptionOpenDB{stdlib.OptionBeforeConnect(p.LogIn)}
}

const insufficientPrivilege = "42501"

// mends say what to do about a refusal, by SQLSTATE.
var mends = map[string]string{
	"28P01": "check `user` and `password` in the profile",
	"28000": "check `user` in the profile, and what the server allows it",
	"3D000": "check `dbname` in the profile",
	insufficientPrivilege: "grant the user what the message names (`assay debug` prints how), or let the profile name another " +
		"`user`, `role` or `schema`",
	"25006": "a user who only reads wants `scratch: none`, and cannot write results",
	"53300": "the server has no free connection: close one, or ask for more",
	"57014": "the server stopped the statement: its own statement_timeout, or an administrator",
}

// kinds are of refusals, by SQLSTATE; each other is of what was asked, whoever asks.
var kinds = map[string]runner.FailureKind{insufficientPrivilege: runner.Denied}

// diagnose takes what a server answered for a refusal. No statement is sent again: it may be part of a transaction.
func (s *Server) diagnose(err error) runner.Failure {
	if refusal := new(pgconn.PgError); errors.As(err, &refusal) {
		return runner.Failure{Kind: kinds[refusal.Code], Mend: cmp.Or(s.Mends[refusal.Code], mends[refusal.Code])}
	}
	if refusal := new(LogInError); errors.As(err, &refusal) {
		return runner.Failure{Mend: refusal.Mend}
	}
	return runner.Failure{Kind: runner.Unreachable}
}
