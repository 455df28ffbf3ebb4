package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// sweepTimeout is how long dropping the staged tables may take once a run is cancelled.
const sweepTimeout = 30 * time.Second

// A Script is a program as one run sends it.
type Script struct {
	Program    *rel.Program
	Statements []dialects.Statement // what is sent
	Shown      []string             // the SQL of each as every run of the program shows it: with placeholders, and no name of a run
}

// Binds are the values of a program's parameters.
type Binds map[rel.ParamName]any

func (b Binds) literals() map[rel.ParamName]*rel.Lit {
	values := map[rel.ParamName]*rel.Lit{}
	for name, v := range b {
		values[name] = rel.LitOf(v)
	}
	return values
}

// NewScript prints a program for a run of that name.
func NewScript(d *dialects.Dialect, staging Staging, p *rel.Program, run string, binds Binds) (*Script, error) {
	arranged := staging.arrange(p)
	sent, err := staging.print(d, arranged.Bind(binds.literals()), run)
	if err != nil {
		return nil, err
	}
	shown, err := dialects.Print(d, arranged)
	if err != nil {
		return nil, err
	}
	script := &Script{Program: arranged, Statements: sent}
	for _, statement := range shown {
		script.Shown = append(script.Shown, statement.SQL)
	}
	return script, nil
}

// A Query is a statement as the query log shows it. Rows is -1 where it failed. One that was skipped has the error of the step
// that it wanted.
type Query struct {
	Step      string
	Kind      rel.StepKind
	SQL       string
	StartedAt time.Time
	Took      time.Duration
	Rows      int64
	Receipt   Receipt
	Err       error
	Skipped   bool
}

// An Observer hears of each statement as it starts and as it ends. Nil fields are not called.
type Observer struct {
	Started  func(step string, number, of int)
	Finished func(Query)
	// Scanned hears how often each table may be scanned where nothing is stored between statements.
	Scanned func(times map[string]int)
	// Unlimited hears of an experiment whose protocol limits the bytes it scans, where the warehouse does not tell them before.
	Unlimited func(*model.Experiment)
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
// refuses takes along the steps that read it, and no other. The error is the context's, or that the connection was lost.
func Execute(ctx context.Context, s Session, script *Script, observe Observer) (*Execution, error) {
	e := &execution{session: s, observe: observe, needs: staged(script.Program)}
	e.result = &Execution{Rows: map[string]plan.Rows{}, Failed: map[string]error{}}
	err := e.runAll(ctx, script)
	return e.result, errors.Join(err, e.sweep(ctx))
}

type execution struct {
	session Session
	observe Observer
	needs   map[string][]string
	stored  []dialects.Statement // staged statements that succeeded
	result  *Execution
}

func (e *execution) runAll(ctx context.Context, script *Script) error {
	for i, statement := range script.Statements {
		if e.observe.Started != nil {
			e.observe.Started(statement.Name, i+1, len(script.Statements))
		}
		query := e.run(ctx, statement)
		query.SQL = script.Shown[i]
		e.result.Queries = append(e.result.Queries, query)
		if e.observe.Finished != nil {
			e.observe.Finished(query)
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("stopped in step %s: %w", statement.Name, err)
		}
		if lost(query.Err) {
			return query.Err
		}
	}
	return nil
}

// run sends one statement unless a step it reads has failed.
func (e *execution) run(ctx context.Context, statement dialects.Statement) Query {
	query := Query{Step: statement.Name, Kind: statement.Kind, StartedAt: time.Now(), Rows: -1}
	if query.Err = e.unmet(statement.Name); query.Err != nil {
		query.Skipped = true
	} else {
		query.Rows, query.Err = e.send(ctx, statement)
		query.Took = time.Since(query.StartedAt)
		if metered, ok := e.session.(Metered); ok {
			query.Receipt = metered.Receipt()
		}
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
	if statement.Kind == rel.Fetched {
		rows, err = e.fetch(ctx, statement)
	} else {
		rows, err = e.stage(ctx, statement)
	}
	if err != nil {
		return -1, &StepError{Step: statement.Name, Err: err}
	}
	return rows, nil
}

// fetch reads rows. Their columns have the names that the program gives them: some engines return them in other letters, and some
// name none where there are no rows.
func (e *execution) fetch(ctx context.Context, statement dialects.Statement) (int64, error) {
	fetched, err := e.session.Query(ctx, statement.SQL)
	if err != nil {
		return 0, err
	}
	rows := plan.Rows{Values: fetched.Values}
	for _, column := range statement.Columns {
		rows.Columns = append(rows.Columns, column.Name)
	}
	e.result.Rows[statement.Name] = rows
	return int64(len(rows.Values)), nil
}

func (e *execution) stage(ctx context.Context, statement dialects.Statement) (int64, error) {
	rows, err := e.session.Exec(ctx, statement.SQL)
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
		if err != nil && !lost(err) { // a lost connection takes its temporary tables along
			failures = append(failures, fmt.Errorf("sweep: %w", &StepError{Step: statement.Name, Err: err}))
		}
	}
	return errors.Join(failures...)
}
