package site

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/runner/judge"
)

// recommended are the tones of what rules may recommend.
var recommended = map[project.Recommendation]tone{
	project.Ship: good, project.KeepRunning: open, project.Stop: bad, project.Discuss: caution,
}

// A lead is a sentence that begins with what to take away.
type lead struct {
	line
	Why string // the rest of the sentence
}

// answer is the one sentence to take away, and then all else that can be said, the reasons to be careful first. Of a decided
// experiment the sentence is what people decided, of others what the protocol's rules recommend, if they do.
func (p *experimentPage) answer() (first lead, rest []line) {
	for _, words := range p.words.Answer() {
		rest = append(rest, lineOf(words))
	}
	if p.Frozen() {
		return lead{line: line{calm, sentence(p.words.Status())}}, rest
	}
	for _, d := range p.Report.Decisions {
		what, why := p.words.Recommended(d)
		return lead{line{recommended[d.Recommendation], what}, why}, rest[1:]
	}
	return lead{line: rest[0]}, rest[1:]
}

// sentence begins with a capital and ends with a full stop.
func sentence(words string) string { return capital(words) + "." }

func capital(words string) string { return strings.ToUpper(words[:1]) + words[1:] }

// A health is a line, and the checks behind it.
type health struct {
	line
	Checks []check
}

// Passed reports whether there is nothing that a printed page has room for.
func (h *health) Passed() bool {
	return !slices.ContainsFunc(h.Checks, func(c check) bool { return !c.Passed() })
}

type check struct {
	Tone                                  tone
	Status                                judge.HealthStatus
	Name, Of, Value, Threshold, P, Advice string
}

// Passed is what a printed page has no room for.
func (c check) Passed() bool { return c.Status == judge.Pass }

func (p *experimentPage) health() *health {
	if len(p.Report.Health) == 0 {
		return nil
	}
	h := &health{line: p.healthLine()}
	for _, row := range p.Report.Health {
		h.Checks = append(h.Checks, check{
			Tone: healthTones[row.Status], Status: row.Status, Name: strings.ReplaceAll(row.CheckName, "_", " "), Of: subject(row),
			Value: plainNumber(row.Value), Threshold: plainNumber(row.Threshold), P: plainNumber(row.PValue), Advice: text(row.Advice),
		})
	}
	return h
}

// healthLine sums checks up by the worst of them.
func (p *experimentPage) healthLine() line {
	rows := p.Report.Health
	failed, warned := checksWith(rows, judge.Fail), checksWith(rows, judge.Warn)
	switch {
	case len(failed) > 0:
		return line{bad, "Not healthy, do not act on these results: " + strings.Join(failed, ", ") + " failed."}
	case p.Report.Experiment.Units == 0 && p.Report.Experiment.Status != judge.Draft:
		return line{caution, "Nothing to trust: no unit is analysed."}
	case len(warned) > 0:
		return line{caution, "Healthy, with something to know: " + strings.Join(warned, ", ") + "."}
	default:
		return line{good, fmt.Sprintf("Healthy: no check of %d found anything.", len(checksWith(rows, judge.Pass)))}
	}
}

// checksWith are the names of the checks with a status, each once.
func checksWith(rows []judge.HealthRow, status judge.HealthStatus) []string {
	var names []string
	for _, row := range rows {
		if row.Status == status {
			names = append(names, strings.ReplaceAll(row.CheckName, "_", " "))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// subject is what a check is of, where it is not the whole experiment.
func subject(row judge.HealthRow) string {
	var parts []string
	for _, part := range []*string{row.Metric, row.Dimension, row.Slice} {
		if part != nil {
			parts = append(parts, *part)
		}
	}
	return strings.Join(parts, ", ")
}
