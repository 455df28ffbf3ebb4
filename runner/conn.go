package runner

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/dialects"
)

// Engine is what sessions over database/sql do differently on each engine.
type Engine struct {
	// Value is a fetched value where the driver's own types or its name of the column's type say what it is; what it leaves as it came
	// Rows hold as plain says.
	Value func(typeName string, value any) (any, error)
	// Columns describes a query without running it.
	Columns func(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error)
	// Append is the engine's bulk load; driverConn is the driver's own connection. Without one, rows are INSERTed as Dialect spells
	// them.
	Append  func(ctx context.Context, driverConn any, schema string, table Table) error
	Dialect *dialects.Dialect
	// Explain is how the engine is asked what a query will take; nil where it cannot say.
	Explain Explain
	// Tables is a query for the names of a schema's tables, and the column that has them; nil where a killed run can leave none.
	Tables func(schema string) (query string, column int)
	// Prepare readies a statement for the driver; nil where nothing is to be done.
	Prepare func(ctx context.Context, s *Statement) context.Context
	// Cancel stops a statement on the server by its query id; nil where the driver does so by itself.
	Cancel func(ctx context.Context, queryID string) error
	// Transactional says that changes to several tables can become visible at once.
	Transactional bool
	// Uncounted says that the driver does not know how many rows a statement wrote.
	Uncounted bool
	// Target is where sessions go, as messages name it: host:port/database.
	Target string
	// Grants let somebody do what a run does; nil where the engine has no users to grant to.
	Grants *Grants
	// Diagnose says what an error of the driver's means; nil where each is a refusal that speaks for itself.
	Diagnose func(error) Failure
	// Retries is how often more a connection is asked for that was not refused, or a statement is sent whose failure is transient.
	Retries int
	// Timeout is how long a statement may take, 0 for any time.
	Timeout time.Duration
	// Secrets never show in an error.
	Secrets Secrets
}

// A Failure is what an error means.
type Failure struct {
	Kind FailureKind
	Mend string // what to do about it, "" where its own words have to do
}

// FailureKind is how an error is to be taken.
type FailureKind uint8

const (
	Refused     FailureKind = iota // the server says no
	Denied                         // the server says no to this user, and might not to another
	Unreachable                    // no server answers; it may be on its way back
	Transient                      // the server did nothing and may when asked again: it starts, is busy, or another change was in the way
)

// passes says whether a server that is asked again later may have another answer.
func (f Failure) passes() bool { return f.Kind == Unreachable || f.Kind == Transient }

func (e *Engine) diagnose(err error) Failure {
	if e.Diagnose == nil {
		return Failure{}
	}
	return e.Diagnose(err)
}

// A Statement is one on its way to the driver.
type Statement struct {
	Query   string
	Options []any // what the driver takes as arguments
	Receipt *Receipt
	// Done, unless nil, completes the receipt once the statement has ended; driverConn is the driver's own connection.
	Done func(driverConn any)
}

// Conn is a Session over one connection of a database/sql driver. It asks no driver for anything once a context has ended: some
// take that for a broken connection and close it.
type Conn struct {
	conn    *sql.Conn
	engine  *Engine
	receipt Receipt
}

// Connect is a session over a connection taken out of its pool for good.
func (e *Engine) Connect(ctx context.Context, take func(context.Context) (*sql.Conn, error)) (*Conn, error) {
	conn, err := take(ctx)
	for try := 0; try < e.Retries && err != nil && e.diagnose(err).passes() && ctx.Err() == nil; try++ {
		pause(ctx, try)
		conn, err = take(ctx)
	}
	if err != nil {
		return nil, e.connectError(err)
	}
	return &Conn{conn: conn, engine: e}, nil
}

func (e *Engine) connectError(err error) error {
	failure := e.diagnose(err)
	usual := "the server's log may say more"
	if failure.Kind == Unreachable {
		usual = "is the server running, and are `host` and `port` right?"
	}
	return e.Secrets.HideIn(fmt.Errorf("cannot connect to %s: %w\n%s", e.Target, err, cmp.Or(failure.Mend, usual)))
}

