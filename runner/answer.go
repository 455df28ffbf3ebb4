package runner

import (
	"context"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// An Answer is what a KPI query's program returned.
type Answer struct {
	Columns []rel.Column
	Rows    plan.Rows
	Failed  error // why the warehouse gave no rows
	Queries []Query
}

// A Place is where and how programs run.
type Place struct {
	Session Session
	Dialect *dialects.Dialect
	Staging Staging
	Observe Observer
}

// Ask runs a KPI query's program. The error is one of printing it, the context's, or that the connection was lost.
func (at Place) Ask(ctx context.Context, p *rel.Program, binds Binds) (*Answer, error) {
	script, executed, err := at.execute(ctx, p, binds)
	if err != nil {
		return nil, err
	}
	answer := &Answer{Rows: executed.Rows[plan.AnswerStep], Failed: executed.Failed[plan.AnswerStep], Queries: executed.Queries}
	for _, statement := range script.Statements {
		if statement.Name == plan.AnswerStep {
			answer.Columns = statement.Columns
		}
	}
	return answer, nil
}

// execute prints a program and runs it. A program that no run asks for has an id of its own.
func (at Place) execute(ctx context.Context, p *rel.Program, binds Binds) (*Script, *Execution, error) {
	run := LabelsOf(ctx).Run
	if run == "" {
		run = newRunID()
	}
	script, err := NewScript(at.Dialect, at.Staging, p, run, binds)
	if err != nil {
		return nil, nil, err
	}
	if _, nothing := at.Staging.(NoTables); nothing && at.Observe.Scanned != nil {
		at.Observe.Scanned(script.Program.Scans())
	}
	executed, err := Execute(ctx, at.Session, script, at.Observe)
	return script, executed, err
}
