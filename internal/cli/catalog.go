package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"assay/compiler/project"
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
	c, err := a.connection(m.Project)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	found, refused := runner.Describe(ctx, session, c.dialect, allTables(m))
	if err := project.WriteCatalog(m.Project.Dir, found); err != nil {
		return err
	}
	a.log.Info(fmt.Sprintf("wrote the columns of %s into catalog.json", count(len(found.Models)+len(found.Assignments), "table", "tables")))
	return refused
}
