package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/runner"
)

func (a *app) catalogCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "catalog",
		Short: "Read columns and types of every model from the warehouse into catalog.json",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.catalog(cmd.Context()) },
	}
}

func (a *app) catalog(ctx context.Context) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	found, refused, err := a.describe(ctx, m)
	if err != nil {
		return err
	}
	if err := project.WriteCatalog(m.Project.Dir, found); err != nil {
		return err
	}
	described := len(found.Models) + len(found.Assignments)
	a.log.Info(fmt.Sprintf("wrote the columns of %s into catalog.json", count(described, "table", "tables")))
	var bag diag.Bag
	for _, c := range refusedTables(refused) {
		bag.Add(c.Diagnostic)
	}
	return a.diagnose(&bag)
}

// describe asks the warehouse for the columns of every table; refused names those it has not.
func (a *app) describe(ctx context.Context, m *model.Model) (found *project.Catalog, refused, err error) {
	c, err := a.reader(m.Project)
	if err != nil {
		return nil, nil, err
	}
	defer c.warehouse.Close()
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer session.Close()
	found, refused = runner.Describe(ctx, session, c.dialect, allTables(m))
	return found, refused, nil
}
