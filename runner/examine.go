package runner

import (
	"context"
	"errors"
	"slices"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// A Check is something that a run does to a warehouse, and why it is refused, nil where it is not.
type Check struct {
	Name   string
	Err    error
	Grants []string // statements by which an administrator allows it; nil where it is refused for another reason
}

// Examine tries what a run does, in tables of its own that it drops again. The error is that there is no session.
func Examine(ctx context.Context, w Warehouse, d *dialects.Dialect) ([]Check, error) {
	session, err := w.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	s := &store{session: session, dialect: d, schema: w.Schema()}
	return []Check{
		s.check(ctx, "result tables", s.schema, s.tryResults(ctx), func(g *Grants) []string { return g.Results }),
		s.check(ctx, "staged steps", w.Staging().schema(), s.tryStaging(ctx, w.Staging()), func(g *Grants) []string { return g.Staging }),
	}, nil
}

// check is what came of a try in a schema, "" for none.
func (s *store) check(ctx context.Context, name, schema string, err error, of func(*Grants) []string) Check {
	grants := missingGrants(ctx, s.session, err, of)
	if grants != nil && schema != "" {
		grants = slices.Insert(grants, 0, s.dialect.CreateSchemaSQL(schema))
	}
	return Check{name, err, grants}
}

// tryStaging stores a row and reads it. It makes the scratch schema, as a run does; without the right to, that is refused also where
// the schema exists, so a refusal counts only if nothing can be stored.
func (s *store) tryStaging(ctx context.Context, staging Staging) error {
	var refused error
	if schema := staging.schema(); schema != "" {
		_, refused = s.session.Exec(ctx, s.dialect.CreateSchemaSQL(schema))
	}
	column := rel.Column{Name: "n", Type: rel.Integer}
	stored := &rel.Step{Name: "checked", Kind: rel.Staged, Relation: rel.NewValues([]rel.Column{column}, [][]rel.Expr{{rel.Int(1)}})}
	fetched := &rel.Step{Name: plan.AnswerStep, Kind: rel.Fetched, Relation: rel.NewRef(stored)}
	at := Place{Session: s.session, Dialect: s.dialect, Staging: staging}
	answer, err := at.Ask(ctx, &rel.Program{Steps: []*rel.Step{stored, fetched}}, nil)
	switch {
	case err != nil:
		return err
	case answer.Failed != nil:
		return errors.Join(answer.Failed, refused)
	}
	return nil
}

// tryResults makes a table of results, and changes it in each way that a run does.
func (s *store) tryResults(ctx context.Context) error {
	run := newRunID()
	table := Table{
		Name:    scratchName(run, "checked"),
		Columns: []rel.Column{{Name: "run_id", Type: rel.Text}, {Name: "n", Type: rel.Integer}},
		Rows:    [][]any{{run, int64(1)}},
	}
	if err := s.create(ctx, table); err != nil {
		return err
	}
	ours := s.spell("[run_id] = ?", run)
	err := s.append(ctx, table)
	if err == nil {
		err = s.update(ctx, table.Name, s.spell("[n] = ?", int64(2)), ours)
	}
	if err == nil {
		err = s.remove(ctx, table.Name, ours)
	}
	_, dropped := s.session.Exec(ctx, s.dialect.DropSQL(s.table(table.Name)))
	return errors.Join(err, dropped)
}
