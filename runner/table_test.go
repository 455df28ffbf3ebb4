package runner_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/rel"
	"assay/runner"
	"assay/runner/judge"
)

type kind string

type base struct {
	ID string `json:"id"`
}

type everything struct {
	base
	Kind    kind        `json:"kind"`
	Maybe   *kind       `json:"maybe"`
	Count   int64       `json:"count"`
	Share   float64     `json:"share"`
	Bound   *float64    `json:"bound"`
	Decides bool        `json:"decides"`
	At      time.Time   `json:"at"`
	Until   *time.Time  `json:"until"`
	Day     judge.Date  `json:"day"`
	On      *judge.Date `json:"on"`
	Tags    []string    `json:"tags,omitempty"`
}

func TestTable(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	at := time.Date(2026, 1, 5, 1, 0, 0, 0, tokyo)
	day := judge.DateOf(at, tokyo)
	k, nan, half := kind("k"), math.NaN(), 0.5
	table := runner.NewTable("t", []everything{
		{Kind: "a", Share: math.Inf(1), Bound: &nan, At: at, Day: day},
		{base: base{"i"}, Kind: "b", Maybe: &k, Count: 7, Share: 0.25, Bound: &half, Decides: true,
			At: at, Until: &at, Day: day, On: &day, Tags: []string{`"x"`}},
	})
	want := runner.Table{
		Name: "t",
		Columns: []rel.Column{
			{Name: "id", Type: rel.Text}, {Name: "kind", Type: rel.Text}, {Name: "maybe", Type: rel.Text},
			{Name: "count", Type: rel.Integer}, {Name: "share", Type: rel.Float}, {Name: "bound", Type: rel.Float},
			{Name: "decides", Type: rel.Boolean}, {Name: "at", Type: rel.Timestamp}, {Name: "until", Type: rel.Timestamp},
			{Name: "day", Type: rel.Date}, {Name: "on", Type: rel.Date}, {Name: "tags", Type: rel.Text},
		},
		Rows: [][]any{
			{"", "a", nil, int64(0), nil, nil, false, at.UTC(), nil, day.Time, nil, "[]"},
			{"i", "b", "k", int64(7), 0.25, 0.5, true, at.UTC(), at.UTC(), day.Time, day.Time, `["\"x\""]`},
		},
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
}
