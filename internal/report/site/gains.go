package site

import (
	"errors"
	"fmt"
	"slices"

	"assay/internal/report"
	"assay/runner/judge"
	"assay/stats"
)

// A gain is what all that was shipped did to a metric together.
type gain struct {
	Metric, Link               string
	Experiments, Shipped       int
	Observed, Shrunk, Interval string
	Lacking                    string // why there is no answer; "" where there is one
}

// shippedWord is the decision that an experiment's variant stays.
const shippedWord = "shipped"

// gainConfidence is that of the intervals, whatever the experiments' protocols decide by.
const gainConfidence = 0.95

// gains of the metrics for which something was shipped.
func (s *Site) gains() []gain {
	var list []gain
	for _, m := range s.Metrics {
		findings := s.lifts(m.Name)
		g := gain{Metric: m.Name, Link: metricPath(m.Name), Experiments: len(findings)}
		for _, f := range findings {
			if f.Shipped {
				g.Shipped++
			}
		}
		if g.Shipped > 0 {
			g.fill(findings)
			list = append(list, g)
		}
	}
	return list
}

func (g *gain) fill(findings []judge.Finding) {
	lift, err := judge.Cumulate(findings, gainConfidence)
	var lacking *stats.Error
	switch {
	case errors.As(err, &lacking):
		g.Lacking = lacking.Detail
	default:
		g.Observed, g.Shrunk = report.Lift(lift.Observed), report.Lift(lift.Shrunk)
		g.Interval = fmt.Sprintf("%s to %s", report.Lift(lift.Interval.Low), report.Lift(lift.Interval.High))
	}
}

// lifts of a metric in the experiments that are over, may be relied on, and had it as primary. A posterior is shrunk already.
func (s *Site) lifts(metric string) []judge.Finding {
	var list []judge.Finding
	for _, e := range s.Experiments {
		if e.Report == nil || !e.over() || !e.healthy() {
			continue
		}
		stays := e.shippedVariant()
		for _, r := range e.whole() {
			if r.Role == primary && e.metric(r) == metric && r.Lift != nil && r.LiftSE != nil && r.Method != "bayesian" {
				list = append(list, judge.Finding{Lift: *r.Lift, SE: *r.LiftSE, Shipped: r.Variant == stays})
			}
		}
	}
	return list
}

// shippedVariant is the only variant, else the first that wins; "" where nothing was shipped.
func (e *Experiment) shippedVariant() string {
	x := e.Report.Experiment
	if x.Decision == nil || *x.Decision != shippedWord {
		return ""
	}
	rows := slices.DeleteFunc(e.whole(), func(r judge.ResultRow) bool { return r.Role != primary })
	words := report.NewWords(e.Report, nil)
	for _, r := range rows {
		if words.TwoArms() || e.wins(r.Variant) {
			return r.Variant
		}
	}
	return ""
}
