package conformance

import (
	"testing"

	"assay/dialects/snowflake"
	"assay/internal/snowflaketest"
	"assay/runner"
	driver "assay/runner/snowflake"
)

// openSnowflake is a stand-in, by the product's own driver: Snowflake itself runs nowhere but at its vendor's.
func openSnowflake(t testing.TB) engine {
	warehouse, err := driver.Open(runner.Output{Name: "test", Fields: snowflaketest.Fields(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	for _, statement := range []string{"CREATE SCHEMA results", "USE SCHEMA results"} {
		if _, err := session.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return engine{
		dialect: snowflake.Dialect,
		wrong:   snowflakeWrong,
		exec: func(text string, _ ...any) error {
			_, err := session.Exec(t.Context(), text)
			return err
		},
		query: func(text string, _ ...any) ([][]any, error) {
			rows, err := session.Query(t.Context(), text)
			return rows.Values, err
		},
	}
}

// snowflakeWrong: the stand-in gives the first moment of 1970 for no moment in a column without any, trims more than blanks, rounds
// halves to the even number, and writes floats as DuckDB does.
var snowflakeWrong = map[string]bool{
	"min(at)":           true,
	"trim(' \t\u00a0')": true,
	"date_add(day, timestamp '2024-01-01T00:00:00Z', null of integer)": true,
	"to_utc(null of timestamp, 'Europe/Berlin')":                       true,
	"cast(2.5e+00 as integer)":                                         true,
	"cast(-2.5e+00 as integer)":                                        true,
	"cast(1e+00 as text)":                                              true,
}
