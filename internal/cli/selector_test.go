package cli

import (
	"strings"
	"testing"

	"assay/internal/diag"
)

// shop is orders → revenue → aov → checkout ← flags, and views → clicks.
func shop() *graph {
	g := &graph{byID: map[string]*node{}}
	node := func(kind, name, file string, tags []string, needs ...*node) *node {
		return g.add(kind, name, nil, diag.Span{File: file}, func(n *node) { n.Tags = tags; n.needs(needs...) })
	}
	orders := node(kindModel, "orders", "models/orders.yml", nil)
	views := node(kindModel, "views", "models/views.yml", nil)
	revenue := node(kindMetric, "revenue", "models/orders.yml", []string{"finance"}, orders)
	aov := node(kindMetric, "aov", "metrics/shop.yml", []string{"finance", "daily"}, revenue)
	node(kindMetric, "clicks", "models/views.yml", nil, views)
	flags := node(kindAssignment, "flags", "models/flags.yml", nil)
	node(kindExperiment, "checkout", "experiments/checkout.yml", []string{"daily"}, flags, aov)
	return g
}

func TestSelectors(t *testing.T) {
	for _, c := range []struct{ selects, excludes, want string }{
		{"", "", "orders views revenue aov clicks flags checkout"},
		{"experiment:checkout", "", "checkout"},
		{"aov", "", "aov"},
		{"metric:*", "", "revenue aov clicks"},
		{"+experiment:checkout", "", "orders revenue aov flags checkout"},
		{"model:orders+", "", "orders revenue aov checkout"},
		{"+metric:revenue+", "", "orders revenue aov checkout"},
		{"tag:daily", "", "aov checkout"},
		{"tag:finance,tag:daily", "", "aov"},
		{"revenue clicks", "", "revenue clicks"},
		{"path:models", "", "orders views revenue clicks flags"},
		{"path:models/*s.yml", "", "orders views revenue clicks flags"},
		{"path:models/orders.yml", "", "orders revenue"},
		{"metric:*", "tag:finance", "clicks"},
		{"state:modified", "", "aov"},
		{"state:modified+", "", "aov checkout"},
	} {
		t.Run(c.selects+"|"+c.excludes, func(t *testing.T) {
			g := shop()
			s := &selection{graph: g, modified: func() (map[*node]bool, error) {
				return map[*node]bool{g.byID["metric.aov"]: true}, nil
			}}
			nodes, err := s.choose(strings.Fields(c.selects), strings.Fields(c.excludes))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range nodes {
				got = append(got, n.Name)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestSelectorMistakes(t *testing.T) {
	for selector, want := range map[string]string{
		"metric:revenu":     "nothing is called `revenu`; did you mean `revenue`?",
		"metrics:revenue":   "no selector is called `metrics`; did you mean `metric`?",
		"state:old":         "no state is called `old`: known is modified",
		"tag:nobody":        "nothing is selected by `tag:nobody`",
		"experiment:orders": "nothing is called `orders`; known here: checkout",
	} {
		s := &selection{graph: shop()}
		if _, err := s.choose([]string{selector}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", selector, err, want)
		}
	}
}
