package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"assay/compiler/project"
	"assay/runner"
)

// prepare sets up a new session.
func (c *config) prepare(ctx context.Context, session runner.Session) error {
	for _, statement := range c.settings() {
		if _, err := session.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return c.enterSchema(ctx, session)
}

func (c *config) settings() []string {
	settings := []string{"SET TimeZone = 'UTC'"}
	if c.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", c.Threads))
	}
	if c.MemoryLimit != "" {
		settings = append(settings, "SET memory_limit = "+literal(c.MemoryLimit))
	}
	for _, a := range c.Attach {
		settings = append(settings, a.statement())
	}
	return settings
}

// statement attaches the database for reading unless the profile says otherwise: a run writes to its own schema alone.
func (a *attachment) statement() string {
	var options []string
	if a.ReadOnly == nil || *a.ReadOnly {
		options = append(options, "READ_ONLY")
	}
	if a.Type != "" {
		options = append(options, "TYPE "+identifier(a.Type))
	}
	attach := "ATTACH IF NOT EXISTS " + literal(a.Path)
	if a.Alias != "" {
		attach += " AS " + identifier(a.Alias)
	}
	if len(options) > 0 {
		attach += " (" + strings.Join(options, ", ") + ")"
	}
	return attach
}

// enterSchema makes the profile's schema the place of unqualified names. One that does not exist yet has none.
func (c *config) enterSchema(ctx context.Context, session runner.Session) error {
	found, err := session.Query(ctx, "SELECT 1 FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name = ?", c.Schema)
	if err != nil || len(found.Values) == 0 {
		return err
	}
	_, err = session.Exec(ctx, "SET schema = "+literal(c.Schema))
	return err
}

func literal(s string) string    { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// columns asks DuckDB to describe a query.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	rows, err := conn.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE\n"+query+"\n)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []project.CatalogColumn
	for rows.Next() {
		var c project.CatalogColumn
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// appendRows uses DuckDB's appender, which takes part in the connection's transaction.
func appendRows(ctx context.Context, driverConn any, schema, table string, columns []string, rows [][]any) error {
	appender, err := duckdb.NewAppenderWithColumns(driverConn.(driver.Conn), "", schema, table, columns)
	if err != nil {
		return err
	}
	for _, row := range rows {
		values := make([]driver.Value, len(row))
		for i, v := range row {
			values[i] = v
		}
		if err := appender.AppendRow(values...); err != nil {
			return errors.Join(err, appender.Close())
		}
	}
	return appender.CloseWithCancel(ctx)
}
