package runner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// sweepTimeout is how long dropping the staged tables may take once a run is cancelled.
const sweepTimeout = 30 * time.Second

// A Printed program is its steps and what an engine is told to do for them.
type Printed struct {
	Program    *rel.Program
	Statements []dialects.Statement
}

// Binds are the values of a program's parameters.
type Binds map[rel.ParamName]any

// A Query is a statement as the query log shows it. Rows is -1 where it failed. One that was skipped has the error of the step
// that it wanted.
type Query struct {
	Step      string
	Kind      rel.StepKind
	SQL       string
	StartedAt time.Time
	Took      time.Duration
	Rows      int64
	Err       error
	Skipped   bool
}

// An Observer hears of each statement as it starts and as it ends. Nil fields are not called.
type Observer struct {
	Started  func(step string, number, of int)
	Finished func(Query)
}

// An Execution is what a program returned: rows of its fetched steps, and why others have none, by step.
type Execution struct {
	Rows    map[string]plan.Rows
	Failed  map[string]error
	Queries []Query
}

// A StepError is a statement that the warehouse refused.
type StepError struct {
	Step string
	Err  error
}

func (e *StepError) Error() string { return fmt.Sprintf("step %s: %v", e.Step, e.Err) }
func (e *StepError) Unwrap() error { return e.Err }

// Execute runs a program: it stages, fetches, and sweeps what it staged, whatever happens. A statement that the warehouse
// refuses takes along the steps that read it, and no other. The error is the context's.
func Execute(ctx context.Context, s Session, p Printed, binds Binds, observe Observer) (*Execution, error) {
	e := &execution{session: s, binds: binds, observe: observe, needs: staged(p.Program)}
	e.result = &Execution{Rows: map[string]plan.Rows{}, Failed: map[string]error{}}
	err := e.runAll(ctx, p.Statements)
	return e.result, errors.Join(err, e.sweep(ctx))
}

type execution struct {
	session Session
	binds   Binds
	observe Observer
	needs   map[string][]string
	stored  []dialects.Statement // staged statements that succeeded
	result  *Execution
}

func (e *execution) runAll(ctx context.Context, statements []dialects.Statement) error {
	for i, statement := range statements {
		if e.observe.Started != nil {
			e.observe.Started(statement.Name, i+1, len(statements))
		}
		query := e.run(ctx, statement)
		e.result.Queries = append(e.result.Queries, query)
		if e.observe.Finished != nil {
			e.observe.Finished(query)
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("stopped in step %s: %w", statement.Name, err)
		}
	}
	return nil
}

// run sends one statement unless a step it reads has failed.
func (e *execution) run(ctx context.Context, statement dialects.Statement) Query {
	query := Query{Step: statement.Name, Kind: statement.Kind, SQL: statement.SQL, StartedAt: time.Now(), Rows: -1}
	if query.Err = e.unmet(statement.Name); query.Err != nil {
		query.Skipped = true
	} else {
		query.Rows, query.Err = e.send(ctx, statement)
		query.Took = time.Since(query.StartedAt)
	}
	if query.Err != nil {
		e.result.Failed[statement.Name] = query.Err
	}
	return query
}

// unmet is the failure of a step that this one reads. Running it all the same could read a table of the user's by that name.
func (e *execution) unmet(step string) error {
	for _, need := range e.needs[step] {
		if err := e.result.Failed[need]; err != nil {
			return err
		}
	}
	return nil
}

func (e *execution) send(ctx context.Context, statement dialects.Statement) (rows int64, err error) {
	args := make([]any, len(statement.Params))
	for i, name := range statement.Params {
		args[i] = e.binds[name]
	}
	if statement.Kind == rel.Fetched {
		rows, err = e.fetch(ctx, statement, args)
	} else {
		rows, err = e.stage(ctx, statement, args)
	}
	if err != nil {
		return -1, &StepError{Step: statement.Name, Err: err}
	}
	return rows, nil
}

func (e *execution) fetch(ctx context.Context, statement dialects.Statement, args []any) (int64, error) {
	fetched, err := e.session.Query(ctx, statement.SQL, args...)
	if err == nil {
		e.result.Rows[statement.Name] = fetched
	}
	return int64(len(fetched.Values)), err
}

func (e *execution) stage(ctx context.Context, statement dialects.Statement, args []any) (int64, error) {
	rows, err := e.session.Exec(ctx, statement.SQL, args...)
	if err == nil {
		e.stored = append(e.stored, statement)
	}
	return rows, err
}

// staged are the steps stored for the run that each step reads, itself or through the steps printed into it.
func staged(p *rel.Program) map[string][]string {
	needs := map[string][]string{}
	for _, step := range p.Steps {
		for _, read := range rel.References(step.Relation) {
			if read.Kind == rel.Inline {
				needs[step.Name] = append(needs[step.Name], needs[read.Name]...)
			} else {
				needs[step.Name] = append(needs[step.Name], read.Name)
			}
		}
	}
	return needs
}

// sweep drops what was staged, the last first, also when the run was cancelled.
func (e *execution) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTimeout)
	defer cancel()
	var failures []error
	for _, statement := range slices.Backward(e.stored) {
		_, err := e.session.Exec(ctx, statement.Undo)
		if err != nil && !errors.Is(err, sql.ErrConnDone) { // a lost connection takes its temporary tables along
			failures = append(failures, fmt.Errorf("sweep: %w", &StepError{Step: statement.Name, Err: err}))
		}
	}
	return errors.Join(failures...)
}
