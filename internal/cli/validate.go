package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler"
	"assay/compiler/model"
	"assay/internal/diag"
	"assay/internal/unittest"
)

func (a *app) validateCommand() *cobra.Command {
	var strict, connect bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check everything that can be known without a warehouse",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.validate(cmd.Context(), strict, connect) },
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "refuse models whose columns are not known")
	cmd.Flags().BoolVar(&connect, "connect", false, "also check that the warehouse has every table and column, and what each query would scan there")
	return cmd
}

func (a *app) validate(ctx context.Context, strict, connect bool) error {
	m, err := a.loadWithProfile()
	if err != nil {
		return err
	}
	if connect {
		if m, err = a.checkWarehouse(ctx, m); err != nil {
			return err
		}
		if err := a.estimate(ctx, m); err != nil {
			return err
		}
	}
	open := openTables(m)
	if strict && len(open) > 0 {
		return a.diagnose(unknownColumns(open))
	}
	a.log.Info("valid: " + inventory(newGraph(m)))
	if len(open) > 0 {
		a.log.Info(fmt.Sprintf("columns are believed, not known, in %s: `assay catalog` reads them from the warehouse",
			count(len(open), "table", "tables")))
	}
	return nil
}

// loadWithProfile is load for who asks what is wrong of a project: the mistakes of its profile are among them.
func (a *app) loadWithProfile() (*model.Model, error) {
	options, err := a.projectOptions()
	if err != nil {
		return nil, err
	}
	m, bag := compiler.Load(options)
	bag.Append(unittest.Check(m.Project))
	ofProfile, err := a.checkProfile(m.Project)
	bag.Append(ofProfile)
	return m, errors.Join(a.diagnose(bag), err)
}

// checkWarehouse is the model with the columns that the warehouse has; whatever it lacks is printed.
func (a *app) checkWarehouse(ctx context.Context, m *model.Model) (*model.Model, error) {
	found, refused, err := a.describe(ctx, m)
	if err != nil {
		return nil, err
	}
	known, bag := withColumns(m, found)
	for _, c := range refusedTables(refused) {
		bag.Add(c.Diagnostic)
	}
	return known, a.diagnose(bag)
}

func unknownColumns(open []*model.Table) *diag.Bag {
	var bag diag.Bag
	for _, t := range open {
		bag.Add(diag.Diagnostic{
			Code: "unknown-columns", Span: t.Source.At, Message: fmt.Sprintf("the columns of `%s` are not known", t.Name),
			Hint: "`assay catalog` reads them from the warehouse; or give each a data_type under `contract: {enforced: true}`",
		})
	}
	return &bag
}

// inventory counts a project's nodes: 4 models, 9 metrics.
func inventory(g *graph) string {
	counts := map[string]int{}
	for _, n := range g.nodes {
		counts[n.Kind]++
	}
	return strings.Join([]string{
		count(counts[kindModel], "model", "models"),
		count(counts[kindMetric], "metric", "metrics"),
		count(counts[kindExperiment], "experiment", "experiments"),
		count(counts[kindSavedQuery], "saved query", "saved queries"),
		count(counts[kindUnitTest], "unit test", "unit tests"),
	}, ", ")
}

// count is a number of things in words: 1 model, 2 models.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
