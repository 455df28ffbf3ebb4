package conformance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"assay/compiler/rel"
)

// events are rows with what aggregates stumble over: NULLs, ties, booleans, text that collations order in their own way.
var events = rel.NewValues(
	[]rel.Column{
		{Name: "id", Type: rel.Integer}, {Name: "n", Type: rel.Integer}, {Name: "f", Type: rel.Float},
		{Name: "d", Type: rel.Decimal}, {Name: "s", Type: rel.Text}, {Name: "b", Type: rel.Boolean},
		{Name: "at", Type: rel.Timestamp},
	},
	[][]rel.Expr{
		{expr(1), expr(3), expr(1.5), dec("1.10"), expr("b"), expr(true), ts("2024-01-02 00:00:00")},
		{expr(2), expr(1), expr(2.5), dec("2.20"), expr("B"), expr(false), ts("2024-01-01 00:00:00")},
		{expr(3), noInt, noFloat, rel.Null(rel.Decimal), noText, noBool, noTime},
		{expr(4), expr(2), expr(4.5), dec("3.30"), expr("é"), expr(true), ts("2024-01-03 00:00:00")},
		{expr(5), expr(2), expr(0.5), dec("4.40"), expr("f"), noBool, ts("2024-01-01 00:00:00")},
	},
	rel.Key{Columns: []string{"id"}},
)

func col(name string) *rel.Col { return events.Schema().Col(name) }

func agg(f rel.AggFunc, args ...any) *rel.Agg { return rel.NewAgg(f, exprs(args)...) }

func by(names ...string) []rel.SortKey {
	var keys []rel.SortKey
	for _, name := range names {
		keys = append(keys, rel.SortKey{X: col(name)})
	}
	return keys
}

var (
	early  = call(rel.Le, col("id"), 2)
	nobody = call(rel.Gt, col("id"), 100)
)

// An overRows is an expression over events and what it is there, and over no rows at all.
type overRows struct {
	x           rel.Expr
	want, empty string
}