// Close gives the connection back; its temporary tables are gone with the pool.
func (c *Conn) Close() error { return c.hide(c.conn.Close()) }

// Receipt implements Metered.
func (c *Conn) Receipt() Receipt { return c.receipt }

// Exec implements Session.
func (c *Conn) Exec(ctx context.Context, query string) (written int64, err error) {
	err = c.send(ctx, query, func(ctx context.Context, s *Statement) error {
		result, err := c.conn.ExecContext(ctx, s.Query, s.Options...)
		if err != nil {
			return err
		}
		if written, err = result.RowsAffected(); err != nil || c.engine.Uncounted {
			written = -1
		}
		return nil
	})
	return written, err
}

// Query implements Session.
func (c *Conn) Query(ctx context.Context, query string) (fetched plan.Rows, err error) {
	err = c.send(ctx, query, func(ctx context.Context, s *Statement) error {
		rows, err := c.conn.QueryContext(ctx, s.Query, s.Options...)
		if err != nil {
			return err
		}
		defer rows.Close()
		fetched, err = fetch(rows, c.engine.Value)
		return err
	})
	return fetched, err
}

// Columns implements Session.
func (c *Conn) Columns(ctx context.Context, query string) (columns []project.CatalogColumn, err error) {
	err = c.send(ctx, query, func(ctx context.Context, s *Statement) error {
		columns, err = c.engine.Columns(ctx, c.conn, s.Query)
		return err
	})
	return columns, err
}

// Estimate implements Estimator. An engine that cannot say still looks at the query.
func (c *Conn) Estimate(ctx context.Context, query string) (estimate *Estimate, err error) {
	if c.engine.Explain == nil {
		_, err := c.Columns(ctx, query)
		return nil, err
	}
	err = c.send(ctx, query, func(ctx context.Context, s *Statement) error {
		estimate, err = c.engine.Explain(ctx, c.conn, s)
		return err
	})
	return estimate, err
}

// Tables implements Lister.
func (c *Conn) Tables(ctx context.Context, schema string) ([]string, error) {
	if c.engine.Tables == nil {
		return nil, nil
	}
	query, column := c.engine.Tables(schema)
	rows, err := c.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(rows.Values))
	for i, row := range rows.Values {
		names[i] = fmt.Sprint(row[column])
	}
	return names, nil
}

// Grants implements Grantor.
func (c *Conn) Grants() *Grants { return c.engine.Grants }

// insertedRows is how many rows one INSERT has: engines take long to plan very many literals, and some limit a statement's length.
const insertedRows = 500

// Append implements Session.
func (c *Conn) Append(ctx context.Context, schema string, table Table) error {
	if c.engine.Append != nil {
		return c.explained(c.conn.Raw(func(driverConn any) error { return c.engine.Append(ctx, driverConn, schema, table) }))
	}
	for rows := range slices.Chunk(table.Rows, insertedRows) {
		insert, err := c.engine.Dialect.InsertSQL(c.engine.Dialect.TableIn(schema, table.Name), table.Columns, rows)
		if err != nil {
			return err
		}
		if _, err := c.Exec(ctx, insert); err != nil {
			return err
		}
	}
	return nil
}

// send hands a statement to the driver, again where its failure is transient.
func (c *Conn) send(ctx context.Context, query string, hand func(context.Context, *Statement) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := c.limited(ctx)
	defer cancel()
	for try := 0; ; try++ {
		err := c.try(ctx, query, hand)
		if err == nil {
			return nil
		}
		if late := new(TimeoutError); errors.As(context.Cause(ctx), &late) {
			return late
		}
		if try >= c.engine.Retries || ctx.Err() != nil || c.engine.diagnose(err).Kind != Transient {
			return c.explained(err)
		}
		pause(ctx, try)
	}
}

