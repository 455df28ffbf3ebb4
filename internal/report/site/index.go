package site

import (
	"html/template"
	"slices"
	"strings"

	"assay/internal/report"
	"assay/runner/judge"
)

// An indexPage lists all experiments, and what was learnt from those that are over.
type indexPage struct {
	Title   string
	Filters []filter
	Entries []entry
	Lessons []lesson
}

// A filter offers the values that a property of experiments has.
type filter struct {
	Name   string
	Values []string
}

// An entry is an experiment in the list.
type entry struct {
	Name, Link, Question string
	State                judge.Status
	Owner, Epic          string
	Tags, Metrics        []string
	Dates                string
	Lead                 lead
}

// A lesson is what an experiment that is over taught.
type lesson struct {
	Name, Link, Question, Status string
	Found                        []line
	Notes                        template.HTML
}

func (s *Site) indexPage() (*indexPage, error) {
	p := &indexPage{Title: "Experiments"}
	for _, e := range s.Experiments {
		if e.Report == nil {
			p.Entries = append(p.Entries, entry{Name: e.Name, State: notRun, Lead: lead{line: line{open, "No run has computed it yet."}}})
			continue
		}
		page, err := s.experimentPage(e)
		if err != nil {
			return nil, err
		}
		p.Entries = append(p.Entries, page.entry())
		if e.state() == judge.Decided || e.state() == judge.Ended {
			p.Lessons = append(p.Lessons, page.lesson())
		}
	}
	slices.SortStableFunc(p.Entries, func(a, b entry) int {
		return slices.Index(states, a.State) - slices.Index(states, b.State)
	})
	p.Filters = filters(p.Entries)
	return p, nil
}

// states in the order of the list: what needs attention first.
var states = []judge.Status{judge.Running, judge.Observing, judge.Ended, judge.Draft, notRun, judge.Decided}

func (p *experimentPage) entry() entry {
	x := p.Report.Experiment
	e := entry{Name: p.Name, Link: experimentPath(p.Name), Question: p.Question, State: x.Status, Owner: text(x.Owner),
		Epic: text(x.Epic), Tags: x.Tags, Dates: p.dates(), Lead: p.Lead}
	for _, r := range p.whole() {
		e.Metrics = append(e.Metrics, p.site.metricOf(p.Name, r.Metric))
	}
	e.Metrics = distinct(e.Metrics)
	return e
}

func (p *experimentPage) lesson() lesson {
	l := lesson{Name: p.Name, Link: experimentPath(p.Name), Question: p.Question, Status: p.words.Status(), Notes: p.Notes}
	for _, r := range p.words.Results(primary) {
		l.Found = append(l.Found, line{p.tone(r), p.words.Sentence(r)})
	}
	return l
}

// properties that a reader may choose by.
var properties = map[string]func(entry) []string{
	"state":  func(e entry) []string { return []string{string(e.State)} },
	"owner":  func(e entry) []string { return []string{e.Owner} },
	"epic":   func(e entry) []string { return []string{e.Epic} },
	"tag":    func(e entry) []string { return e.Tags },
	"metric": func(e entry) []string { return e.Metrics },
}

// filters are those with a choice.
func filters(entries []entry) []filter {
	var all []filter
	for _, name := range []string{"state", "owner", "epic", "tag", "metric"} {
		var values []string
		for _, e := range entries {
			values = append(values, properties[name](e)...)
		}
		if values = distinct(values); len(values) > 1 {
			all = append(all, filter{name, values})
		}
	}
	return all
}

// distinct are the values other than "", each once, sorted.
func distinct(values []string) []string {
	kept := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(kept)
	return slices.Compact(kept)
}

// Values of the properties that filters choose by, each between bars.
func (e entry) Values(property string) string {
	return "|" + strings.Join(properties[property](e), "|") + "|"
}

// wordsOf an experiment that has a report.
func (s *Site) wordsOf(e *Experiment) *report.Words { return report.NewWords(e.Report, s.Zone) }
