package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

func (a *app) listCommand() *cobra.Command {
	var kinds []string
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List what the project declares, each as a selector",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.list(kinds) },
	}
	cmd.Flags().StringSliceVar(&kinds, "resource-type", nil, "only these: model, assignments, metric, protocol, experiment, saved_query")
	return cmd
}

func (a *app) list(kinds []string) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	nodes, err := a.selected(newGraph(m))
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if len(kinds) == 0 || slices.Contains(kinds, n.Kind) {
			fmt.Fprintf(a.out, "%s:%s\n", n.Kind, n.Name)
		}
	}
	return nil
}

// selected are the nodes that --select and --exclude leave.
func (a *app) selected(g *graph) ([]*node, error) {
	s := &selection{graph: g, modified: func() (map[*node]bool, error) { return modifiedSince(a.state, g) }}
	return s.choose(a.selects, a.excludes)
}
