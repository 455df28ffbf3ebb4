package judge

import (
	"assay/compiler/model"
	"assay/stats"
)

// correct the family at a confidence. Single-step corrections give each test a level of its own, at which its intervals are taken
// again.
func (e evidence) correct(rulings []*ruling, confidence float64) {
	method, weights := e.correction()
	family := e.family(rulings)
	tests := make([]stats.Test, len(family))
	for i, r := range family {
		if r != nil {
			tests[i] = r.test
		}
	}
	corrected, err := method.Adjust(tests, weights, alphaOf(confidence))
	if err != nil || method == stats.NoCorrection {
		return
	}
	for i, r := range family {
		if corrected[i].Defined {
			r.corrected, r.stepwise = &corrected[i], !method.SingleStep()
			e.decide(r, corrected[i].Level)
		}
	}
}

// family is every variant, further controls too, by the metrics that may decide, over all units. Its members are the same
// whatever was observed: where a metric has no answer, the ruling is nil.
func (e evidence) family(rulings []*ruling) []*ruling {
	type question struct{ metric, variant string }
	answers := make(map[question]*ruling)
	for _, r := range rulings {
		if r.isWhole() && !isStep(r.metric) {
			answers[question{r.metric.Use.Name, r.name()}] = r
		}
	}
	var family []*ruling
	for _, use := range e.familyMetrics() {
		for _, v := range e.variants() {
			family = append(family, answers[question{use.Name, v.Name}])
		}
	}
	return family
}

func (e evidence) familyMetrics() []*model.MetricUse {
	var uses []*model.MetricUse
	for _, m := range e.Metrics {
		if m.Use.Role == model.Primary || m.Use.Role == model.Secondary {
			uses = append(uses, m.Use)
		}
	}
	return uses
}

// preferential is Bonferroni's correction with weights: the primary metrics share gamma of the error rate, the others the rest.
const preferential = "preferential_bonferroni"

// correction is the protocol's, with the weights of the family's members; nil for equal ones.
func (e evidence) correction() (method stats.Correction, weights []float64) {
	p := e.Observed.Experiment.Protocol
	if p.Correction != preferential {
		return stats.Correction(p.Correction), nil
	}
	uses, primaries := e.familyMetrics(), 0
	for _, use := range uses {
		if use.Role == model.Primary {
			primaries++
		}
	}
	primary, other, err := stats.PreferentialShares(p.Gamma, primaries, len(uses)-primaries, len(e.variants()))
	if err != nil {
		return stats.Bonferroni, nil // of no comparisons
	}
	share := map[model.Role]float64{model.Primary: primary, model.Secondary: other}
	for _, use := range uses {
		for range e.variants() {
			weights = append(weights, share[use.Role])
		}
	}
	return stats.Bonferroni, weights
}
