package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/dialects"
	"assay/internal/diag"
)

func (a *app) compileCommand() *cobra.Command {
	var dialect string
	cmd := &cobra.Command{
		Use:   "compile",
		Short: "Write the SQL of experiments and saved queries into target/compiled, and manifest.json",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.compile(dialect) },
	}
	usage := "the engine to write for, whatever the profile: " + strings.Join(engineNames(), ", ")
	cmd.Flags().StringVar(&dialect, "dialect", "", usage)
	return cmd
}

func (a *app) compile(dialect string) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	d, err := a.dialect(m.Project, dialect)
	if err != nil {
		return err
	}
	if err := newManifest(m.Project.Name.V, newGraph(m)).write(a.targetDir()); err != nil {
		return err
	}
	shortenPaths(m)
	programs, err := a.programs(m)
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := a.writeCompiled(d, p); err != nil {
			return err
		}
	}
	return nil
}

// dialect is the one named, else the profile's.
func (a *app) dialect(p *project.Project, name string) (*dialects.Dialect, error) {
	if name == "" {
		c, err := a.selectOutput(p)
		if err != nil {
			return nil, err
		}
		return c.dialect, nil
	}
	known, ok := engines[name]
	if !ok {
		return nil, usagef("no dialect is called `%s`; %s", name, diag.Suggest(name, engineNames()))
	}
	return known.dialect, nil
}

// shortenPaths makes the paths of files relative to the project, so that what is printed is the same on every machine.
func shortenPaths(m *model.Model) {
	for _, t := range allTables(m) {
		file := t.Source.Table.File
		if file == nil {
			continue
		}
		if path, err := filepath.Rel(m.Project.Dir, file.Path); err == nil && filepath.IsLocal(path) {
			file.Path = filepath.ToSlash(path)
		}
	}
}

func (a *app) writeCompiled(d *dialects.Dialect, p program) error {
	statements, err := a.print(d, p.Program)
	if err != nil {
		return err
	}
	path := compiledPath(a.targetDir(), d, p.Kind, p.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	a.log.Info("writing " + path)
	return toFile(path, func(w io.Writer) error { return writeSQL(w, statements) })
}
