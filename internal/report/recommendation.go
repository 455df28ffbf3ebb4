package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/runner/judge"
)

// recommendations are what a protocol's rules may come to, as people say it of an experiment or of some of its variants.
var recommendations = map[project.Recommendation]string{
	project.Ship:        "ship <it>",
	project.KeepRunning: "keep <it> running",
	project.Stop:        "stop <it>, do not ship",
	project.Discuss:     "discuss <it> before anything else",
}

// recommendationsAtEnd are those that say something else of an experiment that takes no more units.
var recommendationsAtEnd = map[project.Recommendation]string{
	project.KeepRunning: "do not conclude from <it>; run it again for longer",
	project.Stop:        "do not ship",
}

// writeRecommendation is what the protocol's rules recommend and why, until people have decided.
func (p *page) writeRecommendation() {
	if p.Experiment.Status == judge.Decided {
		return
	}
	for _, d := range p.Decisions {
		what, why := p.recommended(d)
		p.paragraph("", p.strong(what)+why)
		for _, v := range d.Variants {
			if !v.Agrees(judge.VariantDecision{Recommendation: d.Recommendation, Rule: d.Rule}) {
				p.item(p.caution(p.warn), p.caution(p.variant(v.Variant)+":")+" "+p.recommendation(v.Recommendation, "it")+
					because(v.Rule, v.Reasons))
			}
		}
	}
}

// recommended is what the rules recommend of the experiment, and the rest of the sentence: why.
func (p *page) recommended(d judge.DecisionRow) (what, why string) {
	return "Recommended: " + p.recommendation(d.Recommendation, p.alike(d)), because(d.Rule, d.Reasons)
}

// alike are the variants that a recommendation is of, or "it" where it is the whole experiment's.
func (p *page) alike(d judge.DecisionRow) string {
	var names []string
	for _, v := range d.Variants {
		if v.Recommendation == d.Recommendation {
			names = append(names, p.variant(v.Variant))
		}
	}
	switch {
	case len(names) == len(d.Variants) && (len(names) < 2 || d.Recommendation != project.Ship):
		return "it"
	case d.Recommendation == project.Ship:
		return strings.Join(names, " or ")
	default:
		return strings.Join(names, " and ")
	}
}

func (p *page) recommendation(word project.Recommendation, what string) string {
	words := recommendations[word]
	if atEnd, ok := recommendationsAtEnd[word]; ok && p.Experiment.Status == judge.Ended {
		words = atEnd
	}
	return strings.Replace(words, "<it>", what, 1)
}

// because is by which rule something is recommended, and why.
func because(rule *string, reasons []string) string {
	by := "since no rule of the protocol holds"
	if rule != nil {
		by = fmt.Sprintf("by the rule \"%s\"", *rule)
	}
	return fmt.Sprintf(", %s: %s.", by, strings.Join(firstOf(reasons), "; "))
}

// mostReasons are printed; the result table has them all.
const mostReasons = 4

func firstOf(reasons []string) []string {
	if len(reasons) <= mostReasons {
		return reasons
	}
	return append(slices.Clone(reasons[:mostReasons]), fmt.Sprintf("and %d more", len(reasons)-mostReasons))
}

// writeOutlook says when to look again, where the rules ask for more than there is.
func (p *page) writeOutlook() {
	if !slices.ContainsFunc(p.Decisions, func(d judge.DecisionRow) bool { return d.Recommendation == project.KeepRunning }) {
		return
	}
	switch p.Experiment.Status {
	case judge.Running:
		p.writeNextLook()
	case judge.Observing:
		p.item(p.dot, "Look again on "+p.date(p.Experiment.ObserveUntil)+", when the last units have been observed for long enough.")
	}
}

func (p *page) writeNextLook() {
	wait, found := p.longestWait()
	end := p.Experiment.EndAt
	switch {
	case found && end != nil && wait.until.After(*end):
		p.item(p.caution(p.warn), fmt.Sprintf("%s it ends on %s; by %s, and not before, %s. Let it run longer, or ask for less.",
			p.caution("Planned too short:"), p.date(end), p.date(&wait.until), wait.then))
	case found:
		p.item(p.dot, fmt.Sprintf("Look again on %s, when %s.", p.date(&wait.until), wait.then))
	case end != nil:
		p.item(p.dot, "Look again on "+p.date(end)+", when it ends.")
	}
}

