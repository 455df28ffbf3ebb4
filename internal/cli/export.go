package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects/duckdb"
	"assay/internal/cli/drivers"
	"assay/internal/report"
	"assay/runner"
)

// A format writes an answer in one of the ways of --format.
type format func(context.Context, io.Writer, *model.Model, *runner.Answer) error

// format finds one by its name.
func (a *app) format(name string) (format, error) {
	switch name {
	case "table":
		return a.writeTable, nil
	case "csv":
		return writeCSV, nil
	case "json":
		return writeJSON, nil
	case "parquet":
		return writeParquet, nil
	}
	return nil, usagef("--format is %s, not `%s`", formats, name)
}

const formats = "table, csv, json or parquet"

// formatOf is the name of the format that a file's ending says.
func formatOf(file string) (string, error) {
	switch ending := filepath.Ext(file); ending {
	case ".csv", ".json", ".parquet":
		return ending[1:], nil
	case "", ".txt":
		return "table", nil
	default:
		return "", usagef("%s ends in no format that can be written: name one by --format %s", file, formats)
	}
}

// writeTable shows numbers with their metric's unit.
func (a *app) writeTable(_ context.Context, w io.Writer, m *model.Model, answer *runner.Answer) error {
	columns := make([]report.Column, len(answer.Rows.Columns))
	for i, name := range answer.Rows.Columns {
		columns[i].Name = name
		if metric, ok := m.Metric(name); ok {
			columns[i].Unit = metric.Decl.Unit.V
		}
	}
	return report.Table(w, columns, namesOfGroups(m, answer.Rows), a.page(w, m.Zone))
}

// namesOfGroups are the rows with whole numbers that groups are named by, such as years, as texts: nobody counts them.
func namesOfGroups(m *model.Model, rows plan.Rows) [][]any {
	named := make([][]any, len(rows.Values))
	for i, row := range rows.Values {
		named[i] = slices.Clone(row)
		for j, v := range row {
			if _, counted := m.Metric(rows.Columns[j]); !counted {
				if n, whole := v.(int64); whole {
					named[i][j] = strconv.FormatInt(n, 10)
				}
			}
		}
	}
	return named
}

// writeCSV writes RFC 4180; NULL is an empty field.
func writeCSV(_ context.Context, w io.Writer, _ *model.Model, answer *runner.Answer) error {
	out := csv.NewWriter(w)
	if err := out.Write(answer.Rows.Columns); err != nil {
		return err
	}
	for _, row := range answer.Rows.Values {
		fields := make([]string, len(row))
		for i, v := range row {
			fields[i] = plainText(v)
		}
		if err := writeRecord(out, w, fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeRecord quotes an empty field that stands alone: an empty line is no record to those who read CSV.
func writeRecord(out *csv.Writer, w io.Writer, fields []string) error {
	if len(fields) > 1 || fields[0] != "" {
		return out.Write(fields)
	}
	out.Flush()
	_, err := io.WriteString(w, "\"\"\n")
	return err
}

func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return isoTime(v)
	default:
		return fmt.Sprint(v)
	}
}

// isoTime has no zone: the times of an answer are those of a clock in the reporting time zone.
func isoTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.999999") }

// writeJSON writes an array of objects, a row a line, their keys in the order of the columns.
func writeJSON(_ context.Context, w io.Writer, _ *model.Model, answer *runner.Answer) error {
	rows := answer.Rows
	out := bufio.NewWriter(w)
	separator := "[\n"
	for _, row := range rows.Values {
		object, err := jsonObject(rows.Columns, row)
		if err != nil {
			return err
		}
		fmt.Fprint(out, separator, object)
		separator = ",\n"
	}
	if len(rows.Values) == 0 {
		fmt.Fprint(out, "[")
	}
	fmt.Fprintln(out, "\n]")
	return out.Flush()
}

func jsonObject(columns []string, row []any) (string, error) {
	fields := make([]string, len(row))
	for i, v := range row {
		name, err := json.Marshal(columns[i])
		if err != nil {
			return "", err
		}
		value, err := json.Marshal(jsonValue(v))
		if err != nil {
			return "", err
		}
		fields[i] = string(name) + ": " + string(value)
	}
	return "  {" + strings.Join(fields, ", ") + "}", nil
}

// jsonValue is v as JSON can say it, which knows neither infinity nor NaN.
func jsonValue(v any) any {
	switch v := v.(type) {
	case time.Time:
		return isoTime(v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil
		}
	}
	return v
}

// writeParquet has a DuckDB in memory write the file, which is then copied to w.
func writeParquet(ctx context.Context, w io.Writer, _ *model.Model, answer *runner.Answer) error {
	dir, err := os.MkdirTemp("", "assay-parquet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "answer.parquet")
	if err := copyToParquet(ctx, answer.Rows, path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return err
}

func copyToParquet(ctx context.Context, rows plan.Rows, path string) error {
	open := drivers.Open[duckdb.Dialect.Name]
	if open == nil {
		return errors.New("parquet is written by DuckDB, which this build leaves out (the tag no_duckdb); csv and json are not")
	}
	warehouse, err := open(runner.Output{Name: "parquet"})
	if err != nil {
		return err
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	table := runner.Table{Name: "answer", Columns: parquetColumns(rows), Rows: rows.Values}
	create := duckdb.Dialect.CreateTableSQL(rel.Table{Parts: []rel.TablePart{{Name: table.Name}}}, table.Columns)
	if _, err := session.Exec(ctx, create); err != nil {
		return err
	}
	if err := session.Append(ctx, warehouse.Schema(), table); err != nil {
		return err
	}
	_, err = session.Exec(ctx, "COPY answer TO "+duckdb.Dialect.Text(path)+" (FORMAT parquet)")
	return err
}

func parquetColumns(rows plan.Rows) []rel.Column {
	columns := make([]rel.Column, len(rows.Columns))
	for i, name := range rows.Columns {
		columns[i] = rel.Column{Name: name, Type: parquetType(rows, i)}
	}
	return columns
}

// parquetType is that of a column's first value; a column of NULLs is text.
func parquetType(rows plan.Rows, column int) rel.Type {
	for _, row := range rows.Values {
		if v := row[column]; v != nil {
			return rel.LitOf(v).T
		}
	}
	return rel.Text
}
