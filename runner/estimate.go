package runner

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
)

// An Estimator is a Session of an engine that tells before a statement runs what it will take.
type Estimator interface {
	Session
	// Estimate is nil where the engine does not say after all. The query does not run; an error is why it could not.
	Estimate(ctx context.Context, query string) (*Estimate, error)
}

// An Estimate is what an engine expects a statement to take.
type Estimate struct {
	Amount float64
	Unit   EstimateUnit
}

// EstimateUnit is what an estimate counts.
type EstimateUnit uint8

const (
	ScannedBytes EstimateUnit = iota // read from tables
	ScannedRows                      // given by the scans of tables, after what is filtered there
	PlanCost                         // the planner's own units, which compare plans of one server alone
)

// An Explain asks an engine for an estimate of a statement.
type Explain func(ctx context.Context, conn *sql.Conn, s *Statement) (*Estimate, error)

// ExplainBy asks by a statement of the engine's own: the prefix and the query. Values of its answer are as the driver's value has them.
func ExplainBy(prefix string, value func(string, any) (any, error), read func(plan.Rows) (*Estimate, error)) Explain {
	return func(ctx context.Context, conn *sql.Conn, s *Statement) (*Estimate, error) {
		rows, err := conn.QueryContext(ctx, prefix+s.Query, s.Options...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		answer, err := fetch(rows, value)
		if err != nil {
			return nil, err
		}
		return read(answer)
	}
}

// ReadJSON reads an estimate off a plan that the engine gives as one text of JSON, into a Plan.
func ReadJSON[Plan any](read func(Plan) *Estimate) func(plan.Rows) (*Estimate, error) {
	return func(answer plan.Rows) (*Estimate, error) {
		text, err := PlanText(answer)
		if err != nil {
			return nil, err
		}
		var explained Plan
		if err := json.Unmarshal([]byte(text), &explained); err != nil {
			return nil, fmt.Errorf("the engine's plan cannot be read: %w", err)
		}
		return read(explained), nil
	}
}

// PlanText is the last column of the first row of what an engine answers, where it is a text.
func PlanText(answer plan.Rows) (string, error) {
	if len(answer.Values) > 0 {
		row := answer.Values[0]
		if text, ok := row[len(row)-1].(string); ok {
			return text, nil
		}
	}
	return "", errors.New("the engine's plan cannot be read: it is no text")
}

// An Estimated is a statement of a program and what it would take.
type Estimated struct {
	Step     string
	Estimate *Estimate // nil where the engine does not say
	Err      error     // why it cannot run
}

// Estimate asks what the statements of a program that read tables of the user's would take, and runs none. One that also reads what
// an earlier one stores is asked about with that as a part of it, so the sum is what the program takes at most; those that read
// nothing else are small, and left out. The error is one of printing the program, or the context's.
func (at Place) Estimate(ctx context.Context, p *rel.Program, binds Binds) ([]Estimated, error) {
	program := at.Staging.arrange(p).Bind(binds.literals())
	var all []Estimated
	for _, step := range program.Scanning() {
		statements, err := dialects.Print(at.Dialect, program.Alone(step))
		if err != nil {
			return nil, err
		}
		estimated := Estimated{Step: step.Name}
		for _, s := range statements {
			estimated.Estimate, estimated.Err = estimate(ctx, at.Session, s.SQL)
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		all = append(all, estimated)
	}
	return all, nil
}

// estimate has an engine that cannot say at least look at the query.
func estimate(ctx context.Context, s Session, query string) (*Estimate, error) {
	if estimator, ok := s.(Estimator); ok {
		return estimator.Estimate(ctx, query)
	}
	_, err := s.Columns(ctx, query)
	return nil, err
}

// Total adds estimates up, which are of one engine and so of one unit; nil where one of them is not known, or there are none.
func Total(all []Estimated) *Estimate {
	var total *Estimate
	for _, e := range all {
		switch {
		case e.Estimate == nil:
			return nil
		case total == nil:
			total = &Estimate{Unit: e.Estimate.Unit}
		}
		total.Amount += e.Estimate.Amount
	}
	return total
}
