package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A layer is a place where settings of a metric are written.
type layer struct {
	name     string
	settings *project.MetricSettings
}

// settings merges the layers: the experiment's entry, else the metric, else the protocol, else the default.
func (b *builder) settings(e *Experiment, metric *Metric, entry *project.MetricEntry) Settings {
	protocol := &project.MetricSettings{CUPED: e.Protocol.Statistics.CUPED, Winsorize: e.Protocol.Statistics.Winsorize}
	r := &settingsReader{b: b, experiment: e, metric: metric, entry: entry, locked: lockedBy(e.Protocol.Decl),
		layers: []layer{{"experiment", &entry.Settings}}}
	if own := metric.Decl.Experiment; own != nil {
		r.layers = append(r.layers, layer{"metric", own})
	}
	r.layers = append(r.layers, layer{"protocol", protocol})
	r.window()
	r.outliers()
	r.cuped()
	r.mde()
	return r.merged
}

// A settingsReader merges the settings of one metric in one experiment.
type settingsReader struct {
	b          *builder
	experiment *Experiment
	metric     *Metric
	entry      *project.MetricEntry
	locked     map[string]diag.Span // settings that only the protocol may decide
	layers     []layer
	merged     Settings
}

// note keeps where a setting comes from, and refuses one that the protocol has locked.
func (r *settingsReader) note(setting, value, layer string, at diag.Span) {
	r.merged.Origins = append(r.merged.Origins, Origin{Setting: setting, Value: value, Layer: layer, Span: at})
	if lock, locked := r.locked[setting]; locked && layer != "protocol" {
		r.b.bag.Add(overrides(setting, at, lock))
	}
}

func (r *settingsReader) byDefault(setting, value string) {
	r.merged.Origins = append(r.merged.Origins, Origin{Setting: setting, Value: value, Layer: "default"})
}

// window takes start and end from one place: half a window from here and half from there would be nobody's. A retention metric's is
// a part of what it means, and so is that a unit counts once it is over.
func (r *settingsReader) window() {
	if retention, ok := r.metric.Spec.(*Retention); ok {
		r.ownWindow(retention)
		return
	}
	r.windowBounds()
	for _, l := range r.layers {
		m := l.settings.Mature
		if !m.IsSet() {
			continue
		}
		r.merged.Mature = m.V
		r.note("mature", strconv.FormatBool(m.V), l.name, m.Span)
		if readingSaw := l.name == "metric" && !l.settings.WindowEnd.IsSet(); m.V && r.merged.WindowEnd == nil && !readingSaw {
			r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: m.Span, Hint: "window: {end: 14 days}",
				Message: fmt.Sprintf("`%s` waits for the end of a window that has none", r.metric.Name)})
		}
		return
	}
	r.byDefault("mature", "false")
}

func (r *settingsReader) ownWindow(retention *Retention) {
	for _, l := range r.layers {
		if l.name == "metric" {
			continue // reading it has told
		}
		if s := l.settings; s.WindowStart.IsSet() || s.WindowEnd.IsSet() {
			r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: first(s.WindowStart, s.WindowEnd).Span,
				Message: fmt.Sprintf("`window` has no meaning for `%s`, a retention metric", r.metric.Name),
				Hint:    "use the metric's own `start` and `end`"})
		}
	}
	decl := r.metric.Decl
	value := decl.Start.V.String() + " to the end of the analysis"
	if decl.End.IsSet() {
		value = decl.Start.V.String() + " to " + decl.End.V.String()
	}
	r.merged.WindowStart, r.merged.WindowEnd, r.merged.Mature = retention.Start, retention.End, true
	r.note("window", value, "metric", decl.Start.Span)
	r.note("mature", "true", "metric", decl.Start.Span)
}

func (r *settingsReader) windowBounds() {
	for _, l := range r.layers {
		start, end := l.settings.WindowStart, l.settings.WindowEnd
		if !start.IsSet() && !end.IsSet() {
			continue
		}
		r.merged.WindowStart = r.b.fixed(start)
		from := or(start, project.Duration{Unit: project.Day}).String()
		value := from + " to the end of the analysis"
		if end.IsSet() {
			length := r.b.fixed(end)
			r.merged.WindowEnd = &length
			value = from + " to " + end.V.String()
		}
		r.note("window", value, l.name, first(start, end).Span)
		return
	}
	r.byDefault("window", "from exposure to the end of the analysis")
}

// fixed is a duration that is as long in any month.
func (b *builder) fixed(v project.Value[project.Duration]) time.Duration {
	if v.V.Unit == project.Month || v.V.Unit == project.Quarter || v.V.Unit == project.Year {
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: v.Span, Message: fmt.Sprintf("%ss differ in length", v.V.Unit),
			Hint: "count in weeks, days or shorter"})
	}
	return length(v.V)
}

// lengths are those of the units that have one.
var lengths = map[project.Unit]time.Duration{
	project.Nanosecond: time.Nanosecond, project.Microsecond: time.Microsecond, project.Millisecond: time.Millisecond,
	project.Second: time.Second, project.Minute: time.Minute, project.Hour: time.Hour, project.Day: 24 * time.Hour,
	project.Week: 7 * 24 * time.Hour,
}

