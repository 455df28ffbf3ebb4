package conformance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
)

// userTables are the user's own: words as names of columns, names that need quotes, a table and a view that a step's name could
// capture.
var userTables = []struct {
	scan *rel.Scan
	rows [][]rel.Expr
}{
	{orders, [][]rel.Expr{
		{expr(1), expr(1), expr(10.5), expr("completed"), ts("2026-01-05 10:00:00"), expr(7), expr(1)},
		{expr(2), expr(1), expr(20.0), expr("cancelled"), ts("2026-01-06 00:00:00"), expr(8), expr(2)},
		{expr(3), expr(2), expr(5.0), expr("completed"), ts("2026-01-12 23:59:59"), expr(9), expr(3)},
		{expr(4), noInt, expr(1.0), noText, noTime, noInt, noInt},
		{expr(5), expr(3), expr(0.0), expr(`it's \n`), ts("2026-01-19 00:00:00"), expr(1), expr(4)},
	}},
	{plans, [][]rel.Expr{
		{expr(1), expr("free"), ts("2025-01-01 00:00:00"), ts("2026-01-06 00:00:00")},
		{expr(1), expr("pro"), ts("2026-01-06 00:00:00"), noTime},
		{expr(2), expr("Team"), ts("2025-01-01 00:00:00"), ts("2026-01-12 00:00:00")},
		{expr(3), noText, ts("2026-01-01 00:00:00"), noTime},
	}},
	{units, [][]rel.Expr{{expr(42)}}},
}

var units = rel.NewScan(table("units"), rel.Schema{Columns: []rel.Column{column("a", rel.Integer)}}, diag.Span{})

// setup makes the user's tables.
func setup(d *dialects.Dialect) []string {
	var statements []string
	for _, t := range userTables {
		cols := t.scan.Schema().Columns
		statements = append(statements, d.CreateTableSQL(t.scan.Table, cols),
			"INSERT INTO "+d.Table(t.scan.Table)+"\n"+sqlOf(d, rel.NewValues(cols, t.rows)))
	}
	return append(statements, "CREATE VIEW seen_units AS SELECT a FROM units")
}

func table(name string) rel.Table { return rel.Table{Parts: []rel.TablePart{{Name: name}}} }

func column(name string, t rel.Type) rel.Column { return rel.Column{Name: name, Type: t} }

var orders = rel.NewScan(table("orders"), rel.Schema{
	Columns: []rel.Column{
		column("order_id", rel.Integer), column("user_id", rel.Integer), column("amount", rel.Float), column("status", rel.Text),
		column("ordered_at", rel.Timestamp), column("order", rel.Integer), column("Unit Price", rel.Integer),
	},
	Keys: []rel.Key{{Columns: []string{"order_id"}}},
}, diag.Span{})

var plans = rel.NewScan(table("plans"), rel.Schema{
	Columns: []rel.Column{
		column("user_id", rel.Integer), column("plan", rel.Text), column("valid_from", rel.Timestamp),
		column("valid_to", rel.Timestamp),
	},
	Keys: []rel.Key{{Columns: []string{"user_id"}, Validity: &rel.Validity{From: "valid_from", To: "valid_to"}}},
}, diag.Span{})

func of(r rel.Relation, name string) *rel.Col { return r.Schema().Col(name) }

func as(name string, x any) rel.Named { return rel.Named{Name: name, X: expr(x)} }

func key(x rel.Expr) rel.SortKey { return rel.SortKey{X: x} }

func down(x rel.Expr) rel.SortKey { return rel.SortKey{X: x, Desc: true} }

// sorted is r in the order of its columns.
func sorted(r rel.Relation, names ...string) rel.Relation {
	var keys []rel.SortKey
	for _, name := range names {
		keys = append(keys, key(of(r, name)))
	}
	return rel.NewSort(r, keys...)
}

func fetched(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Kind: rel.Fetched, Relation: r, Comment: comment}
}

func inline(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Relation: r, Comment: comment}
}

func staged(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Kind: rel.Staged, Relation: r, Comment: comment}
}

// programs are the shapes of queries, each with its golden file: the plan, the SQL of each dialect and the rows.
func programs() map[string][]*rel.Step {
	shapes := map[string][]*rel.Step{}
	for _, group := range []func() map[string]rel.Relation{grouped, joins, serial, named, sliced, unions, listed, domains, own} {
		for name, r := range group() {
			shapes[name] = []*rel.Step{fetched("result", r, "")}
		}
	}
	shapes["steps"] = steps()
	shapes["step_named_as_a_table"] = capturing()
	return shapes
}

var asOf = map[rel.ParamName]*rel.Lit{rel.AsOf: ts("2026-01-06 00:00:00")}

func TestPrograms(t *testing.T) {
	results := map[string]map[string]string{}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			e := open(t, d)
			for _, sql := range setup(e.dialect) {
				if err := e.exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			for name, steps := range programs() {
				got, err := e.run((&rel.Program{Steps: steps}).Bind(asOf))
				if errors.As(err, new(*dialects.Unsupported)) {
					continue // its golden file names the gap
				}
				if err != nil {
					t.Errorf("%s: %s", name, err)
					continue
				}
				if results[name] == nil {
					results[name] = map[string]string{}
				}
				results[name][d.Name] = rowsText(got)
			}
		})
	}
	for name, steps := range programs() {
		t.Run(name, func(t *testing.T) {
			rows := results[name][all[0].Name]
			for engine, other := range results[name] {
				if other != rows {
					t.Errorf("%s answers\n%s%s answers\n%s", all[0].Name, rows, engine, other)
				}
			}
			golden(t, name, archive(&rel.Program{Steps: steps}, rows)...)
		})
	}
}

func archive(p *rel.Program, rows string) []txtar.File {
	files := []txtar.File{{Name: "plan", Data: []byte(p.Dump())}}
	for _, d := range all {
		statements, err := dialects.Print(d, p)
		var b strings.Builder
		if err != nil {
			b.WriteString("-- " + err.Error() + "\n")
		}
		for i, s := range statements {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(strings.TrimSuffix(s.SQL, "\n") + ";\n")
			if len(s.Params) > 0 {
				fmt.Fprintf(&b, "-- bound: %v\n", s.Params)
			}
		}
		files = append(files, txtar.File{Name: d.Name + ".sql", Data: []byte(b.String())})
	}
	return append(files, txtar.File{Name: "rows", Data: []byte(rows)})
}

func rowsText(results map[string][][]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(results)) {
		fmt.Fprintf(&b, "%s:\n", name)
		for _, row := range results[name] {
			b.WriteString("  " + strings.Join(row, " | ") + "\n")
		}
	}
	return b.String()
}
