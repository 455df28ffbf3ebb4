package postgres_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/internal/pgtest"
	"assay/runner"
	"assay/runner/postgres"
)

func connect(t *testing.T, fields map[string]any) runner.Session {
	t.Helper()
	session, err := open(t, fields).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

func open(t *testing.T, fields map[string]any) runner.Warehouse {
	t.Helper()
	warehouse, err := postgres.Open(runner.Output{Name: "prod", Fields: fields, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	return warehouse
}

// TestValues holds every type of the engine to what rows hold of it.
func TestValues(t *testing.T) {
	session := connect(t, map[string]any{"dsn": pgtest.Start(t)})
	midnight := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		sql  string
		want any
	}{
		{"NULL", nil},
		{"true", true},
		{"1::int2", int64(1)},
		{"1::int4", int64(1)},
		{"1::int8", int64(1)},
		{"sum(1::int8)", int64(1)},
		{"1.50::numeric(10, 2)", 1.5},
		{"1.00::numeric(10, 2)", 1.0},
		{"'NaN'::numeric", math.NaN()},
		{"123456789012345678901234567890::numeric", 123456789012345678901234567890.0},
		{"0.5::float4", 0.5},
		{"0.1::float8", 0.1},
		{"'-inf'::float8", math.Inf(-1)},
		{"'ü'::text", "ü"},
		{"'a'::varchar(3)", "a"},
		{"'a'::char(3)", "a  "},
		{"'a'::name", "a"},
		{"'x'::\"char\"", "x"},
		{"date '2024-01-01'", midnight},
		{"timestamp '2024-01-01 00:00:00'", midnight},
		{"timestamptz '2024-01-01 02:00:00+02'", midnight},
		{"'infinity'::timestamp", "infinity"},
		{"time '10:00:01'", "10:00:01"},
		{"timetz '10:00:01+02'", "10:00:01+02"},
		{"interval '3 months 2 days 1 hour'", "3 mons 2 days 01:00:00"},
		{"'03f06f7b-a732-475f-bcf8-febfc70f3401'::uuid", "03f06f7b-a732-475f-bcf8-febfc70f3401"},
		{"'ab'::bytea", "6162"},
		{"'101'::bit(3)", "101"},
		{`'{"a": 1}'::json`, `{"a": 1}`},
		{`'{"a": 1}'::jsonb`, `{"a": 1}`},
		{"'<a/>'::xml", "<a/>"},
		{"array[1, 2]", "{1,2}"},
		{"row(1, 2)", "(1,2)"},
		{"int4range(1, 2)", "[1,2)"},
		{"'10.0.0.1'::inet", "10.0.0.1"},
		{"'1'::money", "$1.00"},
		{"1::oid", int64(1)},
	}
	for _, test := range tests {
		rows, err := session.Query(t.Context(), "SELECT "+test.sql)
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		if diff := cmp.Diff([][]any{{test.want}}, rows.Values, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", test.sql, diff)
		}
	}
}
