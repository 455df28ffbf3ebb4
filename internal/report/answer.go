package report

import (
	"fmt"
	"math"
	"strings"

	"assay/compiler/model"
	"assay/runner/judge"
)

// writeAnswer says in sentences what can be said, and first what forbids saying it.
func (p *page) writeAnswer() {
	p.write("")
	switch {
	case p.Experiment.Status == judge.Draft:
		p.paragraph("", "It has not started: nothing is counted before "+p.date(p.Experiment.StartAt)+".")
	case len(p.Results) == 0:
		p.writeNoAnswer()
	default:
		p.writeRecommendation()
		p.writeCautions()
		p.writeOutlook()
		p.writePrimary()
		p.writeGate()
		p.writeGuardrails()
	}
}

func (p *page) writeNoAnswer() {
	switch failed := p.checks(judge.Fail); {
	case len(failed) > 0:
		p.item(p.bad(p.fail), "There are no results: "+strings.Join(failed, ", ")+" failed. See below.")
	case p.Experiment.Units == 0:
		p.item(p.caution(p.warn), "There are no results: no unit that was assigned is left to analyse. Look at what the experiment's "+
			"`population` and `trigger` keep.")
	default:
		p.paragraph("", "The experiment names no metrics, so this is its health alone.")
	}
}

// writeCautions are the reasons not to act on what follows.
func (p *page) writeCautions() {
	if failed := p.checks(judge.Fail); len(failed) > 0 {
		p.item(p.bad(p.fail), p.bad("Do not act on these results: ")+strings.Join(failed, ", ")+" failed. See below.")
	}
	if lacking := p.lacking(); len(lacking) > 0 {
		p.item(p.caution(p.warn), fmt.Sprintf("%s it has %s that the protocol asks for.",
			p.caution("Too early to decide:"), strings.Join(lacking, " and ")))
	}
	if p.peeked() {
		p.item(p.caution(p.warn), p.caution("A look before the end. ")+"Fixed intervals hold for one look, planned beforehand; "+
			"until then a difference may come and go. Under `method: sequential` every look counts.")
	}
	if words, found := p.unplanned(); found {
		p.item(p.caution(p.warn), p.caution("Not a planned look: ")+words+".")
	}
}

// betweenLooks is the warning of every result of a look that was not planned.
const betweenLooks = "between_looks"

func (p *page) unplanned() (words string, found bool) {
	for _, r := range p.Results {
		for _, w := range r.Warnings {
			if w.Code == betweenLooks {
				return w.Text, true
			}
		}
	}
	return "", false
}

// The checks of time and not of trust.
const minimumRuntime, minimumUnits = "minimum_runtime", "minimum_units"

// minimums are the words for what they count.
var minimums = map[string]string{minimumRuntime: "days", minimumUnits: "units in each variant"}

// lacking is what the experiment has too little of.
func (p *page) lacking() []string {
	var parts []string
	for _, row := range p.Health {
		if what, ok := minimums[row.CheckName]; ok && row.Status != judge.Pass {
			parts = append(parts, fmt.Sprintf("%s of the %s %s", count(int64(*row.Value)), count(int64(*row.Threshold)), what))
		}
	}
	return parts
}

// writePrimary is a sentence for each primary metric and variant, without a verdict's mark where the data are not to be trusted.
func (p *page) writePrimary() {
	rows := p.results(string(model.Primary))
	for _, r := range rows {
		mark := p.mark(r)
		if len(p.checks(judge.Fail)) > 0 {
			mark = p.dot
		}
		p.item(mark, p.sentence(r)+p.belief(r))
	}
	if len(rows) == 0 {
		p.paragraph("  ", "No metric is primary, so nothing here decides.")
	}
}

// peeked reports whether intervals for a single look are being read while units still come.
func (p *page) peeked() bool {
	return p.Experiment.Status == judge.Running && p.deciding().Method == "fixed"
}

// mark is the verdict at a glance.
func (p *page) mark(r judge.ResultRow) string {
	if r.Verdict == nil {
		return p.caution("?")
	}
	switch *r.Verdict {
	case judge.Better, judge.NonInferior:
		return p.good(p.pass)
	case judge.Worse, judge.Inferior:
		return p.bad(p.fail)
	case judge.Neutral:
		return "="
	case judge.Changed:
		return p.caution(p.warn)
	default:
		return p.caution("?")
	}
}

// sentence says what a result is and how sure it is.
func (p *page) sentence(r judge.ResultRow) string {
	metric, variant := p.named(r.Metric), p.variant(r.Variant)
	switch {
	case r.Status == judge.Failed:
		return fmt.Sprintf("%s could not be computed: %s", metric, *r.Error)
	case r.Status == judge.Undefined:
		return fmt.Sprintf("%s has no answer with %s: %s.", metric, variant, r.Warnings[len(r.Warnings)-1].Text)
	}
	switch *r.Verdict {
	case judge.Better:
		return fmt.Sprintf("Better: %s %s.", variant, p.movement(r))
	case judge.Worse:
		return fmt.Sprintf("Worse: %s %s.", variant, p.movement(r))
	case judge.Changed:
		return fmt.Sprintf("Changed: %s %s; neither direction is said to be better.", variant, p.movement(r))
	case judge.Neutral:
		return fmt.Sprintf("Neutral: %s moves %s by something from %s (%s), all of it less than the %s that would matter.",
			variant, metric, p.ends(r), level(r), setting(*r.MDE))
	default:
		return p.undecided(r)
	}
}

