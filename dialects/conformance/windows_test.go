package conformance

import (
	"strings"
	"testing"

	"assay/compiler/rel"
)

func over(f rel.WindowFunc, args []rel.Expr, partition []rel.Expr, order []rel.SortKey, frame *rel.Frame) rel.Expr {
	return rel.NewOver(f, args, partition, order, frame)
}

var (
	n       = []rel.Expr{col("n")}
	s       = []rel.Expr{col("s")}
	running = &rel.Frame{Preceding: -1}
	last2   = &rel.Frame{Preceding: 1}
	isEarly = []rel.Expr{early}
)

// A window function over events, and its values in the order of id.
var windowed = []struct {
	x    rel.Expr
	want string
}{
	{over(rel.RowNumber, nil, nil, by("id"), nil), "1 2 3 4 5"},
	{over(rel.RowNumber, nil, nil, by("s"), nil), "2 1 5 4 3"},
	{over(rel.RowNumber, nil, nil, []rel.SortKey{{X: col("s"), Desc: true}}, nil), "3 4 5 1 2"},
	{over(rel.RowNumber, nil, isEarly, by("at", "id"), nil), "2 1 3 2 1"},
	{over(rel.WindowSum, n, nil, nil, nil), "8 8 8 8 8"},
	{over(rel.WindowSum, n, nil, by("id"), running), "3 4 4 6 8"},
	{over(rel.WindowSum, n, nil, by("id"), last2), "3 4 1 2 4"},
	{over(rel.WindowSum, n, isEarly, by("id"), nil), "4 4 4 4 4"},
	{over(rel.WindowSum, n, nil, by("n"), running), "8 1 8 3 5"},
	{over(rel.WindowSum, []rel.Expr{col("b")}, nil, nil, nil), "2 2 2 2 2"},
	{over(rel.WindowMin, s, nil, nil, nil), "'B' 'B' 'B' 'B' 'B'"},
	{over(rel.WindowMin, n, nil, by("id"), running), "3 1 1 1 1"},
	{over(rel.WindowMax, s, nil, by("id"), running), "'b' 'b' 'b' 'é' 'é'"},
	{over(rel.WindowCount, n, nil, by("id"), last2), "1 2 1 1 2"},
	{over(rel.WindowCount, n, isEarly, nil, nil), "2 2 2 2 2"},
	{over(rel.Lag, n, nil, by("id"), nil), "NULL 3 1 NULL 2"},
	{over(rel.Lead, n, nil, by("id"), nil), "1 NULL 2 2 NULL"},
	{over(rel.FirstValue, n, nil, by("id"), nil), "3 3 3 3 3"},
	{over(rel.FirstValue, n, nil, by("id"), last2), "3 3 1 NULL 2"},
	{over(rel.LastValue, n, nil, by("id"), nil), "2 2 2 2 2"},
	{over(rel.LastValue, n, isEarly, by("id"), running), "3 1 NULL 2 2"},
	{call(rel.Sub, col("n"), over(rel.Lag, n, nil, by("id"), nil)), "NULL -2 NULL NULL 0"},
}

func TestWindows(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		for _, c := range windowed {
			with := rel.NewWindow(events, rel.Named{Name: "w", X: c.x})
			var got []string
			for _, row := range e.rows(t, rel.NewSort(rel.NewProject(with, keep(with, "id", "w")...), by("id")...)) {
				got = append(got, row[1])
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s = %s; want %s", rel.Format(c.x), strings.Join(got, " "), c.want)
			}
		}
	})
}

func TestEveryWindowFunctionHasACase(t *testing.T) {
	seen := map[rel.WindowFunc]bool{}
	for _, c := range windowed {
		if o, ok := c.x.(*rel.Over); ok {
			seen[o.Func] = true
		}
	}
	for f := rel.NoWindow + 1; int(f) < rel.WindowFuncs; f++ {
		if !seen[f] {
			t.Errorf("%s has no case", f)
		}
	}
}

// keep are columns of r under their own names.
func keep(r rel.Relation, names ...string) []rel.Named {
	var cols []rel.Named
	for _, name := range names {
		cols = append(cols, rel.Named{Name: name, X: r.Schema().Col(name)})
	}
	return cols
}
