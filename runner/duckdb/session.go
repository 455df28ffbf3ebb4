package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"

	"assay/compiler/project"
	"assay/runner"
)

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

// explain reads DuckDB's plan, which knows rows and no bytes.
var explain = runner.ExplainBy("EXPLAIN (FORMAT json) ", value, runner.ReadJSON(func(plan []operator) *runner.Estimate {
	return &runner.Estimate{Amount: scannedRows(plan), Unit: runner.ScannedRows}
}))

// An operator of a plan. One that scans a table or file is a leaf and names it, or its reader.
type operator struct {
	Children []operator `json:"children"`
	Info     struct {
		Table    string  `json:"Table"`
		Function string  `json:"Function"`
		Rows     float64 `json:"Estimated Cardinality,string"`
	} `json:"extra_info"`
}

func scannedRows(plan []operator) float64 {
	rows := 0.0
	for _, o := range plan {
		if o.Info.Table != "" || o.Info.Function != "" {
			rows += o.Info.Rows
		}
		rows += scannedRows(o.Children)
	}
	return rows
}

// appendRows uses DuckDB's appender, which takes part in the connection's transaction.
func appendRows(ctx context.Context, driverConn any, schema string, table runner.Table) error {
	appender, err := duckdb.NewAppenderWithColumns(driverConn.(driver.Conn), "", schema, table.Name, table.ColumnNames())
	if err != nil {
		return err
	}
	for _, row := range table.Rows {
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
