package site

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/runner/judge"
	"assay/stats"
)

func wrote[T any](v T) project.Value[T] {
	return project.Value[T]{V: v, Span: diag.Span{File: "project.yml"}}
}

// watched is what a run observes of four weeks in two arms of so many units, under a sequential method, as of a day of January.
func watched(asOf int, units int64, metrics ...*plan.ObservedMetric) *plan.Observed {
	o := &plan.Observed{AsOf: day(1, asOf), Metrics: metrics, Experiment: &model.Experiment{
		Name: "checkout", Key: "checkout", Control: "old", Decl: &project.Experiment{}, Exposures: model.ExcludeMultiple,
		Start: day(1, 1), End: day(1, 29), ObserveUntil: day(1, 29),
		Variants: []model.Variant{{Name: "old", Label: "Old checkout", Share: 0.5}, {Name: "new", Label: "New checkout", Share: 0.5}},
		Protocol: &model.Protocol{Name: "standard", Method: "sequential", Confidence: 0.95, Correction: "none", Tuning: 10000,
			Power: 0.8, SRMThreshold: 0.001, MinimumDays: 14, Decision: model.DefaultDecision()},
	}}
	for _, v := range o.Experiment.Variants {
		o.Exposures.Variants = append(o.Exposures.Variants,
			plan.VariantCount{Variant: v.Name, Declared: true, Assigned: units, Analysed: units})
		for d := range asOf - 1 {
			o.Exposures.Daily = append(o.Exposures.Daily,
				plan.DailyUnits{Variant: v.Name, Day: day(1, 1+d), Units: units / int64(asOf-1)})
		}
	}
	for _, m := range metrics {
		o.Experiment.Metrics = append(o.Experiment.Metrics, m.Use)
		for i := range m.Slices[0].Arms {
			m.Slices[0].Arms[i].Units = units
			m.Slices[0].Arms[i].Moments.N = units
		}
	}
	return o
}

// share is a metric of which so large a share of either arm's units has it.
func share(role model.Role, label string, old, new float64) *plan.ObservedMetric {
	m := &plan.ObservedMetric{
		Use: &model.MetricUse{Name: strings.ToLower(label), Role: role, Metric: &model.Metric{
			Name: strings.ToLower(label), Spec: &model.Simple{}, Decl: &project.Metric{
				Type: wrote(project.Threshold), Label: wrote(label), DesiredChange: wrote(project.Increase)}}},
		Shape: stats.Shape{Kind: stats.KindMean}, Labels: []string{"value"},
		Slices: []plan.Slice{{Dimension: plan.Overall, Value: plan.All}},
	}
	for i, p := range []float64{old, new} {
		moments := stats.NewMoments(2, 1)
		moments.Mean[0] = p
		moments.SetCovar(0, 0, p*(1-p))
		m.Slices[0].Arms = append(m.Slices[0].Arms, plan.Arm{Variant: []string{"old", "new"}[i], Moments: moments})
	}
	return m
}

func guarded(m *plan.ObservedMetric, margin float64) *plan.ObservedMetric {
	m.Use.Margin = &margin
	return m
}

func worth(m *plan.ObservedMetric, mde float64) *plan.ObservedMetric {
	m.Use.Settings.MDE = &mde
	return m
}

// changed is the observed with something else.
func changed(o *plan.Observed, change func(*plan.Observed)) *plan.Observed {
	change(o)
	return o
}

