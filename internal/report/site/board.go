package site

import (
	"html/template"

	"assay/internal/report"
	"assay/runner/judge"
)

// A board is a table of metrics whose intervals stand on one axis.
type board struct {
	Caption string
	Arms    arms
	Axis    template.HTML // the ticks; empty where no row has an interval
	Groups  []group
}

// arms name the columns of values. A variant is named in each row where there are several.
type arms struct {
	Control, Variant string
	Several          bool
}

func (p *experimentPage) arms() arms {
	a := arms{Control: p.words.Variant(p.Report.Experiment.Control), Variant: "Value", Several: !p.words.TwoArms()}
	for _, r := range p.whole() {
		if !a.Several {
			a.Variant = p.words.Variant(r.Variant)
		}
	}
	return a
}

type group struct {
	Title string // "" for a board of one group
	Rows  []row
}

// A row is a metric of a variant.
type row struct {
	Metric, Variant                string
	Link                           string // the metric's page; "" for none
	Control, Value, Lift, Interval string
	Verdict                        string
	Margin                         string // of a guardrail; "" for none
	Tone                           tone
	Bar                            template.HTML
	Notes                          []string
}

// headings of roles on a board.
var headings = map[string]string{
	primary: "Primary", guardrail: "Guardrails", secondary: "Secondary",
	explore: "Exploration",
}

// board is the results of some roles; nil where they have none.
func (p *experimentPage) board(caption string, roles ...string) *board {
	var all []judge.ResultRow
	for _, role := range roles {
		all = append(all, p.words.Results(role)...)
	}
	if len(all) == 0 {
		return nil
	}
	b := &board{Caption: caption, Arms: p.arms()}
	scale := scaleOf(all)
	if scale.drawn() {
		b.Axis = scale.ticks(p.words)
	}
	for _, role := range roles {
		if rows := p.words.Results(role); len(rows) > 0 {
			b.Groups = append(b.Groups, p.group(headings[role], rows, scale))
		}
	}
	return b
}

func (p *experimentPage) group(title string, rows []judge.ResultRow, s scale) group {
	g := group{Title: title}
	for _, r := range rows {
		g.Rows = append(g.Rows, p.row(r, s))
	}
	return g
}

func (p *experimentPage) row(r judge.ResultRow, s scale) row {
	numbers := p.words.Numbers(r)
	out := row{
		Metric: p.words.Metric(r), Variant: p.words.Variant(r.Variant), Link: p.metricLink(r),
		Control: numbers[0], Value: numbers[1], Lift: numbers[2], Interval: numbers[3],
		Verdict: p.words.Verdict(r), Tone: p.tone(r), Notes: p.words.Notes(r),
	}
	if r.Margin != nil {
		out.Margin = percent(*r.Margin)
	}
	if s.drawn() && hasInterval(r) {
		out.Bar = s.bar(p.words, r, out.Tone)
	}
	return out
}

// metricLink is the page of the project's metric.
func (p *experimentPage) metricLink(r judge.ResultRow) string {
	if name := p.site.metricOf(p.Name, r.Metric); p.site.metricNamed(name) != nil {
		return metricPath(name)
	}
	return ""
}

func hasInterval(r judge.ResultRow) bool {
	return r.Lift != nil && (r.LiftLow != nil || r.LiftHigh != nil)
}

// A scale maps lifts to a bar's width.
type scale struct{ report.Axis }

func scaleOf(rows []judge.ResultRow) scale {
	var drawn []judge.ResultRow
	for _, r := range rows {
		if hasInterval(r) {
			drawn = append(drawn, report.Plotted(r))
		}
	}
	if len(drawn) == 0 {
		return scale{}
	}
	return scale{report.AxisOf(drawn)}
}

func (s scale) drawn() bool { return s.High > s.Low }
