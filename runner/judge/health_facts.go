package judge

import (
	"cmp"
	"slices"

	"assay/compiler/plan"
)

// factFreshness looks at the newest row of the models that a metric reads, while their rows may still be of units that count. The
// stalest model tells.
func (e evidence) factFreshness() []HealthRow {
	if status := e.status(); status != Running && status != Observing {
		return nil
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		dated := slices.DeleteFunc(slices.Clone(m.Facts), func(f plan.Facts) bool { return f.Newest.IsZero() })
		if len(dated) == 0 {
			return nil
		}
		stalest := slices.MinFunc(dated, func(a, b plan.Facts) int { return a.Newest.Compare(b.Newest) })
		age := max(0, e.AsOf.Sub(stalest.Newest).Hours())
		row := measured("fact_freshness", passIf(age < stale, Warn), age, stale)
		return []HealthRow{row.advise("The newest row of %s, which %s reads, is %.0f hours old. What happened since then is missing, of "+
			"the newest units most: see whether the model is still built, and run again when it is. `--require-fresh` keeps the last "+
			"results until then.", stalest.Model, m.Use.Name, age)}
	})
}

// fewJoined is the share of units with a fact below which it is likelier that facts do not find their units than that they are so
// rare.
const fewJoined = 0.01

// joinRate is the share of units for which a model has any row, of the model that has rows of the fewest.
func (e evidence) joinRate() []HealthRow {
	units := e.units()
	if units == 0 {
		return nil
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		if len(m.Facts) == 0 {
			return nil
		}
		fewest := slices.MinFunc(m.Facts, func(a, b plan.Facts) int { return cmp.Compare(a.Units, b.Units) })
		share := float64(fewest.Units) / float64(units)
		row := measured("join_rate", passIf(share >= fewJoined, Warn), share, fewJoined)
		return []HealthRow{row.advise("%s, which %s reads, has a row of %s of the units. Unless that is how rare it is, the ids of its "+
			"rows are not those of the assignments: compare a few of both, their spelling and their letter case.",
			fewest.Model, m.Use.Name, percent(share))}
	})
}

// Stale are the checks of freshness that did not pass.
func (r *Report) Stale() []HealthRow {
	return slices.DeleteFunc(slices.Clone(r.Health), func(h HealthRow) bool {
		return h.Status == Pass || h.CheckName != "fact_freshness" && h.CheckName != "assignment_freshness"
	})
}
