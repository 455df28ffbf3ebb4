package unittest

import (
	"context"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
	"assay/runner"
)

// givenSchema holds the rows of a test, apart from what a run writes.
const givenSchema = "given"

// fill makes a table of each input's rows, an empty one of inputs that are not given, and is the project on these tables.
func (t *trial) fill(ctx context.Context, m *model.Model) (*model.Model, error) {
	if _, err := t.session.Exec(ctx, t.Dialect.CreateSchemaSQL(givenSchema)); err != nil {
		return nil, err
	}
	p := *m.Project
	p.Models, p.Assignments = nil, nil
	p.Catalog = &project.Catalog{Models: map[string][]project.CatalogColumn{}, Assignments: map[string][]project.CatalogColumn{}, Open: true}
	for _, decl := range m.Project.Models {
		on := *decl
		on.Partition = nil // it prunes what warehouses scan, and rows that do not say their period would be pruned as well
		in := modelInput(m, decl)
		if on.TimeSpine != nil && t.given(in.name) == nil {
			on.TimeSpine = nil // an empty one would have no day; the days asked for are generated instead
		}
		columns, err := t.stand(ctx, in, &on.Source)
		if err != nil {
			return nil, err
		}
		p.Models, p.Catalog.Models[in.name] = append(p.Models, &on), columns
	}
	for _, decl := range m.Project.Assignments {
		on := *decl
		if !decl.Source.Model.IsSet() {
			in := assignmentsInput(m, decl)
			columns, err := t.stand(ctx, in, &on.Source)
			if err != nil {
				return nil, err
			}
			p.Catalog.Assignments[in.name] = columns
		}
		p.Assignments = append(p.Assignments, &on)
	}
	known, bag := build(&p)
	t.bag.Append(bag)
	return known, nil
}

// build keeps mistakes: of warnings the project's own reading has told.
func build(p *project.Project) (*model.Model, *diag.Bag) {
	var all, mistakes diag.Bag
	m := model.Build(p, &all)
	for _, d := range all.Sorted() {
		if d.Severity == diag.Error {
			mistakes.Add(d)
		}
	}
	return m, &mistakes
}

func (t *trial) given(input string) *project.Given {
	i := slices.IndexFunc(t.test.Given, func(g project.Given) bool { return g.Input.V == input })
	if i < 0 {
		return nil
	}
	return &t.test.Given[i]
}

// stand has a source read the rows that the test gives of it, and lists their columns.
func (t *trial) stand(ctx context.Context, in *input, source *project.Source) ([]project.CatalogColumn, error) {
	given := t.given(in.name)
	if given != nil && given.Format.V == "sql" {
		*source = project.Source{SQL: given.Text}
		columns, err := t.session.Columns(ctx, given.Text.Value)
		if err != nil {
			t.bag.Errorf(given.Text.Span, codeFailed, "the rows of `%s` cannot be read: %s", in.name, firstLine(err))
			return nil, nil
		}
		return columns, nil
	}
	if given != nil {
		in.take(t.rowsOf(given.Format, given.Rows, given.Text))
	}
	table := in.table(&t.bag)
	if t.bag.HasErrors() {
		return nil, nil
	}
	if err := t.load(ctx, table); err != nil {
		return nil, err
	}
	*source = project.Source{SQL: diag.Text{Value: in.selection(t.Dialect), Span: in.at}}
	columns := make([]project.CatalogColumn, len(in.columns))
	for i, c := range in.columns {
		columns[i] = project.CatalogColumn{Name: c.name, Type: t.Dialect.Types[c.settle()]}
	}
	return columns, nil
}

func (t *trial) load(ctx context.Context, table runner.Table) error {
	if _, err := t.session.Exec(ctx, t.Dialect.CreateTableSQL(t.Dialect.TableIn(givenSchema, table.Name), table.Columns)); err != nil {
		return err
	}
	return t.session.Append(ctx, givenSchema, table)
}

// An input is a model or assignments, and the rows that a test gives of it.
type input struct {
	name    string
	at      diag.Span
	columns []*column
	rows    int
}

