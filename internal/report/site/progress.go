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
	Bar    template.HTML // empty where nobody said what is needed
	Words  string
}

func (p *experimentPage) progress() []progress {
	var list []progress
	for _, r := range p.words.Unsettled() {
		list = append(list, progress{p.words.Label(r), p.progressBar(r), capital(p.words.Progress(r))})
	}
	return list
}

func (p *experimentPage) progressBar(r judge.ResultRow) template.HTML {
	if r.Progress == nil {
		return ""
	}
	done := math.Floor(100 * min(*r.Progress, 1))
	var b strings.Builder
	fmt.Fprintf(&b, `<rect class="track" width="240" height="12" rx="6"/>`)
	fmt.Fprintf(&b, `<rect class="done" width="%g" height="12" rx="6"/>`, 2.4*done)
	return svg(240, 12, "progress", fmt.Sprintf("%s: %.0f%%", p.words.Label(r), done), &b)
}