// belief is what a prior and the data together say of shipping the variant.
func (p *page) belief(r judge.ResultRow) string {
	if r.ChanceToWin == nil {
		return ""
	}
	loss := unsigned(*r.ExpectedLoss, placesFor(*r.ExpectedLoss))
	if *r.ExpectedLoss < leastLoss {
		loss = "less than " + unsigned(leastLoss, 2)
	}
	return fmt.Sprintf(" Under the protocol's prior its chance to win is %s, and shipping it loses %s on average.",
		chance(*r.ChanceToWin), loss)
}

// leastLoss is the smallest that is told.
const leastLoss = 0.0001

// chance is never rounded to certainty.
func chance(share float64) string {
	const nearest = 0.001
	switch {
	case share < nearest:
		return "below " + unsigned(nearest, 1)
	case share > 1-nearest:
		return "above " + unsigned(1-nearest, 1)
	default:
		return unsigned(share, 1)
	}
}

// movement is a difference that was found.
func (p *page) movement(r judge.ResultRow) string {
	verb := "raises"
	if *r.Effect < 0 {
		verb = "lowers"
	}
	return fmt.Sprintf("%s %s by %s (%s %s)", verb, p.named(r.Metric), p.size(r), level(r), p.ends(r))
}

// size is how large a difference is, relative where that is defined.
func (p *page) size(r judge.ResultRow) string {
	if !relative(r) {
		distance := math.Abs(*r.Effect)
		size, unit := p.differences(p.metric(r.Metric), &distance)
		return strings.TrimSpace(size[0] + " " + unit)
	}
	return unsigned(*r.Lift, p.places(r))
}

// level names the interval by its confidence.
func level(r judge.ResultRow) string { return fmt.Sprintf("%.4g%% interval", 100*r.Confidence) }

// ends of the lift's interval, else of the effect's in the metric's unit.
func (p *page) ends(r judge.ResultRow) string {
	if !relative(r) {
		ends, unit := p.differences(p.metric(r.Metric), r.EffectLow, r.EffectHigh)
		return strings.TrimSpace(between(signed(ends[0], r.EffectLow), signed(ends[1], r.EffectHigh)) + " " + unit)
	}
	return between(p.lift(r, r.LiftLow), p.lift(r, r.LiftHigh))
}

// between names an interval by its ends; an open one is "".
func between(low, high string) string {
	switch {
	case low != "" && high != "":
		return low + " to " + high
	case low != "":
		return low + " or more"
	case high != "":
		return high + " or less"
	default:
		return "any number"
	}
}

// lift is an end of the lift's interval; "" where it is open.
func (p *page) lift(r judge.ResultRow, end *float64) string {
	if end == nil {
		return ""
	}
	return p.percent(*end, p.places(r))
}

// signed is a number as shown with a plus where it has one; "" for none.
func signed(shown string, x *float64) string {
	switch {
	case x == nil:
		return ""
	case *x > 0:
		return "+" + shown
	default:
		return shown
	}
}

// relative reports whether the lift's interval tells what the verdict tells. Verdicts are of the effect, and very near 0 the two
// intervals may fall on different sides.
func relative(r judge.ResultRow) bool {
	return r.Lift != nil && holdsZero(r.LiftLow, r.LiftHigh) == holdsZero(r.EffectLow, r.EffectHigh)
}

func holdsZero(low, high *float64) bool { return bottom(low) <= 0 && 0 <= top(high) }

// bottom is the lower end of an interval, infinite where it is open; top is the upper one.
func bottom(low *float64) float64 {
	if low == nil {
		return math.Inf(-1)
	}
	return *low
}

func top(high *float64) float64 {
	if high == nil {
		return math.Inf(1)
	}
	return *high
}

// places suit the ends that the interval has.
func (p *page) places(r judge.ResultRow) int {
	sizes := []float64{*r.Lift}
	for _, end := range []*float64{r.LiftLow, r.LiftHigh} {
		if end != nil {
			sizes = append(sizes, *end)
		}
	}
	return placesFor(sizes...)
}

// undecided says what the data leave open, and keeps it from being read as "no effect".
func (p *page) undecided(r judge.ResultRow) string {
	metric, variant := p.named(r.Metric), p.variant(r.Variant)
	if tooWide(r) {
		return fmt.Sprintf("Undecided: there are too few data to say anything about %s with %s.", metric, variant)
	}
	open := fmt.Sprintf("Undecided: %s may move %s by %s (%s).", variant, metric, p.reach(r), level(r))
	switch {
	case !holdsZero(r.EffectLow, r.EffectHigh):
		return fmt.Sprintf("%s Among %s that is not enough to call it a difference.", open, plural(p.comparisons(), "comparison"))
	case p.Experiment.Status == judge.Running || p.Experiment.Status == judge.Observing:
		return open + " The data so far cannot tell."
	default:
		return open + " That is not the same as no effect: the data cannot tell."
	}
}

// reach is what the interval holds.
func (p *page) reach(r judge.ResultRow) string {
	if r.EffectLow != nil && r.EffectHigh != nil {
		return "anything from " + p.ends(r)
	}
	return p.ends(r)
}

// tooWide is an interval whose numbers say nothing but that there are too few data.
func tooWide(r judge.ResultRow) bool {
	if r.Lift == nil {
		return false
	}
	half := min(top(r.LiftHigh)-*r.Lift, *r.Lift-bottom(r.LiftLow))
	return half > 1 && *r.Lift-half < -1
}

// comparisons are the tests that share the protocol's error rate.
func (p *page) comparisons() int64 {
	var n int64
	for _, r := range p.Results {
		if r.PAdjusted != nil && r.Decides {
			n++
		}
	}
	return n
}
