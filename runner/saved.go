package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"assay/compiler/rel"
	"assay/dialects"
)

// A SavedQuery becomes the table assay_<name>, whole, at each run.
type SavedQuery struct {
	Name    string
	Program *rel.Program // whose step plan.AnswerStep is the table
}

// ownTables are the names that saved queries may not take: the result tables, those to come among them, and their views.
var ownTables = regexp.MustCompile(`^assay_(runs|query_log|experiments|metrics|exposures_daily|interactions|power|programme|` +
	`experiment_(moments|results|daily|heterogeneity|health|decisions))(_latest)?$`)

// Table is the name of the table that the query becomes.
func (q SavedQuery) Table() string { return "assay_" + q.Name }

// refuseOwnTables finds a saved query that would take the place of a result table.
func refuseOwnTables(queries []SavedQuery) error {
	for _, q := range queries {
		if ownTables.MatchString(strings.ToLower(q.Table())) {
			return fmt.Errorf("saved query %s would take the place of the result table %s; give it another name", q.Name, q.Table())
		}
	}
	return nil
}

// answerTable is a saved query's answer with the run it is of.
func answerTable(name string, answer *Answer, run runRow) Table {
	t := Table{Name: name}
	for i, c := range answer.Columns {
		t.Columns = append(t.Columns, rel.Column{Name: c.Name, Type: storedType(c.Type, answer.Rows.Values, i)})
	}
	for _, values := range answer.Rows.Values {
		row := make([]any, 0, len(values)+2)
		for i, v := range values {
			row = append(row, conform(v, t.Columns[i].Type))
		}
		t.Rows = append(t.Rows, append(row, run.RunID, run.AsOf))
	}
	t.Columns = append(t.Columns, rel.Column{Name: "run_id", Type: rel.Text}, rel.Column{Name: "as_of", Type: rel.Timestamp})
	return t
}

// storedType is the type of a column to be made: the declared one where the values are of it, else one that they are of.
func storedType(declared rel.Type, rows [][]any, column int) rel.Type {
	for _, t := range []rel.Type{declared, rel.Integer, rel.Float, rel.Boolean, rel.Timestamp} {
		if !slices.ContainsFunc(rows, func(row []any) bool { return !fits(row[column], t) }) && t != rel.Unknown {
			return stored[t]
		}
	}
	return rel.Text
}

// stored are the types of columns we make.
var stored = map[rel.Type]rel.Type{
	rel.Boolean: rel.Boolean, rel.Integer: rel.Integer, rel.Decimal: rel.Float, rel.Float: rel.Float, rel.Text: rel.Text,
	rel.Date: rel.Date, rel.Timestamp: rel.Timestamp, rel.TimestampTZ: rel.Timestamp,
}

// fits reports whether a fetched value can stand in a column.
func fits(v any, t rel.Type) bool {
	switch v.(type) {
	case nil:
		return true
	case bool:
		return t == rel.Boolean
	case int64:
		return t == rel.Integer || t == rel.Float || t == rel.Decimal
	case float64:
		return t == rel.Float || t == rel.Decimal
	case time.Time:
		return t == rel.Date || t == rel.Timestamp || t == rel.TimestampTZ
	}
	return t == rel.Text
}

// conform is a value as its column holds it.
func conform(v any, t rel.Type) any {
	switch whole, isWhole := v.(int64); {
	case v == nil:
		return nil
	case t == rel.Float && isWhole:
		return float64(whole)
	case t == rel.Text:
		return fmt.Sprint(v)
	}
	return v
}

// sameShape reports whether the warehouse has the table with just these columns, under the engine's names for their types.
func (s *store) sameShape(ctx context.Context, t Table) (bool, error) {
	typed := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		typed[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", s.dialect.Types[c.Type], s.dialect.Ident(c.Name))
	}
	want, err := s.session.Columns(ctx, "SELECT "+strings.Join(typed, ", "))
	if err != nil {
		return false, err
	}
	present, err := s.columns(ctx, t.Name)
	return err == nil && slices.Equal(present, want), nil
}

// swap keeps a table of the same columns, and with it the views that others made of it.
func (t transactional) swap(ctx context.Context, table Table, run string) error {
	same, err := t.sameShape(ctx, table)
	if err != nil {
		return err
	}
	makeRoom := t.remake
	switch {
	case same:
		makeRoom = t.empty
	case t.dialect.Statements[dialects.Replace] != "": // on some engines what makes a table ends the transaction
		return t.replace(ctx, table, run)
	}
	return t.transactor.InTransaction(ctx, func() error {
		if err := makeRoom(ctx, table); err != nil {
			return err
		}
		return t.append(ctx, table)
	})
}

func (s *store) empty(ctx context.Context, t Table) error { return s.remove(ctx, t.Name, "1 = 1") }

func (s *store) remake(ctx context.Context, t Table) error {
	if _, err := s.session.Exec(ctx, s.dialect.DropSQL(s.table(t.Name))); err != nil {
		return err
	}
	_, err := s.session.Exec(ctx, s.dialect.CreateTableSQL(s.table(t.Name), t.Columns))
	return err
}

func (a appending) swap(ctx context.Context, table Table, run string) error {
	return a.replace(ctx, table, run)
}

// replace fills a table of the run's own and puts it in the other's place at once.
func (s *store) replace(ctx context.Context, table Table, run string) (err error) {
	draft := Table{Name: scratchName(run, table.Name), Columns: table.Columns, Rows: table.Rows}
	if err := s.remake(ctx, draft); err != nil {
		return err
	}
	defer func() {
		_, dropped := s.session.Exec(ctx, s.dialect.DropSQL(s.table(draft.Name)))
		err = errors.Join(err, dropped)
	}()
	if err := s.append(ctx, draft); err != nil {
		return err
	}
	_, err = s.session.Exec(ctx, s.dialect.ReplaceSQL(s.table(table.Name), s.spell("SELECT * FROM <"+draft.Name+">")))
	return err
}
