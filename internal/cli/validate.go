package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/internal/diag"
)

func (a *app) validateCommand() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check everything that can be known without a warehouse",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.validate(strict) },
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "refuse models whose columns are not known")
	return cmd
}

func (a *app) validate(strict bool) error {
	m, err := a.load()
	if err != nil {
		return err
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
	}, ", ")
}

// count is a number of things in words: 1 model, 2 models.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
