package duckdb_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/runner"
	"assay/runner/duckdb"
)

func connect(t *testing.T, fields map[string]any) runner.Session {
	t.Helper()
	warehouse := open(t, fields)
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := duckdb.Open(runner.Output{Name: "dev", Fields: fields, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	session := connect(t, nil)
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		sql  string
		want any
	}{
		{"NULL", nil},
		{"true", true},
		{"1::tinyint", int64(1)},
		{"1::smallint", int64(1)},
		{"1::integer", int64(1)},
		{"1::bigint", int64(1)},
		{"1::utinyint", int64(1)},
		{"1::usmallint", int64(1)},
		{"1::uinteger", int64(1)},
		{"1::ubigint", int64(1)},
		{"18446744073709551615::ubigint", 18446744073709551615.0},
		{"1::hugeint", int64(1)},
		{"(-170141183460469231731687303715884105727)::hugeint", -math.Pow(2, 127)},
		{"1::uhugeint", int64(1)},
		{"1::bignum", int64(1)},
		{"sum(1)", int64(1)},
		{"1.50::decimal(10, 2)", 1.5},
		{"-0.001::decimal(38, 3)", -0.001},
		{"0.5::float", 0.5},
		{"0.1::double", 0.1},
		{"'inf'::double", math.Inf(1)},
		{"'ü'", "ü"},
		{"'a'::enum('a', 'b')", "a"},
		{"date '2024-01-01'", midnight},
		{"timestamp '2024-01-01 00:00:00'", midnight},
		{"timestamp_s '2024-01-01 00:00:00'", midnight},
		{"timestamp_ms '2024-01-01 00:00:00'", midnight},
		{"timestamp_ns '2024-01-01 00:00:00.000000001'", midnight.Add(1)},
		{"timestamptz '2024-01-01 02:00:00+02'", midnight},
		{"time '10:00:01'", "10:00:01"},
		{"timetz '10:00:01+02'", "10:00:01+02:00"},
		{"interval '3 months 2 days 1 hour'", "3 months 2 days 1h0m0s"},
		{"uuid '03f06f7b-a732-475f-bcf8-febfc70f3401'", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"'ab'::blob", "6162"},
		{"'101'::bit", "101"},
		{`'{"a": 1}'::json`, `{"a":1}`},
		{"[1, 2]", "[1,2]"},
		{"array_value(1, 2)", "[1,2]"},
		{"{'a': 1}", `{"a":1}`},
	}
	for _, test := range tests {
		rows, err := session.Query(t.Context(), "SELECT "+test.sql)
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		if diff := cmp.Diff([][]any{{test.want}}, rows.Values); diff != "" {
			t.Errorf("%s: %s", test.sql, diff)
		}
	}
}
