package runner_test

import (
	"slices"
	"testing"

	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/internal/enginetest"
	"assay/runner"
)

// TestEstimate has each engine look at a program that reads a table of 1,000 rows in two of its three statements, and run none of it.
func TestEstimate(t *testing.T) {
	for _, e := range append(slices.Clip(enginetest.All), enginetest.Named("redshift")) {
		t.Run(e.Name(), func(t *testing.T) {
			output := e.Output(t)
			warehouse := e.Warehouse(t, output)
			session := enginetest.Connect(t, warehouse)
			table := runner.Table{Name: "facts", Columns: []rel.Column{{Name: "n", Type: rel.Integer}}}
			for n := range int64(1000) {
				table.Rows = append(table.Rows, []any{n})
			}
			e.Fill(t, session, warehouse.Schema(), table)
			at := runner.Place{Session: session, Dialect: e.Dialect, Staging: warehouse.Staging()}

			estimated, err := at.Estimate(t.Context(), program(e.Dialect.TableIn(warehouse.Schema(), "facts")), nil)

			if err != nil || len(estimated) != 2 || estimated[0].Step != "kept" || estimated[1].Step != "compared" {
				t.Fatal(estimated, err)
			}
			for _, s := range estimated {
				if s.Err != nil || s.Estimate == nil || s.Estimate.Amount <= 0 {
					t.Errorf("%s: %+v, %v", s.Step, s.Estimate, s.Err)
				}
			}
			if total := runner.Total(estimated); total.Unit == runner.ScannedRows && total.Amount != 3000 {
				t.Errorf("%v rows: one scan, and one with it as a part of itself", total.Amount)
			}
			t.Logf("%+v", runner.Total(estimated))

			lacking, err := at.Estimate(t.Context(), program(e.Dialect.TableIn(warehouse.Schema(), "absent")), nil)
			if err != nil || lacking[0].Err == nil {
				t.Error("a table that is not there: ", lacking, err)
			}
		})
	}
}

// program stores all the rows of a table, compares them with the table's, and counts them.
func program(table rel.Table) *rel.Program {
	n, m := rel.Column{Name: "n", Type: rel.Integer}, rel.Column{Name: "m", Type: rel.Integer}
	facts := rel.NewScan(table, rel.Schema{Columns: []rel.Column{n}}, diag.Span{})
	kept := &rel.Step{Name: "kept", Kind: rel.Staged, Relation: facts}
	distinct := rel.NewAggregate(rel.NewRef(kept), []rel.Named{{Name: "m", X: rel.NewCol(n)}}, nil)
	same := []rel.Equal{{Left: rel.NewCol(n), Right: m.Name}}
	compared := &rel.Step{Name: "compared", Kind: rel.Fetched, Relation: rel.NewJoin(rel.Inner, facts, distinct, same, nil)}
	counted := &rel.Step{Name: "counted", Kind: rel.Fetched, Relation: distinct}
	return &rel.Program{Steps: []*rel.Step{kept, compared, counted}}
}
