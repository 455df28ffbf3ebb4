package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) listCommand() *cobra.Command {
	var only []string
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List what the project declares, each as a selector",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.list(only) },
	}
	cmd.Flags().StringSliceVar(&only, "resource-type", nil, "only these: "+strings.Join(kinds, ", "))
	return cmd
}

func (a *app) list(only []string) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	nodes, err := a.selected(newGraph(m))
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if len(only) == 0 || slices.Contains(only, n.Kind) {
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