var aggregated = []overRows{
	{agg(rel.Count, col("n")), "4", "0"},
	{agg(rel.Count, col("b")), "3", "0"},
	{agg(rel.Count, col("n")).Filtered(early), "2", "0"},
	{agg(rel.CountRows), "5", "0"},
	{agg(rel.CountRows).Filtered(early), "2", "0"},
	{agg(rel.CountRows).Filtered(nobody), "0", "0"},
	{agg(rel.CountRows).Filtered(call(rel.Eq, col("s"), "b")), "1", "0"},
	{agg(rel.CountDistinct, col("n")), "3", "0"},
	{agg(rel.CountDistinct, col("s")).Filtered(nobody), "0", "0"},
	{agg(rel.ApproxCountDistinct, col("n")), "3", "0"},
	{agg(rel.Sum, col("n")), "8", "NULL"},
	{agg(rel.Sum, col("f")), "9", "NULL"},
	{agg(rel.Sum, col("d")), "11", "NULL"},
	{agg(rel.Sum, col("b")), "2", "NULL"},
	{agg(rel.Sum, col("b")).Filtered(early), "1", "NULL"},
	{agg(rel.Sum, call(rel.Gt, col("n"), 1)), "3", "NULL"},
	{agg(rel.Sum, col("n")).Filtered(nobody), "NULL", "NULL"},
	{agg(rel.Sum, rel.NewCase(nil, rel.When{Cond: early, Then: col("n")})).Filtered(call(rel.Eq, col("n"), 3)), "3", "NULL"},
	{agg(rel.Avg, col("n")), "2", "NULL"},
	{agg(rel.Avg, call(rel.Add, col("n"), 1)).Filtered(early), "3", "NULL"},
	{agg(rel.Avg, col("d")), "2.75", "NULL"},
	{agg(rel.Min, col("s")), "'B'", "NULL"},
	{agg(rel.Min, col("at")), "2024-01-01 00:00:00", "NULL"},
	{agg(rel.Max, col("s")), "'é'", "NULL"},
	{agg(rel.Max, col("d")).Filtered(early), "2.2", "NULL"},
	{agg(rel.BoolOr, col("b")), "true", "NULL"},
	{agg(rel.BoolOr, col("b")).Filtered(call(rel.Eq, col("id"), 2)), "false", "NULL"},
	{agg(rel.BoolOr, col("b")).Filtered(call(rel.Eq, col("id"), 3)), "NULL", "NULL"},
	{agg(rel.VarSamp, col("n")), "0.6666666667", "NULL"},
	{agg(rel.VarSamp, col("n")).Filtered(call(rel.Eq, col("id"), 1)), "NULL", "NULL"},
	{agg(rel.CovarSamp, col("n"), col("f")), "-0.3333333333", "NULL"},
	{agg(rel.CovarSamp, col("n"), col("f")).Filtered(early), "-1", "NULL"},
	{agg(rel.PercentileCont, col("n"), 0.5), "2", "NULL"},
	{agg(rel.PercentileCont, col("f"), 0.25), "1.25", "NULL"},
	{agg(rel.PercentileCont, col("d"), 0.5).Filtered(early), "1.65", "NULL"},
	{agg(rel.PercentileCont, col("n"), 1), "3", "NULL"},
	{agg(rel.PercentileDisc, col("f"), 0.5), "1.5", "NULL"},
	{agg(rel.PercentileDisc, col("f"), 0.75), "2.5", "NULL"},
	{agg(rel.PercentileDisc, col("f"), 0.76), "4.5", "NULL"},
	{agg(rel.PercentileDisc, col("f"), 0), "0.5", "NULL"},
	{agg(rel.PercentileDisc, col("f"), 1), "4.5", "NULL"},
	{agg(rel.PercentileDisc, col("d"), 0.5).Filtered(call(rel.Gt, col("id"), 2)), "3.3", "NULL"},
	{agg(rel.ApproxPercentile, col("n"), 0.5), "2", "NULL"},
	{agg(rel.ApproxPercentile, col("f"), 0.5).Filtered(nobody), "NULL", "NULL"},
	{rel.NewFirst(col("n"), by("id")...), "3", "NULL"},
	{rel.NewFirst(col("n"), by("at", "id")...), "1", "NULL"},
	{rel.NewFirst(col("n"), by("at", "s")...), "1", "NULL"},
	{rel.NewFirst(col("n"), rel.SortKey{X: col("id"), Desc: true}), "2", "NULL"},
	{rel.NewFirst(col("n"), rel.SortKey{X: col("at"), Desc: true}), "2", "NULL"}, // NULLs last, downwards too
	{rel.NewFirst(col("n"), by("id")...).Filtered(call(rel.Eq, col("id"), 3)), "NULL", "NULL"},
	{rel.NewFirst(col("n"), by("id")...).Filtered(call(rel.Ge, col("id"), 3)), "NULL", "NULL"}, // a NULL is a value
	{rel.NewFirst(col("s"), by("s")...), "'B'", "NULL"},
	{agg(rel.AnyValue, col("b")).Filtered(call(rel.Ne, col("id"), 2)), "true", "NULL"},
	{agg(rel.AnyValue, col("n")).Filtered(call(rel.In, col("id"), 2, 3)), "1", "NULL"},
	{call(rel.Div, agg(rel.Sum, col("n")), agg(rel.CountRows)), "1.6", "NULL"},
	{call(rel.Coalesce, agg(rel.Sum, col("n")).Filtered(nobody), 0), "0", "0"},
}

func TestAggregates(t *testing.T) {
	var aggs []rel.Named
	for i, c := range aggregated {
		aggs = append(aggs, rel.Named{Name: fmt.Sprintf("a%d", i), X: c.x})
	}
	onEach(t, func(t *testing.T, e engine) {
		rows := e.rows(t, rel.NewAggregate(events, nil, aggs))
		none := e.rows(t, rel.NewAggregate(rel.NewFilter(events, rel.Bool(false)), nil, aggs))
		for i, c := range aggregated {
			if (rows[0][i] != c.want || none[0][i] != c.empty) && !e.wrong[rel.Format(c.x)] {
				t.Errorf("%s = %s, and %s of no rows; want %s and %s", rel.Format(c.x), rows[0][i], none[0][i], c.want, c.empty)
			}
		}
	})
}

