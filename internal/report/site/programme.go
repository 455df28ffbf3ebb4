package site

import (
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"assay/runner/judge"
)

// A programmePage sums experimentation up.
type programmePage struct {
	Title    string
	Facts    []explainedFact
	Gains    []gain
	Glossary []term
}

// An explainedFact says what it counts.
type explainedFact struct{ Name, Value, Meaning string }

func (s *Site) programmePage() *programmePage {
	t := s.tally()
	return &programmePage{Title: "Programme", Gains: s.gains(), Glossary: glossary, Facts: []explainedFact{
		{"Started", count(t.started), "Experiments that a run has found under way or over."},
		{"Decided", count(t.decided), "Started ones with a decision on record."},
		{"Over", count(t.over), "Started ones that have ended or are decided, which the next five divide."},
		{"Won", count(t.won), "Over, with a variant that a primary metric is shown to be better with, none worse, and no guardrail broken."},
		{"Lost", count(t.lost), "Over and not won, with a primary metric shown to be worse or a guardrail broken."},
		{"Neutral", count(t.neutral), "Over, with every primary metric shown to move by less than would matter."},
		{"Undecided", count(t.undecided), "Over, with none of these shown, which is not the same as no difference."},
		{"Not healthy", count(t.unhealthy), "Over, with a failed check of health, so that the results say nothing."},
		{"Healthy", t.healthyShare(), "Share of started ones that fail no check of health."},
		{"Median days", t.medianDays(), "Days that those which are over took units in."},
		{"Queries", count(t.queries), "Queries of all runs that are done."},
		{"Query time", duration(t.seconds), "Time that all runs which are done have taken."},
		{"Data scanned", t.scanned(), "By those of the runs whose warehouse tells."},
	}}
}

// A tally counts experiments.
type tally struct {
	started, decided, healthy                      int64
	over, won, lost, neutral, undecided, unhealthy int64
	days                                           []int64
	queries                                        int64
	bytes                                          *int64 // nil where no warehouse tells
	seconds                                        float64
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
			t.cost(run)
		}
	}
	return t
}

func (t *tally) cost(run judge.RunRow) {
	t.queries += *run.Queries
	t.seconds += *run.Seconds
	if run.BytesScanned != nil {
		all := *run.BytesScanned
		if t.bytes != nil {
			all += *t.bytes
		}
		t.bytes = &all
	}
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
	if !e.over() {
		return
	}
	t.over++
	if days := e.Report.Experiment.DaysRunning; days != nil {
		t.days = append(t.days, *days)
	}
	switch {
	case !e.healthy():
		t.unhealthy++
	case slices.ContainsFunc(e.Report.Experiment.Variants, func(v judge.VariantShare) bool { return e.wins(v.Variant) }):
		t.won++
	case e.has(judge.Worse, judge.Inferior):
		t.lost++
	case e.has(judge.Neutral) && !e.has(judge.Undecided, judge.Better, judge.Changed):
		t.neutral++
	default:
		t.undecided++
	}
}

// over reports whether no more data come.
func (e *Experiment) over() bool { return e.state() == judge.Decided || e.state() == judge.Ended }

// wins reports whether a primary metric is better with a variant, none worse, and no guardrail broken.
func (e *Experiment) wins(variant string) bool {
	verdicts := e.verdicts(func(r judge.ResultRow) bool { return r.Variant == variant })
	return slices.Contains(verdicts, judge.Better) && !slices.Contains(verdicts, judge.Worse) && !slices.Contains(verdicts, judge.Inferior)
}

// has reports whether a primary metric or a guardrail has one of some verdicts, with any variant.
func (e *Experiment) has(some ...judge.Verdict) bool {
	verdicts := e.verdicts(func(judge.ResultRow) bool { return true })
	return slices.ContainsFunc(verdicts, func(v judge.Verdict) bool { return slices.Contains(some, v) })
}

// verdicts of the primary metrics, and of the guardrails that are broken. No answer is undecided.
func (e *Experiment) verdicts(of func(judge.ResultRow) bool) []judge.Verdict {
	var verdicts []judge.Verdict
	for _, r := range e.whole() {
		switch {
		case !of(r):
		case r.Role == guardrail && r.Verdict != nil && *r.Verdict == judge.Inferior:
			verdicts = append(verdicts, judge.Inferior)
		case r.Role != primary:
		case r.Verdict == nil:
			verdicts = append(verdicts, judge.Undecided)
		default:
			verdicts = append(verdicts, *r.Verdict)
		}
	}
	return verdicts
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

func (t tally) scanned() string {
	if t.bytes == nil {
		return none
	}
	return humanize.IBytes(uint64(*t.bytes))
}
