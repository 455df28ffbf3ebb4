package project

import (
	"fmt"
	"slices"

	"assay/internal/diag"
)

// checkExperiment checks what concerns several keys of one experiment, some of which may come from the defaults.
func (d *decoder) checkExperiment(e entry, x *Experiment) {
	defaults := &Experiment{}
	if d.project.Defaults != nil {
		defaults = d.project.Defaults
	}
	d.checkDates(x)
	d.checkMetricNames(x)
	hasDefaults := !slices.Contains(d.project.Unread, projectFile)
	if hasDefaults && len(defaults.Assignments) == 0 && !d.hasAny(e, "assignments") {
		d.failAt(d.headline(e), codeMissing, "name the log of who got which variant", "an experiment needs `assignments`")
	}
	if hasDefaults && len(defaults.Variants) == 0 && len(defaults.Phases) == 0 && !d.hasAny(e, "variants", "phases") {
		d.failAt(d.headline(e), codeMissing, "variants: {control: 50%, treatment: 50%}", "an experiment needs `variants`")
	}
	variants, controls := x.Variants, x.Controls
	if len(variants) == 0 {
		variants = defaults.Variants
	}
	if len(controls) == 0 {
		controls = defaults.Controls
	}
	d.checkControls(x, variants, controls)
}

func (d *decoder) checkControls(x *Experiment, variants []Variant, controls []Name) {
	if len(variants) == 0 {
		return
	}
	names := make([]string, len(variants))
	known := map[string]bool{}
	for i, v := range variants {
		names[i], known[v.Name.V] = v.Name.V, true
	}
	if len(controls) == 0 && !known["control"] {
		d.failAt(variants[0].Name.Span, codeVariants, "say `control: "+names[0]+"`",
			"no variant is called `control`, so `control` should name one")
	}
	seen := newNames(d.bag, "controls")
	for _, c := range controls {
		seen.add(c)
		if !known[c.V] {
			d.failAt(c.Span, codeVariants, allowedHint(c.V, names), "there is no variant `%s`", c.V)
		}
	}
	if len(variants) > 1 && len(controls) >= len(variants) {
		d.failAt(controls[0].Span, codeVariants, "leave out what is compared with the first", "every variant is a control")
	}
	for _, phase := range x.Phases {
		for _, v := range phase.Variants {
			if !known[v.Name.V] {
				d.failAt(v.Name.Span, codeVariants, allowedHint(v.Name.V, names), "there is no variant `%s`", v.Name.V)
			}
		}
	}
}

func (d *decoder) checkDates(x *Experiment) {
	d.inOrder("start", x.Start, "end", x.End)
	d.inOrder("start", x.Start, "observe_until", x.ObserveUntil)
	d.checkPhaseDates(x)
	d.notBefore("end", x.End, "observe_until", x.ObserveUntil)
	if x.Decision != nil {
		d.inOrder("start", x.Start, "date", x.Decision.Date)
	}
}

func (d *decoder) checkPhaseDates(x *Experiment) {
	for i, phase := range x.Phases {
		from := phase.From
		if i == 0 {
			d.notBefore("start", x.Start, "from", from)
		} else {
			d.inOrder("from", x.Phases[i-1].From, "from", from)
		}
		if from.IsSet() && x.End.IsSet() && !from.V.Time.Before(x.End.V.Time) {
			d.misdated(from.Span, "`from` should be before `end`", "end", x.End.Span)
		}
	}
}

// inOrder reports two dates of which the later is not after the earlier.
func (d *decoder) inOrder(first string, earlier Value[Moment], second string, later Value[Moment]) {
	if later.IsSet() && earlier.IsSet() && !later.V.Time.After(earlier.V.Time) {
		d.misdated(later.Span, fmt.Sprintf("`%s` should be after `%s`", second, first), first, earlier.Span)
	}
}

// notBefore reports a date that is before an earlier one; the two may be the same.
func (d *decoder) notBefore(first string, earlier Value[Moment], second string, later Value[Moment]) {
	if later.IsSet() && earlier.IsSet() && later.V.Time.Before(earlier.V.Time) {
		d.misdated(later.Span, fmt.Sprintf("`%s` should not be before `%s`", second, first), first, earlier.Span)
	}
}

func (d *decoder) misdated(span diag.Span, message, other string, otherSpan diag.Span) {
	d.bag.Add(diag.Diagnostic{
		Code: codeDates, Span: span, Message: message,
		Notes: []diag.Note{{Message: fmt.Sprintf("`%s` is here", other), Span: otherSpan}},
	})
}

// checkMetricNames finds a metric that is in an experiment twice without a name of its own.
func (d *decoder) checkMetricNames(x *Experiment) {
	seen := newNames(d.bag, "metrics of this experiment")
	for _, list := range [][]*MetricEntry{x.Primary, x.Secondary, x.Guardrails, x.Explore} {
		for _, m := range list {
			if m.As.IsSet() {
				seen.add(m.As)
			} else {
				seen.add(m.Metric)
			}
		}
	}
}
