package redshifttest

import (
	"context"
	"errors"
	"fmt"
	"regexp"

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

// replacedView is a view to be made or replaced, and its query.
var replacedView = regexp.MustCompile(`(?s)^CREATE OR REPLACE VIEW (\S+) AS\s+(.*)$`)

// Exec refuses, as Redshift does, to replace a view by one with further columns.
func (s session) Exec(ctx context.Context, query string) (int64, error) {
	if view := replacedView.FindStringSubmatch(query); view != nil {
		if err := s.sameWidth(ctx, view[1], view[2]); err != nil {
			return -1, err
		}
	}
	return s.Transactor.Exec(ctx, Spell(query))
}

func (s session) Query(ctx context.Context, query string) (plan.Rows, error) {
	return s.Transactor.Query(ctx, Spell(query))
}

func (s session) Columns(ctx context.Context, query string) ([]project.CatalogColumn, error) {
	return s.Transactor.Columns(ctx, Spell(query))
}

func (s session) sameWidth(ctx context.Context, view, definition string) error {
	before, err := s.Query(ctx, fmt.Sprintf("SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('%s') AND attnum > 0", view))
	if err != nil {
		return err
	}
	after, err := s.Columns(ctx, definition)
	if width := before.Values[0][0].(int64); err == nil && width > 0 && width != int64(len(after)) {
		return errors.New("cannot change number of columns in view")
	}
	return err
}

func (s session) Estimate(ctx context.Context, query string) (*runner.Estimate, error) {
	return s.Transactor.(runner.Estimator).Estimate(ctx, Spell(query))
}

func (s session) Receipt() runner.Receipt { return s.Transactor.(runner.Metered).Receipt() }

func (s session) Grants() *runner.Grants { return s.Transactor.(runner.Grantor).Grants() }
