package pgwire

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/runner"
)

// value: exact numbers come as texts, and what the driver has no type for as the bytes of its text.
func value(typeName string, v any) (any, error) {
	switch v := v.(type) {
	case string:
		if typeName == "NUMERIC" {
			return runner.Exact(v)
		}
	case []byte:
		if typeName != "BYTEA" {
			return string(v), nil
		}
	}
	return v, nil
}

// columns has the server parse the query and names the types as it does.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	var columns []project.CatalogColumn
	err := conn.Raw(func(driverConn any) error {
		pg := driverConn.(*stdlib.Conn).Conn()
		described, err := pg.Prepare(ctx, "", query)
		if err != nil {
			return err
		}
		columns, err = named(ctx, pg, described.Fields)
		return err
	})
	return columns, err
}

func named(ctx context.Context, pg *pgx.Conn, fields []pgconn.FieldDescription) ([]project.CatalogColumn, error) {
	columns := make([]project.CatalogColumn, len(fields))
	for i, field := range fields {
		columns[i].Name = field.Name
		err := pg.QueryRow(ctx, "SELECT format_type($1, $2)", field.DataTypeOID, field.TypeModifier).Scan(&columns[i].Type)
		if err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// explain asks the planner, whose first line is of the whole: (cost=<until the first row>..<until the last> …).
var explain = runner.ExplainBy("EXPLAIN ", value, planCost)

var costInPlan = regexp.MustCompile(`\(cost=[\d.]+\.\.([\d.]+) `)

func planCost(answer plan.Rows) (*runner.Estimate, error) {
	line, err := runner.PlanText(answer)
	if err != nil {
		return nil, err
	}
	cost := costInPlan.FindStringSubmatch(line)
	if cost == nil {
		return nil, fmt.Errorf("the plan says no cost: %s", line)
	}
	amount, err := strconv.ParseFloat(cost[1], 64)
	return &runner.Estimate{Amount: amount, Unit: runner.PlanCost}, err
}

// prepare puts before a statement on whose behalf it runs, where the server's log and its list of what is running show it; and has
// the server say by which id it knows a run's own.
func (s *Server) prepare(ctx context.Context, statement *runner.Statement) context.Context {
	labels := runner.LabelsOf(ctx)
	statement.Query = "/* " + strings.ReplaceAll(labels.String(), "*/", "") + " */ " + statement.Query
	if s.LastQuery != "" && labels.Run != "" {
		statement.Done = func(driverConn any) {
			statement.Receipt.QueryID = s.lastQuery(ctx, driverConn.(*stdlib.Conn).Conn())
		}
	}
	return ctx
}

const (
	idle           = 'I'           // the status of a session that is in no transaction
	lastQueryKnown = "assay_query" // where a connection keeps the last id that it was told
)

// lastQuery is "" where the server does not say, or says what it said before: some statements it gives no id. In a transaction it is
// not asked, since a refusal would end that.
func (s *Server) lastQuery(ctx context.Context, conn *pgx.Conn) string {
	if conn.PgConn().TxStatus() != idle {
		return ""
	}
	var id int64
	known := conn.PgConn().CustomData()
	if err := conn.QueryRow(ctx, "SELECT "+s.LastQuery).Scan(&id); err != nil || id < 0 || known[lastQueryKnown] == id {
		return ""
	}
	known[lastQueryKnown] = id
	return strconv.FormatInt(id, 10)
}
