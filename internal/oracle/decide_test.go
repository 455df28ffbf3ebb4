package oracle

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The rules of a protocol that has none of its own.
var defaultRules = []*rule{
	{When: "any health fail", Recommend: "discuss"},
	{When: "any guardrail inferior", Recommend: "stop"},
	{When: "before minimum", Recommend: "keep_running"},
	{When: "any primary better and all guardrails non_inferior", Recommend: "ship"},
	{When: "progress < 100%", Recommend: "keep_running"},
	{When: "any primary better", Recommend: "discuss"},
	{Otherwise: "stop"},
}

// Evidence is what a decision on one variant reads: its deciding rows over all units, and the health.
type evidence struct {
	results, health []record
	elapsed         float64 // share of the planned time
}

// precedence of recommendations where the rules say different ones of variants.
var precedence = []string{"ship", "discuss", "keep_running", "stop"}

// decisions are the rows of assay_experiment_decisions: the foremost of what the rules say of each variant that is no control.
func (w *world) decisions(e *experiment, results, health []record) []record {
	if w.status(e) == "draft" || len(e.uses()) == 0 {
		return nil
	}
	var opinions []record
	for _, v := range e.candidates() {
		d := evidence{health: health, elapsed: w.elapsed(e)}
		for _, r := range results {
			if r["decides"] == true && r["dimension"] == "overall" && r["step"] == nil && r["variant"] == v {
				d.results = append(d.results, r)
			}
		}
		opinion := d.decide(e)
		if opinion == nil {
			return []record{{"experiment": e.Name, "protocol": e.Protocol}}
		}
		opinions = append(opinions, opinion)
	}
	row := slices.MinFunc(opinions, func(a, b record) int {
		return slices.Index(precedence, a["recommendation"].(string)) - slices.Index(precedence, b["recommendation"].(string))
	})
	row["experiment"], row["protocol"] = e.Name, e.Protocol
	return []record{row}
}

// candidates are the variants that are no control; one of no name where all are.
func (e *experiment) candidates() []string {
	var names []string
	for _, v := range e.variants() {
		if v.name != e.baseline() && !slices.Contains(e.Control, v.name) {
			names = append(names, v.name)
		}
	}
	if names == nil {
		return []string{""}
	}
	return names
}

// elapsed is the share of the planned time that has passed; negative where no end is planned.
func (w *world) elapsed(e *experiment) float64 {
	if e.Start == "" || e.End == "" {
		return -1
	}
	start, planned := w.start(e).at, w.observeUntil(e).at
	return min(1, float64(w.clock().parse(w.asOf).at.Sub(start))/float64(planned.Sub(start)))
}

// decide is the first rule that holds; nil where the pages leave open whether one does.
func (d evidence) decide(e *experiment) record {
	rules := e.protocol.Decision
	if rules == nil {
		rules = defaultRules
	}
	for _, r := range rules {
		if r.When == "" {
			return record{"recommendation": r.Otherwise, "rule": "otherwise"}
		}
		holds, known := d.holds(r.When)
		if !known {
			return nil
		}
		if holds {
			return record{"recommendation": r.Recommend, "rule": r.When}
		}
	}
	return record{"recommendation": "discuss", "rule": nil}
}

// holds judges a condition; not known where the pages leave open what it reads.
func (d evidence) holds(when string) (holds, known bool) {
	known = true
	for either := range strings.SplitSeq(when, " or ") {
		all := true
		for term := range strings.SplitSeq(either, " and ") {
			h, k := d.term(strings.Fields(term))
			all, known = all && h, known && k
		}
		holds = holds || all
	}
	return holds, known
}

func (d evidence) term(words []string) (holds, known bool) {
	switch {
	case words[0] == "before":
		return slices.ContainsFunc(d.health, func(r record) bool {
			check := r["check_name"]
			return (check == "minimum_runtime" || check == "minimum_units") && r["status"] != "pass"
		}), true
	case words[0] == "progress":
		return d.progress(words[1], words[2])
	case words[1] == "health":
		return d.checks(words[0], words[2])
	}
	var found, all int
	for _, r := range d.results {
		if r["role"] == strings.TrimSuffix(words[1], "s") {
			if _, decided := r["verdict"]; !decided && r["status"] == "ok" || r["status"] == nil {
				return false, false
			}
			all++
			found += number(r["verdict"] == words[2])
		}
	}
	if words[0] == "any" {
		return found > 0, true
	}
	return found == all, true
}

// checks are known where one that is known settles it, and where no other can have the status.
func (d evidence) checks(quantifier, status string) (holds, known bool) {
	found := slices.ContainsFunc(d.health, func(r record) bool { return r["status"] == status })
	mayFail := slices.ContainsFunc(d.health, func(r record) bool { return r["status"] == nil })
	return found, quantifier == "any" && (found || status == "fail" && !mayFail)
}

// progress is all where each primary metric is worse, neutral or changed; else a matter of power where one has an mde, and left open;
// else of time.
func (d evidence) progress(comparison, bound string) (holds, known bool) {
	settled, primary, open := true, 0, false
	for _, r := range d.results {
		if r["role"] != "primary" {
			continue
		}
		primary++
		verdict, decided := r["verdict"]
		settled = settled && slices.Contains([]any{"worse", "neutral", "changed"}, verdict)
		open = open || !decided || r["mde"] != nil
	}
	reached := d.elapsed
	switch {
	case settled && primary > 0:
		reached = 1
	case open || d.elapsed < 0:
		return false, false
	}
	share, err := strconv.ParseFloat(strings.TrimSuffix(bound, "%"), 64)
	if err != nil {
		panic(err)
	}
	order := cmp.Compare(reached, share/100)
	return map[string]bool{"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[comparison], true
}
