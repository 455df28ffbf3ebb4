// Package conformance holds KPI queries to the answers of dbt's semantic layer: manifests, tables, queries and their rows, from
// MetricFlow's own tests.
package conformance

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"assay/compiler/ask"
	"assay/internal/diag"
)

// A suite is a folder of manifests and tables, and cases over them.
type suite struct {
	dir    string
	tables []table
	cases  []queryCase
}

type table struct {
	Name string      `json:"name"`
	DDL  string      `json:"ddl"`
	Rows [][]*string `json:"rows"`
}

type queryCase struct {
	ID           string    `json:"id"`
	Model        string    `json:"model"`
	Metrics      []string  `json:"metrics"`
	GroupBys     []string  `json:"group_bys"`
	GroupByObjs  []groupBy `json:"group_by_objs"`
	Where        string    `json:"where"`
	TimeRange    []string  `json:"time_constraint"`
	OrderBys     []string  `json:"order_bys"`
	Limit        *int64    `json:"limit"`
	SavedQuery   string    `json:"saved_query_name"`
	MinMaxOnly   bool      `json:"min_max_only"`
	ApplyGroupBy *bool     `json:"apply_group_by"`
	CheckOrder   bool      `json:"check_order"`
	Expected     struct {
		Columns []string `json:"columns"`
		Rows    [][]any  `json:"rows"`
	} `json:"expected"`
}

type groupBy struct {
	Name     string `json:"name"`
	Grain    string `json:"grain"`
	DatePart string `json:"date_part"`
}

// family is what a case's name begins with.
func (c queryCase) family() string {
	family, _, _ := strings.Cut(c.ID, ".yaml")
	return strings.TrimPrefix(family, "itest_")
}

// readSuite reads the folder that ASSAY_METRICFLOW names and the cases that ASSAY_METRICFLOW_CASES names; it skips where there is
// none.
func readSuite(t testing.TB) *suite {
	t.Helper()
	dir := os.Getenv("ASSAY_METRICFLOW")
	if dir == "" {
		dir = "../../../shared/conformance/metricflow"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no conformance suite: ", err)
	}
	cases := os.Getenv("ASSAY_METRICFLOW_CASES")
	if cases == "" {
		cases = filepath.Join(dir, "cases.jsonl.gz")
	}
	return &suite{dir: dir, tables: readLines[table](t, filepath.Join(dir, "tables.jsonl.gz")), cases: readLines[queryCase](t, cases)}
}

// readLines reads a JSON value a line, from a file that may be compressed.
func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewReader(file)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			t.Fatal(path, err)
		}
		in = bufio.NewReader(unzipped)
	}
	var all []T
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var one T
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(path, err)
		}
		all = append(all, one)
	}
	return all
}

// query is the case as a person would ask it.
func (c queryCase) query() (ask.Query, error) {
	q := ask.Query{Metrics: texts(c.Metrics), GroupBy: texts(c.GroupBys), OrderBy: texts(c.OrderBys), Limit: c.Limit}
	for _, g := range c.GroupByObjs {
		q.GroupBy = append(q.GroupBy, diag.PlainText(g.call()))
	}
	if c.Where != "" {
		q.Where = texts([]string{c.Where})
	}
	switch {
	case c.MinMaxOnly:
		q.Values = ask.Extremes
	case c.ApplyGroupBy != nil && !*c.ApplyGroupBy:
		q.Values = ask.Every
	}
	if len(c.TimeRange) == 0 {
		return q, nil
	}
	var ends [2]time.Time
	for i, text := range c.TimeRange {
		day, err := time.Parse(time.DateOnly, strings.Split(text, "T")[0])
		if err != nil {
			return q, err
		}
		ends[i] = day
	}
	q.Start, q.End = &ends[0], &ends[1]
	return q, nil
}

func texts(list []string) []diag.Text {
	var all []diag.Text
	for _, text := range list {
		all = append(all, diag.PlainText(text))
	}
	return all
}

// call is the object as a group-by that a person would write.
func (g groupBy) call() string {
	switch {
	case g.DatePart != "":
		return fmt.Sprintf("TimeDimension('%s', date_part_name='%s')", g.Name, g.DatePart)
	case g.Grain != "":
		return g.Name + "__" + g.Grain
	}
	return g.Name
}
