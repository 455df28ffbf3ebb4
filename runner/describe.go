package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/dialects"
)

// A Refusal is a table that the warehouse has not, or may not read.
type Refusal struct {
	Table  *model.Table
	Err    error    // the warehouse's
	Grants []string // statements by which an administrator lets it be read; nil where it is refused for another reason
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: %s: %v", r.Table.Source.At, r.Table.Name, r.Err)
}

func (r *Refusal) Unwrap() error { return r.Err }

// Reason is the first line of what the warehouse says: a statement that reads the table is refused for it too.
func (r *Refusal) Reason() string {
	reason, _, _ := strings.Cut(r.Err.Error(), "\n")
	return strings.TrimSpace(reason)
}

// Describe asks the warehouse for the columns of tables. What it refuses is left out and named in the error, which joins a *Refusal
// for each; the catalog has the others.
func Describe(ctx context.Context, s Session, d *dialects.Dialect, tables []*model.Table) (*project.Catalog, error) {
	catalog := &project.Catalog{Models: map[string][]project.CatalogColumn{}, Assignments: map[string][]project.CatalogColumn{}}
	var refusals []error
	for _, t := range tables {
		columns, err := columnsOf(ctx, s, d, t.Source)
		if err != nil {
			refusals = append(refusals, refused(ctx, s, d, t, err))
			if lost(err) {
				break
			}
			continue
		}
		shelf(catalog, t)[t.Name] = columns
	}
	return catalog, errors.Join(refusals...)
}

func refused(ctx context.Context, s Session, d *dialects.Dialect, t *model.Table, err error) *Refusal {
	if t.Source.SQL != "" { // it names what it reads itself
		return &Refusal{t, err, nil}
	}
	return &Refusal{t, err, missingGrants(ctx, s, err, reading(d, t.Source.Table))}
}

func columnsOf(ctx context.Context, s Session, d *dialects.Dialect, source model.TableSource) ([]project.CatalogColumn, error) {
	if source.Table.File != nil && d.File == nil {
		return nil, fmt.Errorf("reading a file is not supported on %s: name a table of the warehouse by `relation:`", d.Name)
	}
	return s.Columns(ctx, probe(d, source))
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
