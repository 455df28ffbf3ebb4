package bigquery

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/uuid"

	"assay/compiler/project"
	"assay/compiler/rel"
	dialect "assay/dialects/bigquery"
	"assay/runner"
)

// value: exact numbers, and times without a zone, have types of the client's.
func value(_ string, v any) (any, error) {
	switch v := v.(type) {
	case *big.Rat:
		f, _ := v.Float64()
		return f, nil
	case civil.Date:
		return v.In(time.UTC), nil
	case civil.DateTime:
		return v.In(time.UTC), nil
	}
	return v, nil
}

// look has the service analyse a query, without a job that runs.
func look(ctx context.Context, conn *sql.Conn, query string) (statistics *bigquery.JobStatistics, err error) {
	err = conn.Raw(func(driverConn any) error {
		c := driverConn.(*connection)
		q := c.query(ctx, query)
		q.DryRun = true
		job, err := c.submit(ctx, q)
		if err != nil {
			return err
		}
		statistics = job.LastStatus().Statistics
		return job.LastStatus().Err()
	})
	return statistics, err
}

func columns(ctx context.Context, conn *sql.Conn, query string) ([]project.CatalogColumn, error) {
	statistics, err := look(ctx, conn, query)
	if err != nil {
		return nil, err
	}
	details, ok := statistics.Details.(*bigquery.QueryStatistics)
	if !ok {
		return nil, fmt.Errorf("the service describes no columns")
	}
	columns := make([]project.CatalogColumn, len(details.Schema))
	for i, field := range details.Schema {
		columns[i] = project.CatalogColumn{Name: field.Name, Type: typeName(field)}
	}
	return columns, nil
}

// typeName is the type as GoogleSQL names it; the service's older names stand for some.
func typeName(field *bigquery.FieldSchema) string {
	name := string(field.Type)
	switch field.Type {
	case bigquery.IntegerFieldType:
		name = "INT64"
	case bigquery.FloatFieldType:
		name = "FLOAT64"
	case bigquery.BooleanFieldType:
		name = "BOOL"
	case bigquery.RecordFieldType:
		name = "STRUCT"
	}
	if field.Repeated {
		return "ARRAY<" + name + ">"
	}
	return name
}

// dryRun is what the service would bill for by the byte.
func dryRun(ctx context.Context, conn *sql.Conn, s *runner.Statement) (*runner.Estimate, error) {
	statistics, err := look(ctx, conn, s.Query)
	if err != nil {
		return nil, err
	}
	return &runner.Estimate{Amount: float64(statistics.TotalBytesProcessed), Unit: runner.ScannedBytes}, nil
}

// tables: a dataset that does not exist has no such view.
func tables(schema string) (query string, column int) {
	return "SELECT table_name FROM " + dialect.Dialect.Ident(schema) + ".INFORMATION_SCHEMA.TABLES", 0
}

// load adds rows by a job of their own: all of them or none. Rows that are streamed in could not be changed for a while, and INSERT
// holds few: a statement may have a million characters.
func load(ctx context.Context, driverConn any, schema string, table runner.Table) error {
	c := driverConn.(*connection)
	text, err := lines(table)
	if err != nil {
		return err
	}
	source := bigquery.NewReaderSource(text)
	source.SourceFormat = bigquery.JSON
	loader := c.dataset(schema).Table(table.Name).LoaderFrom(source)
	loader.WriteDisposition, loader.CreateDisposition = bigquery.WriteAppend, bigquery.CreateNever
	loader.Labels = labels(ctx)
	job, err := loader.Run(ctx)
	if err != nil {
		return err
	}
	_, err = wait(ctx, job)
	return err
}

// lines are rows as JSON, one a line.
func lines(table runner.Table) (*bytes.Buffer, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, row := range table.Rows {
		object := map[string]any{}
		for i, c := range table.Columns {
			object[c.Name] = written(c.Type, row[i])
		}
		if err := encoder.Encode(object); err != nil {
			return nil, err
		}
	}
	return &text, nil
}

// written is a value as a load job reads it: times have no zone, and whole numbers are texts, which keep their digits.
func written(t rel.Type, v any) any {
	switch v := v.(type) {
	case time.Time:
		if t == rel.Date {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format("2006-01-02 15:04:05.999999")
	case int64:
		return fmt.Sprint(v)
	}
	return v
}

type receiptKey struct{}

// prepare gives a statement the name of its job, by which it can be cancelled, and sent again without running twice.
func (c *config) prepare(ctx context.Context, s *runner.Statement) context.Context {
	s.Receipt.QueryID = "assay_" + uuid.NewString()
	return context.WithValue(ctx, receiptKey{}, s.Receipt)
}

// receiptOf is nil for what no statement asked for.
func receiptOf(ctx context.Context) *runner.Receipt {
	receipt, _ := ctx.Value(receiptKey{}).(*runner.Receipt)
	return receipt
}

// labels say on whose behalf a job runs, where the billing and INFORMATION_SCHEMA.JOBS show it.
func labels(ctx context.Context) map[string]string {
	of := runner.LabelsOf(ctx)
	labels := map[string]string{"application": "assay"}
	for name, value := range map[string]string{"run": of.Run, "experiment": of.Experiment} {
		if value != "" {
			labels[name] = labelled(value)
		}
	}
	return labels
}

// longestLabel is how many characters the service takes.
const longestLabel = 63

// labelled is a text as a label may be: small letters, digits, _ and -.
func labelled(text string) string {
	kept := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(text))
	return kept[:min(len(kept), longestLabel)]
}
