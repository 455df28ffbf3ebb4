package site

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"assay/internal/report"
	"assay/runner/judge"
)

// An experimentPage is what its template reads. Nothing on it is of the time of writing or of other experiments, so that the page
// of a decided experiment stays as it is.
type experimentPage struct {
	*Experiment
	site  *Site
	words *report.Words

	Title       string
	Question    string
	Facts       []fact
	Lead        lead
	Answer      []line
	Notes       template.HTML
	Health      *health
	Decision    *board
	Method      string
	Progress    []progress
	Cumulatives []cumulative
	Watched     string // whether days may be picked from them
	Exposures   *exposures
	Secondary   *board
	Exploration *exploration
	Changed     []string // metrics that are defined otherwise now
	Defined     []defined
	SQLLink     string // "" where the metrics are defined otherwise now
	Commands    []string
	Glossary    []term
}

// A fact is a line of what an experiment is.
type fact struct{ Name, Value string }

// defined is a metric or the experiment with its settings.
type defined struct {
	Title string
	Link  string
	*Definition
}

func (s *Site) experimentPage(e *Experiment) (*experimentPage, error) {
	p := &experimentPage{Experiment: e, site: s, words: report.NewWords(e.Report, s.Zone), Title: e.Name, Glossary: glossary}
	p.Question = text(e.Report.Experiment.Hypothesis)
	p.Facts = p.facts()
	p.Lead, p.Answer = p.answer()
	p.Health = p.health()
	p.Decision = p.board("Metrics that decide", primary, guardrail)
	p.Method = p.words.Method()
	p.Progress = p.progress()
	p.Cumulatives, p.Watched = p.cumulatives(), p.words.Watched()
	p.Exposures = p.exposures()
	p.Secondary = p.board("Secondary metrics", secondary)
	p.Exploration = p.exploration()
	p.Changed, p.Defined = p.definitions()
	if p.SQL != "" && len(p.Changed) == 0 {
		p.SQLLink = sqlPath(p.Name)
	}
	p.Commands = p.commands()
	var err error
	p.Notes, err = markdown(e.Notes)
	return p, err
}

func (p *experimentPage) facts() []fact {
	x := p.Report.Experiment
	facts := []fact{{"State", p.words.Status()}, {"Owner", text(x.Owner)}, {"Dates", p.dates()}, {"Epic", text(x.Epic)},
		{"Tags", strings.Join(x.Tags, ", ")}, {"Protocol", x.Protocol}, {"Layer", text(x.Layer)}}
	if x.Units > 0 {
		facts = append(facts, fact{"Units", p.words.Units()})
	}
	facts = append(facts, fact{"Data up to", p.instant(x.AsOf)})
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

func (p *experimentPage) dates() string {
	x := p.Report.Experiment
	switch {
	case x.StartAt == nil:
		return ""
	case x.EndAt == nil:
		return "from " + p.date(*x.StartAt)
	default:
		return p.date(*x.StartAt) + " to " + p.date(*x.EndAt)
	}
}

func (p *experimentPage) date(t time.Time) string { return t.In(p.site.Zone).Format(time.DateOnly) }

// instant is a day where it is a midnight.
func (p *experimentPage) instant(t time.Time) string {
	t = t.In(p.site.Zone)
	if t.Hour()+t.Minute()+t.Second() == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

// definitions are those of the experiment and its metrics. A metric that is defined otherwise now is named and not shown: the
// page would explain its numbers by what they were not made from.
func (p *experimentPage) definitions() (changed []string, list []defined) {
	if p.Definition == nil {
		return nil, nil
	}
	list = append(list, defined{Title: "experiment " + p.Name, Definition: p.Definition})
	for _, r := range p.whole() {
		m := p.site.metricNamed(p.site.metricOf(p.Name, r.Metric))
		switch {
		case m == nil:
		case m.Definition.Hash != r.DefinitionHash:
			changed = append(changed, m.Name)
		default:
			list = append(list, defined{"metric " + m.Name, metricPath(m.Name), &m.Definition})
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed), slices.CompactFunc(list, func(a, b defined) bool { return a.Definition == b.Definition })
}

// A sqlPage is the statements of an experiment, apart since they are long.
type sqlPage struct{ Title, Experiment, Back, SQL string }

// commands compute the same numbers again.
func (p *experimentPage) commands() []string {
	var commands []string
	if p.Run.GitCommit != nil {
		commands = append(commands, "git checkout "+*p.Run.GitCommit)
	}
	return append(commands, fmt.Sprintf("assay run --select experiment:%s --as-of %s", p.Name, p.instant(p.Report.Experiment.AsOf)))
}

// Frozen reports whether later runs leave the experiment's numbers as they are.
func (p *experimentPage) Frozen() bool { return p.state() == judge.Decided }
