package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"assay/compiler/model"
	"assay/runner/judge"
)

// writeProgress says what the data of the primary metrics can tell.
func (p *page) writeProgress() {
	rows := p.unsettled()
	if len(rows) == 0 {
		return
	}
	p.heading("Is there enough data?")
	for _, r := range rows {
		name := p.barLabel(r) + ": "
		if r.Progress != nil {
			name += p.meter(*r.Progress) + " "
		}
		p.paragraph("  ", name+p.progress(r))
	}
}

// unsettled are the results of primary metrics of which more data may still come, or which have no verdict yet.
func (p *page) unsettled() []judge.ResultRow {
	return slices.DeleteFunc(p.results(string(model.Primary)), func(r judge.ResultRow) bool {
		return r.MDENow == nil || p.Experiment.Status != judge.Running && *r.Verdict != judge.Undecided
	})
}

// progress says how much of the data a result has, how long the rest takes, and what can be found already.
func (p *page) progress(r judge.ResultRow) string {
	var parts []string
	if r.Progress != nil {
		parts = append(parts, fmt.Sprintf("%s of what finding a lift of %s at the protocol's power takes%s", share(*r.Progress),
			setting(*r.MDE), inAll(r)))
	}
	if r.DaysLeft != nil && *r.DaysLeft > 0 {
		parts = append(parts, plural(int64(math.Ceil(*r.DaysLeft)), "day")+" to go at the pace of the last days")
	}
	parts = append(parts, fmt.Sprintf("%s would find a lift of %s at the protocol's power", finder(r),
		unsigned(*r.MDENow, placesFor(*r.MDENow))))
	return strings.Join(parts, "; ") + "."
}

// finder is what finds the lift detectable today: one that may look more than once finds less at each look.
func finder(r judge.ResultRow) string {
	if r.Method == "fixed" {
		return "these data"
	}
	return "a single look at these data"
}

// inAll is how many units of the two arms have all the data that a result takes; "" where it has them, and where a plan's end counts
// too.
func inAll(r judge.ResultRow) string {
	if *r.Progress >= 1 || r.Method == "group_sequential" || r.Method == "hybrid" {
		return ""
	}
	needed := float64(units(r)) / *r.Progress
	power := math.Pow(10, math.Floor(math.Log10(needed))-1)
	return fmt.Sprintf(", which is about %s units in all", humanize.Comma(int64(math.Round(needed/power)*power)))
}

// meterWidth is the length of a progress bar.
const meterWidth = 20

func (s style) meter(progress float64) string {
	full := int(math.Min(progress, 1) * meterWidth)
	return strings.Repeat(s.full, full) + strings.Repeat(s.remaining, meterWidth-full)
}

// share of what was needed, which may be more than all.
func share(progress float64) string {
	return fmt.Sprintf("%.0f%%", math.Floor(100*math.Min(progress, 1)))
}
