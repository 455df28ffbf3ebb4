package runner_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/internal/enginetest"
	"assay/runner"
)

const limitedShop = shop + `
protocols:
  - {name: tight, limits: {bytes_scanned: 3 GB}}
  - {name: wide, limits: {bytes_scanned: 5 GB}}
`

// limited is the shop, its first experiment under a limit that two statements of 2 GB exceed, its second under one that they meet.
func limited() string {
	yaml := strings.Replace(limitedShop, "  - name: checkout\n", "  - name: checkout\n    protocol: tight\n", 1)
	return strings.Replace(yaml, "  - name: banner\n", "  - name: banner\n    protocol: wide\n", 1)
}

// dear is a warehouse that says of every statement that it would read 2 GB.
type dear struct{ runner.Warehouse }

func (d dear) Connect(ctx context.Context) (runner.Session, error) {
	session, err := d.Warehouse.Connect(ctx)
	return dearSession{session.(runner.Transactor)}, err
}

type dearSession struct{ runner.Transactor }

func (dearSession) Estimate(context.Context, string) (*runner.Estimate, error) {
	return &runner.Estimate{Amount: 2e9, Unit: runner.ScannedBytes}, nil
}

func onDuckDB(t *testing.T) (engine, runner.Warehouse) {
	t.Helper()
	duck := enginetest.Named("duckdb")
	e := engine{duck.Dialect, duck.Output(t), duck.Open}
	e.output.Fields["schema"] = "results"
	warehouse := e.warehouse(t)
	execute(t, connect(t, warehouse), shopData)
	return e, warehouse
}

// TestLimitStopsAnExperimentBeforeItStarts: of the statements that read tables, checkout has one for its units and one for its facts,
// which holds the units as well.
func TestLimitStopsAnExperimentBeforeItStarts(t *testing.T) {
	e, warehouse := onDuckDB(t)
	job := newJob(t, e, dear{warehouse}, limited())
	var unlimited []string
	job.Observe.Unlimited = func(e *model.Experiment) { unlimited = append(unlimited, e.Name) }

	result, err := runner.Run(t.Context(), job)

	var over *runner.LimitError
	for _, n := range result.Nodes {
		if n.Name == "checkout" && !errors.As(n.Err, &over) || n.Name == "banner" && n.Err != nil {
			t.Errorf("%s: %v", n.Name, n.Err)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "experiment checkout would scan 4.0 GB, and protocol tight allows 3.0 GB") {
		t.Error(err)
	}
	if len(result.Reports) != 1 || result.Reports[0].Experiment.Experiment != "banner" {
		t.Errorf("%d reports", len(result.Reports))
	}
	for _, q := range result.Queries {
		if strings.Contains(q.SQL, "'checkout'") {
			t.Errorf("%s reads what is for checkout", q.Step)
		}
	}
	equal(t, []string(nil), unlimited)
}

// TestLimitWhereBytesAreNotKnown: the run goes on, and says so.
func TestLimitWhereBytesAreNotKnown(t *testing.T) {
	e, warehouse := onDuckDB(t)
	job := newJob(t, e, warehouse, limited())
	var unlimited []string
	job.Observe.Unlimited = func(e *model.Experiment) { unlimited = append(unlimited, e.Name) }
	equal(t, 2, len(run(t, job).Reports))
	equal(t, []string{"checkout", "banner"}, unlimited)
}
