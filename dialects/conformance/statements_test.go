package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/rel"
	"assay/dialects"
)

func qualified(schema, name string) rel.Table {
	return rel.Table{Parts: []rel.TablePart{{Name: schema}, {Name: name, Quoted: true}}}
}

var resultColumns = []rel.Column{
	column("experiment", rel.Text), column("n", rel.Integer), column("lift", rel.Float), column("user", rel.Boolean),
	column("day", rel.Date), column("as_of", rel.Timestamp), column("price", rel.Decimal), column("note", rel.Unknown),
}

// statements are what a result table goes through, in order.
func statements(d *dialects.Dialect) []string {
	results, copied := qualified("assay_out", `Re"sults`), qualified("assay_out", "copied")
	someQuery := "SELECT 'x' AS experiment, 1 AS n"
	remove, _ := d.DeleteSQL(results, call(rel.Eq, rel.NewCol(resultColumns[0]), "o'Brien\\"))
	return []string{
		d.CreateSchemaSQL("assay_out"),
		d.CreateSchemaSQL("assay_out"),
		d.CreateTableSQL(results, resultColumns),
		d.CreateTableSQL(results, resultColumns),
		d.AddColumnSQL(results, column("added later", rel.Float)),
		d.AddColumnSQL(results, column("added later", rel.Float)),
		d.AppendSQL(results, resultColumns[:2], someQuery),
		remove,
		d.FillSQL(copied, someQuery),
		d.RenameSQL(copied, "order"),
		d.DropSQL(qualified("assay_out", "order")),
		d.DropSQL(qualified("assay_out", "order")),
	}
}

func TestStatements(t *testing.T) {
	var files []txtar.File
	for _, d := range all {
		text := strings.Join(append(statements(d), d.InsertSQL(table("results"), resultColumns[:2], 2), d.DryRunSQL("SELECT 1")), ";\n")
		files = append(files, txtar.File{Name: d.Name, Data: []byte(text + ";\n")})
	}
	golden(t, "statements", files...)

	onEach(t, func(t *testing.T, e engine) {
		for _, sql := range statements(e.dialect) {
			if err := e.exec(sql); err != nil {
				t.Errorf("%s\n%s", err, sql)
			}
		}
	})
}

func TestInsertedValuesAreBound(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		results := table("results")
		if err := e.exec(e.dialect.CreateTableSQL(results, resultColumns)); err != nil {
			t.Fatal(err)
		}
		hostile := `'); DROP TABLE results; --\`
		if err := e.exec(e.dialect.InsertSQL(results, resultColumns[:3], 2), hostile, 1, 0.5, "other", nil, nil); err != nil {
			t.Fatal(err)
		}
		remove, _ := e.dialect.DeleteSQL(results, call(rel.Eq, rel.NewCol(resultColumns[0]), hostile))
		if err := e.exec(remove); err != nil {
			t.Fatal(err)
		}
		scan := rel.NewScan(results, rel.Schema{Columns: resultColumns}, orders.At)
		if got := fmt.Sprint(e.rows(t, rel.NewProject(scan, keep(scan, "experiment", "n")...))); got != "[['other' NULL]]" {
			t.Errorf("left are %s", got)
		}
	})
}

func TestDryRunFindsWhatIsMissing(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		if _, err := e.query(e.dialect.DryRunSQL("SELECT 1 AS x")); err != nil {
			t.Error(err)
		}
		if _, err := e.query(e.dialect.DryRunSQL("SELECT missing FROM nowhere")); err == nil {
			t.Error("a dry run of a query on a table that is not there passes")
		}
	})
}

func TestEveryStatementAndClauseIsSupported(t *testing.T) {
	for _, d := range all {
		for k, template := range d.Statements {
			if template == "" {
				t.Errorf("%s lacks statement %d", d.Name, k)
			}
		}
		for c, template := range d.Clauses {
			if template == "" {
				t.Errorf("%s lacks clause %d", d.Name, c)
			}
		}
	}
}

// Every word that an engine knows, and every kind of character, is a name if the dialect writes it as one.
func TestAnyNameIsAName(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		names := []string{"Mixed", "mixed case", "with.dot", `with"quote`, "with'quote", "ünïcode", "1st", "a$b", "_x", "-- x", "x;y"}
		for _, query := range []string{"SELECT word FROM pg_get_keywords()", "SELECT DISTINCT keyword_name FROM duckdb_keywords()"} {
			rows, err := e.query(query)
			if err != nil {
				continue // another engine's list
			}
			for _, row := range rows {
				names = append(names, fmt.Sprint(row[0]))
			}
		}
		for _, name := range names {
			c := column(name, rel.Integer)
			values := rel.NewValues([]rel.Column{c}, [][]rel.Expr{{expr(1)}}, rel.Key{Columns: []string{name}})
			stored := staged(name, values, "")
			read := rel.NewJoin(rel.Inner, rel.NewRef(stored), rel.NewProject(values, as("other", rel.NewCol(c))),
				[]rel.Equal{{Left: rel.NewCol(c), Right: "other"}}, nil)
			grouped := rel.NewAggregate(read, []rel.Named{as(name, rel.NewCol(c))}, []rel.Named{as("n", agg(rel.CountRows))})
			rows, err := e.run(&rel.Program{Steps: []*rel.Step{stored, fetched("result", sorted(grouped, name), "")}})
			if err != nil || fmt.Sprint(rows["result"]) != "[[1 1]]" {
				t.Errorf("%q: %v %v", name, rows, err)
			}
		}
	})
}
