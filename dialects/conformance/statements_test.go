package conformance

import (
	"fmt"
	"slices"
	"strconv"
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
	insert, err := d.InsertSQL(results, resultColumns[:3], [][]any{{"it's", int64(1), 0.5}, {nil, nil, nil}})
	if err != nil {
		panic(err)
	}
	list := []string{
		d.CreateSchemaSQL("assay_out"),
		d.CreateSchemaSQL("assay_out"),
		d.CreateTableSQL(results, resultColumns),
		d.CreateTableSQL(results, resultColumns),
		d.AddColumnSQL(results, column("added later", rel.Float)),
		insert,
		d.UpdateSQL(results, "n = 2", "n = 1"),
		d.DeleteSQL(results, "n = 2"),
	}
	for range 2 {
		if replace := d.ReplaceSQL(copied, "SELECT * FROM "+d.Table(results)); replace != "" {
			list = append(list, replace)
		}
	}
	return append(list, d.DropSQL(copied), d.DropSQL(results), d.DropSQL(results))
}

func TestStatements(t *testing.T) {
	var files []txtar.File
	for _, d := range all {
		text := strings.Join(statements(d), ";\n")
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

// Sets of groups are what can be done without, and where there are transactions, replacing a table.
func TestEveryStatementAndClauseIsSupported(t *testing.T) {
	for _, d := range all {
		for k, template := range d.Statements {
			if template == "" && dialects.StatementKind(k) != dialects.Replace {
				t.Errorf("%s lacks statement %d", d.Name, k)
			}
		}
		for c, template := range d.Clauses {
			if sets := dialects.Clause(c) == dialects.GroupingSets || dialects.Clause(c) == dialects.GroupingMask; template == "" && !sets {
				t.Errorf("%s lacks clause %d", d.Name, c)
			}
		}
	}
}

// Every word that an engine knows, and every kind of character, is a name if the dialect writes it as one.
func TestAnyNameIsAName(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		if e.wrong != nil {
			t.Skip("a stand-in has words of its own")
		}
		names := []string{"Mixed", "mixed case", "with.dot", `with"quote`, "with'quote", "ünïcode", "1st", "a$b", "_x", "-- x", "x;y"}
		for _, query := range []string{
			"SELECT word FROM pg_get_keywords()", "SELECT DISTINCT keyword_name FROM duckdb_keywords()", "SELECT keyword FROM sql_keywords()",
		} {
			rows, err := e.query(query)
			if err != nil {
				continue // another engine's list
			}
			for _, row := range rows {
				names = append(names, fmt.Sprint(row[0]))
			}
		}
		for some := range slices.Chunk(names, 100) {
			if err := readBack(e, some); err != nil {
				t.Errorf("%q: %v", some, err)
			}
		}
	})
}

// readBack stores a table with columns of these names, called by the first, and reads it by them.
func readBack(e engine, names []string) error {
	var cols []rel.Column
	var row []rel.Expr
	for i, name := range names {
		cols = append(cols, column(name, rel.Integer))
		row = append(row, expr(i))
	}
	stored := staged(names[0], rel.NewValues(cols, [][]rel.Expr{row}, rel.Key{Columns: names[:1]}), "")
	first := of(stored.Relation, names[0])
	other := rel.NewProject(rel.NewRef(stored), as("other", first))
	both := rel.NewJoin(rel.Inner, rel.NewRef(stored), other, []rel.Equal{{Left: first, Right: "other"}}, nil)
	var groups []rel.Named
	for _, name := range names {
		groups = append(groups, as(name, of(both, name)))
	}
	grouped := sorted(rel.NewAggregate(both, groups, []rel.Named{as("how many", agg(rel.CountRows))}), names...)
	results, err := e.run(&rel.Program{Steps: []*rel.Step{stored, fetched("result", grouped, "")}})
	if err == nil && (len(results["result"]) != 1 || results["result"][0][len(names)-1] != strconv.Itoa(len(names)-1)) {
		return fmt.Errorf("%v", results)
	}
	return err
}
