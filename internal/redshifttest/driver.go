package redshifttest

import (
	"context"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/runner"
)

// Driver is one whose statements reach the stand-in as it takes them.
func Driver(open runner.Driver) runner.Driver {
	return func(output runner.Output) (runner.Warehouse, error) {
		w, err := open(output)
		return warehouse{w}, err
	}
}

type warehouse struct{ runner.Warehouse }

func (w warehouse) Connect(ctx context.Context) (runner.Session, error) {
	s, err := w.Warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return session{s.(runner.Transactor)}, nil
}

type session struct{ runner.Transactor }

func (s session) Exec(ctx context.Context, query string) (int64, error) {
	return s.Transactor.Exec(ctx, Spell(query))
}

func (s session) Query(ctx context.Context, query string) (plan.Rows, error) {
	return s.Transactor.Query(ctx, Spell(query))
}

func (s session) Columns(ctx context.Context, query string) ([]project.CatalogColumn, error) {
	return s.Transactor.Columns(ctx, Spell(query))
}
