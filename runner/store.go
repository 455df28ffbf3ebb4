package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
)

// A store holds the result tables: one schema of a warehouse.
type store struct {
	session Session
	dialect *dialects.Dialect
	schema  string
}

// table is a result table or view.
func (s *store) table(name string) rel.Table {
	return s.dialect.TableIn(s.schema, name)
}

var hole = regexp.MustCompile(`\?|\[[^\[\]]+\]|<[^<>\s]+>`)

// spell puts into a template the next value for ?, the column for [name] and the result table for <name>.
func (s *store) spell(template string, values ...any) string {
	return hole.ReplaceAllStringFunc(template, func(found string) string {
		switch name := strings.Trim(found, "[]<>"); {
		case found[0] == '[':
			return s.dialect.Ident(name)
		case found[0] == '<':
			return s.dialect.Table(s.table(name))
		}
		value := values[0]
		values = values[1:]
		return s.dialect.Expr(rel.LitOf(value))
	})
}

func (s *store) exec(ctx context.Context, template string, values ...any) error {
	_, err := s.session.Exec(ctx, s.spell(template, values...))
	return err
}

func (s *store) query(ctx context.Context, template string, values ...any) (plan.Rows, error) {
	return s.session.Query(ctx, s.spell(template, values...))
}

// update changes rows of a result table; set and where are spelt.
func (s *store) update(ctx context.Context, table, set, where string) error {
	_, err := s.session.Exec(ctx, s.dialect.UpdateSQL(s.table(table), set, where))
	return err
}

// remove deletes rows of a result table; where is spelt.
func (s *store) remove(ctx context.Context, table, where string) error {
	_, err := s.session.Exec(ctx, s.dialect.DeleteSQL(s.table(table), where))
	return err
}

// places is a template for n values.
func places(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// columns are those of a table or view in the warehouse, in its order.
func (s *store) columns(ctx context.Context, table string) ([]project.CatalogColumn, error) {
	return s.session.Columns(ctx, s.spell("SELECT * FROM <"+table+">"))
}

// prepare makes the schema and the tables, adds columns that an older release did not write, and renews the views of tables
// that changed. What people read stays as it is: no table is dropped and no column changed. It tries twice, since another run may
// make a table after our look and before our CREATE.
func (s *store) prepare(ctx context.Context, tables []Table) error {
	if s.prepareAll(ctx, tables) == nil {
		return nil
	}
	return s.prepareAll(ctx, tables)
}

func (s *store) prepareAll(ctx context.Context, tables []Table) error {
	for _, t := range tables {
		if err := s.prepareTable(ctx, t); err != nil {
			return fmt.Errorf("result table %s.%s: %w", s.schema, t.Name, err)
		}
	}
	for _, t := range tables {
		if err := s.prepareView(ctx, t); err != nil {
			return fmt.Errorf("view %s.%s: %w", s.schema, latest(t.Name), err)
		}
	}
	return nil
}

func (s *store) prepareTable(ctx context.Context, t Table) error {
	present, err := s.columns(ctx, t.Name)
	if err != nil {
		return s.create(ctx, t)
	}
	for _, c := range t.Columns {
		if hasColumn(present, c.Name) {
			continue
		}
		if _, err := s.session.Exec(ctx, s.dialect.AddColumnSQL(s.table(t.Name), c)); err != nil {
			return err
		}
	}
	return nil
}

// create makes the table, and its schema where there is none. Without the right to create schemas that is refused also where
// the schema exists, so a refusal counts only if the table cannot be made.
func (s *store) create(ctx context.Context, t Table) error {
	_, refused := s.session.Exec(ctx, s.dialect.CreateSchemaSQL(s.schema))
	if _, err := s.session.Exec(ctx, s.dialect.CreateTableSQL(s.table(t.Name), t.Columns)); err != nil {
		return errors.Join(err, refused)
	}
	return nil
}

func hasColumn(columns []project.CatalogColumn, name string) bool {
	return slices.ContainsFunc(columns, func(c project.CatalogColumn) bool { return strings.EqualFold(c.Name, name) })
}