// explained is why a statement failed, and what to do about it; nil where it did not.
func (c *Conn) explained(err error) error {
	if err == nil {
		return nil
	}
	if lost(err) {
		return c.hide(fmt.Errorf("the connection to %s was lost: %w", c.engine.Target, err))
	}
	failure := c.engine.diagnose(err)
	if failure.Mend != "" {
		err = fmt.Errorf("%w; %s", err, failure.Mend)
	}
	if failure.Kind == Denied {
		err = denied{err}
	}
	return c.hide(err)
}

// lost reports whether a statement failed since its connection broke, or had broken before.
func lost(err error) bool {
	return errors.As(err, new(*net.OpError)) ||
		slices.ContainsFunc([]error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF}, func(sign error) bool {
			return errors.Is(err, sign)
		})
}

func (c *Conn) try(ctx context.Context, query string, hand func(context.Context, *Statement) error) error {
	c.receipt = Receipt{}
	s := &Statement{Query: query, Receipt: &c.receipt}
	if c.engine.Prepare != nil {
		ctx = c.engine.Prepare(ctx, s)
	}
	err := hand(ctx, s)
	if err != nil && ctx.Err() != nil && c.engine.Cancel != nil {
		err = errors.Join(err, c.cancel(ctx))
	}
	if s.Done == nil {
		return err
	}
	return errors.Join(err, c.conn.Raw(func(driverConn any) error {
		s.Done(driverConn)
		return nil
	}))
}

// cancelPatience is how long the server gets to hear that a statement is not wanted any more.
const cancelPatience = 10 * time.Second

func (c *Conn) cancel(ctx context.Context) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), cancelPatience)
	defer done()
	return c.engine.Cancel(ctx, c.receipt.QueryID)
}

// pause waits longer before each further try: 0.25 s, 0.5 s, 1 s, …, 8 s.
func pause(ctx context.Context, try int) {
	select {
	case <-ctx.Done():
	case <-time.After(250 * time.Millisecond << min(try, 5)):
	}
}

// A TimeoutError is a statement that took longer than the profile allows, and was stopped.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the statement was stopped after %v, the `statement_timeout` of the profile", e.Limit)
}

func (c *Conn) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.engine.Timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, c.engine.Timeout, &TimeoutError{c.engine.Timeout})
}

func (c *Conn) hide(err error) error { return c.engine.Secrets.HideIn(err) }

// A TxConn is a Conn of an engine with transactions.
type TxConn struct{ *Conn }

// InTransaction implements Transactor. The transaction outlives a cancelled context just long enough to be rolled back here:
// database/sql would do so on a goroutine of its own and close the connection.
func (c TxConn) InTransaction(ctx context.Context, work func() error) error {
	tx, err := c.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return c.hide(err)
	}
	if err := work(); err != nil {
		rolledBack := tx.Rollback()
		if lost(err) {
			return err // the server has rolled back
		}
		return errors.Join(err, c.hide(rolledBack))
	}
	return c.hide(tx.Commit())
}

// fetch reads all rows, their values as Rows hold them.
func fetch(rows *sql.Rows, value func(string, any) (any, error)) (plan.Rows, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return plan.Rows{}, err
	}
	fetched := plan.Rows{Columns: make([]string, len(types))}
	for i, t := range types {
		fetched.Columns[i] = t.Name()
	}
	for rows.Next() {
		row, err := scan(rows, types, value)
		if err != nil {
			return plan.Rows{}, err
		}
		fetched.Values = append(fetched.Values, row)
	}
	return fetched, rows.Err()
}

func scan(rows *sql.Rows, types []*sql.ColumnType, value func(string, any) (any, error)) ([]any, error) {
	row, places := make([]any, len(types)), make([]any, len(types))
	for i := range row {
		places[i] = &row[i]
	}
	if err := rows.Scan(places...); err != nil {
		return nil, err
	}
	for i, v := range row {
		v, err := value(types[i].DatabaseTypeName(), v)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", types[i].Name(), err)
		}
		row[i] = plain(v)
	}
	return row, nil
}
