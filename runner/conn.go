package runner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"assay/compiler/plan"
	"assay/compiler/project"
)

// Engine is what sessions over database/sql do differently on each engine.
type Engine struct {
	// Value is a fetched value as Rows hold it; typeName is the driver's name of its column's type.
	Value func(typeName string, value any) (any, error)
	// Columns describes a query without running it.
	Columns func(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error)
	// Append is the engine's bulk load; driverConn is the driver's own connection.
	Append func(ctx context.Context, driverConn any, schema, table string, columns []string, rows [][]any) error
	// Secrets never show in an error.
	Secrets Secrets
}

// Conn is a Transactor over one connection of a database/sql driver. It asks no driver for anything once a context has ended:
// some take that for a broken connection and close it.
type Conn struct {
	conn   *sql.Conn
	engine *Engine
}

// NewConn is a session over a connection taken out of its pool for good.
func NewConn(conn *sql.Conn, engine *Engine) *Conn { return &Conn{conn: conn, engine: engine} }

// Close gives the connection back; its temporary tables are gone with the pool.
func (c *Conn) Close() error { return c.hide(c.conn.Close()) }

// Exec implements Session.
func (c *Conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	result, err := c.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, c.hide(err)
	}
	n, err := result.RowsAffected()
	return n, c.hide(err)
}

// Query implements Session.
func (c *Conn) Query(ctx context.Context, query string, args ...any) (plan.Rows, error) {
	if err := ctx.Err(); err != nil {
		return plan.Rows{}, err
	}
	rows, err := c.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return plan.Rows{}, c.hide(err)
	}
	defer rows.Close()
	fetched, err := fetch(rows, c.engine.Value)
	return fetched, c.hide(err)
}

// Columns implements Session.
func (c *Conn) Columns(ctx context.Context, query string) ([]project.CatalogColumn, error) {
	columns, err := c.engine.Columns(ctx, c.conn, query)
	return columns, c.hide(err)
}

// Append implements Session.
func (c *Conn) Append(ctx context.Context, schema, table string, columns []string, rows [][]any) error {
	return c.hide(c.conn.Raw(func(driverConn any) error {
		return c.engine.Append(ctx, driverConn, schema, table, columns, rows)
	}))
}

// InTransaction implements Transactor. The transaction outlives a cancelled context just long enough to be rolled back here:
// database/sql would do so on a goroutine of its own and close the connection.
func (c *Conn) InTransaction(ctx context.Context, work func() error) error {
	tx, err := c.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return c.hide(err)
	}
	if err := work(); err != nil {
		return errors.Join(err, c.hide(tx.Rollback()))
	}
	return c.hide(tx.Commit())
}

func (c *Conn) hide(err error) error { return c.engine.Secrets.HideIn(err) }

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
		var err error
		if row[i], err = value(types[i].DatabaseTypeName(), v); err != nil {
			return nil, fmt.Errorf("column %s: %w", types[i].Name(), err)
		}
	}
	return row, nil
}
