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
	// Staging is how staged steps are kept between the statements of a program.
	Staging() Staging
	Close() error
}

// A Session is one connection. It is not safe for use by several goroutines. Cancelling a context stops the statement on the
// server; LabelsOf the context are shown there with the statement, where the engine has a place for them. What is transient is
// tried again, and nothing else. No error shows a secret of the profile. Values are literals in the statements: nothing is bound.
type Session interface {
	// Exec runs a statement for its effect and says how many rows it wrote, -1 where the engine does not say.
	Exec(ctx context.Context, query string) (int64, error)
	// Query runs a statement for its rows.
	Query(ctx context.Context, query string) (plan.Rows, error)
	// Columns are those a query would return, typed as the engine names its types. The query does not run.
	Columns(ctx context.Context, query string) ([]project.CatalogColumn, error)
	// Append adds a table's rows to the table of its name and columns, as fast as the engine can.
	Append(ctx context.Context, schema string, table Table) error
	Close() error
}

// A Transactor is a Session of an engine with transactions: all that work does through the session becomes visible at once, or
// nothing of it where work fails. Where a Session is none, rows are added under their run and count from when the run is done.
type Transactor interface {
	Session
	InTransaction(ctx context.Context, work func() error) error
}

// A Lister is a Session of an engine on which a killed run can leave tables of its own: those that no session takes along.
type Lister interface {
	Session
	// Tables are the names of the tables in a schema; an error where there is no such schema.
	Tables(ctx context.Context, schema string) ([]string, error)
}

// A Metered session knows what the server says of a statement.
type Metered interface {
	Session
	// Receipt is that of the last statement.
	Receipt() Receipt
}

// A Receipt is what a server says of a statement besides its answer.
type Receipt struct {
	QueryID      string // by which the server's own log knows the statement; "" where it has no such name
	BytesScanned *int64 // nil where the server does not say
}
