package clickhouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"assay/compiler/plan"
	"assay/compiler/project"
	dialect "assay/dialects/clickhouse"
	"assay/runner"
)

// value: exact numbers come as texts, and an array of the smallest whole numbers looks like bytes.
func value(typeName string, v any) (any, error) {
	switch v := v.(type) {
	case string:
		if strings.Contains(typeName, "Decimal") {
			return strconv.ParseFloat(v, 64)
		}
	case []uint8:
		return fmt.Sprint(v), nil
	}
	return v, nil
}

// columns asks the server to describe a query.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	rows, err := conn.QueryContext(ctx, "DESCRIBE TABLE (\n"+query+"\n)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []project.CatalogColumn
	for rows.Next() {
		var c project.CatalogColumn
		var more any // defaults, comments and the like
		if err := rows.Scan(&c.Name, &c.Type, &more, &more, &more, &more, &more); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// explain asks which parts of tables would be read. Of what is in no MergeTree table it tells nothing.
var explain = runner.ExplainBy("EXPLAIN ESTIMATE ", value, partRows)

// partRows adds up the rows, the fourth column: database, table, parts, rows, marks.
func partRows(answer plan.Rows) (*runner.Estimate, error) {
	total := &runner.Estimate{Unit: runner.ScannedRows}
	for _, row := range answer.Values {
		rows, whole := row[3].(int64)
		if !whole {
			return nil, fmt.Errorf("the engine's plan cannot be read: %v rows", row[3])
		}
		total.Amount += float64(rows)
	}
	return total, nil
}

func tables(schema string) (query string, column int) {
	return "SELECT name FROM system.tables WHERE database = " + dialect.Dialect.Text(schema), 0
}

type receiptKey struct{}

// prepare gives a statement its id and labels, and has what it reads counted.
func prepare(ctx context.Context, s *runner.Statement) context.Context {
	s.Receipt.QueryID = uuid.NewString()
	return context.WithValue(clickhouse.Context(ctx,
		clickhouse.WithQueryID(s.Receipt.QueryID),
		clickhouse.WithSettings(clickhouse.Settings{"log_comment": runner.LabelsOf(ctx).String()}),
		clickhouse.WithProgress(func(p *clickhouse.Progress) { count(s.Receipt, int64(p.Bytes)) }),
	), receiptKey{}, s.Receipt)
}

func count(receipt *runner.Receipt, bytes int64) {
	if receipt.BytesScanned != nil {
		bytes += *receipt.BytesScanned
	}
	receipt.BytesScanned = &bytes
}

// meter reads from an answer's header what a statement has read: over HTTP the driver does not say.
func meter(transport *http.Transport) (http.RoundTripper, error) { return metered{transport}, nil }

type metered struct{ http.RoundTripper }

func (m metered) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := m.RoundTripper.RoundTrip(request)
	receipt, ours := request.Context().Value(receiptKey{}).(*runner.Receipt)
	if err != nil || !ours {
		return response, err
	}
	var summary struct {
		ReadBytes string `json:"read_bytes"`
	}
	if json.Unmarshal([]byte(response.Header.Get("X-ClickHouse-Summary")), &summary) == nil {
		if bytes, err := strconv.ParseInt(summary.ReadBytes, 10, 64); err == nil {
			count(receipt, bytes)
		}
	}
	return response, nil
}

// Codes of exceptions, as the server's src/Common/ErrorCodes.cpp lists them.
const (
	unknownDatabase           = 81
	readonly                  = 164
	tooManySimultaneous       = 202
	tooManyParts              = 252
	accessDenied              = 497
	authenticationFailed      = 516
	serverOverloaded          = 745
	requiredPasswordIsMissing = 194
)

var mends = map[int32]string{
	readonly: "a user who only reads wants `scratch: none` and readonly = 2, and cannot write results",
	accessDenied: "grant the user what the message names (`assay debug` prints how), or let the profile name another " +
		"`user` or `schema`",
	authenticationFailed:      "check `user` and `password` in the profile",
	requiredPasswordIsMissing: "the profile lacks a `password`",
}

func diagnose(err error) runner.Failure {
	exception := new(clickhouse.Exception)
	switch answered := new(clickhouse.HTTPError); {
	case errors.As(err, &exception):
		return runner.Failure{Kind: kinds[exception.Code], Mend: mends[exception.Code]}
	case errors.As(err, &answered):
		return runner.Failure{Kind: statusKinds[answered.StatusCode]}
	}
	return runner.Failure{Kind: runner.Unreachable}
}

var kinds = map[int32]runner.FailureKind{
	accessDenied:        runner.Denied,
	tooManySimultaneous: runner.Transient, tooManyParts: runner.Transient, serverOverloaded: runner.Transient,
}

// statusKinds are of answers that stand before a server: a proxy's, or the service's that wakes it.
var statusKinds = map[int]runner.FailureKind{
	http.StatusTooManyRequests: runner.Transient, http.StatusServiceUnavailable: runner.Transient,
}
