package judge

import "assay/stats"

// A Finding is the lift that an experiment found of a metric, and whether what it tried was shipped.
type Finding struct {
	Lift, SE float64
	Shipped  bool
}

// Cumulate is what all that was shipped did to a metric, shrunk for having been picked by its lift; see stats.Compound. The
// findings are those of every experiment that is over, shipped or not. An error says why there is no answer.
func Cumulate(findings []Finding, confidence float64) (stats.CompoundLift, error) {
	var lifts []stats.Effect
	var shipped []bool
	for _, f := range findings {
		lifts, shipped = append(lifts, stats.Effect{Value: f.Lift, SE: f.SE}), append(shipped, f.Shipped)
	}
	return stats.Compound(lifts, shipped, 1-confidence)
}