// TestPartsMerge takes the aggregates of two parts of the rows, and puts them together as their traits say.
func TestPartsMerge(t *testing.T) {
	var parts []rel.Named
	var whole []int
	for i, c := range aggregated {
		if a, ok := c.x.(*rel.Agg); ok && a.Func.Traits().Merge != rel.NoAgg {
			parts, whole = append(parts, rel.Named{Name: fmt.Sprintf("a%d", i), X: a}), append(whole, i)
		}
	}
	halves := rel.NewAggregate(events, []rel.Named{{Name: "half", X: early}}, parts)
	var merged []rel.Named
	for k, i := range whole {
		f := aggregated[i].x.(*rel.Agg).Func.Traits().Merge
		merged = append(merged, rel.Named{Name: parts[k].Name, X: rel.NewAgg(f, halves.Schema().Col(parts[k].Name))})
	}
	onEach(t, func(t *testing.T, e engine) {
		got := e.rows(t, rel.NewAggregate(halves, nil, merged))[0]
		for k, i := range whole {
			if c := aggregated[i]; got[k] != c.want && !e.wrong[rel.Format(c.x)] {
				t.Errorf("%s = %s of its parts; want %s", rel.Format(c.x), got[k], c.want)
			}
		}
	})
}

func TestEveryAggregateHasACase(t *testing.T) {
	for f := rel.NoAgg + 1; int(f) < rel.Aggs; f++ {
		i := slices.IndexFunc(aggregated, func(c overRows) bool {
			a, ok := c.x.(*rel.Agg)
			return ok && a.Func == f
		})
		if i < 0 {
			t.Errorf("%s has no case", f)
			continue
		}
		empty := "NULL"
		if x, ok := f.Traits().Empty.(*rel.Lit); ok {
			empty = fmt.Sprint(x.Value)
		}
		if aggregated[i].empty != empty {
			t.Errorf("%s of no rows is %s here, and %s in its traits", f, aggregated[i].empty, empty)
		}
	}
}

// numbers are rows of one float column.
func numbers(xs ...float64) *rel.Values {
	rows := make([][]rel.Expr, len(xs))
	for i, x := range xs {
		rows[i] = []rel.Expr{rel.Float64(x)}
	}
	return rel.NewValues([]rel.Column{{Name: "x", Type: rel.Float}}, rows)
}

// The variance of 1e9 ± 1 is lost in the sum of squares, whose last digit is 128.
func TestVarianceIsStable(t *testing.T) {
	var xs []float64
	for i := range 300 {
		xs = append(xs, 1e9+float64(i%3-1))
	}
	want := 2.0 / 3 * 300 / 299
	x := numbers().Schema().Col("x")
	onEach(t, func(t *testing.T, e engine) {
		rows, err := e.query(sqlOf(e.dialect, rel.NewAggregate(numbers(xs...), nil, []rel.Named{
			{Name: "v", X: agg(rel.VarSamp, x)}, {Name: "c", X: agg(rel.CovarSamp, x, x)},
		})))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range rows[0] {
			if math.Abs(got.(float64)/want-1) > 1e-6 {
				t.Errorf("variance %v, want %v", got, want)
			}
		}
	})
}

// The smallest value with rank ≥ q·n, for q·n whole in decimals and just beside a whole number in floats.
func TestPercentileDiscIsExact(t *testing.T) {
	var xs []float64
	for i := range 100 {
		xs = append(xs, float64(i+1))
	}
	var aggs []rel.Named
	for k := 1; k <= 99; k++ {
		p := agg(rel.PercentileDisc, numbers().Schema().Col("x"), float64(k)/100)
		aggs = append(aggs, rel.Named{Name: fmt.Sprintf("p%d", k), X: p})
	}
	onEach(t, func(t *testing.T, e engine) {
		rows := e.rows(t, rel.NewAggregate(numbers(xs...), nil, aggs))
		for k := 1; k <= 99; k++ {
			if rows[0][k-1] != fmt.Sprint(k) {
				t.Errorf("the %d%% percentile of 1 … 100 is %s", k, rows[0][k-1])
			}
		}
	})
}
