package compiler

import (
	"fmt"

	"assay/compiler/ask"
	"assay/compiler/dbtimport"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Load reads and resolves a project, and the dbt projects it imports. With errors in the bag the model lacks what is wrong, and
// nothing should be computed from it.
func Load(options project.Options) (*model.Model, *diag.Bag) {
	p, bag := project.Read(options)
	dbtimport.Include(p, bag)
	return model.Build(p, bag), bag
}

// Experiments compiles one program for all the experiments. Mistakes are in the bag; the error is a fault of ours.
func Experiments(m *model.Model, experiments []*model.Experiment, bag *diag.Bag) (compiled *plan.Compiled, err error) {
	defer recoverInvariant(&err)
	asked := ask.Experiments(m, experiments, bag)
	if bag.HasErrors() {
		return nil, nil
	}
	return plan.Experiments(asked, bag), nil
}

// Query compiles a KPI query. Mistakes are in the bag; the error is a fault of ours.
func Query(m *model.Model, query ask.Query, bag *diag.Bag) (program *rel.Program, err error) {
	defer recoverInvariant(&err)
	asked := query.Resolve(m, bag)
	if bag.HasErrors() {
		return nil, nil
	}
	return plan.Query(asked, bag), nil
}

// recoverInvariant turns the panic of a broken invariant into an error.
func recoverInvariant(err *error) {
	switch broken := recover().(type) {
	case nil:
	case *rel.Invariant:
		*err = fmt.Errorf("a fault of the planner, please report it: %w", broken)
	default:
		panic(broken)
	}
}
