package model

import (
	"slices"

	"assay/compiler/project"
)

// Defaults of a protocol where it says nothing, or where there is none.
const (
	defaultMethod       = "sequential" // people look while it runs
	defaultSides        = "two"
	defaultConfidence   = 0.95
	defaultCorrection   = "none"
	defaultGamma        = 0.5
	defaultTuning       = 10000
	defaultPriorSD      = 0.05
	defaultLooks        = 4
	defaultSpending     = "obrien_fleming"
	defaultPower        = 0.8
	defaultSRMThreshold = 0.001
)

// checkProtocols reads what protocols say by themselves, also those that no experiment uses yet.
func (b *builder) checkProtocols() {
	b.rules = map[*project.Protocol][]Rule{}
	for _, p := range b.Project.Protocols {
		for _, g := range p.Guardrails {
			b.entryMetric(g)
		}
		b.rules[p] = b.decisionRules(p)
		b.checkLooks(p.Statistics)
		b.Protocols = append(b.Protocols, b.resolved(p, nil))
	}
}

// resolved is a declared protocol with its defaults, and what is overridden.
func (b *builder) resolved(decl *project.Protocol, override *project.Statistics) *Protocol {
	p := resolveProtocol(decl, override)
	p.Name, p.Decl, p.Decision = decl.Name.V, decl, b.rules[decl]
	return p
}

// protocol is the experiment's with what its own statistics override.
func (b *builder) protocol(e *project.Experiment) *Protocol {
	decl := b.protocolDecl(e)
	if decl == nil {
		return resolveProtocol(&project.Protocol{}, e.Statistics)
	}
	b.checkLocked(decl, e)
	return b.resolved(decl, e.Statistics)
}

func (b *builder) protocolDecl(e *project.Experiment) *project.Protocol {
	if !e.Protocol.IsSet() {
		return nil
	}
	var known []string
	for _, p := range b.Project.Protocols {
		if p.Name.V == e.Protocol.V {
			return p
		}
		known = append(known, p.Name.V)
	}
	b.missing(codeExperiment, "protocol", e.Protocol, known)
	return nil
}

func resolveProtocol(decl *project.Protocol, override *project.Statistics) *Protocol {
	s := decl.Statistics
	if override != nil {
		s = overridden(s, *override)
	}
	p := &Protocol{
		Method: or(s.Method, defaultMethod), Sides: or(s.Sides, defaultSides), Confidence: or(s.Confidence, defaultConfidence),
		Correction: defaultCorrection, Gamma: defaultGamma, Tuning: or(s.Tuning, defaultTuning),
		Prior: Prior{Mean: s.PriorMean.V, SD: or(s.PriorSD, defaultPriorSD)}, Looks: or(s.Looks, defaultLooks),
		Spending: or(s.Spending, defaultSpending), Power: or(decl.Power, defaultPower), Decision: DefaultDecision(),
		SRMThreshold: or(decl.SRMThreshold, defaultSRMThreshold), MinimumUnits: decl.MinimumUnits.V,
		MinimumDays: days(decl.MinimumRuntime.V), Statistics: s,
	}
	if s.Correction != nil {
		p.Correction, p.Gamma = or(s.Correction.Method, defaultCorrection), or(s.Correction.Gamma, defaultGamma)
	}
	for _, c := range s.Show {
		if !slices.Contains(p.Show, c.V) && c.V != p.Confidence {
			p.Show = append(p.Show, c.V)
		}
	}
	return p
}

// overridden is base with what top says instead.
func overridden(base, top project.Statistics) project.Statistics {
	return project.Statistics{
		Method: first(top.Method, base.Method), Confidence: first(top.Confidence, base.Confidence),
		Show: firstList(top.Show, base.Show), Sides: first(top.Sides, base.Sides), CUPED: firstOf(top.CUPED, base.CUPED),
		Winsorize: firstOf(top.Winsorize, base.Winsorize), Correction: firstOf(top.Correction, base.Correction),
		Tuning: first(top.Tuning, base.Tuning), PriorMean: first(top.PriorMean, base.PriorMean),
		PriorSD: first(top.PriorSD, base.PriorSD), Looks: first(top.Looks, base.Looks),
		Spending: first(top.Spending, base.Spending), Span: base.Span,
	}
}

// days is a duration in whole days.
func days(d project.Duration) int64 { return int64(length(d).Hours() / 24) }

// or is a value where it was written, else a default.
func or[T any](v project.Value[T], otherwise T) T {
	if v.IsSet() {
		return v.V
	}
	return otherwise
}

// first is the first value that was written.
func first[T any](values ...project.Value[T]) project.Value[T] {
	for _, v := range values {
		if v.IsSet() {
			return v
		}
	}
	return project.Value[T]{}
}

func firstOf[T any](pointers ...*T) *T {
	for _, p := range pointers {
		if p != nil {
			return p
		}
	}
	return nil
}

func firstList[T any](lists ...[]T) []T {
	for _, l := range lists {
		if l != nil {
			return l
		}
	}
	return nil
}
