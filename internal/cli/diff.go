package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/dialects"
	"assay/internal/diag"
)

// failOnChanged is the value of --fail-on that makes a difference a failure.
const failOnChanged = "changed"

// A diffQuestion is the flags of diff.
type diffQuestion struct {
	dialect, format, failOn string
	connect                 bool
}

func (a *app) diffCommand() *cobra.Command {
	var q diffQuestion
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what a change to definitions changes: settings, what uses them, SQL and numbers",
		Long: "Show what a change to definitions changes: settings, what uses them, SQL and numbers.\n\n" +
			"The project is compared with the state that `assay compile` or `assay run` left in the target folder that\n" +
			"--state names: a copy of an earlier one, or that of another revision, checked out by `git worktree`.\n\n" +
			"With --connect it computes what is affected once more, as of the last run and without writing, beside what\n" +
			"that run wrote. Rows that reached the warehouse since then are in the later numbers alone.",
		Example: "  git worktree add ../base main && assay compile --project-dir ../base\n" +
			"  assay diff --state ../base/target\n" +
			"  assay diff --state ../base/target --connect --format markdown",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.diff(cmd.Context(), &q) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&q.connect, "connect", false, "also compute what is affected, and compare it with what the last run wrote")
	flags.StringVar(&q.dialect, "dialect", "", "the engine whose SQL to compare, whatever the profile")
	flags.StringVarP(&q.format, "format", "f", "text", "text, markdown or json")
	flags.StringVar(&q.failOn, "fail-on", "", failOnChanged+": exit 1 where anything differs")
	return cmd
}

func (a *app) diff(ctx context.Context, q *diffQuestion) error {
	write, ok := diffFormats[q.format]
	switch {
	case !ok:
		return usagef("--format is text, markdown or json, not `%s`", q.format)
	case q.failOn != "" && q.failOn != failOnChanged:
		return usagef("--fail-on knows %s, not `%s`", failOnChanged, q.failOn)
	case a.state == "":
		return usagef("diff needs --state: the target folder of another state of the project, where `assay compile` was run")
	}
	before, err := readManifest(a.state)
	if err != nil {
		return err
	}
	m, err := a.load()
	if err != nil {
		return err
	}
	changes, err := a.changes(m, before, q.dialect)
	if err != nil {
		return err
	}
	var failed error // what is known is printed all the same
	if q.connect {
		failed = a.compareNumbers(ctx, m, changes)
	}
	if err := write(a, m, changes); err != nil {
		return err
	}
	if q.failOn == failOnChanged && len(changes) > 0 {
		failed = errors.Join(failed, fmt.Errorf("the project differs from its state in %s", a.state))
	}
	return failed
}

// changes are those of what is selected. What is removed cannot be selected: it is told of where everything is.
func (a *app) changes(m *model.Model, before *manifest, dialect string) ([]*change, error) {
	g := newGraph(m)
	nodes, err := a.selected(g)
	if err != nil {
		return nil, err
	}
	now := newManifest(m.Project.Name.V, g)
	after, chosen := newState(&now), set(nodes)
	changes := slices.DeleteFunc(changesSince(newState(before), after), func(c *change) bool {
		n, exists := g.byID[c.UniqueID]
		return exists && !chosen[n] || !exists && len(a.selects) > 0
	})
	d, err := a.dialect(m.Project, dialect)
	if err != nil {
		return nil, err
	}
	return a.compareSQL(m, d, after, changes)
}

// compareSQL adds to the changes what they mean for the SQL, and what changes it although it is declared as it was.
func (a *app) compareSQL(m *model.Model, d *dialects.Dialect, after *state, changes []*change) ([]*change, error) {
	if _, err := os.Stat(compiledDir(a.state, d)); errors.Is(err, fs.ErrNotExist) {
		a.log.Warn(fmt.Sprintf("SQL is not compared: there is no %s; `assay compile --dialect %s` writes it",
			compiledDir(a.state, d), d.Name))
		return changes, nil
	}
	var bag diag.Bag
	own := model.Build(m.Project, &bag) // whose paths may be shortened: numbers are still to be computed
	shortenPaths(own)
	programs, err := a.programs(own)
	if err != nil {
		return nil, err
	}
	for _, p := range programs {
		differing, err := a.sqlDiff(d, p)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(changes, func(c *change) bool { return c.UniqueID == p.id() })
		if i < 0 && differing != nil && *differing != "" {
			i = len(changes)
			changes = append(changes, after.change(affected, p.id()))
		}
		if i >= 0 {
			changes[i].SQL = differing
		}
	}
	return changes, nil
}

// sqlDiff is how the SQL of a program differs from the state's, "" where it is the same; nil where the state has none.
func (a *app) sqlDiff(d *dialects.Dialect, p program) (*string, error) {
	path := compiledPath(a.state, d, p.Kind, p.Name)
	before, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	statements, err := a.print(d, p.Program)
	if err != nil {
		return nil, err
	}
	var after bytes.Buffer
	if err := writeSQL(&after, statements); err != nil {
		return nil, err
	}
	unified := string(diff.Diff("before", before, "after", after.Bytes()))
	_, unified, _ = strings.Cut(unified, "\n") // less the line that names a command
	return &unified, nil
}

// compiledDir is where the SQL for an engine is, in a target folder.
func compiledDir(target string, d *dialects.Dialect) string {
	return filepath.Join(target, "compiled", d.Name)
}

func compiledPath(target string, d *dialects.Dialect, kind, name string) string {
	return filepath.Join(compiledDir(target, d), kind, name+".sql")
}

// diffFormats write changes in the ways of --format.
var diffFormats = map[string]func(*app, *model.Model, []*change) error{
	"text":     (*app).diffText,
	"markdown": (*app).diffMarkdown,
	"json":     func(a *app, _ *model.Model, changes []*change) error { return a.diffJSON(changes) },
}