func length(d project.Duration) time.Duration { return time.Duration(d.Count) * lengths[d.Unit] }

// outliers takes winsorize or cap from the first place that has either. A protocol's winsorize is for the metrics it suits.
func (r *settingsReader) outliers() {
	suits := cappable(r.metric)
	for _, l := range r.layers {
		w, c := l.settings.Winsorize, l.settings.Cap
		if w == nil && c == nil || l.name == "protocol" && !suits {
			continue
		}
		if w != nil {
			r.merged.Winsorize = &Winsorize{Lower: pointer(w.Lower), Upper: pointer(w.Upper), IgnoreZeros: w.IgnoreZeros.V}
			r.note("winsorize", bounds(w.Lower, w.Upper), l.name, w.Span)
			r.suit(suits, "winsorize", w.Span)
			return
		}
		r.merged.Cap = &Cap{Lower: pointer(c.Lower), Upper: pointer(c.Upper)}
		r.note("cap", bounds(c.Lower, c.Upper), l.name, c.Span)
		r.suit(suits, "cap", c.Span)
		return
	}
	r.byDefault("winsorize", "none")
}

// suit reports a setting that this kind of metric cannot have.
func (r *settingsReader) suit(suits bool, setting string, at diag.Span) {
	if !suits {
		r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: at, Hint: "leave it out",
			Message: fmt.Sprintf("`%s` does not suit `%s`, which is %s", setting, r.metric.Name, withArticle(kindOf(r.metric)))})
	}
}

func kindOf(m *Metric) string {
	if s, ok := m.Spec.(*Simple); ok {
		return string(s.Agg)
	}
	return string(m.Decl.Type.V) + " metric"
}

// cappable reports whether a metric has values per unit that a cap leaves comparable.
func cappable(m *Metric) bool {
	switch s := m.Spec.(type) {
	case *Simple:
		return additive[s.Agg] || s.Agg == project.Average || s.Agg == project.FirstValue || s.Agg == project.LastValue
	case *Ratio, *Conversion:
		return true
	case *Derived, *Threshold, *Retention, *Quantile, *Funnel, *Cumulative:
	}
	return false
}

// hasCovariate reports whether a metric has the same value per unit before assignment.
func hasCovariate(m *Metric) bool {
	switch s := m.Spec.(type) {
	case *Simple:
		return s.Time != nil && s.Agg != project.Median && s.Agg != project.Percentile
	case *Ratio, *Threshold:
		for _, leaf := range Leaves(m) {
			if leaf.Simple.Time == nil {
				return false
			}
		}
		return true
	case *Derived, *Retention, *Quantile, *Funnel, *Cumulative, *Conversion:
	}
	return false
}

// defaultLookback is the time before assignment that a covariate covers where none is written.
var defaultLookback = project.Duration{Count: 30, Unit: project.Day}

func (r *settingsReader) cuped() {
	for _, l := range r.layers {
		c := l.settings.CUPED
		if c == nil {
			continue
		}
		if c.Off {
			r.note("cuped", "false", l.name, c.Span)
			return
		}
		covariates := r.covariates(l, c)
		if covariates == nil && l.name == "protocol" {
			continue // it is for the metrics that it suits
		}
		r.merged.CUPED = &CUPED{Lookback: length(defaultLookback), Covariates: covariates,
			Choose: c.All() && takesCovariates(r.metric)}
		if c.Lookback.IsSet() {
			r.merged.CUPED.Lookback = r.b.fixed(c.Lookback)
		}
		r.note("cuped", or(c.Lookback, defaultLookback).String()+" before"+others(covariates, r.metric), l.name, c.Span)
		return
	}
	r.byDefault("cuped", "false")
}

// others names the covariates besides the metric's own.
func others(covariates []Covariate, own *Metric) string {
	var names []string
	for _, c := range covariates {
		if c.Metric != own {
			names = append(names, c.Name)
		}
	}
	if names == nil {
		return ""
	}
	return ", with " + strings.Join(names, ", ")
}

func whyNoCovariate(m *Metric) string {
	for _, leaf := range Leaves(m) {
		if leaf.Simple.Time == nil {
			return fmt.Sprintf("the rows of `%s` have no time", leaf.Simple.Table.Name)
		}
	}
	return "it is " + withArticle(kindOf(m))
}

func (r *settingsReader) mde() {
	for _, l := range r.layers {
		if v := l.settings.MDE; v.IsSet() {
			r.merged.MDE = &v.V
			r.note("mde", percent(v.V), l.name, v.Span)
			return
		}
	}
	r.byDefault("mde", "none")
}

func percent(v float64) string { return strconv.FormatFloat(100*v, 'g', 6, 64) + "%" }

func pointer(v project.Value[float64]) *float64 {
	if !v.IsSet() {
		return nil
	}
	return &v.V
}

func bounds(lower, upper project.Value[float64]) string {
	var parts []string
	if lower.IsSet() {
		parts = append(parts, "lower "+strconv.FormatFloat(lower.V, 'g', -1, 64))
	}
	if upper.IsSet() {
		parts = append(parts, "upper "+strconv.FormatFloat(upper.V, 'g', -1, 64))
	}
	return strings.Join(parts, ", ")
}