var (
	markup = regexp.MustCompile(`(?s)<style>.*?</style>|<section aria-labelledby="terms">.*?</section>|<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
)

// readable is a page as somebody reads it.
func readable(page string) string {
	return blanks.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(page, " ")), " ")
}

// Moments in, page out: what a reader is told of an experiment, and never told.
func TestWhatAPageSays(t *testing.T) {
	won, flat, lost := [2]float64{0.20, 0.24}, [2]float64{0.20, 0.2005}, [2]float64{0.20, 0.17}
	bought := func(p [2]float64) *plan.ObservedMetric { return share(model.Primary, "Bought", p[0], p[1]) }
	stayed := func(p [2]float64) *plan.ObservedMetric {
		return guarded(share(model.Guardrail, "Stayed", p[0], p[1]), 0.05)
	}
	for name, c := range map[string]struct {
		observed     *plan.Observed
		lead         string
		says, avoids []string
	}{
		"won": {watched(29, 20000, bought(won), stayed(won)), "Recommended: ship it",
			[]string{"Better: New checkout raises Bought by 20.0%", "Every guardrail holds", "Healthy: no check", "ended 2026-01-29"},
			[]string{"Too early", "Look again", "Do not"}},
		"won, and a guardrail lost": {watched(29, 20000, bought(won), stayed(lost)), "Recommended: do not ship",
			[]string{`, by the rule "any guardrail inferior": Stayed is inferior with New checkout.`,
				"Better: New checkout raises Bought", "Guardrail broken: New checkout lowers Stayed by 15.0%", "its margin is 5%"},
			[]string{"ship it", "Every guardrail holds"}},
		"won too early": {watched(8, 20000, bought(won)), "Recommended: keep it running",
			[]string{"Too early to decide: it has 7 of the 14 days", "Look again on 2026-01-15, when it will have run for the 14 days"},
			[]string{"ship it"}},
		"open, with an effect that matters": {watched(15, 3000, worth(bought(flat), 0.1)), "Recommended: keep it running",
			[]string{"Undecided: New checkout may move Bought by anything from", "The data so far cannot tell", "of what finding a lift of 10% at the protocol's power takes",
				"Planned too short: it ends on 2026-01-29"}, []string{"no effect.", "ship it"}},
		"open at the end": {watched(29, 3000, bought(flat)), "Recommended: do not ship",
			[]string{"That is not the same as no effect: the data cannot tell."}, []string{"Neutral:", "Look again"}},
		"neutral": {watched(29, 400000, worth(bought(flat), 0.05)), "Recommended: do not ship",
			[]string{"Neutral: New checkout moves Bought by something from", "all of it less than the 5% that would matter"},
			[]string{"no effect"}},
		"passes a gate that does not decide": {changed(watched(29, 1500, bought([2]float64{0.2, 0.222})), func(o *plan.Observed) {
			o.Experiment.Protocol.Method, o.Experiment.Protocol.Show = "fixed", []float64{0.8, 0.9}
		}), "Recommended: do not ship",
			[]string{"Do not conclude at 80%", "95% was chosen beforehand", "up to 20% look like a difference at 80%", "95% (decides)",
				"Intervals of 95% that hold for one look"}, []string{"Better:", "Intervals of 80%"}},
		"split otherwise than designed": {changed(watched(29, 20000, bought(won)), func(o *plan.Observed) {
			o.Exposures.Variants[1].Assigned = 18000
		}), "Recommended: discuss it before anything else",
			[]string{"Do not act on these results: sample_ratio failed", "Not healthy, do not act on these results"},
			[]string{"ship it"}},
		"before the start": {changed(watched(29, 0), func(o *plan.Observed) { o.AsOf = day(1, 1).Add(-time.Hour) }),
			"It has not started: nothing is counted before 2026-01-01.", []string{"draft"}, []string{"Recommended"}},
		"nobody in the population": {changed(watched(15, 1000, bought(won)), func(o *plan.Observed) {
			o.Metrics = nil
			for i := range o.Exposures.Variants {
				o.Exposures.Variants[i].Analysed = 0
			}
		}), "There are no results: no unit that was assigned is left to analyse.",
			[]string{"Nothing to trust: no unit is analysed."}, []string{"names no metrics", "Yes:", "Recommended"}},
		"no metrics": {watched(15, 1000), "The experiment names no metrics, so this is its health alone.", nil,
			[]string{"Recommended"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := &Experiment{Name: "checkout", Report: judge.Experiment(judge.Run{ID: "1", Zone: time.UTC}, c.observed)}
			page := rendered(t, shop(e))["experiments/checkout.html"]
			text := readable(page)
			if lead := readable(regexp.MustCompile(`(?s)<p class="lead.*?</p>`).FindString(page)); !strings.HasPrefix(lead, " "+c.lead) {
				t.Errorf("the page begins with%q", lead)
			}
			for _, words := range c.says {
				if !strings.Contains(text, words) {
					t.Errorf("the page does not say %q:\n%s", words, text)
				}
			}
			for _, words := range append(c.avoids, forbidden...) {
				if strings.Contains(text, words) {
					t.Errorf("the page says %q:\n%s", words, text)
				}
			}
		})
	}
}

// What is not to be acted on does not look as if it were.
func TestVerdictsOfTheUnhealthyHaveNoColour(t *testing.T) {
	r := trial("won", "control", "a")
	measured(r, "primary", "revenue", 0.1, 0.03, judge.Better)
	e := &Experiment{Name: "won", Report: r}
	if !strings.Contains(rendered(t, shop(e))["experiments/won.html"], `<span class="tone good"><a class="term"`) {
		t.Error("a better metric is not shown as good")
	}
	r.Health[0].Status = judge.Fail
	if strings.Contains(rendered(t, shop(e))["experiments/won.html"], `<span class="tone good"><a class="term"`) {
		t.Error("a metric of an experiment that fails a check is shown as good")
	}
}
