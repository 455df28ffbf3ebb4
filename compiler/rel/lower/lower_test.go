package lower

import (
	"strings"
	"testing"

	"assay/compiler/rel"
	"assay/internal/diag"
)

var orders = rel.NewScan(rel.Table{Parts: []rel.TablePart{{Name: "orders"}}}, rel.Schema{Columns: []rel.Column{
	{Name: "country", Type: rel.Text}, {Name: "amount", Type: rel.Float}, {Name: "value_rank", Type: rel.Integer},
}}, diag.Span{})

func col(name string) *rel.Col { return orders.Schema().Col(name) }

func sliced() *rel.Program {
	groups := []rel.Named{{Name: "country", X: col("country")}}
	large := rel.NewCall(rel.Gt, col("amount"), rel.Int(9))
	aggs := []rel.Named{
		{Name: "p", X: rel.NewAgg(rel.PercentileDisc, col("amount"), rel.Float64(0.07)).Filtered(large)},
		{Name: "n", X: rel.NewAgg(rel.CountRows)},
	}
	sets := rel.NewGroupingSets(orders, groups, [][]int{{0}, {}}, "slice", aggs)
	step := &rel.Step{Name: "slices", Kind: rel.Staged, Relation: sets}
	return &rel.Program{Steps: []*rel.Step{step, {Name: "read", Kind: rel.Fetched, Relation: rel.NewRef(step)}}}
}

func TestWhatAnEngineHasStays(t *testing.T) {
	p := sliced()
	all := Features{GroupingSets: true, PercentileCont: true, PercentileDisc: true, First: true, VarSamp: true, CovarSamp: true}
	if got := Lower(p, all).Dump(); got != p.Dump() {
		t.Error(got)
	}
}

func TestGroupingSetsBecomeAUnion(t *testing.T) {
	got := Lower(sliced(), Features{PercentileCont: true, PercentileDisc: true, First: true}).Dump()
	const want = `staged slices
  project
    country = country
    slice = slice
    p = p
    n = n
    union
      project
        country = country
        slice = 0
        p = p
        n = n
        aggregate
          country = country
          ->
          p = percentile_disc(amount, 7e-02) where (amount > 9)
          n = count_rows()
          scan orders
      project
        country = null of text
        slice = 1
        p = p
        n = n
        aggregate
          ->
          p = percentile_disc(amount, 7e-02) where (amount > 9)
          n = count_rows()
          scan orders
  : country text
  : slice integer
  : p float
  : n integer
  key (country, slice)
`
	if !strings.HasPrefix(got, want) {
		t.Error(got)
	}
}

// A percentile is a matter of ranks within one set of groups, so that the sets come apart although the engine has them; and its
// fraction is that of whole numbers.
func TestPercentilesBecomeRanks(t *testing.T) {
	got := Lower(sliced(), Features{GroupingSets: true, First: true}).Dump()
	for _, want := range []string{
		"p = min(case when (amount > 9) then amount end) where ((value_rank_2 * 100) >= (value_count * 7))",
		"value_rank_2 = row_number() over (each country by case when (amount > 9) then amount end)",
		"value_count = count(case when (amount > 9) then amount end) over (each country)",
		"value_count = count(case when (amount > 9) then amount end) over ()",
		"union",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestFirstBecomesARank(t *testing.T) {
	large := rel.NewCall(rel.Gt, col("amount"), rel.Int(9))
	first := rel.NewFirst(col("country"), rel.SortKey{X: col("amount"), Desc: true}).Filtered(large)
	r := rel.NewAggregate(orders, nil, []rel.Named{{Name: "c", X: rel.NewCall(rel.Lower, first)}})
	got := Lower(&rel.Program{Steps: []*rel.Step{{Name: "one", Relation: r}}}, Features{}).Dump()
	const want = `inline one
  aggregate
    ->
    c = lower(any_value(country) where ((first_rank = 1) and (amount > 9)))
    window
      first_rank = row_number() over ( by case when (amount > 9) then 0 else 1 end, amount desc)
      scan orders
  : c text
  key ()
`
	if got != want {
		t.Error(got)
	}
}
