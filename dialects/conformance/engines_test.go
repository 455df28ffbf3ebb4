package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/dialects/bigquery"
	"assay/dialects/clickhouse"
	"assay/dialects/databricks"
	"assay/dialects/duckdb"
	"assay/dialects/postgres"
	"assay/dialects/redshift"
	"assay/dialects/snowflake"
	"assay/dialects/trino"
	"assay/internal/pgtest"
)

// An engine runs SQL on one connection.
type engine struct {
	dialect *dialects.Dialect
	exec    func(sql string, args ...any) error
	query   func(sql string, args ...any) ([][]any, error)
	// wrong are expressions of which a stand-in says something else than the engine that it stands for, by that one's documents.
	wrong map[string]bool
}

var all = []*dialects.Dialect{
	duckdb.Dialect, postgres.Dialect, clickhouse.Dialect, trino.Dialect, databricks.Dialect, bigquery.Dialect, snowflake.Dialect,
	redshift.Dialect,
}

// openers are the engines that can be run, by dialect.
var openers = map[*dialects.Dialect]func(testing.TB) engine{
	duckdb.Dialect: openDuckDB, postgres.Dialect: openPostgres, clickhouse.Dialect: openClickHouse, trino.Dialect: openTrino,
	databricks.Dialect: openSpark, redshift.Dialect: openRedshift, snowflake.Dialect: openSnowflake, bigquery.Dialect: openBigQuery,
}

func open(t testing.TB, d *dialects.Dialect) engine {
	opener, ok := openers[d]
	if !ok {
		t.Skip("no engine runs " + d.Name + " outside its vendor's service")
	}
	return opener(t)
}

// onEach runs a test on every engine at hand.
func onEach(t *testing.T, test func(t *testing.T, e engine)) {
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) { test(t, open(t, d)) })
	}
}

func openDuckDB(t testing.TB) engine {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return engine{
		dialect: duckdb.Dialect,
		exec: func(text string, args ...any) error {
			_, err := conn.ExecContext(context.Background(), text, args...)
			return err
		},
		query: func(text string, args ...any) ([][]any, error) {
			rows, err := conn.QueryContext(context.Background(), text, args...)
			if err != nil {
				return nil, err
			}
			return scanAll(rows)
		},
	}
}

func scanAll(rows *sql.Rows) ([][]any, error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var list [][]any
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

func openPostgres(t testing.TB) engine { return connectPostgres(t, pgtest.Start(t)) }

func connectPostgres(t testing.TB, dsn string) engine {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	return engine{
		dialect: postgres.Dialect,
		exec: func(text string, args ...any) error {
			_, err := conn.Exec(ctx, text, args...)
			return err
		},
		query: func(text string, args ...any) ([][]any, error) {
			rows, err := conn.Query(ctx, text, args...)
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
		},
	}
}

// run runs a program and gives the rows of each fetched step, as texts.
func (e engine) run(p *rel.Program) (map[string][][]string, error) {
	statements, err := dialects.Print(e.dialect, p)
	if err != nil {
		return nil, err
	}
	results := map[string][][]string{}
	for _, s := range statements {
		if s.Kind == rel.Staged {
			if err := e.exec(s.SQL); err != nil {
				return nil, fmt.Errorf("%w\n%s", err, s.SQL)
			}
			continue
		}
		rows, err := e.query(s.SQL)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s.SQL)
		}
		results[s.Name] = texts(rows, s.Columns)
	}
	for _, s := range statements {
		if s.Undo != "" {
			if err := e.exec(s.Undo); err != nil {
				return nil, fmt.Errorf("%w\n%s", err, s.Undo)
			}
		}
	}
	return results, nil
}

// rows runs one relation.
func (e engine) rows(t testing.TB, r rel.Relation) [][]string {
	t.Helper()
	rows, err := e.ask(r)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (e engine) ask(r rel.Relation) ([][]string, error) {
	results, err := e.run(program(r))
	return results["result"], err
}

func program(r rel.Relation) *rel.Program {
	return &rel.Program{Steps: []*rel.Step{{Name: "result", Kind: rel.Fetched, Relation: r}}}
}

func sqlOf(d *dialects.Dialect, r rel.Relation) string {
	statements, err := dialects.Print(d, program(r))
	if err != nil {
		return err.Error()
	}
	return statements[0].SQL
}
