package site

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"assay/internal/report"
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

// A gain is what all that was shipped did to a metric together.
type gain struct {
	Metric, Link               string // no link to what the project no longer has
	Comparisons, Shipped       string
	Observed, Shrunk, Interval string
	Lacking                    string // why there is no answer; "" where there is one
}

func (s *Site) programmePage() *programmePage {
	rows := s.programme().Rows("", time.Time{})
	p := &programmePage{Title: "Programme", Facts: programmeFacts(rows[0]), Glossary: glossary}
	for _, row := range rows[1:] {
		p.Gains = append(p.Gains, s.gain(row))
	}
	return p
}

// programme is of the experiments that are published, and of the runs that are done.
func (s *Site) programme() judge.Programme {
	p := judge.Programme{MetricOf: s.metricOf}
	for _, e := range s.Experiments {
		if e.Report != nil {
			p.Reports = append(p.Reports, e.Report)
		}
	}
	p.Runs = slices.DeleteFunc(slices.Clone(s.Runs), func(r judge.RunRow) bool { return r.Status != runDone })
	return p
}

// runDone is the status of a run whose rows are to be read.
const runDone = "done"

// none stands for a number of nothing.
const none = "–"

func programmeFacts(whole judge.ProgrammeRow) []explainedFact {
	return []explainedFact{
		{"Started", count(*whole.Started), "Experiments that a run has found under way or over."},
		{"Decided", count(*whole.Decided), "Started ones with a decision on record."},
		{"Over", count(*whole.Over), "Started ones that have ended or are decided, which the next five divide."},
		{"Won", count(*whole.Won), "Over, with a variant that a primary metric is shown to be better with, none worse, and no guardrail broken."},
		{"Lost", count(*whole.Lost), "Over and not won, with a primary metric shown to be worse or a guardrail broken."},
		{"Neutral", count(*whole.Neutral), "Over, with every primary metric shown to move by less than would matter."},
		{"Undecided", count(*whole.Undecided), "Over, with none of these shown, which is not the same as no difference."},
		{"Not healthy", count(*whole.Unhealthy), "Over, with a failed check of health, so that the results say nothing."},
		{"Healthy", known(whole.HealthyShare, wholePercent), "Share of started ones that fail no check of health."},
		{"Median days", known(whole.MedianDays, decimal), "Days that those which are over took units in."},
		{"Queries", count(*whole.Queries), "Queries of all runs that are done."},
		{"Query time", duration(*whole.Seconds), "Time that all runs which are done have taken."},
		{"Data scanned", known(whole.BytesScanned, size), "By those of the runs whose warehouse tells."},
	}
}

func (s *Site) gain(row judge.ProgrammeRow) gain {
	g := gain{Metric: *row.Metric, Comparisons: count(*row.Comparisons), Shipped: count(*row.Shipped)}
	if s.metricNamed(*row.Metric) != nil {
		g.Link = metricPath(*row.Metric)
	}
	if row.ShrunkenLift == nil {
		g.Lacking = row.Warnings[0].Text
		return g
	}
	g.Observed, g.Shrunk = report.Lift(*row.Lift), report.Lift(*row.ShrunkenLift)
	g.Interval = fmt.Sprintf("%s to %s", report.Lift(*row.ShrunkenLow), report.Lift(*row.ShrunkenHigh))
	return g
}

// known is a number as text, where there is one.
func known[N any](n *N, text func(N) string) string {
	if n == nil {
		return none
	}
	return text(*n)
}

// duration to the second.
func duration(seconds float64) string {
	return (time.Duration(seconds * float64(time.Second))).Round(time.Second).String()
}

func wholePercent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

func size(n int64) string { return humanize.IBytes(uint64(n)) }