func modelInput(m *model.Model, decl *project.Model) *input {
	in := &input{name: decl.Name.V, at: decl.Name.Span}
	known, _ := m.Table(decl.Name.V)
	conditions := conditionsOf(m, known)
	for _, c := range known.Columns {
		column := in.column(c.Name)
		if column.t = c.Type; conditions[c.Name] {
			column.otherwise = rel.Boolean
		}
	}
	for _, c := range decl.Columns {
		if c.Dimension != nil && c.Dimension.Type.V == project.Time {
			in.column(c.Name.V).otherwise = timeType(c)
		}
	}
	return in
}

// timeType is what a time dimension is taken for.
func timeType(c *project.Column) rel.Type {
	days := []project.Unit{project.Day, project.Week, project.Month, project.Quarter, project.Year}
	if slices.Contains(days, c.Granularity.V) || slices.Contains(days, c.Dimension.Granularity.V) {
		return rel.Date
	}
	return rel.Timestamp
}

func assignmentsInput(m *model.Model, decl *project.Assignments) *input {
	in := &input{name: decl.Name.V, at: decl.Name.Span}
	if catalog := m.Project.Catalog; catalog != nil && catalog.Assignments[in.name] != nil {
		for _, c := range catalog.Assignments[in.name] {
			in.column(c.Name).t = expr.TypeNamed(c.Type)
		}
	}
	for _, name := range append([]project.Name{decl.Unit, decl.Experiment, decl.Variant, decl.Cluster, decl.Stratum}, decl.Dimensions...) {
		if name.IsSet() {
			in.column(name.V)
		}
	}
	if decl.Time.IsSet() {
		in.column(decl.Time.V).otherwise = rel.Timestamp
	}
	return in
}

// column is the one of that name, which is made where there is none.
func (in *input) column(name string) *column {
	for _, c := range in.columns {
		if c.name == name {
			return c
		}
	}
	c := &column{name: name}
	in.columns = append(in.columns, c)
	return c
}

// take takes rows. What one of them does not say is NULL.
func (in *input) take(rows []project.Row) {
	in.rows = len(rows)
	for i, row := range rows {
		for _, cell := range row {
			in.column(cell.Name.V).put(i, cell.Value)
		}
	}
	for _, c := range in.columns {
		with := project.Scalar{}
		if len(c.cells) == 0 {
			with = c.unsaid()
		}
		c.extend(len(rows), with)
	}
}

// rowNumber is a column that each table has: some have no other.
const rowNumber = "row number"

// selection is the query of the table's rows. A column of which nothing is known, its type neither, is a NULL that goes with anything.
func (in *input) selection(d *dialects.Dialect) string {
	columns := make([]string, len(in.columns))
	for i, c := range in.columns {
		if columns[i] = d.Ident(c.name); c.settle() == rel.Unknown {
			columns[i] = "NULL AS " + columns[i]
		}
	}
	if len(columns) == 0 {
		columns = []string{d.Ident(rowNumber)}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + d.Table(d.TableIn(givenSchema, in.name))
}

// table is the input's rows as the database takes them, without the columns of which nothing is known.
func (in *input) table(bag *diag.Bag) runner.Table {
	table := runner.Table{Name: in.name, Columns: []rel.Column{{Name: rowNumber, Type: rel.Integer}}, Rows: make([][]any, in.rows)}
	for i := range table.Rows {
		table.Rows[i] = []any{int64(i)}
	}
	for _, c := range in.columns {
		t := c.settle()
		if t == rel.Unknown {
			continue
		}
		table.Columns = append(table.Columns, rel.Column{Name: c.name, Type: t})
		for i, cell := range c.cells {
			v, err := typed(t, cell.V)
			if err != nil {
				bag.Errorf(cell.Span, codeFailed, "`%s` of `%s` is %s: %s", c.name, in.name, t, err)
			}
			table.Rows[i] = append(table.Rows[i], v)
		}
	}
	return table
}
