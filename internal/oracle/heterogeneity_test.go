package oracle

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// heterogeneity are the rows of assay_experiment_heterogeneity: whether a metric's effects differ over the slices of a dimension.
// Effects are those of the data, without any prior.
func (w *world) heterogeneity(e *experiment, a *assigned) []record {
	var rows, tested []record
	var family []member
	open := false
	for _, u := range e.uses() {
		for _, v := range e.variants() {
			for _, dimension := range e.Dimensions {
				if v.name == e.baseline() || len(a.units) == 0 {
					continue
				}
				effects, ok := w.sliceEffects(e, a, u, v.name, dimension)
				row := cochran(effects)
				row["experiment"], row["metric"], row["variant"], row["dimension"] = e.Name, u.name(), v.name, dimension
				open = open || !ok
				if !ok {
					row.leaveOpen("q", "df", "i2", "tau2", "p_value")
				}
				rows = append(rows, row)
				if p, has := row["p_value"].(float64); has {
					tested, family = append(tested, row), append(family, member{p: p})
				}
			}
		}
	}
	for i, p := range (statistics{Correction: &correction{Method: "bh"}}).ranked(family) {
		tested[i]["p_adjusted"] = p
	}
	if open {
		for _, row := range rows {
			row.leaveOpen("p_adjusted")
		}
	}
	return rows
}

// sliceEffects are the comparisons of a dimension's slices that have one; not ok where rounding decides any.
func (w *world) sliceEffects(e *experiment, a *assigned, u *use, variant, dimension string) (effects []*comparison, ok bool) {
	ok = true
	for _, x := range w.contests(e, a, u) {
		if x.cut.dimension != dimension || x.variant != variant || x.sm.step != "" {
			continue
		}
		ok = ok && !x.open
		if x.said != nil {
			effects = append(effects, x.said)
		}
	}
	return effects, ok
}

// describeShrunken pulls a slice's effect towards that of all slices, by as much as its own is uncertain.
func (w *world) describeShrunken(row record, r *ruling, e *experiment, a *assigned) {
	row["shrunken_effect"], row["shrunken_low"], row["shrunken_high"] = nil, nil, nil
	if r.cut.isWhole() || r.sm.step != "" || r.said == nil && !r.open {
		return
	}
	effects, ok := w.sliceEffects(e, a, r.sm.setup.use, r.variant, r.cut.dimension)
	if !ok {
		row.leaveOpen("shrunken_effect", "shrunken_low", "shrunken_high")
		return
	}
	own := w.comparisonOf(e, a, r)
	if len(effects) < 2 || own == nil {
		return
	}
	tau2 := cochran(effects)["tau2"].(float64)
	total, mean := 0.0, 0.0
	for _, c := range effects {
		weight := 1 / (c.se*c.se + tau2)
		total, mean = total+weight, mean+weight*c.effect
		row["tolerance"] = max(1e-8, row.tolerance(), 10*c.digits)
	}
	mean /= total
	noise := own.se * own.se / (tau2 + own.se*own.se)
	value := (1-noise)*own.effect + noise*mean
	reach := normalQuantile(1-r.level/2) * math.Sqrt(own.se*own.se*(1-noise)+noise*noise/total)
	row["shrunken_effect"], row["shrunken_low"], row["shrunken_high"] = value, value-reach, value+reach
}

// comparisonOf is what the data say in a ruling's slice, without any prior.
func (w *world) comparisonOf(e *experiment, a *assigned, r *ruling) *comparison {
	for _, x := range w.contests(e, a, r.sm.setup.use) {
		if x.cut.dimension == r.cut.dimension && x.cut.slice == r.cut.slice && x.variant == r.variant && x.sm.step == "" {
			return x.said
		}
	}
	return nil
}

// cochran tests that effects are one: Q is their squared distances from the mean weighted by precision.
func cochran(effects []*comparison) record {
	row := record{"df": max(0, float64(len(effects)-1)), "q": nil, "i2": nil, "tau2": nil, "p_value": nil, "p_adjusted": nil}
	if len(effects) < 2 {
		return row
	}
	total, mean := 0.0, 0.0
	pairs := 0.0 // Σ w_i·w_j over the pairs: (Σw)² − Σw² would be nothing where one weight is nearly all
	for _, c := range effects {
		weight := 1 / (c.se * c.se)
		pairs += 2 * weight * total
		total, mean = total+weight, mean+weight*c.effect
		row["tolerance"] = max(1e-8, row.tolerance(), 10*c.digits)
	}
	mean /= total
	q, df := 0.0, row["df"].(float64)
	for _, c := range effects {
		q += (c.effect - mean) * (c.effect - mean) / (c.se * c.se)
	}
	row["q"], row["p_value"] = q, distuv.ChiSquared{K: df}.Survival(q)
	row["i2"], row["tau2"] = math.Max(0, 1-df/q), math.Max(0, (q-df)/pairs*total)
	return row
}
