package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) listCommand() *cobra.Command {
	var only []string
	var output string
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List what the project declares, each as a selector",
		Args:    cobra.NoArgs,
		Example: "  assay list --resource-type metric --output name\n" +
			"  assay list dimensions --metrics revenue,aov",
		RunE: func(*cobra.Command, []string) error { return a.list(only, output) },
	}
	cmd.Flags().StringSliceVar(&only, "resource-type", nil, "only these: "+strings.Join(kinds, ", "))
	cmd.Flags().StringVar(&output, "output", "selector", "selector, name, path or json (an object a line)")
	cmd.AddCommand(a.listMetricsCommand(), a.listDimensionsCommand(), a.listEntitiesCommand())
	return cmd
}

func (a *app) list(only []string, output string) error {
	write, err := a.nodeFormat(output)
	if err != nil {
		return err
	}
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
			write(n)
		}
	}
	return nil
}

// nodeFormat writes a node in one of the ways of dbt's --output.
func (a *app) nodeFormat(output string) (func(*node), error) {
	switch output {
	case "selector":
		return func(n *node) { fmt.Fprintf(a.out, "%s:%s\n", n.Kind, n.Name) }, nil
	case "name":
		return func(n *node) { fmt.Fprintln(a.out, n.Name) }, nil
	case "path":
		return func(n *node) { fmt.Fprintln(a.out, n.At.File) }, nil
	case "json":
		return func(n *node) {
			var needs []string
			for _, other := range n.Needs {
				needs = append(needs, other.id())
			}
			a.writeLine(listedNode{n.id(), n.Name, n.Kind, n.At.File, n.Tags, needs})
		}, nil
	}
	return nil, usagef("--output is selector, name, path or json, not `%s`", output)
}

// A listedNode is a line of `list --output json`, with dbt's keys.
type listedNode struct {
	UniqueID     string   `json:"unique_id"`
	Name         string   `json:"name"`
	ResourceType string   `json:"resource_type"`
	Path         string   `json:"original_file_path"`
	Tags         []string `json:"tags"`
	DependsOn    []string `json:"depends_on"`
}

// writeLine writes an object as a line of JSON.
func (a *app) writeLine(object any) {
	line, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(a.out, "%s\n", line)
}

// selected are the nodes that --select and --exclude leave.
func (a *app) selected(g *graph) ([]*node, error) {
	s := &selection{graph: g, modified: func() (map[*node]bool, error) { return modifiedSince(a.state, g) }}
	return s.choose(a.selects, a.excludes)
}
