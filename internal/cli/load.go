package cli

import (
	"slices"
	"strings"

	"assay/compiler"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// load reads and resolves the project. Its mistakes are printed, all of them, and end the verb.
func (a *app) load() (*model.Model, error) {
	options, err := a.projectOptions()
	if err != nil {
		return nil, err
	}
	m, bag := compiler.Load(options)
	return m, a.diagnose(bag)
}

// readProject reads the project without resolving it, for verbs that need to know just where things are.
func (a *app) readProject() (*project.Project, error) {
	options, err := a.projectOptions()
	if err != nil {
		return nil, err
	}
	p, bag := project.Read(options)
	return p, a.diagnose(bag)
}

func (a *app) projectOptions() (project.Options, error) {
	vars, err := a.variables()
	return project.Options{Dir: a.projectDir, Vars: vars}, err
}

// variables are those of --vars.
func (g *globals) variables() (map[string]string, error) {
	vars, err := project.ParseVars(g.vars)
	if err != nil {
		return nil, usageError{err}
	}
	return vars, nil
}

// diagnose prints what a bag has gathered; errReported where any of it stops a run.
func (a *app) diagnose(bag *diag.Bag) error {
	if err := a.printDiagnostics(bag.Sorted()); err != nil {
		return err
	}
	if bag.HasErrors() {
		return errReported
	}
	return nil
}

func (a *app) printDiagnostics(list []diag.Diagnostic) error {
	if a.quiet {
		list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Warning })
	}
	switch {
	case len(list) == 0:
		return nil
	case a.json:
		return diag.WriteJSON(a.err, list)
	}
	return diag.Printer{Lines: a.sourceLines(), Color: a.coloured(a.err)}.Print(a.err, list)
}

// sourceLines finds the lines of the project's files, and of what was typed at flags.
func (a *app) sourceLines() func(file string) []string {
	files := project.SourceLines(a.projectDir)
	return func(name string) []string {
		if text, ok := a.typed[name]; ok {
			return strings.Split(text, "\n")
		}
		return files(name)
	}
}
