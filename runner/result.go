package runner

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"assay/compiler/rel"
	"assay/runner/judge"
)

// resultsSchema names the shape of run_results.json: dbt's, and beside it, as `tables`, the rows of each result table.
const resultsSchema = "assay/run-results/v1"

type runResults struct {
	Metadata    resultsMetadata `json:"metadata"`
	Results     []nodeResult    `json:"results"`
	ElapsedTime float64         `json:"elapsed_time"`
	Args        map[string]any  `json:"args"`
	Queries     []queryResult   `json:"queries"`
}

type resultsMetadata struct {
	Schema       string    `json:"assay_schema_version"`
	AssayVersion string    `json:"assay_version"`
	GeneratedAt  time.Time `json:"generated_at"`
	InvocationID string    `json:"invocation_id"` // the run_id of the tables
	AsOf         time.Time `json:"as_of"`
}

type nodeResult struct {
	UniqueID        string         `json:"unique_id"`
	Status          string         `json:"status"` // success, error, skipped
	Timing          []timing       `json:"timing"`
	ExecutionTime   float64        `json:"execution_time"`
	AdapterResponse map[string]any `json:"adapter_response"`
	Message         *string        `json:"message"`
	Failures        *int           `json:"failures"`
	RelationName    *string        `json:"relation_name"`
}

type timing struct {
	Name        string    `json:"name"`
	StartedAt   time.Time `json:"started_at"`
	CompletedAt time.Time `json:"completed_at"`
}

type queryResult struct {
	Step    string   `json:"step"`
	Timing  []timing `json:"timing"`
	Seconds float64  `json:"execution_time"`
	Rows    int64    `json:"rows_affected"`
	Status  string   `json:"status"`
	Message *string  `json:"message"`
	SQLHash string   `json:"sql_hash"`
}

// Save writes run_results.json into a folder, whole or not at all. Args are the invocation's flags.
func (r *Result) Save(dir string, args map[string]any) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := renameio.NewPendingFile(filepath.Join(dir, "run_results.json"), renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer file.Cleanup()
	w := bufio.NewWriter(file)
	if err := r.write(w, args); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}

// write writes the tables' rows one by one: they may be a million.
func (r *Result) write(w io.Writer, args map[string]any) error {
	head, err := json.MarshalIndent(r.results(args), "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s,\n  \"tables\": {", bytes.TrimSuffix(head, []byte("\n}")))
	for i, t := range slices.Concat(r.Tables, []Table{NewTable(runsTable, []judge.RunRow{r.Run})}) {
		fmt.Fprintf(w, "%s\n    %q: [", separator(i), t.Name)
		if err := t.write(w); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n  }\n}\n")
	return err
}

// write ends a list in JSON with the table's rows, a line each.
func (t Table) write(w io.Writer) error {
	record := map[string]any{}
	for i, row := range t.Rows {
		for j, v := range row {
			record[t.Columns[j].Name] = jsonValue(v, t.Columns[j].Type)
		}
		text, err := json.Marshal(record)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\n      %s", separator(i), text)
	}
	_, err := io.WriteString(w, "]")
	return err
}

// separator stands before all but the first of a list.
func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func (r *Result) results(args map[string]any) runResults {
	out := runResults{
		Metadata: resultsMetadata{
			Schema: resultsSchema, AssayVersion: r.Run.AssayVersion, GeneratedAt: time.Now().UTC(), InvocationID: r.Run.RunID,
			AsOf: r.Run.AsOf,
		},
		Args: args,
	}
	if r.Run.Seconds != nil {
		out.ElapsedTime = *r.Run.Seconds
	}
	for _, n := range r.Nodes {
		out.Results = append(out.Results, n.result(r.Run.Project))
	}
	for _, q := range r.Queries {
		out.Queries = append(out.Queries, q.result())
	}
	return out
}

func (n Node) result(project string) nodeResult {
	took := n.EndedAt.Sub(n.StartedAt)
	return nodeResult{
		UniqueID: n.Kind + "." + project + "." + n.Name, Status: n.status(), Message: message(n.Err),
		Timing:        []timing{{"execute", n.StartedAt.UTC(), n.EndedAt.UTC()}},
		ExecutionTime: took.Seconds(), AdapterResponse: map[string]any{}, RelationName: known(n.Relation),
	}
}

func (n Node) status() string {
	if n.Skipped {
		return "skipped"
	}
	return outcome(n.Err)
}

func (q Query) result() queryResult {
	return queryResult{
		Step: q.Step, Timing: []timing{{"execute", q.StartedAt.UTC(), q.StartedAt.Add(q.Took).UTC()}}, Seconds: q.Took.Seconds(),
		Rows: q.Rows, Status: outcome(q.Err), Message: message(q.Err), SQLHash: hashSQL(q.SQL),
	}
}

// outcome is dbt's word for how something ended.
func outcome(err error) string {
	if err != nil {
		return "error"
	}
	return "success"
}

func message(err error) *string {
	if err == nil {
		return nil
	}
	text := err.Error()
	return &text
}

// jsonValue is a value as JSON can have it: a day without a time, a float that is no number as null.
func jsonValue(v any, t rel.Type) any {
	switch v := v.(type) {
	case time.Time:
		if t == rel.Date {
			return v.Format(time.DateOnly)
		}
	case float64:
		return number(v)
	}
	return v
}
