package judge

import (
	"cmp"
	"fmt"
	"strings"

	"assay/compiler/model"
	"assay/compiler/project"
)

// A deliberation holds a variant's rows against rules: its deciding results over all units, and the experiment's health.
type deliberation struct {
	evidence
	results []ResultRow
	health  []HealthRow
	labels  labels
}

// labels are what reasons call metrics and variants, by their names.
type labels struct{ metrics, variants map[string]string }

func (e evidence) labels() labels {
	l := labels{metrics: map[string]string{}, variants: map[string]string{}}
	for _, m := range e.Metrics {
		l.metrics[m.Use.Name] = cmp.Or(strings.TrimSpace(m.Use.Metric.Decl.Label.V), m.Use.Name)
	}
	for _, v := range e.Observed.Experiment.Variants {
		l.variants[v.Name] = cmp.Or(v.Label, v.Name)
	}
	return l
}

// undecidable is what to do where no rule holds.
const undecidable = project.Discuss

func (d deliberation) recommend(rules []model.Rule) (recommendation project.Recommendation, rule *string, reasons []string) {
	for _, r := range rules {
		if r.When == nil {
			return r.Recommend, &r.Text, d.standings()
		}
		if holds, reasons := d.weigh(r.When); holds {
			return r.Recommend, &r.Text, reasons
		}
	}
	return undecidable, nil, append([]string{"no rule of the protocol holds"}, d.standings()...)
}

// standings are where the primary metrics are.
func (d deliberation) standings() []string {
	var reasons []string
	for _, row := range d.of(model.Primary) {
		reasons = append(reasons, d.standing(row))
	}
	if len(reasons) == 0 {
		return []string{"no metric is primary"}
	}
	return reasons
}

// of a role.
func (d deliberation) of(role model.Role) []ResultRow {
	var rows []ResultRow
	for _, row := range d.results {
		if row.Role == string(role) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (d deliberation) standing(row ResultRow) string {
	metric, variant := d.labels.metrics[row.Metric], d.labels.variants[row.Variant]
	if row.Verdict == nil {
		return fmt.Sprintf("%s has no answer with %s", metric, variant)
	}
	return fmt.Sprintf("%s is %s with %s", metric, words(string(*row.Verdict)), variant)
}

// words are a term of the tables as people write it.
func words(term string) string { return strings.ReplaceAll(term, "_", "-") }

// weigh reports whether a condition holds, and if so why.
func (d deliberation) weigh(c model.Condition) (holds bool, reasons []string) {
	switch c := c.(type) {
	case model.Every:
		return d.every(c)
	case model.Either:
		return d.either(c)
	case model.Verdicts:
		return d.verdicts(c)
	case model.Checks:
		return d.checks(c)
	case model.BeforeMinimum:
		reasons = d.lacking()
		return len(reasons) > 0, reasons
	case model.Progress:
		return d.progress(c)
	default:
		panic(fmt.Sprintf("no rule reads a %T", c))
	}
}

func (d deliberation) every(c model.Every) (holds bool, reasons []string) {
	for _, part := range c.Conditions {
		holds, why := d.weigh(part)
		if !holds {
			return false, nil
		}
		reasons = append(reasons, why...)
	}
	return true, reasons
}

func (d deliberation) either(c model.Either) (holds bool, reasons []string) {
	for _, part := range c.Conditions {
		if held, why := d.weigh(part); held {
			holds, reasons = true, append(reasons, why...)
		}
	}
	return holds, reasons
}

func (d deliberation) verdicts(c model.Verdicts) (holds bool, reasons []string) {
	rows := d.of(c.Role)
	var lenient []string
	for _, row := range rows {
		if row.Verdict == nil || string(*row.Verdict) != c.Verdict {
			continue
		}
		reasons = append(reasons, d.standing(row))
		if *row.Verdict == NonInferior && row.Margin == nil {
			lenient = append(lenient, d.labels.metrics[row.Metric]+" has no margin, so that it passes "+d.lenience())
		}
	}
	holds, reasons = quantified(c.Quantifier, reasons, len(rows), string(c.Role)+" metric", "is "+words(c.Verdict))
	return holds, append(reasons, lenient...)
}

// lenience is when a guardrail without a margin passes: an interval that is open to the bad side never shows harm.
func (d deliberation) lenience() string {
	if d.Observed.Experiment.Protocol.Sides == oneSided {
		return "whatever happens: a one-sided test never shows harm"
	}
	return "until harm is shown"
}

// outcomes are what a check has done that has a status.
var outcomes = map[HealthStatus]string{Pass: "passed", Warn: "warned", Fail: "failed"}

func (d deliberation) checks(c model.Checks) (holds bool, reasons []string) {
	status := HealthStatus(c.Status)
	for _, row := range d.health {
		if row.Status == status {
			reasons = append(reasons, strings.Join(append([]string{row.CheckName, outcomes[status]}, row.subject()...), " "))
		}
	}
	return quantified(c.Quantifier, reasons, len(d.health), "check", "has "+outcomes[status])
}

// subject is what a row is about.
func (r HealthRow) subject() []string {
	switch {
	case r.Metric != nil:
		return []string{"for", *r.Metric}
	case r.Dimension != nil:
		return []string{"for", *r.Dimension}
	default:
		return nil
	}
}

// quantified is any or all of so many things, of which those with reasons are what was asked for.
func quantified(q model.Quantifier, reasons []string, all int, thing, is string) (bool, []string) {
	switch {
	case q == model.Any:
		return len(reasons) > 0, reasons
	case len(reasons) < all:
		return false, nil
	case all == 0:
		return true, []string{"there is no " + thing}
	default:
		return true, []string{"every " + thing + " " + is}
	}
}
