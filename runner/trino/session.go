package trino

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trinodb/trino-go-client/trino"

	"assay/compiler/project"
	dialect "assay/dialects/trino"
	"assay/runner"
)

// value: what sounds like a number or an instant may be a text or a time of day.
func value(typeName string, v any) (any, error) {
	typeName = strings.ToUpper(typeName)
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(typeName, "DECIMAL") {
			return strconv.ParseFloat(v, 64)
		}
	case time.Time:
		if strings.HasPrefix(typeName, "TIME") && !strings.HasPrefix(typeName, "TIMESTAMP") {
			return runner.TimeOfDay(v), nil
		}
	}
	return v, nil
}

// columns asks for no row of the query: the server plans it and reads nothing.
func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	rows, err := conn.QueryContext(ctx, "SELECT * FROM (\n"+query+"\n) AS described WHERE FALSE")
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
		columns[i] = project.CatalogColumn{Name: t.Name(), Type: strings.ToLower(t.DatabaseTypeName())}
	}
	return columns, rows.Err()
}

// explain asks what the scans of a plan put out. A connector without statistics does not know.
var explain = runner.ExplainBy("EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) ", value, runner.ReadJSON(scannedBytes))

// An operator of a plan. One that also filters or projects has an estimate after each, the scan's first.
type operator struct {
	Name      string     `json:"name"` // ScanFilterProject
	Children  []operator `json:"children"`
	Estimates []struct {
		Bytes any `json:"outputSizeInBytes"` // "NaN" where it is not known
	} `json:"estimates"`
}

func scannedBytes(fragments map[string]operator) *runner.Estimate {
	total := &runner.Estimate{Unit: runner.ScannedBytes}
	var add func(operator) bool
	add = func(o operator) bool {
		if strings.Contains(o.Name, "Scan") {
			bytes, known := o.Estimates[0].Bytes.(float64)
			total.Amount += bytes
			return known
		}
		return !slices.ContainsFunc(o.Children, func(child operator) bool { return !add(child) })
	}
	for _, fragment := range fragments {
		if !add(fragment) {
			return nil
		}
	}
	return total
}

// tables: of a schema that does not exist, information_schema would show none.
func tables(schema string) (query string, column int) {
	return "SHOW TABLES FROM " + dialect.Dialect.Ident(schema), 0
}

type receiptKey struct{}

func prepare(ctx context.Context, s *runner.Statement) context.Context {
	s.Options = []any{sql.Named("X-Trino-Client-Info", runner.LabelsOf(ctx).String())}
	return context.WithValue(ctx, receiptKey{}, s.Receipt)
}

// metered reads from each answer which query it is of, and how much that has read by now.
type metered struct{ http.RoundTripper }

func (m metered) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := m.RoundTripper.RoundTrip(request)
	receipt, ours := request.Context().Value(receiptKey{}).(*runner.Receipt)
	if err != nil || !ours {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	var page struct {
		ID    string
		Stats struct{ ProcessedBytes int64 }
	}
	if json.Unmarshal(body, &page) == nil && page.ID != "" {
		*receipt = runner.Receipt{QueryID: page.ID, BytesScanned: &page.Stats.ProcessedBytes}
	}
	return response, nil
}

const noSchema = "check `schema` and `scratch_schema` in the profile"

var mends = map[string]string{
	"PERMISSION_DENIED": "grant the user what the message names (`assay debug` prints how), or let the profile name another " +
		"`user`, `roles` or `schema`",
	"CATALOG_NOT_FOUND": "check `database` in the profile: it names the catalog",
	"SCHEMA_NOT_FOUND":  noSchema,
	"NOT_FOUND":         noSchema, // as Iceberg's catalogs call it
	"NOT_SUPPORTED":     "results want a catalog whose tables can be changed, as Iceberg's and Delta Lake's can",
}

// kinds are of refusals; each other is of what was asked, whoever asks.
var kinds = map[string]runner.FailureKind{
	"PERMISSION_DENIED": runner.Denied,
	// The server starts, has too much to do, or another's commit came first.
	"SERVER_STARTING_UP": runner.Transient, "QUERY_QUEUE_FULL": runner.Transient, "TRANSACTION_CONFLICT": runner.Transient,
	"ICEBERG_COMMIT_ERROR": runner.Transient, "NO_NODES_AVAILABLE": runner.Transient,
}

func diagnose(err error) runner.Failure {
	refusal, answered := new(trino.ErrTrino), new(trino.ErrQueryFailed)
	switch {
	case errors.As(err, &refusal):
		return runner.Failure{Kind: kinds[refusal.ErrorName], Mend: mends[refusal.ErrorName]}
	case errors.As(err, &answered) && answered.StatusCode == http.StatusUnauthorized:
		return runner.Failure{Mend: "check `method`, `user`, and `password` or `jwt_token` in the profile"}
	case errors.As(err, &answered) && answered.StatusCode != 0:
		return runner.Failure{}
	}
	return runner.Failure{Kind: runner.Unreachable}
}
