package cli

import (
	"context"

	"github.com/dustin/go-humanize"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/internal/report"
	"assay/runner"
)

// A bill is what a program would take, by its statements.
type bill struct {
	program
	items []runner.Estimated
}

// A program is what is computed by itself, and its node.
type program struct {
	*node
	*rel.Program
	experiment *model.Experiment // nil for a saved query
}

// estimate has the warehouse look at every program that is selected, and run none. It prints what each statement would take; what the
// warehouse refuses, and what is over a limit, is reported at what asks for it.
func (a *app) estimate(ctx context.Context, m *model.Model) error {
	programs, err := a.programs(m)
	if err != nil {
		return err
	}
	bills, err := a.bills(ctx, m, programs)
	if err != nil {
		return err
	}
	if err := a.printBills(m, bills); err != nil {
		return err
	}
	var bag diag.Bag
	for _, b := range bills {
		b.check(&bag)
	}
	return a.diagnose(&bag)
}

// programs are those of each experiment and saved query that is selected.
func (a *app) programs(m *model.Model) ([]program, error) {
	g := newGraph(m)
	chosen, err := a.targets(m, g)
	if err != nil {
		return nil, err
	}
	var all []program
	for _, e := range chosen.experiments {
		compiled, err := a.compileExperiments(m, []*model.Experiment{e})
		if err != nil {
			return nil, err
		}
		all = append(all, program{g.byID[kindExperiment+"."+e.Name], compiled.Program, e})
	}
	for _, q := range chosen.queries {
		compiled, err := a.compileQuery(m, ask.Saved(q))
		if err != nil {
			return nil, err
		}
		all = append(all, program{g.byID[kindSavedQuery+"."+q.Name.V], compiled, nil})
	}
	return all, nil
}

func (a *app) bills(ctx context.Context, m *model.Model, programs []program) ([]bill, error) {
	c, err := a.reader(m.Project)
	if err != nil {
		return nil, err
	}
	defer c.warehouse.Close()
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	asOf, err := parseAsOf("", m.Zone)
	if err != nil {
		return nil, err
	}
	at := runner.Place{Session: session, Dialect: c.dialect, Staging: c.warehouse.Staging()}
	bills := make([]bill, len(programs))
	for i, p := range programs {
		bills[i].program = p
		if bills[i].items, err = at.Estimate(ctx, p.Program, runner.Binds{rel.AsOf: asOf}); err != nil {
			return nil, err
		}
	}
	return bills, nil
}

func (b bill) check(bag *diag.Bag) {
	for _, item := range b.items {
		if item.Err != nil {
			bag.Errorf(b.At, codeWarehouse, "%s `%s`, step %s: %s", b.Kind, b.Name, item.Step, oneLine(item.Err.Error()))
		}
	}
	if b.experiment == nil || !runner.Limited(b.experiment) {
		return
	}
	if _, over := runner.CheckLimit(b.experiment, runner.Total(b.items)); over != nil {
		bag.Add(overLimit(over))
	}
}

// units head the column of estimates, in the words for each unit.
var units = map[runner.EstimateUnit]struct {
	title string
	write func(float64) any
}{
	runner.ScannedBytes: {"would scan", func(bytes float64) any { return humanize.Bytes(uint64(bytes)) }},
	runner.ScannedRows:  {"rows to scan", func(rows float64) any { return int64(rows) }},
	runner.PlanCost:     {"plan cost", func(cost float64) any { return cost }},
}

// inAll names the row that adds a program's statements up.
const inAll = "in all, at most"

// printBills prints a row for each statement whose estimate is known, and one for each program of several.
func (a *app) printBills(m *model.Model, bills []bill) error {
	var rows [][]any
	columns := []report.Column{{Name: "of"}, {Name: "statement"}, {}}
	add := func(b bill, statement string, e *runner.Estimate) {
		if e != nil {
			columns[2].Name = units[e.Unit].title
			rows = append(rows, []any{b.Kind + ":" + b.Name, statement, units[e.Unit].write(e.Amount)})
		}
	}
	for _, b := range bills {
		for _, item := range b.items {
			add(b, item.Step, item.Estimate)
		}
		if len(b.items) > 1 {
			add(b, inAll, runner.Total(b.items))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return report.Table(a.out, columns, rows, a.page(a.out, m.Zone))
}
