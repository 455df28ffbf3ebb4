package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/unittest"
	"assay/runner"
)

func (a *app) testCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Run the unit tests: rows in, numbers out, without a warehouse",
		Long: "Runs each unit test on an embedded DuckDB that holds nothing but the rows it gives. A selection takes the tests that it\n" +
			"names, and those of the metrics and experiments that it names.",
		Example: "  assay test\n" +
			"  assay test --select metric:revenue",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.test(cmd.Context()) },
	}
}

func (a *app) test(ctx context.Context) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	if err := a.diagnose(unittest.Check(m.Project)); err != nil {
		return err
	}
	tests, err := a.unitTests(m)
	if err != nil {
		return err
	}
	if len(tests) == 0 {
		a.log.Warn("nothing to test: no unit test is selected")
		return nil
	}
	bench, err := embedded(m)
	if err != nil {
		return err
	}
	failed := 0
	for i, test := range tests {
		passed, err := a.tryOut(ctx, bench, m, test, fmt.Sprintf("%d of %d", i+1, len(tests)))
		if err != nil {
			return fmt.Errorf("unit test %s: %w", test.Name.V, err)
		}
		if !passed {
			failed++
		}
	}
	a.log.Info(fmt.Sprintf("%d passed, %d failed", len(tests)-failed, failed))
	if failed > 0 {
		return errReported
	}
	return nil
}

// unitTests are those that are selected, or whose metric or experiment is.
func (a *app) unitTests(m *model.Model) ([]*project.UnitTest, error) {
	g := newGraph(m)
	nodes, err := a.selected(g)
	if err != nil {
		return nil, err
	}
	chosen := set(nodes)
	var tests []*project.UnitTest
	for _, t := range m.Project.UnitTests {
		ofMetric, ofExperiment := g.byID[kindMetric+"."+t.Metric.V], g.byID[kindExperiment+"."+t.Experiment.V]
		if chosen[g.byID[kindUnitTest+"."+t.Name.V]] || chosen[ofMetric] || chosen[ofExperiment] {
			tests = append(tests, t)
		}
	}
	return tests, nil
}

// embedded is where tests run, whatever the project's own warehouse is.
func embedded(m *model.Model) (unittest.Bench, error) {
	duckdb := engines["duckdb"]
	if duckdb.open == nil {
		return unittest.Bench{}, errors.New("unit tests run on DuckDB, for which this build has no driver: " + leftOut("duckdb"))
	}
	return unittest.Bench{
		Open:    func() (runner.Warehouse, error) { return duckdb.open(runner.Output{Name: "test", Dir: m.Project.Dir}) },
		Dialect: duckdb.dialect,
		Now:     project.StartOfDay(time.Now().In(m.Zone), m.Zone).UTC(),
	}, nil
}

// tryOut runs a test and prints what came of it.
func (a *app) tryOut(ctx context.Context, bench unittest.Bench, m *model.Model, test *project.UnitTest, place string) (bool, error) {
	started := time.Now()
	found, err := bench.Run(ctx, m, test)
	if err != nil {
		return false, err
	}
	verdict := "PASS"
	if len(found) > 0 {
		verdict = "FAIL"
	}
	a.log.Info(fmt.Sprintf("%s %s %s in %s", place, verdict, test.Name.V, time.Since(started).Round(time.Millisecond)))
	return len(found) == 0, a.printDiagnostics(found)
}
