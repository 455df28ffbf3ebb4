package runner

import (
	"context"
	"errors"
	"fmt"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/dialects"
)

// Describe asks the warehouse for the columns of tables. What it refuses is left out and named in the error, which joins all
// refusals; the catalog has the others.
func Describe(ctx context.Context, s Session, d *dialects.Dialect, tables []*model.Table) (*project.Catalog, error) {
	catalog := &project.Catalog{Models: map[string][]project.CatalogColumn{}, Assignments: map[string][]project.CatalogColumn{}}
	var refusals []error
	for _, t := range tables {
		columns, err := s.Columns(ctx, probe(d, t.Source))
		if err != nil {
			refusals = append(refusals, fmt.Errorf("%s: %s: %w", t.Source.At, t.Name, err))
			continue
		}
		shelf(catalog, t)[t.Name] = columns
	}
	return catalog, errors.Join(refusals...)
}

// probe is a query for all columns of a source.
func probe(d *dialects.Dialect, source model.TableSource) string {
	if source.SQL != "" {
		return source.SQL
	}
	return "SELECT * FROM " + d.Source(source.Table)
}

// shelf is where a catalog keeps a table: those that only assignments have stand apart.
func shelf(c *project.Catalog, t *model.Table) map[string][]project.CatalogColumn {
	if t.Decl == nil {
		return c.Assignments
	}
	return c.Models
}
