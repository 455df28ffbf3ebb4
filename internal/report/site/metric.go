package site

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"assay/runner/judge"
)

// A metricsPage lists the project's metrics.
type metricsPage struct {
	Title   string
	Metrics []metricEntry
}

type metricEntry struct {
	*Metric
	Link                string
	Experiments, Moving int
}

// A metricPage is a metric's definition, and every experiment that measured it.
type metricPage struct {
	*Metric
	Title    string
	KPIs     []kpi
	Moved    *effects // largest first
	Others   *effects // measured, and not shown to move
	Doubtful *effects // measured by experiments that fail a check of health
	Needs    []linked
	UsedBy   []linked
	Glossary []term
}

// linked is a reference with the page it leads to; "" for none.
type linked struct {
	Reference
	Link string
}

func (s *Site) linked(references []Reference) []linked {
	var list []linked
	for _, r := range references {
		l := linked{Reference: r}
		switch {
		case r.Kind == "metric" && s.metricNamed(r.Name) != nil:
			l.Link = metricPath(r.Name)
		case r.Kind == "experiment" && s.hasPage(r.Name):
			l.Link = experimentPath(r.Name)
		}
		list = append(list, l)
	}
	return list
}

func (s *Site) hasPage(experiment string) bool {
	return slices.ContainsFunc(s.Experiments, func(e *Experiment) bool { return e.Name == experiment && e.Report != nil })
}

// effects stand on one axis.
type effects struct {
	Caption string
	Axis    template.HTML
	Rows    []effectRow
}

type effectRow struct {
	Experiment, Link string
	State            judge.Status
	Role             string
	row
}

func (s *Site) metricsPage() *metricsPage {
	p := &metricsPage{Title: "Metrics"}
	for _, m := range s.Metrics {
		found := s.findings(m.Name)
		e := metricEntry{Metric: m, Link: metricPath(m.Name)}
		var experiments []string
		for _, f := range found {
			experiments = append(experiments, f.experiment.Name)
			if f.moved() {
				e.Moving++
			}
		}
		e.Experiments = len(distinct(experiments))
		p.Metrics = append(p.Metrics, e)
	}
	return p
}

func (s *Site) metricPage(m *Metric) *metricPage {
	p := &metricPage{Metric: m, Title: m.Name, Glossary: glossary, KPIs: s.kpis(m),
		Needs: s.linked(m.Definition.Needs), UsedBy: s.linked(m.Definition.UsedBy)}
	var moved, others, doubtful []finding
	for _, f := range s.findings(m.Name) {
		switch {
		case !f.experiment.Report.Healthy():
			doubtful = append(doubtful, f)
		case f.moved():
			moved = append(moved, f)
		default:
			others = append(others, f)
		}
	}
	p.Moved = s.effects("Experiments that moved it, in order of effect", moved)
	p.Others = s.effects("Experiments that measured it and have not shown a difference", others)
	p.Doubtful = s.effects("Experiments that measured it and fail a check of health", doubtful)
	return p
}

// A finding is what an experiment says of a metric with a variant.
type finding struct {
	experiment *Experiment
	result     judge.ResultRow
}

// moved reports whether a difference was found that may be acted on.
func (f finding) moved() bool {
	if f.result.Verdict == nil || !f.experiment.Report.Healthy() {
		return false
	}
	return slices.Contains([]judge.Verdict{judge.Better, judge.Worse, judge.Changed, judge.Inferior}, *f.result.Verdict)
}

// size orders findings; one without a lift comes last.
func (f finding) size() float64 {
	if f.result.Lift == nil {
		return -1
	}
	return math.Abs(*f.result.Lift)
}

// findings of a metric, the largest effect first.
func (s *Site) findings(metric string) []finding {
	var found []finding
	for _, e := range s.Experiments {
		for _, r := range e.whole() {
			if s.metricOf(e.Name, r.Metric) == metric {
				found = append(found, finding{e, r})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b finding) int { return cmp.Compare(b.size(), a.size()) })
	return found
}

func (s *Site) effects(caption string, found []finding) *effects {
	if len(found) == 0 {
		return nil
	}
	var rows []judge.ResultRow
	for _, f := range found {
		rows = append(rows, f.result)
	}
	scale := scaleOf(rows)
	e := &effects{Caption: caption}
	for _, f := range found {
		page := &experimentPage{Experiment: f.experiment, site: s, words: s.wordsOf(f.experiment)}
		if scale.drawn() {
			e.Axis = scale.ticks(page.words)
		}
		e.Rows = append(e.Rows, effectRow{f.experiment.Name, experimentPath(f.experiment.Name), f.experiment.state(), f.result.Role,
			page.row(f.result, scale)})
	}
	return e
}
