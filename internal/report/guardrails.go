package report

import (
	"fmt"

	"assay/compiler/model"
	"assay/runner/judge"
)

// writeGuardrails says of each guardrail that does not hold how far it does not, or of all of them that they do.
func (p *page) writeGuardrails() {
	rows := p.results(string(model.Guardrail))
	held := 0
	for _, r := range rows {
		switch {
		case r.Verdict != nil && *r.Verdict == judge.Inferior:
			p.item(p.bad(p.fail), p.bad("Guardrail broken: ")+p.harm(r))
		case r.Verdict == nil || *r.Verdict == judge.Undecided || r.Margin == nil:
			p.item(p.caution("?"), "Guardrail not shown to hold: "+p.openGuardrail(r))
		default:
			held++
		}
	}
	if held > 0 && held == len(rows) {
		p.item(p.good(p.pass), "Every guardrail holds: none is worse by as much as its margin.")
	}
}

// harm is what a variant does to a guardrail that it breaks.
func (p *page) harm(r judge.ResultRow) string {
	words := p.variant(r.Variant) + " " + p.movement(r)
	if r.Margin == nil {
		return words + "."
	}
	return fmt.Sprintf("%s; its margin is %s.", words, setting(*r.Margin))
}

// openGuardrail is what may still be true of a guardrail.
func (p *page) openGuardrail(r judge.ResultRow) string {
	metric, variant := p.named(r.Metric), p.variant(r.Variant)
	switch {
	case r.Verdict == nil:
		return fmt.Sprintf("%s has no answer with %s.", metric, variant)
	case tooWide(r):
		return fmt.Sprintf("there are too few data to say anything about %s with %s.", metric, variant)
	}
	words := fmt.Sprintf("%s may move %s by %s (%s)", variant, metric, p.reach(r), level(r))
	if r.Margin == nil {
		return words + ", and it has no margin."
	}
	return fmt.Sprintf("%s, and its margin is %s.", words, setting(*r.Margin))
}
