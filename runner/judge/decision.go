package judge

import (
	"cmp"
	"slices"

	"assay/compiler/plan"
	"assay/compiler/project"
)

// decisionRows recommend what the rules say of the variants of which they say the most. Nothing is recommended before the start, nor
// where there is no metric to decide by.
func (e evidence) decisionRows(results []ResultRow, health []HealthRow) []DecisionRow {
	if e.status() == Draft || len(e.Metrics) == 0 {
		return nil
	}
	x := e.Observed.Experiment
	d := deliberation{evidence: e, health: health, labels: e.labels()}
	opinions := d.opinions(results)
	first := foremost(opinions)
	row := DecisionRow{RunID: e.run.ID, AsOf: e.AsOf, Experiment: x.Name, Protocol: x.Protocol.Name,
		Recommendation: first.Recommendation, Rule: first.Rule, Reasons: agreed(first, opinions), Variants: opinions}
	if len(e.candidates()) == 0 {
		row.Variants = []VariantDecision{}
	}
	return []DecisionRow{row}
}

// precedence of recommendations where variants differ in them: one that is to be stopped does not keep the others from going on, and
// what people are to discuss comes before going on as if nothing were.
var precedence = []project.Recommendation{project.Ship, project.Discuss, project.KeepRunning, project.Stop}

// before compares recommendations by their precedence.
func before(a, b project.Recommendation) int {
	return cmp.Compare(slices.Index(precedence, a), slices.Index(precedence, b))
}

// foremost is what the rules say of the whole experiment.
func foremost(opinions []VariantDecision) VariantDecision {
	return slices.MinFunc(opinions, func(a, b VariantDecision) int { return before(a.Recommendation, b.Recommendation) })
}

// agreed are the reasons of all variants of which the rules say the same for the same reason, each once.
func agreed(first VariantDecision, opinions []VariantDecision) []string {
	reasons := []string{}
	for _, o := range opinions {
		for _, reason := range o.Reasons {
			if o.Agrees(first) && !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
	}
	return reasons
}

// Agrees reports whether two variants have the same recommendation by the same rule.
func (v VariantDecision) Agrees(o VariantDecision) bool {
	sameRule := v.Rule == o.Rule || v.Rule != nil && o.Rule != nil && *v.Rule == *o.Rule
	return sameRule && v.Recommendation == o.Recommendation
}

// opinions hold each variant that could be shipped against the rules, by itself. An experiment of controls alone has one of none.
func (d deliberation) opinions(results []ResultRow) []VariantDecision {
	candidates := d.candidates()
	if len(candidates) == 0 {
		candidates = []string{""}
	}
	var opinions []VariantDecision
	for _, variant := range candidates {
		d.results = nil
		for _, row := range results {
			if row.Decides && isWhole(row) && row.Variant == variant {
				d.results = append(d.results, row)
			}
		}
		o := VariantDecision{Variant: variant}
		o.Recommendation, o.Rule, o.Reasons = d.recommend(d.Observed.Experiment.Protocol.Decision)
		opinions = append(opinions, o)
	}
	return opinions
}

// candidates are the variants that could be shipped: those compared with the control that are no further controls.
func (e evidence) candidates() []string {
	var names []string
	for _, v := range e.variants() {
		if !e.isControl(v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}

// isWhole reports whether a row is of a metric as a whole, over all units.
func isWhole(row ResultRow) bool { return row.Dimension == plan.Overall && row.Step == nil }

// isControl reports whether a variant is one of several controls.
func (e evidence) isControl(variant string) bool {
	return slices.Contains(e.Observed.Experiment.Controls, variant)
}
