package site

import (
	"fmt"
	"slices"
	"time"

	"assay/runner/judge"
)

// A programmePage sums experimentation up.
type programmePage struct {
	Title string
	Facts []explainedFact
}

// An explainedFact says what it counts.
type explainedFact struct{ Name, Value, Meaning string }

func (s *Site) programmePage() *programmePage {
	t := s.tally()
	return &programmePage{Title: "Programme", Facts: []explainedFact{
		{"Started", count(t.started), "Experiments that a run has found under way or over."},
		{"Decided", count(t.decided), "Started ones with a decision on record."},
		{"Over", count(t.won + t.lost + t.neither), "Started ones that have ended or are decided, which the next three divide."},
		{"Won", count(t.won), "Over, with a primary metric shown to be better and none shown to be worse."},
		{"Lost", count(t.lost), "Over, with a primary metric shown to be worse."},
		{"Neither", count(t.neither), "Over, with neither: neutral, or undecided, which is not the same as no difference."},
		{"Healthy", t.healthyShare(), "Share of started ones that fail no check of health."},
		{"Median days", t.medianDays(), "Days that those which are over took units in."},
		{"Queries", count(t.queries), "Queries of all runs that are done."},
		{"Query time", duration(t.seconds), "Time that all runs which are done have taken."},
	}}
}

// A tally counts experiments.
type tally struct {
	started, decided, won, lost, neither, healthy int64
	days                                          []int64
	queries                                       int64
	seconds                                       float64
}

func (s *Site) tally() tally {
	var t tally
	for _, e := range s.Experiments {
		if e.Report != nil && e.state() != judge.Draft {
			t.add(e)
		}
	}
	for _, run := range s.Runs {
		if run.Status == runDone {
			t.queries += *run.Queries
			t.seconds += *run.Seconds
		}
	}
	return t
}

// runDone is the status of a run whose rows are to be read.
const runDone = "done"

func (t *tally) add(e *Experiment) {
	t.started++
	if e.healthy() {
		t.healthy++
	}
	if e.state() == judge.Decided {
		t.decided++
	}
	if e.state() != judge.Decided && e.state() != judge.Ended {
		return
	}
	if days := e.Report.Experiment.DaysRunning; days != nil {
		t.days = append(t.days, *days)
	}
	switch {
	case e.hasPrimary(judge.Worse):
		t.lost++
	case e.hasPrimary(judge.Better):
		t.won++
	default:
		t.neither++
	}
}

func (e *Experiment) hasPrimary(v judge.Verdict) bool {
	return slices.ContainsFunc(e.whole(), func(r judge.ResultRow) bool {
		return r.Role == primary && r.Verdict != nil && *r.Verdict == v
	})
}

// duration to the second.
func duration(seconds float64) string {
	return (time.Duration(seconds * float64(time.Second))).Round(time.Second).String()
}

// none stands for a number of nothing.
const none = "–"

func (t tally) healthyShare() string {
	if t.started == 0 {
		return none
	}
	return fmt.Sprintf("%.0f%%", 100*float64(t.healthy)/float64(t.started))
}

func (t tally) medianDays() string {
	if len(t.days) == 0 {
		return none
	}
	days := slices.Sorted(slices.Values(t.days))
	middle := len(days) / 2
	if len(days)%2 == 1 {
		return count(days[middle])
	}
	return fmt.Sprintf("%.4g", float64(days[middle-1]+days[middle])/2)
}
