package report

import (
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/runner/judge"
)

// A roleGroup is metrics of a role, with the heading they stand under.
type roleGroup struct {
	role  model.Role
	title string
}

// deciding are the roles whose results count.
var deciding = []roleGroup{{model.Primary, "Primary"}, {model.Guardrail, "Guardrails"}, {model.Secondary, "Secondary"}}

// writeMetrics is the table of the metrics that count.
func (p *page) writeMetrics() {
	g := p.metricGrid()
	var all []judge.ResultRow
	for _, group := range deciding {
		if rows := p.results(string(group.role)); len(rows) > 0 {
			g.add(p.strong(group.title))
			p.addMetrics(g, rows)
			all = append(all, rows...)
		}
	}
	p.writeGrid(g)
	p.writeNotes(all)
}

// writeNotes are what the numbers need said, and why some are missing, each once. Of primary metrics the answer says the latter.
func (p *page) writeNotes(rows []judge.ResultRow) {
	var said []string
	for _, r := range rows {
		if r.Role == string(model.Primary) && r.Status != judge.OK {
			continue
		}
		for _, words := range notes(r) {
			note := p.named(r.Metric) + ": " + words
			if !slices.Contains(said, note) {
				said = append(said, note)
				p.item(p.dot, note)
			}
		}
	}
}

func notes(r judge.ResultRow) []string {
	var words []string
	if r.Error != nil {
		words = append(words, *r.Error)
	}
	for _, w := range r.Warnings {
		if w.Code != betweenLooks { // the answer begins with it
			words = append(words, w.Text)
		}
	}
	return words
}

func (p *page) writeGrid(g *grid) {
	if len(g.rows) > 0 {
		p.write("")
		p.write(p.lines(g)...)
	}
}

// metricGrid has a column for the control's value and one for the variant's, by their names where there are only two.
func (p *page) metricGrid() *grid {
	variant := "variant"
	if p.twoArms() {
		for _, v := range p.Experiment.Variants {
			if v.Variant != p.Experiment.Control && !v.Control {
				variant = p.variant(v.Variant)
			}
		}
	}
	return &grid{columns: []column{
		{"", text.AlignLeft},
		{columnName(p.variant(p.Experiment.Control)), text.AlignRight},
		{columnName(variant), text.AlignRight},
		{"lift", text.AlignRight},
		{"interval", text.AlignRight},
		{"verdict", text.AlignLeft},
	}}
}

// valueWidth is the room for the name of a variant above its values.
const valueWidth = 10

// columnName is a name above a column, on as many lines as it takes.
func columnName(name string) string { return text.WrapSoft(name, valueWidth) }

// twoArms reports whether one variant alone is compared with the control.
func (p *page) twoArms() bool {
	compared := 0
	for _, v := range p.Experiment.Variants {
		if v.Variant != p.Experiment.Control && !v.Control {
			compared++
		}
	}
	return compared == 1
}

// addMetrics adds a line for each row; where an experiment has several variants, they stand under the metric's name.
func (p *page) addMetrics(g *grid, rows []judge.ResultRow) {
	previous := ""
	for _, r := range rows {
		name := "  " + p.nameWithUnit(r)
		if !p.twoArms() {
			if r.Metric != previous {
				g.add(name)
			}
			name, previous = "    "+p.variant(r.Variant), r.Metric
		}
		g.add(append(append([]string{name}, p.numbers(r)...), p.verdict(r))...)
	}
}

// nameWithUnit is a metric with its unit.
func (p *page) nameWithUnit(r judge.ResultRow) string {
	title := p.named(r.Metric)
	if unit := unitOf(p.metric(r.Metric)); unit != "" {
		title += ", " + unit
	}
	return title
}

// numbers are the two values, the lift and the interval.
func (p *page) numbers(r judge.ResultRow) []string {
	cells := append(p.values(p.metric(r.Metric), r.ValueControl, r.ValueVariant), "", "")
	if tooWide(r) {
		cells[3] = "too few data"
		return cells
	}
	if r.Lift != nil {
		cells[2] = p.percent(*r.Lift, p.places(r))
	}
	if r.Effect != nil {
		cells[3] = p.ends(r)
	}
	return cells
}

// verdict in a word.
func (p *page) verdict(r judge.ResultRow) string {
	switch {
	case r.Status == judge.Failed:
		return p.bad("failed")
	case r.Status == judge.Undefined:
		return "no answer"
	}
	switch *r.Verdict {
	case judge.Better:
		return p.good("better")
	case judge.Worse:
		return p.bad("worse")
	case judge.Changed:
		return p.caution("changed")
	case judge.Neutral:
		return "neutral"
	case judge.Inferior:
		return p.bad("broken")
	case judge.NonInferior:
		if r.Margin == nil {
			return "no margin"
		}
		return p.good("within " + setting(*r.Margin))
	default:
		return "undecided"
	}
}
