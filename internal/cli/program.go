package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"assay/compiler"
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
)

// targets are what is computed by itself, of what --select and --exclude leave.
type targets struct {
	experiments []*model.Experiment
	queries     []*project.SavedQuery
}

func (a *app) targets(m *model.Model, g *graph) (targets, error) {
	nodes, err := a.selected(g)
	if err != nil {
		return targets{}, err
	}
	chosen := set(nodes)
	var t targets
	for _, e := range m.Experiments {
		if chosen[g.byID[kindExperiment+"."+e.Name]] {
			t.experiments = append(t.experiments, e)
		}
	}
	for _, q := range m.Queries {
		if chosen[g.byID[kindSavedQuery+"."+q.Name.V]] {
			t.queries = append(t.queries, q)
		}
	}
	return t, nil
}

// compileExperiments compiles one program for all the experiments.
func (a *app) compileExperiments(m *model.Model, experiments []*model.Experiment) (*plan.Compiled, error) {
	var bag diag.Bag
	compiled, err := compiler.Experiments(m, experiments, &bag)
	return compiled, errors.Join(err, a.diagnose(&bag))
}

func (a *app) compileQuery(m *model.Model, query ask.Query) (*rel.Program, error) {
	var bag diag.Bag
	program, err := compiler.Query(m, query, &bag)
	return program, errors.Join(err, a.diagnose(&bag))
}

// print reports what the dialect lacks at the place that asks for it.
func (a *app) print(d *dialects.Dialect, program *rel.Program) ([]dialects.Statement, error) {
	statements, err := dialects.Print(d, program)
	var lacking *dialects.Unsupported
	if errors.As(err, &lacking) {
		var bag diag.Bag
		for _, gap := range lacking.Gaps {
			bag.Errorf(gap.Span, "unsupported", "%s is not supported on %s", gap.What, lacking.Dialect)
		}
		err = a.diagnose(&bag)
	}
	return statements, err
}

// writeSQL writes statements as a script.
func writeSQL(w io.Writer, statements []dialects.Statement) error {
	for i, s := range statements {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintf(w, "%s;\n", strings.TrimSpace(s.SQL)); err != nil {
			return err
		}
	}
	return nil
}
