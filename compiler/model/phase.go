package model

import (
	"slices"
	"time"

	"assay/compiler/project"
)

// phases are the stretches of an experiment with shares of their own. The first begins with the experiment: units assigned before
// the date it is written with have no other.
func (b *builder) phases(decl *project.Experiment) []Phase {
	var phases []Phase
	for _, p := range decl.Phases {
		phases = append(phases, Phase{Name: b.day(p.From.V.Time), From: p.From.V.Time, Variants: shares(p.Variants)})
	}
	if start := decl.Start; len(phases) > 0 && start.IsSet() && start.V.Time.Before(phases[0].From) {
		phases[0].From = start.V.Time
	}
	return phases
}

// day is an instant as people write it: the day alone where it begins one.
func (b *builder) day(t time.Time) string {
	local := t.In(b.Zone)
	if t.Equal(project.StartOfDay(local, b.Zone)) {
		return local.Format(time.DateOnly)
	}
	return local.Format("2006-01-02 15:04:05")
}

// align gives each phase the experiment's variants in its order: one that a phase does not name has no share in it.
func align(phases []Phase, variants []Variant) {
	for i := range phases {
		named := phases[i].Variants
		phases[i].Variants = slices.Clone(variants)
		for v := range variants {
			at := slices.IndexFunc(named, func(n Variant) bool { return n.Name == variants[v].Name })
			phases[i].Variants[v].Share = 0
			if at >= 0 {
				phases[i].Variants[v].Share = named[at].Share
			}
		}
	}
}

// allocated are the variants an experiment declares, else those of its last phase.
func allocated(decl *project.Experiment, phases []Phase) []Variant {
	if len(decl.Variants) == 0 && len(phases) > 0 {
		return phases[len(phases)-1].Variants
	}
	return shares(decl.Variants)
}
