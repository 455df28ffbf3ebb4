package oracle

import (
	"fmt"
	"slices"
)

// A stratum is the places of a slice's units that were assigned in one phase and stratum, by variant.
type stratum map[string][]int

// stratified is whether arms are compared within phases or strata and put together by the mix of both arms' units.
func (e *experiment) stratified() bool {
	return e.Phases != nil || slices.ContainsFunc(e.logs, func(log *assignments) bool { return log.Columns["stratum"] != "" })
}

// strata are those of the units at some places, phase by phase and in each by the name of the stratum.
func (sm *sample) strata(e *experiment, rows []int) []stratum {
	byName := map[string]stratum{}
	for _, i := range rows {
		u := sm.units[i]
		p := e.placeOf(u)
		name := fmt.Sprintf("%v\x00%v", p.phase, p.stratum)
		if byName[name] == nil {
			byName[name] = stratum{}
		}
		byName[name][u.variant] = append(byName[name][u.variant], i)
	}
	var all []stratum
	for _, name := range sortedKeys(byName) {
		all = append(all, byName[name])
	}
	return all
}

// merged puts a stratum with fewer than two units of an arm, or clusters of them, together with the next, the last with the one before.
func (sm *sample) merged(strata []stratum, control, treated string) []stratum {
	thin := func(s stratum) bool {
		return min(countDistinct(sm.groups(s[control])), countDistinct(sm.groups(s[treated]))) < 2
	}
	var all []stratum
	for _, s := range strata {
		if n := len(all); n > 0 && thin(all[n-1]) {
			all[n-1] = all[n-1].with(s)
		} else {
			all = append(all, s)
		}
	}
	if n := len(all); n > 1 && thin(all[n-1]) {
		all = append(all[:n-2], all[n-2].with(all[n-1]))
	}
	return all
}

func (s stratum) with(other stratum) stratum {
	both := stratum{}
	for _, part := range []stratum{s, other} {
		for variant, rows := range part {
			both[variant] = append(both[variant], rows...)
		}
	}
	return both
}

// poststratified are the estimates of two arms, each a mean of the strata's weighted by their shares of both arms' units. A
// stratum adjusts by a θ of its own, over all variants. No estimate of an arm in a stratum, no estimate.
func (sm *sample) poststratified(e *experiment, rows []int, control, treated string) (c, t estimate) {
	strata := sm.merged(sm.strata(e, rows), control, treated)
	total := 0.0
	for _, s := range strata {
		total += float64(len(s[control]) + len(s[treated]))
	}
	c, t = estimate{valued: true, tested: true}, estimate{valued: true, tested: true}
	for _, s := range strata {
		var arms []*arm
		byName := map[string]*arm{}
		for _, v := range e.variants() {
			byName[v.name] = sm.arm(s[v.name])
			arms = append(arms, byName[v.name])
		}
		j := sm.adjustment(arms)
		weight := float64(len(s[control])+len(s[treated])) / total
		c = c.plus(byName[control].estimate(j), weight)
		t = t.plus(byName[treated].estimate(j), weight)
	}
	c.tested = c.tested && t.tested
	t.tested = c.tested
	return c, t
}

func (e estimate) plus(part estimate, weight float64) estimate {
	e.n, e.assigned = e.n+part.n, e.assigned+part.assigned
	e.value, e.adjusted = e.value+weight*part.value, e.adjusted+weight*part.adjusted
	e.v, e.u, e.cov = e.v+weight*weight*part.v, e.u+weight*weight*part.u, e.cov+weight*weight*part.cov
	e.terms += weight * weight * part.terms
	e.scale = max(e.scale, part.scale)
	e.valued, e.tested = e.valued && part.valued, e.tested && part.tested
	return e
}
