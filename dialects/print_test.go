package dialects_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/dialects/duckdb"
	"assay/dialects/postgres"
	"assay/internal/diag"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func at(line int) diag.Span {
	return diag.Span{File: "metrics.yml", Start: diag.Position{Line: line, Col: 3}, End: diag.Position{Line: line, Col: 9}}
}

func program(kind rel.StepKind, r rel.Relation) *rel.Program {
	return &rel.Program{Steps: []*rel.Step{{Name: "result", Kind: kind, Relation: r}}}
}

func TestEveryGapIsReportedAtOnce(t *testing.T) {
	id := rel.Column{Name: "id", Type: rel.Text}
	csv := rel.Table{File: &rel.FileSource{Path: "/data/a.csv"}}
	scan := rel.NewScan(csv, rel.Schema{Columns: []rel.Column{id, {Name: "day", Type: rel.Date}}}, at(1))
	hash := rel.NewCall(rel.Hash60, &rel.Col{Name: "id", T: rel.Text, At: at(3)})
	elapsed := rel.NewTimeCall(rel.DateDiff, rel.Day, &rel.Col{Name: "day", T: rel.Date, At: at(4)}, rel.DateLit(noon))
	own := &rel.Verbatim{Texts: []rel.DialectSQL{{Dialect: "duckdb", SQL: "1"}}, T: rel.Integer, At: at(5)}
	cast := rel.ToType(rel.NewCol(id), rel.Unknown)
	project := rel.NewProject(scan, rel.Named{Name: "h", X: rel.NewCall(rel.Add, hash, elapsed)}, rel.Named{Name: "v", X: own},
		rel.Named{Name: "c", X: cast})
	approx := rel.NewAgg(rel.ApproxCountDistinct, project.Schema().Col("h"))
	_, err := dialects.Print(dialects.ANSI(), program(rel.Kept, rel.NewAggregate(project, nil, []rel.Named{{Name: "n", X: approx}})))
	var lacking *dialects.Unsupported
	if !errors.As(err, &lacking) {
		t.Fatal(err)
	}
	const want = `(default): state kept beyond a run (step result) is not supported on ansi
(default): approx_count_distinct is not supported on ansi
metrics.yml:3:3: hash60 is not supported on ansi
metrics.yml:4:3: date_diff of days is not supported on ansi
metrics.yml:5:3: this expression, which is not given for it, is not supported on ansi
(default): a cast from text to unknown is not supported on ansi
metrics.yml:1:3: reading a file is not supported on ansi`
	if err.Error() != want {
		t.Error(err)
	}
}

func TestAMissingEntryIsAGap(t *testing.T) {
	series := rel.NewSeries("day", rel.Day, rel.DateLit(noon), rel.DateLit(noon))
	if _, err := dialects.Print(dialects.ANSI(), program(rel.Fetched, series)); err == nil {
		t.Error("ANSI has series")
	}
	bare := *dialects.ANSI()
	bare.Clauses[dialects.ValueRows] = ""
	bare.Statements[dialects.Stage] = ""
	values := rel.NewValues([]rel.Column{{Name: "x", Type: rel.Integer}}, [][]rel.Expr{{rel.Int(1)}})
	_, err := dialects.Print(&bare, program(rel.Staged, values))
	if err == nil || !strings.Contains(err.Error(), "a stored step (result)") || !strings.Contains(err.Error(), "literal rows") {
		t.Error(err)
	}
}

func TestABrokenProgramIsRefused(t *testing.T) {
	orphan := rel.NewRef(&rel.Step{Name: "gone", Relation: rel.NewValues([]rel.Column{{Name: "x", Type: rel.Integer}}, nil)})
	if _, err := dialects.Print(duckdb.Dialect, program(rel.Fetched, orphan)); err == nil {
		t.Error("a reference to a step that is not in the program prints")
	}
}

