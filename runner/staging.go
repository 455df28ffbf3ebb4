package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"assay/compiler/rel"
	"assay/dialects"
)

// Staging is how staged steps are kept between the statements of a program.
type Staging interface {
	// arrange is the program with its steps where they are kept.
	arrange(p *rel.Program) *rel.Program
	// print is an arranged program as a run of that name sends it.
	print(d *dialects.Dialect, p *rel.Program, run string) ([]dialects.Statement, error)
	// schema is where a killed run can leave tables, "" for nowhere.
	schema() string
}

// SessionTables are temporary tables: only their session sees them, and they end with it.
type SessionTables struct{}

func (SessionTables) arrange(p *rel.Program) *rel.Program { return p }
func (SessionTables) schema() string                      { return "" }

func (SessionTables) print(d *dialects.Dialect, p *rel.Program, _ string) ([]dialects.Statement, error) {
	return dialects.Print(d, p)
}

// ScratchTables are tables of a schema that bear the run's name. What a killed run leaves there, a later one drops.
type ScratchTables struct{ Schema string }

func (ScratchTables) arrange(p *rel.Program) *rel.Program { return p }
func (s ScratchTables) schema() string                    { return s.Schema }

func (s ScratchTables) print(d *dialects.Dialect, p *rel.Program, run string) ([]dialects.Statement, error) {
	return dialects.PrintOver(d, p, func(step string) rel.Table { return d.TableIn(s.Schema, scratchName(run, step)) })
}

// NoTables keeps nothing: every step is part of each statement that reads it, and a fact is scanned once for each of them.
type NoTables struct{}

func (NoTables) arrange(p *rel.Program) *rel.Program { return p.Inlined() }
func (NoTables) schema() string                      { return "" }

func (NoTables) print(d *dialects.Dialect, p *rel.Program, _ string) ([]dialects.Statement, error) {
	return dialects.Print(d, p)
}

const scratchPrefix = "assay_tmp_"

// scratchName is the table of a run's step: assay_tmp_<run>_<step>, the run's id without its dashes.
func scratchName(run, step string) string {
	return scratchPrefix + strings.ReplaceAll(run, "-", "") + "_" + step
}

// scratchRun is the run whose table that is.
func scratchRun(table string) (uuid.UUID, bool) {
	rest, ours := strings.CutPrefix(strings.ToLower(table), scratchPrefix)
	id, _, named := strings.Cut(rest, "_")
	run, err := uuid.Parse(id)
	return run, ours && named && err == nil
}

// orphanAge is how old a table must be to be dropped where no row tells of its run: a query has none, nor has a run whose results
// are in another schema.
const orphanAge = 24 * time.Hour

// sweep drops what dead runs left in the result schema and the scratch schema.
func (s *store) sweep(ctx context.Context, staging Staging) error {
	lister, ok := s.session.(Lister)
	if !ok {
		return nil
	}
	alive, dead, err := s.runs(ctx)
	if err != nil {
		return err
	}
	left := func(table string) bool {
		run, ours := scratchRun(table)
		if !ours || alive[run.String()] {
			return false
		}
		seconds, nanoseconds := run.Time().UnixTime()
		return dead[run.String()] || time.Since(time.Unix(seconds, nanoseconds)) > orphanAge
	}
	var failures []error
	for _, schema := range slices.Compact([]string{s.schema, staging.schema()}) {
		if schema != "" {
			failures = append(failures, s.dropWhere(ctx, lister, schema, left))
		}
	}
	return errors.Join(failures...)
}

// dropWhere drops tables of a schema by their names. A schema that cannot be listed is made: a step will want it.
func (s *store) dropWhere(ctx context.Context, lister Lister, schema string, left func(string) bool) error {
	tables, err := lister.Tables(ctx, schema)
	if err != nil {
		if _, refused := s.session.Exec(ctx, s.dialect.CreateSchemaSQL(schema)); refused != nil {
			return fmt.Errorf("scratch schema %s: %w", schema, errors.Join(err, refused))
		}
		return nil
	}
	var failures []error
	for _, table := range tables {
		if !left(table) {
			continue
		}
		if _, err := s.session.Exec(ctx, s.dialect.DropSQL(s.dialect.TableIn(schema, table))); err != nil {
			failures = append(failures, fmt.Errorf("table %s.%s of a run that was killed: %w", schema, table, err))
		}
	}
	return errors.Join(failures...)
}

// runs are the ids of the runs that the schema tells of, those that may still work apart from those that have ended.
func (s *store) runs(ctx context.Context) (alive, dead map[string]bool, err error) {
	rows, err := s.query(ctx, "SELECT [run_id], [status] FROM <assay_runs>")
	alive, dead = map[string]bool{}, map[string]bool{}
	for _, row := range rows.Values {
		if row[1] == statusRunning {
			alive[row[0].(string)] = true
		} else {
			dead[row[0].(string)] = true
		}
	}
	return alive, dead, err
}
