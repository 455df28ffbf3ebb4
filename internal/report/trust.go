package report

import (
	"fmt"
	"slices"
	"strings"

	"assay/runner/judge"
)

// checks are the names of the checks of trust with a status, each once.
func (p *page) checks(status judge.HealthStatus) []string {
	var names []string
	for _, row := range p.Health {
		_, ofTime := minimums[row.CheckName]
		if row.Status == status && !ofTime && !slices.Contains(names, row.CheckName) {
			names = append(names, row.CheckName)
		}
	}
	return names
}

// writeTrust says whether the data are fit to be read, who is in them, and how the numbers were made.
func (p *page) writeTrust() {
	if p.Experiment.Status == judge.Draft {
		return
	}
	p.heading("Can the data be trusted?")
	passed, warned, failed := len(p.checks(judge.Pass)), p.checks(judge.Warn), p.checks(judge.Fail)
	switch {
	case len(failed) > 0:
		p.write("  " + p.bad("No. ") + fmt.Sprintf("Failed: %s.", strings.Join(failed, ", ")))
	case p.Experiment.Units == 0:
		p.write("  " + p.caution("Nothing to trust: ") + "no unit is analysed.")
	case len(warned) > 0:
		p.paragraph("  ", fmt.Sprintf("%s %s, with something to know:", p.caution("Yes:"), passes(passed)))
	default:
		p.write("  " + p.good("Yes: ") + passes(passed) + ".")
	}
	p.writeFindings(judge.Fail, p.bad(p.fail))
	p.writeFindings(judge.Warn, p.caution(p.warn))
	if p.Experiment.Units > 0 {
		p.paragraph("  ", p.describeUnits())
	}
	if len(p.Results) > 0 {
		p.paragraph("  ", p.describeMethod())
	}
}

func passes(n int) string {
	if n == 1 {
		return "1 check passes"
	}
	return fmt.Sprintf("%d checks pass", n)
}

// writeFindings gives the advice of each check, the first in full where it found the same of several things.
func (p *page) writeFindings(status judge.HealthStatus, mark string) {
	for _, name := range p.checks(status) {
		var rows []judge.HealthRow
		for _, row := range p.Health {
			if row.CheckName == name && row.Status == status {
				rows = append(rows, row)
			}
		}
		words := p.strong(name) + ": " + *rows[0].Advice
		if len(rows) > 1 {
			words += fmt.Sprintf(" The same goes for %s.", strings.Join(subjects(rows[1:]), ", "))
		}
		p.item(mark, words)
	}
}

// subjects are what rows are about.
func subjects(rows []judge.HealthRow) []string {
	var names []string
	for _, row := range rows {
		switch {
		case row.Metric != nil:
			names = append(names, *row.Metric)
		case row.Dimension != nil:
			names = append(names, *row.Dimension)
		}
	}
	return names
}

// describeUnits tells the split of what was assigned: of clusters, or of units each by itself.
func (p *page) describeUnits() string {
	number, whole := func(v judge.VariantShare) int64 { return v.Units }, plural(p.Experiment.Units, "unit")
	all := p.Experiment.Units
	if clusters := p.clusters(); clusters > 0 {
		number, all = func(v judge.VariantShare) int64 { return v.Clusters }, clusters
		whole = plural(clusters, "cluster") + " with " + whole + " in all"
	}
	var parts []string
	for _, v := range p.Experiment.Variants {
		n := number(v)
		parts = append(parts, fmt.Sprintf("%s %s (%.1f%%)", p.variant(v.Variant), count(n), 100*float64(n)/float64(all)))
	}
	return fmt.Sprintf("%s: %s. Designed: %s.", whole, strings.Join(parts, ", "), p.design())
}

// design is the split that was asked for, by phase where it changed.
func (p *page) design() string {
	variants := p.Experiment.Variants
	weights := func(of func(judge.VariantShare) float64) string {
		var parts []string
		for _, v := range variants {
			parts = append(parts, fmt.Sprintf("%.3g%%", 100*of(v)))
		}
		return strings.Join(parts, ", ")
	}
	if len(variants) == 0 || len(variants[0].Phases) == 0 {
		return weights(func(v judge.VariantShare) float64 { return v.Weight })
	}
	var phases []string
	for i, phase := range variants[0].Phases {
		phases = append(phases, "from "+phase.From+" "+weights(func(v judge.VariantShare) float64 { return v.Phases[i].Weight }))
	}
	return strings.Join(phases, "; ")
}

// clusters is the number of clusters that were assigned; 0 where units were.
func (p *page) clusters() int64 {
	var n int64
	for _, v := range p.Experiment.Variants {
		n += v.Clusters
	}
	return n
}

// holds says when an interval of a method may be read.
var holds = map[string]string{
	"fixed":            "hold for one look, planned beforehand",
	"sequential":       "hold at every look, however often one looks",
	"hybrid":           "hold at every look, and are narrower on the data of the planned end",
	"group_sequential": "hold at the looks that were planned, and at no others",
	"bayesian":         "are what the protocol's prior and the data together leave credible",
}

func (p *page) describeMethod() string {
	r := p.deciding()
	protocol := "no protocol: the defaults"
	if p.Experiment.Protocol != "" {
		protocol = "protocol " + p.Experiment.Protocol
	}
	words := fmt.Sprintf("Intervals of %.4g%% that %s (%s).", 100*r.Confidence, holds[r.Method], protocol)
	if r.EffectLow == nil != (r.EffectHigh == nil) {
		words += " They are one-sided: the end that nobody asks about is open."
	}
	if n := p.comparisons(); n > 1 {
		words += fmt.Sprintf(" Verdicts are corrected for %d comparisons.", n)
	}
	return words
}
