package judge

import (
	"errors"
	"math"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// corrected are the rows of primary metrics whose p-values are those of the given z, in so many units that they are the normal's.
func corrected(correction string, zs ...float64) []ResultRow {
	const n = 100000000
	var metrics []*plan.ObservedMetric
	for i, z := range zs {
		metrics = append(metrics, metric(string(rune('a'+i)), model.Primary, arm("control", n, 10, 1),
			arm("treatment", n, 10+z*math.Sqrt(2.0/n), 1)))
	}
	o := standard(metrics...)
	o.Experiment.Protocol.Correction = correction
	return Experiment(thisRun, o).Results
}

// The p-values 0.005, 0.011, 0.02, 0.04 as adjusted by R's p.adjust; the formulas of Šidák by hand.
func TestAdjustedPValues(t *testing.T) {
	zs := []float64{2.807033768343811, 2.542699428009553, 2.326347874040841, 2.053748910631823}
	for correction, c := range map[string]struct {
		want     []float64
		verdicts []Verdict
		alpha    float64 // 0: none of its own
	}{
		"sidak": {[]float64{0.01985050, 0.04327933, 0.07763184, 0.15065344}, []Verdict{Better, Better, Undecided, Undecided},
			0.01274146},
		"holm_sidak": {[]float64{0.01985050, 0.03263833, 0.0396, 0.04}, []Verdict{Better, Better, Better, Better}, 0},
		"hochberg":   {[]float64{0.02, 0.033, 0.04, 0.04}, []Verdict{Better, Better, Better, Better}, 0},
		"hommel":     {[]float64{0.02, 0.03, 0.04, 0.04}, []Verdict{Better, Better, Better, Better}, 0},
		"bh":         {[]float64{0.02, 0.022, 0.02666667, 0.04}, []Verdict{Better, Better, Better, Better}, 0},
		"by": {[]float64{0.04166667, 0.04583333, 0.05555556, 0.08333333}, []Verdict{Better, Better, Undecided, Undecided},
			0},
	} {
		t.Run(correction, func(t *testing.T) {
			for i, row := range corrected(correction, zs...) {
				near(t, "p_adjusted", row.PAdjusted, c.want[i], 4)
				if *row.Verdict != c.verdicts[i] {
					t.Errorf("%s, want %s", *row.Verdict, c.verdicts[i])
				}
				if (row.Alpha == nil) != (c.alpha == 0) {
					t.Fatalf("alpha %v", row.Alpha)
				}
				if row.Alpha != nil {
					near(t, "alpha", row.Alpha, c.alpha, 6)
				}
				if row.Alpha == nil { // the interval stays that of the protocol's level
					near(t, "half-width", ptr((*row.Effect-*row.EffectLow) / *row.EffectSE), 1.959963984540054, 6)
				}
			}
		})
	}
}

// With γ = 0.6: the two primary metrics share 0.6 of α, the two secondary ones 0.4, over two variants. What has no answer, or was
// refused by the warehouse, keeps its share.
func TestPreferentialBonferroni(t *testing.T) {
	arms := []plan.Arm{arm("control", 1000, 5, 2), arm("treatment", 1000, 5.3, 2), arm("control_b", 1000, 5, 2)}
	flat := []plan.Arm{arm("control", 1000, 5, 0), arm("treatment", 1000, 5, 0), arm("control_b", 1000, 5, 0)}
	refused := metric("refused", model.Secondary)
	refused.Slices, refused.Failed = nil, errors.New("no such column")
	o := standard(metric("orders", model.Primary, arms...), metric("flat", model.Primary, flat...),
		metric("revenue", model.Secondary, arms...), refused, metric("clicks", model.Explore, arms...))
	o.Experiment.Variants = append(o.Experiment.Variants, model.Variant{Name: "control_b", Share: 0})
	o.Experiment.Controls = []string{"control_b"}
	o.Experiment.Protocol.Correction, o.Experiment.Protocol.Gamma = "preferential_bonferroni", 0.6
	want := map[string]float64{"orders": 0.6 / 4 * 0.05, "revenue": 0.4 / 4 * 0.05, "clicks": 0.05}
	for _, row := range Experiment(thisRun, o).Results {
		alpha, known := want[row.Metric]
		if known {
			near(t, "alpha of "+row.Metric, row.Alpha, alpha, 9)
		}
		if inFamily := row.PAdjusted != nil; inFamily != (row.Metric == "orders" || row.Metric == "revenue") {
			t.Errorf("%s: p_adjusted %v", row.Metric, row.PAdjusted)
		}
	}
}

// Without metrics of one kind, those of the other have all of the error rate.
func TestPreferentialBonferroniOfPrimariesAlone(t *testing.T) {
	o := standard(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.3, 2)))
	o.Experiment.Protocol.Correction, o.Experiment.Protocol.Gamma = "preferential_bonferroni", 0.5
	near(t, "alpha", only(t, o).Alpha, 0.05, 9)
}
