package runner_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
	"assay/runner"
)

// scripted is a session that fails the statements in refuse and remembers what it was asked.
type scripted struct {
	runner.Session
	refuse map[string]error
	asked  []string
}

func (s *scripted) Exec(_ context.Context, statement string) (int64, error) {
	s.asked = append(s.asked, statement)
	return 0, s.refuse[statement]
}

func (s *scripted) Query(_ context.Context, statement string) (plan.Rows, error) {
	s.asked = append(s.asked, statement)
	return plan.Rows{}, s.refuse[statement]
}

// chain is a program of two staged steps, orders and visits, each read by a fetched one through an inline step.
func chain() *runner.Script {
	p := &runner.Script{Program: &rel.Program{}}
	add := func(kind rel.StepKind, name string, in rel.Relation) *rel.Step {
		step := &rel.Step{Name: name, Kind: kind, Relation: in}
		p.Program.Steps = append(p.Program.Steps, step)
		if kind != rel.Inline {
			p.Statements = append(p.Statements, dialects.Statement{Name: name, Kind: kind, SQL: name})
			p.Shown = append(p.Shown, name)
		}
		return step
	}
	for _, name := range []string{"orders", "visits"} {
		source := rel.NewScan(relation(name), rel.Schema{Columns: []rel.Column{{Name: "x", Type: rel.Integer}}}, diag.Span{})
		stored := add(rel.Staged, name, source)
		p.Statements[len(p.Statements)-1].Undo = "drop " + name
		between := add(rel.Inline, name+"_between", rel.NewRef(stored))
		add(rel.Fetched, name+"_total", rel.NewRef(between))
	}
	return p
}

func TestFailureTakesAlongOnlyWhatReadsIt(t *testing.T) {
	broken := errors.New("broken")
	session := &scripted{refuse: map[string]error{"orders": broken}}
	var events []string
	observe := runner.Observer{
		Started:  func(step string, _, _ int) { events = append(events, step+"?") },
		Finished: func(q runner.Query) { events = append(events, q.Step+"!") },
	}

	executed, err := runner.Execute(t.Context(), session, chain(), observe)

	if err != nil {
		t.Fatal(err)
	}
	equal(t, []string{"orders", "visits", "visits_total", "drop visits"}, session.asked)
	equal(t, "orders? orders! orders_total? orders_total! visits? visits! visits_total? visits_total!", strings.Join(events, " "))
	if len(executed.Failed) != 2 || !errors.Is(executed.Failed["orders_total"], broken) ||
		executed.Failed["orders_total"].Error() != "step orders: broken" {
		t.Errorf("%v", executed.Failed)
	}
}

func TestSweepFailureIsNamed(t *testing.T) {
	broken := errors.New("broken")
	session := &scripted{refuse: map[string]error{"drop orders": broken}}
	_, err := runner.Execute(t.Context(), session, chain(), runner.Observer{})
	if !errors.Is(err, broken) || err.Error() != "sweep: step orders: broken" {
		t.Error(err)
	}
	equal(t, []string{"orders", "orders_total", "visits", "visits_total", "drop visits", "drop orders"}, session.asked)
}

func TestCancelledExecutionSweeps(t *testing.T) {
	session := &scripted{}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	observe := runner.Observer{Finished: func(q runner.Query) {
		if q.Step == "visits" {
			cancel(cause)
		}
	}}
	_, err := runner.Execute(ctx, session, chain(), observe)
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "stopped in step visits") {
		t.Error(err)
	}
	equal(t, []string{"orders", "orders_total", "visits", "drop visits", "drop orders"}, session.asked)
}
