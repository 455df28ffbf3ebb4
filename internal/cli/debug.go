package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) debugCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "debug",
		Short: "Check that the project's profile is found and its warehouse answers",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.debug(cmd.Context()) },
	}
}

func (a *app) debug(ctx context.Context) error {
	p, err := a.readProject()
	if err != nil {
		return err
	}
	c, err := a.reader(p)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	fmt.Fprintf(a.out, "assay     %s\nproject   %s in %s\nprofile   %s, output %s, in %s\nwarehouse %s, schema %s\n",
		version(), p.Name.V, p.Dir, c.profile, c.output.Name.V, c.profilesFile, c.output.Type.V, c.warehouse.Schema())
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return fmt.Errorf("the warehouse does not answer: %w", err)
	}
	defer session.Close()
	if _, err := session.Query(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("the warehouse does not answer: %w", err)
	}
	_, err = fmt.Fprintln(a.out, "connection ok")
	return err
}
