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

// Evidence is what a decision reads: deciding rows over all units, those of further controls left out, and the health.
type evidence struct {
	results, health []record
}

// decisions are the rows of assay_experiment_decisions.
func (w *world) decisions(e *experiment, results, health []record) []record {
	if w.status(e) == "draft" || len(e.uses()) == 0 {
		return nil
	}
	d := evidence{health: health}
	for _, r := range results {
		further := slices.Contains(e.Control, r["variant"].(string))
		if r["decides"] == true && r["dimension"] == "overall" && r["step"] == nil && !further {
			d.results = append(d.results, r)
		}
	}
	row := record{"experiment": e.Name, "protocol": e.Protocol}
	rules := e.protocol.Decision
	if rules == nil {
		rules = defaultRules
	}
	for _, r := range rules {
		if r.When == "" {
			row["recommendation"], row["rule"] = r.Otherwise, "otherwise"
			break
		}
		holds, known := d.holds(r.When)
		if !known {
			return []record{row}
		}
		if holds {
			row["recommendation"], row["rule"] = r.Recommend, r.When
			break
		}
	}
	if row["recommendation"] == nil {
		row["recommendation"], row["rule"] = "discuss", nil
	}
	return []record{row}
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
	mayFail := slices.ContainsFunc(d.health, func(r record) bool { return r["check_name"] == "control_difference" && r["status"] == nil })
	return found, quantifier == "any" && (found || status == "fail" && !mayFail)
}

// progress is that of the primary metric furthest behind; without one it is a matter of time, and left open.
func (d evidence) progress(comparison, bound string) (holds, known bool) {
	least := -1.0
	for _, r := range d.results {
		if r["role"] != "primary" {
			continue
		}
		p, ok := r["power_progress"].(float64)
		if !ok {
			return false, false
		}
		if least < 0 || p < least {
			least = p
		}
	}
	share, err := strconv.ParseFloat(strings.TrimSuffix(bound, "%"), 64)
	if err != nil {
		panic(err)
	}
	order := cmp.Compare(least, share/100)
	return map[string]bool{"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[comparison], least >= 0
}
