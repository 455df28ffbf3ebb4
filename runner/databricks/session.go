package databricks

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/databricks/databricks-sql-go/driverctx"
	databrickserrors "github.com/databricks/databricks-sql-go/errors"
	"github.com/dustin/go-humanize"

	"assay/compiler/plan"
	"assay/compiler/project"
	dialect "assay/dialects/databricks"
	"assay/runner"
)

// value: exact numbers come as texts.
func value(typeName string, v any) (any, error) {
	if text, ok := v.(string); ok && typeName == "DECIMAL" {
		return strconv.ParseFloat(text, 64)
	}
	return v, nil
}

// columns has the server describe a query.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	rows, err := conn.QueryContext(ctx, "DESCRIBE QUERY\n"+query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []project.CatalogColumn
	for rows.Next() {
		var c project.CatalogColumn
		var comment any
		if err := rows.Scan(&c.Name, &c.Type, &comment); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// tables: a table's row has its schema first.
func tables(schema string) (query string, column int) {
	return "SHOW TABLES IN " + dialect.Dialect.Ident(schema), 1
}

// explain asks for the plan with sizes, in which a query that cannot be planned has its error in the plan's place.
var explain = runner.ExplainBy("EXPLAIN COST ", value, scannedBytes)

const planTitle = "== Optimized Logical Plan =="

// relationSize is the line of a table in the plan, after pruning: Relation spark_catalog.…, Statistics(sizeInBytes=6.3 KiB, …).
var relationSize = regexp.MustCompile(`(?m)^[ :+-]*Relation .*Statistics\(sizeInBytes=([\d.E+]+ \w+)`)

// sizeUnknown is what the engine takes a table for whose size it does not know.
const sizeUnknown = "8.0 EiB"

func scannedBytes(answer plan.Rows) (*runner.Estimate, error) {
	text, err := runner.PlanText(answer)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(text, planTitle) {
		refusal, _, _ := strings.Cut(text, "\n")
		return nil, errors.New(refusal)
	}
	total := &runner.Estimate{Unit: runner.ScannedBytes}
	for _, relation := range relationSize.FindAllStringSubmatch(text, -1) {
		bytes, err := humanize.ParseBytes(relation[1])
		if err != nil || relation[1] == sizeUnknown {
			return nil, err
		}
		total.Amount += float64(bytes)
	}
	return total, nil
}

// handlePatience is how long a statement that is not wanted any more may take to be given the id by which it can be stopped.
const handlePatience = 10 * time.Second

// prepare labels a statement, and has the driver say by which id the server knows it. The driver stops a statement on the server
// only once it has that id, which it has with the server's first answer: until then nothing may end its context.
func prepare(ctx context.Context, s *runner.Statement) context.Context {
	s.Query = "/* " + strings.ReplaceAll(runner.LabelsOf(ctx).String(), "*/", "") + " */ " + s.Query
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	known := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-known:
		case <-time.After(handlePatience):
		}
		cancel()
	})
	s.Done = func(any) {
		stop()
		cancel()
	}
	return driverctx.NewContextWithQueryIdCallback(lasting, func(id string) {
		if id != "" && s.Receipt.QueryID == "" {
			s.Receipt.QueryID = id
			close(known)
		}
	})
}

// mayNot is the SQLSTATE of INSUFFICIENT_PERMISSIONS.
const mayNot = "42501"

// kinds are of refusals; each other is of what was asked, whoever asks.
var kinds = map[string]runner.FailureKind{
	mayNot: runner.Denied,
	// Changes that another's, committed first, was in the way of.
	"2D521": runner.Transient, "40001": runner.Transient,
}

// noSuchSchema is the SQLSTATE of SCHEMA_NOT_FOUND.
const noSuchSchema = "42704"

// Of SQLSTATEs, as Databricks lists them with its error conditions.
var mends = map[string]string{
	noSuchSchema: "check `schema` and `scratch_schema` in the profile",
	mayNot: "grant the user what the message names (`assay debug` prints how), or let the profile name another " +
		"`catalog` or `schema`",
	"42P08": "check `catalog` in the profile",
}

// state is the SQLSTATE of a statement's refusal, "" of any other error.
func state(err error) string {
	refusal := databrickserrors.DBExecutionError(nil)
	if errors.As(err, &refusal) {
		return refusal.SqlState()
	}
	return ""
}

var (
	unwelcome = regexp.MustCompile(`unexpected HTTP status 40[13]`)
	stopped   = regexp.MustCompile(`unexpected operation state (CANCELED|TIMEDOUT|CLOSED)_STATE`)
)

// diagnose takes what cannot be reached for a refusal: the driver has sent each request again by then.
func diagnose(err error) runner.Failure {
	switch {
	case state(err) != "":
		return runner.Failure{Kind: kinds[state(err)], Mend: mends[state(err)]}
	case unwelcome.MatchString(err.Error()):
		return runner.Failure{Mend: "check `token`, or `client_id` and `client_secret`, in the profile: a token may have expired"}
	case stopped.MatchString(err.Error()):
		return runner.Failure{Mend: "somebody stopped it there, or a limit of the warehouse or the session: STATEMENT_TIMEOUT"}
	}
	return runner.Failure{Mend: "does the warehouse exist, and are `host` and `http_path` right?"}
}
