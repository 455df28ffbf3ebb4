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

// Ask runs a KPI query's program. The error is one of printing it, or the context's.
func Ask(ctx context.Context, s Session, d *dialects.Dialect, p *rel.Program, binds Binds, observe Observer) (*Answer, error) {
	statements, err := dialects.Print(d, p)
	if err != nil {
		return nil, err
	}
	executed, err := Execute(ctx, s, Printed{p, statements}, binds, observe)
	if err != nil {
		return nil, err
	}
	answer := &Answer{Rows: executed.Rows[plan.AnswerStep], Failed: executed.Failed[plan.AnswerStep], Queries: executed.Queries}
	for _, statement := range statements {
		if statement.Name == plan.AnswerStep {
			answer.Columns = statement.Columns
		}
	}
	return answer, nil
}
