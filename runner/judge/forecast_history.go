package judge

import (
	"fmt"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/internal/diag"
)

// covered are the rehearsals that begin no earlier than anything is known of those who enter.
func covered(rehearsals []Rehearsal) []Rehearsal {
	if len(rehearsals) == 0 {
		return nil
	}
	daily := rehearsals[len(rehearsals)-1].Observed.Exposures.Daily
	if len(daily) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(rehearsals), func(r Rehearsal) bool {
		return r.Observed.Experiment.Start.Before(daily[0].Day)
	})
}

// withFacts are the rehearsals for which there are facts: one that begins a week or more before a model's oldest row would count weeks
// in which nobody did anything. The shortest stays, since it may be that nobody did.
func (p *planner) withFacts(rehearsals []Rehearsal) []Rehearsal {
	longest, kept := rehearsals[len(rehearsals)-1].Observed, slices.Clone(rehearsals)
	begun := longest.Experiment.Start
	for _, m := range longest.Metrics {
		for _, f := range m.Facts {
			switch c := m.Use.Settings.CUPED; {
			case begunBefore(f, begun):
				kept = slices.DeleteFunc(kept, func(r Rehearsal) bool {
					return r.Days > rehearsals[0].Days && begunBefore(f, r.Observed.Experiment.Start)
				})
				p.reportOnce(m.Use, f, "the weeks before are left out")
			case c != nil && begunBefore(f, begun.Add(-c.Lookback)):
				p.reportOnce(m.Use, f, "covariates that look further back explain less here than they will")
			}
		}
	}
	return kept
}

// begunBefore reports whether a time is a week or more before a model's oldest row.
func begunBefore(f plan.Facts, t time.Time) bool {
	return !f.Oldest.IsZero() && !f.Oldest.Before(t.AddDate(0, 0, recentDays))
}

// reportOnce says at the first metric that reads a model how far back it goes, and what comes of it.
func (p *planner) reportOnce(use *model.MetricUse, f plan.Facts, then string) {
	d := diag.Diagnostic{Code: "short-history", Severity: diag.Warning, Span: use.Decl.Metric.Span, Message: fmt.Sprintf(
		"the oldest row of `%s` that counts is of %s: %s", f.Model, f.Oldest.In(p.run.Zone).Format(time.DateOnly), then)}
	if !slices.ContainsFunc(p.forecast.Problems, func(o diag.Diagnostic) bool { return o.Message == d.Message }) {
		p.report(d)
	}
}

func withoutHistory(x *model.Experiment, weeks int) diag.Diagnostic {
	if x.Entry != nil {
		return diag.Diagnostic{Code: "no-history", Span: x.Decl.Entry.Model.Span, Message: fmt.Sprintf(
			"no unit would have entered `%s` in a whole week of the %d before: `%s` has no row for it", x.Name, weeks, x.Decl.Entry.Model.V),
			Hint: "ask for a time with data by --as-of, or look at the filter and at the experiment's population and trigger"}
	}
	why := fmt.Sprintf("have no rows in a whole week of the %d before", weeks)
	if weeks == 0 {
		why = "have no time"
	}
	return diag.Diagnostic{Code: "no-history", Span: x.Decl.Name.Span,
		Message: fmt.Sprintf("nothing says who would enter `%s`: its assignments %s", x.Name, why),
		Hint:    "name the rows that show it: entry: {model: page_views, filter: page = 'checkout'}"}
}

func withoutUnits(x *model.Experiment) diag.Diagnostic {
	return diag.Diagnostic{Code: "no-history", Span: x.Decl.Start.Span, Message: fmt.Sprintf("`%s` has begun, and no unit has entered it", x.Name),
		Hint: "to plan it on history, ask as of its start by --as-of"}
}
