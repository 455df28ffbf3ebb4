package runner

import (
	"context"
	"errors"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// A Check is something that a run does to a warehouse, and why it is refused, nil where it is not.
type Check struct {
	Name string
	Err  error
}

// Examine tries what a run does, in tables of its own that it drops again. The error is that there is no session.
func Examine(ctx context.Context, w Warehouse, d *dialects.Dialect) ([]Check, error) {
	session, err := w.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	at := Place{Session: session, Dialect: d, Staging: w.Staging()}
	s := &store{session: session, dialect: d, schema: w.Schema()}
	return []Check{
		{"result tables", s.tryResults(ctx)},
		{"staged steps", at.tryStaging(ctx)},
	}, nil
}

// tryStaging stores a row and reads it.
func (at Place) tryStaging(ctx context.Context) error {
	column := rel.Column{Name: "n", Type: rel.Integer}
	stored := &rel.Step{Name: "checked", Kind: rel.Staged, Relation: rel.NewValues([]rel.Column{column}, [][]rel.Expr{{rel.Int(1)}})}
	fetched := &rel.Step{Name: plan.AnswerStep, Kind: rel.Fetched, Relation: rel.NewRef(stored)}
	answer, err := at.Ask(ctx, &rel.Program{Steps: []*rel.Step{stored, fetched}}, nil)
	if err != nil {
		return err
	}
	return answer.Failed
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
