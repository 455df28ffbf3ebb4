package databricks_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/compiler/project"
	"assay/internal/enginetest"
	"assay/runner"
)

// here is the engine, or the test is skipped.
func here(t *testing.T) (runner.Output, runner.Session) {
	t.Helper()
	e := enginetest.Named("databricks")
	output := e.Output(t)
	return output, enginetest.Connect(t, e.Warehouse(t, output))
}

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	_, session := here(t)
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		sql  string
		want any
	}{
		{"NULL", nil},
		{"CAST(NULL AS bigint)", nil},
		{"true", true},
		{"1Y", int64(1)},
		{"1S", int64(1)},
		{"1", int64(1)},
		{"9007199254740993L", int64(9007199254740993)},
		{"1.50", 1.5},
		{"12345678901234567890.5", 12345678901234567890.5},
		{"0.5F", 0.5},
		{"1E-1D", 0.1},
		{"double('nan')", math.NaN()},
		{"-double('infinity')", math.Inf(-1)},
		{"'ü'", "ü"},
		{"''", ""},
		{"DATE '2024-01-01'", midnight},
		{"TIMESTAMP '2024-01-01 00:00:00'", midnight},
		{"TIMESTAMP '2024-01-01 02:00:00.5 +02:00'", midnight.Add(time.Second / 2)},
		{"TIMESTAMP_NTZ '2024-01-01 00:00:00.000001'", midnight.Add(time.Microsecond)},
		{"X'6162'", "6162"},
		{"array(1, 2)", "[1,2]"},
	}
	for _, test := range tests {
		rows, err := session.Query(t.Context(), "SELECT "+test.sql+" AS v")
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		if diff := cmp.Diff([][]any{{test.want}}, rows.Values, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", test.sql, diff)
		}
	}
}

func TestColumnsWithoutRunning(t *testing.T) {
	_, session := here(t)
	columns, err := session.Columns(t.Context(), "SELECT 1.5 AS x, now() AS y, CAST(raise_error('ran') AS string) AS z -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []project.CatalogColumn{{Name: "x", Type: "decimal(2,1)"}, {Name: "y", Type: "timestamp"}, {Name: "z", Type: "string"}}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}
