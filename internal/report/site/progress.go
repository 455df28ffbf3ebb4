package site

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"assay/runner/judge"
)

// A progress is how much of the data that a metric needs there is.
type progress struct {
	Metric string
	Bar    template.HTML
	Words  string
}

// progress of the primary metrics, where the data still come or have not told.
func (p *experimentPage) progress() []progress {
	var list []progress
	for _, r := range p.words.Results(primary) {
		unsettled := p.Report.Experiment.Status == judge.Running || r.Verdict != nil && *r.Verdict == judge.Undecided
		if r.PowerProgress != nil && r.MDE != nil && unsettled {
			list = append(list, p.progressOf(r))
		}
	}
	return list
}

func (p *experimentPage) progressOf(r judge.ResultRow) progress {
	done := math.Floor(100 * min(*r.PowerProgress, 1))
	words := []string{fmt.Sprintf("%.0f%% of the data it takes to know the lift to %s either way", done, percent(*r.MDE))}
	if r.DaysLeft != nil && *r.DaysLeft > 0 {
		words = append(words, fmt.Sprintf("look again in %s days, at the pace of the last ones", count(int64(math.Ceil(*r.DaysLeft)))))
	}
	if r.MDENow != nil {
		words = append(words, fmt.Sprintf("these data would find a lift of %.1f%% at the protocol's power", 100**r.MDENow))
	}
	name := p.words.Metric(r) + ", " + p.words.Variant(r.Variant)
	var b strings.Builder
	fmt.Fprintf(&b, `<rect class="track" width="240" height="12" rx="6"/>`)
	fmt.Fprintf(&b, `<rect class="done" width="%g" height="12" rx="6"/>`, 2.4*done)
	bar := svg(240, 12, "progress", fmt.Sprintf("%s: %.0f%%", name, done), &b)
	return progress{name, bar, strings.Join(words, "; ") + "."}
}
