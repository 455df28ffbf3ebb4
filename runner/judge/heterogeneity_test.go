package judge

import (
	"math"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// sliced has slices with the given effects, each with a standard error of 0.1.
func sliced(name, dimension string, effects ...float64) *plan.ObservedMetric {
	m := open(name, model.Primary)
	sd := 0.1 * math.Sqrt(500)
	for i, effect := range effects {
		m.Slices = append(m.Slices, plan.Slice{Dimension: dimension, Value: string(rune('A' + i)),
			Arms: []plan.Arm{arm("control", 1000, 5, sd), arm("treatment", 1000, 5+effect, sd)}})
	}
	return m
}

// Effects of 0.1, 0.3 and 0.8 with errors of 0.1: Q = Σ(effect − 0.4)²/0.01 = 26, I² = 1 − 2/26, τ² = (26 − 2)/200 by
// DerSimonian and Laird, and p = exp(−13) as χ² with two degrees of freedom has it.
func TestHeterogeneity(t *testing.T) {
	same := sliced("revenue", "country", 0.2, 0.2)
	same.Slices = append(same.Slices, plan.Slice{Dimension: "platform", Value: "ios",
		Arms: []plan.Arm{arm("control", 1000, 5, 2), arm("treatment", 1, 5, math.NaN())}})
	for _, method := range []string{"fixed", "sequential", "bayesian"} {
		o := under(method, day(15), sliced("orders", "country", 0.1, 0.3, 0.8), same)
		o.Experiment.Protocol.Prior = model.Prior{SD: 0.01}
		rows := Experiment(thisRun, o).Heterogeneity
		if len(rows) != 3 {
			t.Fatalf("%d rows, want 3", len(rows))
		}
		orders, revenue, none := rows[0], rows[1], rows[2]
		near(t, "q", orders.Q, 26, 9)
		near(t, "i2", orders.I2, 1-2.0/26, 9)
		near(t, "tau2", orders.Tau2, 0.12, 9)
		near(t, "p", orders.PValue, math.Exp(-13), 9)
		near(t, "p_adjusted", orders.PAdjusted, 2*math.Exp(-13), 9)
		if orders.DF != 2 || orders.Metric != "orders" || orders.Variant != "treatment" || orders.Dimension != "country" {
			t.Errorf("%+v", orders)
		}
		if revenue.DF != 1 || *revenue.I2 != 0 || *revenue.PValue < 0.999 {
			t.Errorf("equal effects: df %d, i2 %v, p %v", revenue.DF, *revenue.I2, *revenue.PValue)
		}
		if none.Dimension != "platform" || none.Q != nil || none.PValue != nil || none.PAdjusted != nil || none.DF != 0 {
			t.Errorf("no slice has an answer, and yet %+v", none)
		}
	}
}
