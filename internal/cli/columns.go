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

// knowing is the model with the columns found, and the mistakes that they show. These stop nothing: the warehouse refuses just what
// is wrong, and the rest has its results.
func knowing(m *model.Model, found *project.Catalog) (*model.Model, []diag.Diagnostic) {
	known, bag := withColumns(m, found)
	if !bag.HasErrors() {
		return known, nil
	}
	return believing(m, found), bag.Sorted()
}

// believing is the model with all columns found that show no mistake; other names are believed. A mistake in one metric must not
// change how others read their times and ids, which depends on the types of their columns.
func believing(m *model.Model, found *project.Catalog) *model.Model {
	none := map[string][]project.CatalogColumn{}
	kept := &project.Catalog{Models: none, Assignments: none, Open: true}
	var keep func([]foundColumn)
	keep = func(some []foundColumn) {
		trial := with(kept, some)
		if known, bag := withColumns(m, trial); !bag.HasErrors() {
			kept, m = trial, known
		} else if half := len(some) / 2; half > 0 {
			keep(some[:half])
			keep(some[half:])
		}
	}
	keep(columnsOf(found))
	return m
}

// A foundColumn is a column of a table, which is a model's or that of assignments.
type foundColumn struct {
	ofModel bool
	table   string
	project.CatalogColumn
}

func columnsOf(c *project.Catalog) []foundColumn {
	var all []foundColumn
	add := func(ofModel bool, tables map[string][]project.CatalogColumn) {
		for _, table := range slices.Sorted(maps.Keys(tables)) {
			for _, column := range tables[table] {
				all = append(all, foundColumn{ofModel, table, column})
			}
		}
	}
	add(true, c.Models)
	add(false, c.Assignments)
	return all
}

// with is the catalog and some columns more.
func with(c *project.Catalog, some []foundColumn) *project.Catalog {
	more := &project.Catalog{Models: maps.Clone(c.Models), Assignments: maps.Clone(c.Assignments), Open: c.Open}
	for _, f := range some {
		tables := more.Assignments
		if f.ofModel {
			tables = more.Models
		}
		tables[f.table] = append(slices.Clip(tables[f.table]), f.CatalogColumn)
	}
	return more
}

// merge prefers what stands in the project's own catalog.
func merge(found, own *project.Catalog) *project.Catalog {
	if own == nil {
		return found
	}
	merged := &project.Catalog{Models: maps.Clone(found.Models), Assignments: maps.Clone(found.Assignments), Open: found.Open}
	maps.Copy(merged.Models, own.Models)
	maps.Copy(merged.Assignments, own.Assignments)
	return merged
}
