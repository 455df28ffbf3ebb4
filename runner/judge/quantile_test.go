package judge

import (
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// A row warns of its own arms' ties, and no row of another's.
func TestFlatBrackets(t *testing.T) {
	ranked := func(variant string, low, high float64) plan.Arm {
		a := plan.Arm{Variant: variant, Units: 1000, Moments: stats.NewMoments(1000, 0)}
		a.Ranks = &plan.Ranks{N: 1000, Low: low, Point: low, High: high}
		return a
	}
	m := metric("latency", model.Primary, ranked("control", 3, 4), ranked("tied", 5, 5), ranked("varied", 5, 6))
	m.Shape, m.Labels, m.Quantile = stats.Shape{Kind: stats.KindQuantile}, nil, &plan.Quantile{P: 0.8, Confidence: 0.95}
	o := standard(m)
	o.Experiment.Variants = []model.Variant{{Name: "control", Share: 0.4}, {Name: "tied", Share: 0.3}, {Name: "varied", Share: 0.3}}
	rows := Experiment(thisRun, o).Results
	if w := rows[0].Warnings; len(w) != 1 || w[0].Code != "flat_bracket" || !strings.HasPrefix(w[0].Text, "values of tied tie") {
		t.Errorf("%s has warnings %v", rows[0].Variant, w)
	}
	if w := rows[1].Warnings; len(w) != 0 {
		t.Errorf("%s has warnings %v", rows[1].Variant, w)
	}
}
