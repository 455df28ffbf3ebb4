package cli

import (
	"strings"
	"testing"

	api "google.golang.org/api/bigquery/v2"

	"assay/internal/bigquerytest"
	"assay/internal/enginetest"
	"assay/runner"
)

const limitedProject = `models:
  - name: orders
    relation: orders
    agg_time_dimension: at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: at, granularity: second, dimension: {type: time}}
    metrics: [{name: revenue, type: simple, agg: sum, expr: amount}]
assignments:
  - {name: flags, relation: flags, entity: user, columns: {unit: user_id, time: at, variant: variant}}
protocols:
  - {name: standard, limits: {bytes_scanned: 3 GB}}
experiments:
  - {name: checkout, assignments: flags, protocol: standard, start: 2026-01-01, variants: [control, treatment], metrics: {primary: revenue}}
`

// TestLimitAtItsPlace: what a warehouse would scan beyond a protocol's limit is told at the experiment, with the limit's place.
func TestLimitAtItsPlace(t *testing.T) {
	service := bigquerytest.New(t, func(string, int) bigquerytest.Outcome {
		return bigquerytest.Outcome{Bytes: 2e9, Schema: []*api.TableFieldSchema{
			{Name: "user_id", Type: "STRING"}, {Name: "at", Type: "DATETIME"}, {Name: "variant", Type: "STRING"}, {Name: "amount", Type: "FLOAT"},
		}}
	})
	dir := writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"models/all.yml":    limitedProject,
		"profiles.yml":      string(enginetest.Profile(t, "shop", runner.Output{Name: "bigquery", Fields: service.Fields()})),
	})
	code, out, problems := assay(t, dir, "validate", "--connect")
	for _, want := range []string{
		"models/all.yml:14:12: experiment checkout would scan 4.0 GB, and protocol standard allows 3.0 GB [limit]",
		"a `partition:` of its models", "models/all.yml:12:46: note: limited here",
	} {
		if !strings.Contains(problems, want) {
			t.Errorf("%s lacks %s", problems, want)
		}
	}
	if code != exitFailed || !strings.Contains(out, "experiment:checkout  in all, at most  4.0 GB") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}
