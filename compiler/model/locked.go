package model

import (
	"fmt"

	"assay/compiler/project"
	"assay/internal/diag"
)

// lockedBy are the settings that a protocol keeps to itself, with the place that says so.
func lockedBy(p *project.Protocol) map[string]diag.Span {
	locked := map[string]diag.Span{}
	if p != nil {
		for _, name := range p.Locked {
			locked[name.V] = name.Span
		}
	}
	return locked
}

func overrides(setting string, at, lock diag.Span) diag.Diagnostic {
	return diag.Diagnostic{Code: codeSetting, Span: at, Message: fmt.Sprintf("`%s` is the protocol's to decide", setting),
		Hint:  "leave it out here, or choose another protocol",
		Notes: []diag.Note{{Message: "locked here", Span: lock}}}
}

// checkLocked refuses what an experiment overrides of its protocol.
func (b *builder) checkLocked(p *project.Protocol, e *project.Experiment) {
	locked := lockedBy(p)
	for setting, at := range overridesOf(e) {
		if lock, ok := locked[setting]; ok && !at.IsZero() {
			b.bag.Add(overrides(setting, at, lock))
		}
	}
}

// overridesOf are the places where an experiment says what its protocol may have locked; zero where it does not.
func overridesOf(e *project.Experiment) map[string]diag.Span {
	places := map[string]diag.Span{"multiple_exposures": e.MultipleExposures.Span}
	s := e.Statistics
	if s == nil {
		return places
	}
	places["statistics"] = s.Span
	places["method"] = s.Method.Span
	places["confidence"] = s.Confidence.Span
	places["sides"] = s.Sides.Span
	places["tuning"] = s.Tuning.Span
	places["prior"] = first(s.PriorMean, s.PriorSD).Span
	places["looks"] = s.Looks.Span
	places["spending"] = s.Spending.Span
	if len(s.Show) > 0 {
		places["show"] = s.Show[0].Span
	}
	if s.Correction != nil {
		places["correction"] = s.Correction.Span
	}
	if s.CUPED != nil {
		places["cuped"] = s.CUPED.Span
	}
	if s.Winsorize != nil {
		places["winsorize"] = s.Winsorize.Span
	}
	return places
}
