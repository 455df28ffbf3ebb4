package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assay/runner"
)

func (a *app) debugCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "debug",
		Short: "Check that the project's profile is found, and that its warehouse answers and takes what a run writes",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.debug(cmd.Context()) },
	}
}

func (a *app) debug(ctx context.Context) error {
	p, err := a.readProject()
	if err != nil {
		return err
	}
	c, err := a.writer(p)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	fmt.Fprintf(a.out, "assay     %s\nproject   %s in %s\nprofile   %s, output %s, in %s\nwarehouse %s, schema %s\n",
		version(), p.Name.V, p.Dir, c.profile, c.output.Name.V, c.profilesFile, c.output.Type.V, c.warehouse.Schema())
	checks, err := runner.Examine(ctx, c.warehouse, c.dialect)
	if err != nil {
		return fmt.Errorf("the warehouse does not answer: %w", err)
	}
	fmt.Fprintln(a.out, "connection ok")
	var missing []error
	for _, check := range checks {
		if check.Err == nil {
			fmt.Fprintf(a.out, "%s ok\n", check.Name)
			continue
		}
		missing = append(missing, fmt.Errorf("%s: %s: %w%s", c.output.Name.Span, check.Name, check.Err, granting(check.Grants)))
	}
	return errors.Join(missing...)
}

// granting are an administrator's statements, a line each; "" for none.
func granting(statements []string) string {
	if len(statements) == 0 {
		return ""
	}
	return "\nan administrator allows it by\n  " + strings.Join(statements, ";\n  ") + ";"
}
