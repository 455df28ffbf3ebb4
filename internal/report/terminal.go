package report

import (
	"io"
	"slices"
	"time"

	"assay/compiler/plan"
	"assay/runner/judge"
)

// Terminal writes the report of an experiment: the answer, whether to trust it, then the numbers behind it.
func Terminal(w io.Writer, r *judge.Report, o Options) error {
	p := &page{Report: r, sheet: sheet{style: o.style()}}
	for _, section := range sections {
		section(p)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// sections are in the order in which a reader needs them. A section with nothing to say writes nothing.
var sections = []func(*page){
	(*page).writeTitle,
	(*page).writeAnswer,
	(*page).writeTrust,
	(*page).writeMetrics,
	(*page).writeChart,
	(*page).writeProgress,
	(*page).writeExploration,
}

// A page is a report being written.
type page struct {
	*judge.Report
	sheet
}

func (p *page) writeTitle() {
	p.title(p.Experiment.Experiment, p.describeStatus())
	if p.Experiment.Hypothesis != nil {
		p.paragraph("", *p.Experiment.Hypothesis)
	}
}

func (p *page) describeStatus() string {
	x := p.Experiment
	switch x.Status {
	case judge.Draft:
		return "draft, starts " + p.date(x.StartAt)
	case judge.Running:
		return "running" + p.dayOf()
	case judge.Observing:
		return "no new units, observed until " + p.date(x.ObserveUntil)
	case judge.Decided:
		return p.describeDecision()
	default:
		return "ended " + p.date(x.EndAt)
	}
}

func (p *page) describeDecision() string {
	words := "decided"
	if p.Experiment.Decision != nil {
		words += ": " + *p.Experiment.Decision
	}
	if p.Experiment.DecidedOn != nil {
		words += " on " + p.Experiment.DecidedOn.String()
	}
	return words
}

// dayOf is how long it has run, and of how long where the end is known.
func (p *page) dayOf() string {
	x := p.Experiment
	switch {
	case x.DaysRunning == nil:
		return ""
	case x.EndAt == nil:
		return " for " + plural(*x.DaysRunning, "day")
	default:
		whole := int64(x.EndAt.Sub(*x.StartAt).Round(24*time.Hour) / (24 * time.Hour))
		return ", " + count(*x.DaysRunning) + " of " + plural(whole, "day")
	}
}

func (p *page) date(t *time.Time) string { return t.In(p.zone).Format(time.DateOnly) }

// metric is the metric of a result.
func (p *page) metric(name string) judge.MetricRow {
	i := slices.IndexFunc(p.Metrics, func(m judge.MetricRow) bool { return m.Metric == name })
	return p.Metrics[i]
}

// named is a metric as people call it.
func (p *page) named(name string) string {
	if label := p.metric(name).Label; label != nil {
		return *label
	}
	return name
}

// variant is a variant as people call it.
func (p *page) variant(name string) string {
	for _, v := range p.Experiment.Variants {
		if v.Variant == name && v.Label != "" {
			return v.Label
		}
	}
	return name
}

// results are the deciding rows of a role, over all units, in the order of the experiment. Further controls are no variants: what
// there is to say of them is the check control_difference.
func (p *page) results(role string) []judge.ResultRow {
	var rows []judge.ResultRow
	for _, r := range p.Results {
		if r.Role == role && r.Decides && r.Dimension == plan.Overall && r.Step == nil && !p.isControl(r.Variant) {
			rows = append(rows, r)
		}
	}
	return rows
}

// deciding is a result at the confidence that decides, which all of them share with their method.
func (p *page) deciding() judge.ResultRow {
	return p.Results[slices.IndexFunc(p.Results, func(r judge.ResultRow) bool { return r.Decides })]
}

func (p *page) isControl(variant string) bool {
	return slices.ContainsFunc(p.Experiment.Variants, func(v judge.VariantShare) bool { return v.Variant == variant && v.Control })
}
