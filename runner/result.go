package runner

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"assay/compiler/rel"
	"assay/runner/judge"
)

// resultsSchema names the shape of run_results.json: dbt's, and beside it the rows of each result table.
const resultsSchema = "assay/run-results/v1"

type runResults struct {
	Metadata    resultsMetadata             `json:"metadata"`
	Results     []nodeResult                `json:"results"`
	ElapsedTime float64                     `json:"elapsed_time"`
	Args        map[string]any              `json:"args"`
	Queries     []queryResult               `json:"queries"`
	Tables      map[string][]map[string]any `json:"tables"`
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
	text, err := json.MarshalIndent(r.results(args), "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(dir, "run_results.json"), append(text, '\n'), 0o644)
}

func (r *Result) results(args map[string]any) runResults {
	out := runResults{
		Metadata: resultsMetadata{
			Schema: resultsSchema, AssayVersion: r.Run.AssayVersion, GeneratedAt: time.Now().UTC(), InvocationID: r.Run.RunID,
			AsOf: r.Run.AsOf,
		},
		Args:   args,
		Tables: map[string][]map[string]any{},
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
	for _, t := range append(r.Tables, NewTable(runsTable, []judge.RunRow{r.Run})) {
		out.Tables[t.Name] = t.records()
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

// records are the table's rows by column name.
func (t Table) records() []map[string]any {
	records := make([]map[string]any, len(t.Rows))
	for i, row := range t.Rows {
		records[i] = map[string]any{}
		for j, v := range row {
			records[i][t.Columns[j].Name] = jsonValue(v, t.Columns[j].Type)
		}
	}
	return records
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
