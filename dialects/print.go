package dialects

import (
	"slices"
	"strings"

	"assay/compiler/rel"
	"assay/compiler/rel/lower"
)

// A Statement is one step's SQL.
type Statement struct {
	Name    string // of the step
	Kind    rel.StepKind
	SQL     string
	Params  []rel.ParamName // in the order of their placeholders
	Columns []rel.Column    // what it returns or stores
	Undo    string          // drops what a staged step stored; empty for others
}

// Print is the program as statements, to be run in order on one connection. Inline steps become CTEs of the statements that
// need them. The error is *Unsupported, with every gap, where the dialect lacks something.
func Print(d *Dialect, p *rel.Program) ([]Statement, error) { return PrintOver(d, p, nil) }

// PrintOver is Print for steps that are stored in tables which others see: scratch names the table of a step.
func PrintOver(d *Dialect, p *rel.Program, scratch func(step string) rel.Table) ([]Statement, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	p = lower.Lower(p, d.features())
	if err := d.unsupported(p); err != nil {
		return nil, err
	}
	stage := Stage
	if scratch != nil {
		stage = StageInto
	}
	tables := d.stepTables(p, scratch)
	var statements []Statement
	for _, s := range p.Steps {
		if s.Kind != rel.Inline {
			statements = append(statements, d.statement(s, p, tables, stage))
		}
	}
	return statements, nil
}

// stepTables are the names by which steps are read. A stored step's begins with ours: a user's view, whose text is not before us,
// may read a table of the step's own name, and some engines would give it ours.
func (d *Dialect) stepTables(p *rel.Program, scratch func(string) rel.Table) map[*rel.Step]string {
	var names rel.Names
	for _, s := range p.Steps {
		names.Reserve(s.Name)
		names.Reserve(rel.MentionedBy(s.Relation)...)
	}
	tables := map[*rel.Step]string{}
	for _, s := range p.Steps {
		switch {
		case s.Kind != rel.Staged:
			tables[s] = d.Ident(s.Name)
		case scratch != nil:
			tables[s] = d.Table(scratch(s.Name))
		default:
			tables[s] = d.Ident(names.Take("assay_" + s.Name))
		}
	}
	return tables
}

func (d *Dialect) statement(s *rel.Step, program *rel.Program, tables map[*rel.Step]string, stage StatementKind) Statement {
	p := &printer{Dialect: d, tables: tables}
	p.with(needed(s, program))
	p.query(fold(s.Relation), 0)
	out := Statement{Name: s.Name, Kind: s.Kind, Params: p.params, Columns: s.Relation.Schema().Columns}
	sql := p.out.String() + d.Settings
	if s.Kind == rel.Staged {
		sql = fill(d.Statements[stage], map[string]string{"table": tables[s], "query": sql})
		out.Undo = fill(d.Statements[Unstage], map[string]string{"table": tables[s]})
	}
	out.SQL = comment(s) + sql
	return out
}

// needed are the inline steps that s reads, directly or through others, in the program's order, with those that hold a user's own
// SQL first: it sees none of ours.
func needed(s *rel.Step, program *rel.Program) []*rel.Step {
	need := map[*rel.Step]bool{}
	var mark func(r rel.Relation)
	mark = func(r rel.Relation) {
		for _, ref := range rel.References(r) {
			if ref.Kind == rel.Inline && !need[ref] {
				need[ref] = true
				mark(ref.Relation)
			}
		}
	}
	mark(s.Relation)
	var raw, ours []*rel.Step
	for _, step := range program.Steps {
		switch {
		case need[step] && readsRaw(step.Relation):
			raw = append(raw, step)
		case need[step]:
			ours = append(ours, step)
		}
	}
	return slices.Concat(raw, ours)
}

// readsRaw says that r holds a user's SQL and reads no step.
func readsRaw(r rel.Relation) bool {
	found := false
	rel.WalkRelation(r, func(r rel.Relation) {
		_, is := r.(*rel.Raw)
		found = found || is
	})
	return found && len(rel.References(r)) == 0
}

func (p *printer) with(steps []*rel.Step) {
	for i, s := range steps {
		if i == 0 {
			p.line(0, "WITH")
		}
		p.out.WriteString(comment(s))
		p.line(0, "%s AS (", p.tables[s])
		p.query(fold(s.Relation), 1)
		if i < len(steps)-1 {
			p.line(0, "),")
		} else {
			p.line(0, ")")
		}
	}
}

// comment is the step's comment on a line of its own; what breaks lines in it is a space.
func comment(s *rel.Step) string {
	if s.Comment == "" {
		return ""
	}
	return "-- " + strings.Join(strings.Fields(s.Comment), " ") + "\n"
}

// Expr prints an expression over columns that are written by their names.
func (d *Dialect) Expr(e rel.Expr) string {
	p := &printer{Dialect: d}
	return p.bare(e, nil)
}
