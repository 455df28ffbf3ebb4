package runner

import (
	"context"

	"assay/compiler/plan"
	"assay/compiler/project"
)

// A Driver turns a profile's output into a Warehouse without connecting to it.
type Driver func(Output) (Warehouse, error)

// A Warehouse is a place where programs run.
type Warehouse interface {
	// Connect opens a session: time zone UTC, unqualified names in Schema.
	Connect(ctx context.Context) (Session, error)
	// Schema is where result tables go.
	Schema() string
	Close() error
}

// A Session is one connection. It is not safe for use by several goroutines. Cancelling a context stops the statement on the
// server. No error shows a secret of the profile.
type Session interface {
	// Exec runs a statement for its effect and says how many rows it wrote.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query runs a statement for its rows.
	Query(ctx context.Context, query string, args ...any) (plan.Rows, error)
	// Columns are those a query would return, typed as the engine names its types. The query does not run.
	Columns(ctx context.Context, query string) ([]project.CatalogColumn, error)
	// Append adds rows to the named columns of a table, as fast as the engine can.
	Append(ctx context.Context, schema, table string, columns []string, rows [][]any) error
	Close() error
}

// A Transactor is a Session of an engine with transactions: all that work does through the session becomes visible at once, or
// nothing of it where work fails.
type Transactor interface {
	Session
	InTransaction(ctx context.Context, work func() error) error
}