// A wait is until a day, and what an experiment then has.
type wait struct {
	until time.Time
	then  string
}

// longestWait is the last of the waits for what the protocol and the primary metrics ask for.
func (p *page) longestWait() (longest wait, found bool) {
	for _, w := range slices.Concat(p.waitsForMinimums(), p.waitsForData()) {
		if !found || w.until.After(longest.until) {
			longest, found = w, true
		}
	}
	return longest, found
}

func (p *page) waitsForMinimums() []wait {
	var waits []wait
	x := p.Experiment
	for _, row := range p.Health {
		if row.Status == judge.Pass || x.DaysRunning == nil {
			continue
		}
		switch row.CheckName {
		case minimumRuntime:
			waits = append(waits, wait{x.StartAt.In(p.zone).AddDate(0, 0, int(*row.Threshold)),
				"it will have run for the " + plural(int64(*row.Threshold), "day") + " that the protocol asks for"})
		case minimumUnits:
			if *row.Value > 0 {
				waits = append(waits, wait{p.after(float64(*x.DaysRunning) * (*row.Threshold / *row.Value - 1)),
					"at the pace so far each variant will have the " + plural(int64(*row.Threshold), "unit") + " that the protocol asks for"})
			}
		}
	}
	return waits
}

func (p *page) waitsForData() []wait {
	var waits []wait
	for _, r := range p.results(string(model.Primary)) {
		if r.DaysLeft != nil && *r.DaysLeft > 0 {
			enough := fmt.Sprintf("there will be enough to find a lift of %s by %s", p.named(r.Metric), setting(*r.MDE))
			waits = append(waits, wait{p.after(*r.DaysLeft), "at the pace of the last days " + enough})
		}
	}
	return waits
}

// after is the day so many days after the data end, or later on it.
func (p *page) after(days float64) time.Time {
	return p.Experiment.AsOf.In(p.zone).AddDate(0, 0, int(math.Ceil(days)))
}

// writeGate keeps people from concluding at a confidence that does not decide: where the interval of an undecided metric leaves 0
// out there.
func (p *page) writeGate() {
	for _, r := range p.results(string(model.Primary)) {
		if r.Verdict == nil || *r.Verdict != judge.Undecided {
			continue
		}
		if gate, ok := p.passedGate(r); ok {
			p.item(p.caution(p.warn), p.gateWords(gate, r.Confidence))
		}
	}
}

// passedGate is the row of a result at the highest confidence below the deciding one whose interval leaves 0 out.
func (p *page) passedGate(r judge.ResultRow) (gate judge.ResultRow, found bool) {
	for _, other := range p.Results {
		passes := sameMeasure(other, r) && other.Confidence < r.Confidence && other.Effect != nil &&
			!holdsZero(other.EffectLow, other.EffectHigh)
		if passes && other.Confidence > gate.Confidence {
			gate, found = other, true
		}
	}
	return gate, found
}

// sameMeasure reports whether two rows differ in their confidence alone.
func sameMeasure(a, b judge.ResultRow) bool {
	return a.Metric == b.Metric && a.Variant == b.Variant && a.Control == b.Control && a.Dimension == b.Dimension &&
		a.Slice == b.Slice && a.Step == nil && b.Step == nil
}

func (p *page) gateWords(gate judge.ResultRow, deciding float64) string {
	words := fmt.Sprintf("%s the interval of %s there (%s) leaves 0 out, and %s was chosen beforehand to decide.",
		p.caution("Do not conclude at "+setting(gate.Confidence)+":"), p.barLabel(gate), p.ends(gate), setting(deciding))
	if gate.Method == "bayesian" {
		return words
	}
	return fmt.Sprintf("%s Of changes that do nothing, up to %s look like a difference at %s.",
		words, setting(1-gate.Confidence), setting(gate.Confidence))
}