func TestNamesOfTables(t *testing.T) {
	for _, c := range []struct {
		parts            []rel.TablePart
		duckdb, postgres string
	}{
		{[]rel.TablePart{{Name: "analytics"}, {Name: "orders"}}, "analytics.orders", "analytics.orders"},
		{[]rel.TablePart{{Name: "Orders"}}, "Orders", "Orders"}, // what the engine makes of it without quotes
		{[]rel.TablePart{{Name: "Orders", Quoted: true}}, `"Orders"`, `"Orders"`},
		{[]rel.TablePart{{Name: "Order"}}, `"Order"`, `"order"`},
		{[]rel.TablePart{{Name: "my orders"}}, `"my orders"`, `"my orders"`},
		{[]rel.TablePart{{Name: `x"; DROP TABLE y; --`}}, `"x""; DROP TABLE y; --"`, `"x""; DROP TABLE y; --"`},
		{[]rel.TablePart{{Name: "a.b"}}, `"a.b"`, `"a.b"`},
	} {
		table := rel.Table{Parts: c.parts}
		if got := duckdb.Dialect.Table(table); got != c.duckdb {
			t.Errorf("DuckDB: %s, want %s", got, c.duckdb)
		}
		if got := postgres.Dialect.Table(table); got != c.postgres {
			t.Errorf("Postgres: %s, want %s", got, c.postgres)
		}
	}
}

func TestFiles(t *testing.T) {
	for path, want := range map[string]string{
		"/d/a.csv.gz":      "read_csv('/d/a.csv.gz', delim = ';', header = FALSE, sample_size = 10)",
		"/d/*.parquet":     "read_parquet('/d/*.parquet', delim = ';', header = FALSE, sample_size = 10)",
		"/d/o'brien.JSONL": "read_json('/d/o''brien.JSONL', delim = ';', header = FALSE, sample_size = 10)",
	} {
		file := &rel.FileSource{Path: path, Options: []rel.FileOption{
			{Name: "delim", Value: ";"}, {Name: "header", Value: false}, {Name: "sample_size", Value: int64(10)},
		}}
		if got := duckdb.Dialect.Source(rel.Table{File: file}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestParametersAreInTheOrderOfTheirPlaceholders(t *testing.T) {
	asOf, run := &rel.Param{Name: rel.AsOf}, &rel.Param{Name: rel.RunID}
	values := rel.NewValues([]rel.Column{{Name: "at", Type: rel.Timestamp}}, [][]rel.Expr{{rel.TimestampLit(noon)}})
	since := rel.NewTimeCall(rel.DateDiff, rel.Day, values.Schema().Col("at"), asOf) // its template has the second argument first
	r := rel.NewFilter(rel.NewProject(values, rel.Named{Name: "run", X: run}, rel.Named{Name: "days", X: since}), rel.Bool(true))
	r = rel.NewFilter(r, rel.NewCall(rel.Eq, r.Schema().Col("run"), run))
	statements, err := dialects.Print(postgres.Dialect, program(rel.Fetched, r))
	if err != nil {
		t.Fatal(err)
	}
	want := []rel.ParamName{rel.RunID, rel.AsOf, rel.RunID, rel.RunID}
	got := statements[0]
	if len(got.Params) != len(want) {
		t.Fatalf("%v for\n%s", got.Params, got.SQL)
	}
	for i, name := range want {
		typed := map[rel.ParamName]string{rel.RunID: "text", rel.AsOf: "timestamp"}[name]
		place := "CAST(" + postgres.Dialect.Placeholder(i+1) + " AS " + typed + ")"
		if got.Params[i] != name || !strings.Contains(got.SQL, place) {
			t.Errorf("parameter %d is %s, want %s as %s in\n%s", i+1, got.Params[i], name, place, got.SQL)
		}
	}
}

func TestASecondPrintIsTheSame(t *testing.T) {
	values := rel.NewValues([]rel.Column{{Name: "x", Type: rel.Integer}}, [][]rel.Expr{{rel.Int(1)}})
	p := program(rel.Fetched, rel.NewFilter(values, rel.NewCall(rel.Gt, values.Schema().Col("x"), rel.Int(0))))
	first, err := dialects.Print(duckdb.Dialect, p)
	if err != nil {
		t.Fatal(err)
	}
	second, err := dialects.Print(duckdb.Dialect, p)
	if err != nil || first[0].SQL != second[0].SQL {
		t.Errorf("%v: %s, then %s", err, first[0].SQL, second[0].SQL)
	}
}
