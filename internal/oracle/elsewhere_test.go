package oracle

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assay/compiler/rel"
	"assay/internal/enginetest"
	"assay/runner"
)

// elsewhere is an engine that gets what DuckDB has made of a world's script.
type elsewhere struct {
	enginetest.Engine
	t      testing.TB
	output runner.Output
}

// load puts the world's tables in the place of those of the last one, and has the project's profile name the engine.
func (e *elsewhere) load(dir, script string) error {
	duckdb := engine{name: "duckdb"}
	if err := duckdb.load(dir, script); err != nil {
		return err
	}
	tables, err := e.tables(duckdb, dir)
	if err != nil {
		return err
	}
	e.Empty(e.t, e.output)
	session, done, err := engine{elsewhere: e}.connect(dir)
	if err != nil {
		return err
	}
	defer done()
	e.Fill(e.t, session, e.output.Fields["schema"].(string), tables...)
	return os.WriteFile(filepath.Join(dir, "profiles.yml"), enginetest.Profile(e.t, "world", e.output), 0o644)
}

// holds is false of a world with instants where the engine has one type for those and for times without a zone.
func (e *elsewhere) holds(script string) bool {
	types := e.Dialect.Types
	return types[rel.Timestamp] != types[rel.TimestampTZ] || !strings.Contains(script, "timestamptz")
}

func (e *elsewhere) tables(duckdb engine, dir string) ([]runner.Table, error) {
	session, done, err := duckdb.connect(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	names, err := session.Query(context.Background(), "SHOW TABLES")
	if err != nil {
		return nil, err
	}
	var tables []runner.Table
	for _, row := range names.Values {
		name := row[0].(string)
		tables = append(tables, enginetest.Read(e.t, session, name, `SELECT * FROM "`+name+`"`))
	}
	return tables, nil
}
