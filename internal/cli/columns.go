package cli

import (
	"maps"
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// allTables are those of models, then those that assignments have for themselves.
func allTables(m *model.Model) []*model.Table {
	all := slices.Clone(m.Tables)
	for _, e := range m.Experiments {
		for _, log := range e.Logs {
			if !slices.ContainsFunc(all, func(t *model.Table) bool { return t.Source.At == log.Table.Source.At }) {
				all = append(all, log.Table)
			}
		}
	}
	return all
}

// openTables are the tables whose columns nobody has listed.
func openTables(m *model.Model) []*model.Table {
	return slices.DeleteFunc(allTables(m), func(t *model.Table) bool { return t.Closed })
}

// withColumns is the model once the columns that the warehouse has found are known, and what turns out to be wrong then.
func withColumns(m *model.Model, found *project.Catalog) (*model.Model, *diag.Bag) {
	p := *m.Project
	p.Catalog = merge(found, p.Catalog)
	var bag diag.Bag
	return model.Build(&p, &bag), &bag
}

// knowing is the model with the columns found. Where that shows a mistake, it is a warning at its place, and the model stays as
// it was: the warehouse refuses just what is wrong, and the rest has its results.
func (a *app) knowing(m *model.Model, found *project.Catalog) (*model.Model, error) {
	known, bag := withColumns(m, found)
	if !bag.HasErrors() {
		return known, nil
	}
	warnings := bag.Sorted()
	for i := range warnings {
		warnings[i].Severity = diag.Warning
	}
	return m, a.printDiagnostics(warnings)
}

// merge prefers what stands in the project's own catalog.
func merge(found, own *project.Catalog) *project.Catalog {
	if own == nil {
		return found
	}
	merged := &project.Catalog{Models: maps.Clone(found.Models), Assignments: maps.Clone(found.Assignments)}
	maps.Copy(merged.Models, own.Models)
	maps.Copy(merged.Assignments, own.Assignments)
	return merged
}
