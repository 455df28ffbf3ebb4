package conformance

import (
	"fmt"
	"slices"
	"testing"

	"assay/compiler/rel"
	"assay/dialects"
)

// without is a dialect that lacks everything that can be done without.
func without(d *dialects.Dialect) *dialects.Dialect {
	poor := *d
	poor.Clauses[dialects.GroupingSets] = ""
	for _, f := range []rel.AggFunc{rel.First, rel.PercentileCont, rel.PercentileDisc, rel.VarSamp, rel.CovarSamp} {
		poor.Aggs[f] = nil
	}
	return &poor
}

func needy() []*rel.Step {
	last := agg(rel.CountRows).Filtered(call(rel.Gt, col("id"), 3))
	aggs := []rel.Named{as("last", last)}
	for i, c := range aggregated {
		aggs = append(aggs, as(fmt.Sprintf("a%d", i), c.x))
	}
	for k := 1; k < 10; k++ {
		aggs = append(aggs, as(fmt.Sprintf("disc%d", k), agg(rel.PercentileDisc, col("id"), float64(k)/10)),
			as(fmt.Sprintf("cont%d", k), agg(rel.PercentileCont, col("f"), float64(k)/10).Filtered(call(rel.Ne, col("n"), 1))))
	}
	byText := []rel.Named{as("early", early), as("s", call(rel.Lower, col("s")))}
	grouped := rel.NewAggregate(events, byText[:1], aggs)
	sets := rel.NewGroupingSets(events, byText, [][]int{{}, {0}, {1, 0}}, "slice", aggs)
	return []*rel.Step{
		fetched("all", rel.NewAggregate(events, nil, aggs), ""),
		fetched("none", rel.NewAggregate(rel.NewFilter(events, rel.Bool(false)), nil, aggs), ""),
		fetched("grouped", sorted(grouped, "early"), ""),
		fetched("sets", sorted(sets, "slice", "early", "s"), ""),
		fetched("joined", sorted(rel.NewProject(sets, keep(sets, "slice", "early", "s", "a0")...), "slice", "early", "s"), ""),
	}
}

func TestLoweredProgramsAnswerTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		want, err := e.run(&rel.Program{Steps: needy()})
		if err != nil {
			t.Fatal(err)
		}
		e.dialect = without(e.dialect)
		got, err := e.run(&rel.Program{Steps: needy()})
		if err != nil {
			t.Fatal(err)
		}
		for name := range want {
			if !slices.EqualFunc(got[name], want[name], slices.Equal) {
				t.Errorf("%s: lowered\n%v\nnative\n%v", name, got[name], want[name])
			}
		}
	})
}
