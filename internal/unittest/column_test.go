package unittest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/project"
	"assay/compiler/rel"
)

func TestTypesOfColumns(t *testing.T) {
	tests := []struct {
		known, otherwise rel.Type
		values           []any
		want             rel.Type
	}{
		{values: []any{int64(1), nil}, want: rel.Integer},
		{values: []any{int64(1), 0.5}, want: rel.Float},
		{values: []any{true, false}, want: rel.Boolean},
		{values: []any{"2026-01-01"}, want: rel.Date},
		{values: []any{"2026-01-01"}, otherwise: rel.Timestamp, want: rel.Timestamp},
		{values: []any{"2026-01-01", "2026-01-02 10:00"}, want: rel.Timestamp},
		{values: []any{"2026-01-01", "soon"}, want: rel.Text},
		{values: []any{"1", int64(1)}, want: rel.Text},
		{values: []any{true, int64(1)}, want: rel.Text},
		{values: []any{nil}, want: rel.Unknown},
		{values: []any{nil}, otherwise: rel.Date, want: rel.Date},
		{known: rel.Text, values: []any{int64(1)}, want: rel.Text},
		{known: rel.Decimal, values: []any{int64(1)}, want: rel.Float},
		{values: []any{uncertain("1"), uncertain("")}, want: rel.Integer},
		{values: []any{uncertain("1"), uncertain("1.5")}, want: rel.Float},
		{values: []any{uncertain("1"), uncertain("x")}, want: rel.Text},
		{values: []any{uncertain("true")}, want: rel.Boolean},
		{values: []any{uncertain("")}, want: rel.Unknown},
	}
	for _, test := range tests {
		c := &column{t: test.known, otherwise: test.otherwise}
		for i, v := range test.values {
			c.put(i, project.Scalar{V: v})
		}
		if got := c.settle(); got != test.want {
			t.Errorf("%v (%s, else %s): %s, want %s", test.values, test.known, test.otherwise, got, test.want)
		}
	}
}

func TestValuesOfColumns(t *testing.T) {
	tests := []struct {
		t    rel.Type
		v    any
		want any // nil with an error where wrong
	}{
		{rel.Integer, 2.0, int64(2)},
		{rel.Integer, uncertain("7"), int64(7)},
		{rel.Float, int64(2), 2.0},
		{rel.Text, int64(7), "7"},
		{rel.Text, uncertain("007"), "007"},
		{rel.Text, uncertain(""), nil},
		{rel.Boolean, uncertain("false"), false},
		{rel.TimestampTZ, "2026-01-01 02:00:00+02:00", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	for _, test := range tests {
		got, err := typed(test.t, test.v)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%v as %s: %v%s", test.v, test.t, err, diff)
		}
	}
	for _, wrong := range []struct {
		t rel.Type
		v any
	}{{rel.Integer, 2.5}, {rel.Integer, "x"}, {rel.Float, "x"}, {rel.Boolean, int64(2)}, {rel.Date, "soon"}} {
		if v, err := typed(wrong.t, wrong.v); err == nil {
			t.Errorf("%v as %s is taken for %v", wrong.v, wrong.t, v)
		}
	}
}

func TestEqual(t *testing.T) {
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, same := range [][2]any{
		{nil, nil}, {uncertain(""), nil}, {int64(10), 10.0}, {0.3, 0.1 + 0.2}, {uncertain("1e3"), int64(1000)}, {"DE", "DE"},
		{"2026-01-05", day}, {"2026-01-05 00:00:00", day}, {day, day}, {uncertain("true"), true}, {0.3333333333, 1.0 / 3},
	} {
		if !equal(same[0], same[1]) {
			t.Errorf("%v is not %v", same[0], same[1])
		}
	}
	for _, other := range [][2]any{
		{nil, int64(0)}, {int64(0), nil}, {"", nil}, {10.0, 10.000001}, {"de", "DE"}, {"2026-01-06", day}, {"soon", day}, {"x", int64(1)},
		{int64(2), true}, {nil, ""},
	} {
		if equal(other[0], other[1]) {
			t.Errorf("%v is taken for %v", other[0], other[1])
		}
	}
}
