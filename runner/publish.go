package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"assay/compiler/project"
)

// A publication is all that a run writes when it has succeeded.
type publication struct {
	run    runRow // as it is to be: done
	tables []Table
	day    period // of as-of: what the run replaces
}

// A period is from ≤ t < to.
type period struct{ from, to time.Time }

// dayOf is the day around an instant in a time zone.
func dayOf(t time.Time, zone *time.Location) period {
	y, m, d := t.In(zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return period{project.StartOfDay(day, zone).UTC(), project.StartOfDay(day.AddDate(0, 0, 1), zone).UTC()}
}

// A publisher puts a run's rows in the place of those that an earlier run wrote for the same subjects and as-of day, so that a
// reader of the views, or one who comes after a crash, sees the one or the other whole.
type publisher interface {
	publish(ctx context.Context, p *publication) error
	// swap puts a table's rows in the place of all it has.
	swap(ctx context.Context, table Table, run string) error
	// discard takes away rows of runs that did not end well.
	discard(ctx context.Context, tables []Table, runs ...any) error
}

// publisher is the strategy that the engine allows.
func (s *store) publisher() publisher {
	if t, ok := s.session.(Transactor); ok {
		return transactional{s, t}
	}
	return appending{s}
}

// transactional replaces in one transaction.
type transactional struct {
	*store
	transactor Transactor
}

func (t transactional) publish(ctx context.Context, p *publication) error {
	return t.transactor.InTransaction(ctx, func() error {
		// First, since it fails if the lease was lost and holds off whoever would take it now.
		if err := t.finish(ctx, p.run); err != nil {
			return err
		}
		for _, table := range p.tables {
			if err := t.removeReplaced(ctx, p, table); err != nil {
				return err
			}
			if err := t.append(ctx, table); err != nil {
				return err
			}
		}
		return nil
	})
}

// discard has nothing to do: what was not committed is gone.
func (transactional) discard(context.Context, []Table, ...any) error { return nil }

// appending adds the rows, then turns the run to done, which is what the views go by, and clears away the old rows last.
type appending struct{ *store }

func (a appending) publish(ctx context.Context, p *publication) error {
	for _, table := range p.tables {
		if err := a.append(ctx, table); err != nil {
			return err
		}
	}
	if err := a.finish(ctx, p.run); err != nil {
		return err
	}
	for _, table := range p.tables {
		if err := a.removeReplaced(ctx, p, table); err != nil {
			return err
		}
	}
	return nil
}

func (a appending) discard(ctx context.Context, tables []Table, runs ...any) error {
	var failures []error
	for _, table := range tables {
		if table.Name != runsTable {
			failures = append(failures, a.remove(ctx, table.Name, a.spell("[run_id] IN ("+places(len(runs))+")", runs...)))
		}
	}
	return errors.Join(failures...)
}

// append adds a table's rows.
func (s *store) append(ctx context.Context, t Table) error {
	if len(t.Rows) == 0 {
		return nil
	}
	if err := s.session.Append(ctx, s.schema, t); err != nil {
		return fmt.Errorf("result table %s.%s: %w", s.schema, t.Name, err)
	}
	return nil
}

// removeReplaced deletes what earlier runs wrote of the run's subjects on its as-of day.
func (s *store) removeReplaced(ctx context.Context, p *publication, t Table) error {
	subject, ok := t.subject()
	if !ok {
		return nil
	}
	names := p.subjects(subject)
	if len(names) == 0 {
		return nil
	}
	replaced := "[run_id] <> ? AND [as_of] >= ? AND [as_of] < ?" + subject.spell(" AND [%s] IN ("+places(len(names))+")")
	args := append([]any{p.run.RunID, p.day.from, p.day.to}, names...) // what is not spelt is not read
	if err := s.remove(ctx, t.Name, s.spell(replaced, args...)); err != nil {
		return fmt.Errorf("result table %s.%s: %w", s.schema, t.Name, err)
	}
	return nil
}

// subjects are those that the run has a row for in the subject's own table. One without a column is nil.
func (p *publication) subjects(of subject) []any {
	var names []any
	for _, t := range p.tables {
		if t.Name != of.table {
			continue
		}
		at := t.index(of.column)
		for _, row := range t.Rows {
			var name any
			if at >= 0 {
				name = row[at]
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// finish ends the run as its row says, if it still has its lease.
func (s *store) finish(ctx context.Context, run runRow) error {
	set := s.spell("[status] = ?, [finished_at] = ?, [seconds] = ?, [queries] = ?, [rows_returned] = ?, [bytes_scanned] = ?, "+
		"[error] = ?", run.Status, *run.FinishedAt, *run.Seconds, *run.Queries, *run.RowsReturned, nullable(run.BytesScanned),
		nullable(run.Error))
	if err := s.update(ctx, runsTable, set, s.spell("[run_id] = ? AND [status] = 'running'", run.RunID)); err != nil {
		return err
	}
	return s.hold(ctx, run.RunID, run.Status)
}

// nullable is what a pointer points at, NULL for nil.
func nullable[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
