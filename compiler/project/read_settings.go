package project

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

func (d *decoder) metricExperiment(m *Metric) func(entry) {
	return func(e entry) {
		s := &MetricSettings{Span: d.span(e)}
		if d.mapping(e, "experiment block", d.settingsFields(s)...) {
			d.checkSettings(s)
			if s.Mature.V && !d.writesWindowEnd(e) { // an experiment's entry may rely on its metric's window
				d.failAt(s.Mature.Span, codeConflict, "give one: window: {end: 14 days}",
					"`mature` waits for the window's end, and there is none")
			}
			m.Experiment = s
		}
	}
}

// writesWindowEnd reports whether a block has an end of its window, be it a wrong one, which is reported.
func (d *decoder) writesWindowEnd(e entry) bool {
	window, ok := d.lookup(e, "window")
	return ok && (!window.is(yaml.MappingNode) || d.hasAny(window, "end"))
}

// checkWindow refuses the window of a metric that has one of its own.
func (m *Metric) checkWindow(bag *diag.Bag) {
	if m.Type.V == Retention && m.Experiment != nil && (m.Experiment.WindowStart.IsSet() || m.Experiment.WindowEnd.IsSet()) {
		bag.Add(diag.Diagnostic{Code: codeConflict, Span: settingsWindow(m.Experiment), Hint: "use the metric's own `start` and `end`",
			Message: "`window` has no meaning for a retention metric"})
	}
}

func settingsWindow(s *MetricSettings) diag.Span {
	if s.WindowStart.IsSet() {
		return s.WindowStart.Span
	}
	return s.WindowEnd.Span
}

// settingsFields are the keys of a metric's behaviour per experimental unit.
func (d *decoder) settingsFields(s *MetricSettings) []field {
	return []field{
		{"window", d.windowInto(s)},
		{"mature", into(d, &s.Mature, d.boolean)},
		{"winsorize", d.winsorizeInto(&s.Winsorize)},
		{"cap", d.capInto(&s.Cap)},
		{"cuped", d.cupedInto(&s.CUPED)},
		{"mde", into(d, &s.MDE, d.change)},
	}
}

func (d *decoder) windowInto(s *MetricSettings) func(entry) {
	return func(e entry) {
		d.mapping(e, "window",
			field{"start", into(d, &s.WindowStart, d.duration)},
			field{"end", into(d, &s.WindowEnd, d.someDuration)},
		)
	}
}

func (d *decoder) winsorizeInto(to **Winsorize) func(entry) {
	return func(e entry) {
		w := &Winsorize{Span: d.span(e)}
		if !d.mapping(e, "winsorize",
			field{"lower", into(d, &w.Lower, d.quantile)},
			field{"upper", into(d, &w.Upper, d.quantile)},
			field{"ignore_zeros", into(d, &w.IgnoreZeros, d.boolean)},
		) {
			return
		}
		if w.Upper.IsSet() && w.Upper.V == 0 {
			d.failAt(w.Upper.Span, codeValue, "0.99 caps the largest hundredth of the units", "`upper` of 0 leaves every unit the least value")
		}
		d.checkBounds(e, w.Lower, w.Upper)
		*to = w
	}
}

func (d *decoder) capInto(to **Cap) func(entry) {
	return func(e entry) {
		c := &Cap{Span: d.span(e)}
		if !d.mapping(e, "cap",
			field{"lower", into(d, &c.Lower, d.number)},
			field{"upper", into(d, &c.Upper, d.number)},
		) {
			return
		}
		if c.Upper.IsSet() && c.Upper.V < 0 {
			d.failAt(c.Upper.Span, codeValue, "write 0 or more", "`upper` should not be below 0, which units without facts have")
		}
		d.checkBounds(e, c.Lower, c.Upper)
		*to = c
	}
}

func (d *decoder) checkBounds(e entry, lower, upper Value[float64]) {
	switch {
	case lower.IsSet() && upper.IsSet() && lower.V >= upper.V:
		d.failAt(upper.Span, codeConflict, "swap the two, or leave one out", "`upper` should be above `lower`, which is %g", lower.V)
	case !d.hasAny(e, "lower", "upper"):
		d.fail(e, codeMissing, fmt.Sprintf("%s: {upper: …}", e.key()), "`%s` needs `upper`, `lower` or both", e.key())
	}
}

// cupedInto reads `cuped: false`, or a mapping.
func (d *decoder) cupedInto(to **CUPED) func(entry) {
	return func(e entry) {
		c := &CUPED{Span: d.span(e)}
		switch {
		case e.is(yaml.ScalarNode) && e.ShortTag() == "!!bool":
			on, _ := d.boolean(e)
			c.Off = !on
			if on {
				d.fail(e, codeType, "cuped: {lookback: 30 days, covariates: own}", "`cuped` needs to know how far to look back")
			}
		case !d.mapping(e, "cuped",
			field{"lookback", into(d, &c.Lookback, d.someDuration)},
			field{"covariates", d.covariatesInto(&c.Covariates)},
		):
			return
		}
		*to = c
	}
}

func (d *decoder) covariatesInto(to *[]Name) func(entry) {
	return func(e entry) {
		d.namesInto(to, "covariates of this metric")(e)
		for _, name := range *to {
			if name.V == "all" && len(*to) > 1 {
				d.failAt(name.Span, codeConflict, "covariates: all, or a list without it", "`all` stands alone")
			}
		}
	}
}

// checkSettings checks what concerns several settings of one block.
func (d *decoder) checkSettings(s *MetricSettings) {
	if s.WindowStart.IsSet() && s.WindowEnd.IsSet() && !longer(s.WindowEnd.V, s.WindowStart.V) {
		d.failAt(s.WindowEnd.Span, codeDates, "write more than "+s.WindowStart.V.String(), "the window should end after it starts, at %s", s.WindowStart.V)
	}
	if s.Winsorize != nil && s.Cap != nil {
		d.bag.Add(diag.Diagnostic{
			Code: codeConflict, Span: s.Cap.Span, Message: "a metric is capped at quantiles or at numbers, not both",
			Hint:  "keep one of them",
			Notes: []diag.Note{{Message: "winsorize is here", Span: s.Winsorize.Span}},
		})
	}
}
