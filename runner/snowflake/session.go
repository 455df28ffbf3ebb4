package snowflake

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/snowflakedb/gosnowflake/v2"

	"assay/compiler/project"
	"assay/runner"
)

// value: exact numbers come as texts.
func value(typeName string, v any) (any, error) {
	switch v := v.(type) {
	case string:
		if typeName == "FIXED" {
			return runner.Exact(v)
		}
	case time.Time:
		if typeName == "TIME" {
			return runner.TimeOfDay(v), nil
		}
	}
	return v, nil
}

// columns has the server describe the query, and names the types as Snowflake does.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	rows, err := conn.QueryContext(gosnowflake.WithDescribeOnly(ctx), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	columns := make([]project.CatalogColumn, len(types))
	for i, t := range types {
		columns[i] = project.CatalogColumn{Name: t.Name(), Type: typeName(t)}
	}
	return columns, rows.Err()
}

func typeName(t *sql.ColumnType) string {
	switch name := t.DatabaseTypeName(); name {
	case "FIXED":
		precision, scale, _ := t.DecimalSize()
		if scale == 0 {
			return "INTEGER"
		}
		return fmt.Sprintf("NUMBER(%d,%d)", precision, scale)
	case "REAL":
		return "FLOAT"
	default:
		return name
	}
}

// explain compiles the query; what it prunes to is what it would read.
var explain = runner.ExplainBy("EXPLAIN USING JSON ", value, runner.ReadJSON(func(p queryPlan) *runner.Estimate {
	return &runner.Estimate{Amount: p.GlobalStats.BytesAssigned, Unit: runner.ScannedBytes}
}))

type queryPlan struct {
	GlobalStats struct {
		BytesAssigned float64 `json:"bytesAssigned"`
	}
}

// prepare tags the statement, and has the driver say by which name the server knows it. What a run's own statements read the server
// is asked afterwards.
func (c *config) prepare(ctx context.Context, s *runner.Statement) context.Context {
	labels, id := runner.LabelsOf(ctx), make(chan string, 1)
	s.Done = func(driverConn any) {
		select {
		case s.Receipt.QueryID = <-id:
		default: // it was not sent
			return
		}
		if labels.Run != "" {
			s.Receipt.BytesScanned = bytesScanned(ctx, driverConn, s.Receipt.QueryID)
		}
	}
	tagged := gosnowflake.WithQueryTag(ctx, strings.TrimSpace(c.QueryTag+" "+labels.String()))
	return gosnowflake.WithQueryIDChan(tagged, id)
}

// bytesScanned is nil where the server does not say.
func bytesScanned(ctx context.Context, driverConn any, queryID string) *int64 {
	status, err := driverConn.(gosnowflake.SnowflakeConnection).GetQueryStatus(ctx, queryID)
	if err != nil {
		return nil
	}
	return &status.ScanBytes
}
