package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"assay/runner/judge"
)

// runRow is a row of assay_runs. Besides what people read it holds the run's lease: what is its own, as selectors, and until when
// unless it is renewed.
type runRow struct {
	judge.RunRow
	Claims     []string  `json:"claims"`
	LeaseUntil time.Time `json:"lease_until"`
}

// Statuses of a run.
const (
	statusRunning = "running"
	statusDone    = "done"
	statusFailed  = "failed"
)

// rivalPatience is how long a run waits for one that began at the same moment to give way.
const rivalPatience = 3 * time.Second

// A BusyError is a run that cannot start because another computes something of its own.
type BusyError struct {
	Claim string    // what both want: experiment:x, saved_query:y
	RunID string    // the other run
	Since time.Time // its start
	Until time.Time // when its lease ends, unless it is renewed
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is being computed by run %s since %s; wait for it to end (if it was killed, until %s)",
		e.Claim, e.RunID, e.Since.Format(time.RFC3339), e.Until.Format(time.RFC3339))
}

// ErrLeaseLost ends a run whose lease ran out, as when the machine slept: another may have taken its place.
var ErrLeaseLost = errors.New("the run lost its lease: it could not renew it in time, and another may have taken its place")

// enter writes the run's row, which other runs see from then on.
func (s *store) enter(ctx context.Context, run runRow) error {
	return s.append(ctx, NewTable(runsTable, []runRow{run}))
}

// contend makes sure that no other run has what this one wants. It looks only after its own row can be seen, so that of two that
// start together at least one sees the other; the one with the later id gives way.
func (s *store) contend(ctx context.Context, run runRow) error {
	patience := time.Now().Add(rivalPatience)
	for {
		rival, err := s.rival(ctx, run)
		switch {
		case err != nil:
			return err
		case rival == nil:
			return nil
		case rival.RunID < run.RunID || time.Now().After(patience):
			return rival
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(rivalPatience / 30):
		}
	}
}

// rival is the earliest live run that has something this one wants.
func (s *store) rival(ctx context.Context, run runRow) (*BusyError, error) {
	rows, err := s.query(ctx, "SELECT [run_id], [started_at], [lease_until], [claims] FROM <assay_runs> "+
		"WHERE [status] = 'running' AND [run_id] <> ? AND [lease_until] > ?", run.RunID, time.Now().UTC())
	if err != nil {
		return nil, err
	}
	var rival *BusyError
	for _, row := range rows.Values {
		other := &BusyError{RunID: row[0].(string), Since: row[1].(time.Time), Until: row[2].(time.Time)}
		if other.Claim, err = contested(run.Claims, row[3].(string)); err != nil {
			return nil, fmt.Errorf("run %s: its claims: %w", other.RunID, err)
		}
		if other.Claim != "" && (rival == nil || other.RunID < rival.RunID) {
			rival = other
		}
	}
	return rival, nil
}

// contested is the first of ours that is also among theirs, a list in JSON.
func contested(ours []string, theirs string) (string, error) {
	var list []string
	if err := json.Unmarshal([]byte(theirs), &list); err != nil {
		return "", err
	}
	for _, claim := range ours {
		if slices.Contains(list, claim) {
			return claim, nil
		}
	}
	return "", nil
}

// bury takes away what runs whose lease has ended had written, and marks them: they were killed.
func (s *store) bury(ctx context.Context, tables []Table) error {
	rows, err := s.query(ctx, "SELECT [run_id] FROM <assay_runs> WHERE [status] = 'running' AND [lease_until] <= ?", time.Now().UTC())
	if err != nil || len(rows.Values) == 0 {
		return err
	}
	var dead []any
	for _, row := range rows.Values {
		dead = append(dead, row[0])
	}
	if err := s.publisher().discard(ctx, tables, dead...); err != nil {
		return err
	}
	return s.update(ctx, runsTable, s.spell("[status] = 'failed', [error] = 'killed: its lease ended'"),
		s.spell("[status] = 'running' AND [run_id] IN ("+places(len(dead))+")", dead...))
}

// renew puts off the end of the run's lease.
func (s *store) renew(ctx context.Context, runID string, until time.Time) error {
	err := s.update(ctx, runsTable, s.spell("[lease_until] = ?", until), s.spell("[run_id] = ? AND [status] = 'running'", runID))
	return errors.Join(err, s.hold(ctx, runID, statusRunning))
}

// hold makes sure that a run has the status that it gave itself: it has not where the lease was lost. Not every engine says how many
// rows an UPDATE found.
func (s *store) hold(ctx context.Context, runID, status string) error {
	rows, err := s.query(ctx, "SELECT [status] FROM <assay_runs> WHERE [run_id] = ?", runID)
	if err == nil && (len(rows.Values) == 0 || rows.Values[0][0] != status) {
		return ErrLeaseLost
	}
	return err
}
