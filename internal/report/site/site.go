package site

import (
	"cmp"
	"time"

	"assay/internal/report"
	"assay/runner/judge"
)

// A Site is what is published: the experiments and metrics of a project with what runs have found.
type Site struct {
	Project     string
	Zone        *time.Location // of dates
	Experiments []*Experiment
	Metrics     []*Metric
	Annotations []Annotation
	Runs        []judge.RunRow // all that there were
}

// An Experiment as the project declares it and as its newest run found it. Either may be missing, not both.
type Experiment struct {
	Name       string
	Report     *judge.Report     // nil where no run has computed it
	Run        judge.RunRow      // of the report
	Definition *Definition       // nil where the project no longer has it
	Metrics    map[string]string // the project's metric by the name it has in the experiment; a name that is missing is the metric's
	SQL        string            // that computes it; "" for none
	Notes      string            // Markdown that people wrote of their decision
}

// A Metric as the project declares it.
type Metric struct {
	Name        string
	Label       string
	Description string
	Type        string
	Unit        string
	Definition  Definition
	Series      []Series
}

// A Definition is what somebody wrote of a thing, and what it is joined to.
type Definition struct {
	Place    string // file and line
	Hash     string
	Settings []Setting
	Needs    []Reference
	UsedBy   []Reference
}

// A Setting is a value that somebody wrote, and where.
type Setting struct{ Name, Value, Place string }

// A Reference names another thing of the project.
type Reference struct{ Kind, Name string }

// metricOf an experiment is the project's, by the name it has there.
func (s *Site) metricOf(experiment, metric string) string {
	for _, e := range s.Experiments {
		if e.Name == experiment {
			return cmp.Or(e.Metrics[metric], metric)
		}
	}
	return metric
}

// whole are the deciding results over all units.
func (e *Experiment) whole() []judge.ResultRow {
	if e.Report == nil {
		return nil
	}
	var rows []judge.ResultRow
	for _, role := range roles {
		rows = append(rows, report.NewWords(e.Report, nil).Results(role)...)
	}
	return rows
}

// state is the experiment's as the newest run found it.
func (e *Experiment) state() judge.Status {
	if e.Report == nil {
		return notRun
	}
	return e.Report.Experiment.Status
}

// notRun is the state of an experiment that no run has computed.
const notRun judge.Status = "not run"

// metricNamed is the project's; nil where it has none of the name.
func (s *Site) metricNamed(name string) *Metric {
	for _, m := range s.Metrics {
		if m.Name == name {
			return m
		}
	}
	return nil
}
