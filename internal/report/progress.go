package report

import (
	"fmt"
	"math"
	"strings"

	"assay/compiler/model"
	"assay/runner/judge"
)

// writeProgress says what the data of the primary metrics can tell, where more may still come or there is no verdict yet.
func (p *page) writeProgress() {
	var lines []string
	for _, r := range p.results(string(model.Primary)) {
		if r.MDENow != nil && (p.Experiment.Status == judge.Running || *r.Verdict == judge.Undecided) {
			lines = append(lines, p.progressOf(r))
		}
	}
	if len(lines) == 0 {
		return
	}
	p.heading("Is there enough data?")
	for _, line := range lines {
		p.paragraph("  ", line)
	}
}

func (p *page) progressOf(r judge.ResultRow) string {
	name := p.named(r.Metric)
	if !p.twoArms() {
		name += " with " + p.variant(r.Variant)
	}
	var parts []string
	if r.PowerProgress != nil {
		parts = append(parts, fmt.Sprintf("%s %s of the data it takes to know its lift to %s either way", p.meter(*r.PowerProgress),
			share(*r.PowerProgress), setting(*r.MDE)))
	}
	if r.DaysLeft != nil && *r.DaysLeft > 0 {
		parts = append(parts, plural(int64(math.Ceil(*r.DaysLeft)), "day")+" to go at the pace of the last days")
	}
	parts = append(parts, fmt.Sprintf("these data would find a lift of %s at the protocol's power",
		unsigned(*r.MDENow, placesFor(*r.MDENow))))
	return name + ": " + strings.Join(parts, "; ") + "."
}

// meterWidth is the length of a progress bar.
const meterWidth = 20

func (p *page) meter(progress float64) string {
	full := int(math.Min(progress, 1) * meterWidth)
	return strings.Repeat(p.full, full) + strings.Repeat(p.remaining, meterWidth-full)
}

// share of what was needed, which may be more than all.
func share(progress float64) string {
	return fmt.Sprintf("%.0f%%", math.Floor(100*math.Min(progress, 1)))
}
