package model

import (
	"fmt"
	"slices"
	"time"

	"assay/compiler/project"
	"assay/internal/diag"
)

func (b *builder) buildExperiments() {
	b.checkDefaults()
	taken := map[string]bool{}
	for _, decl := range b.Project.Experiments {
		if taken[decl.Name.V] {
			continue // reading has reported the second
		}
		taken[decl.Name.V] = true
		if e := b.experiment(withDefaults(decl, b.Project.Defaults)); e != nil {
			b.Experiments = append(b.Experiments, e)
		}
	}
	b.checkUnread()
}

// checkDefaults looks up the names in the project's defaults, also where every experiment has its own.
func (b *builder) checkDefaults() {
	defaults := b.Project.Defaults
	if defaults == nil {
		return
	}
	b.protocolDecl(defaults)
	b.logsOf(defaults)
	for _, m := range entries(defaults) {
		b.entryMetric(m)
	}
}

// Experiment finds an experiment by name.
func (m *Model) Experiment(name string) (*Experiment, bool) {
	for _, e := range m.Experiments {
		if e.Name == name {
			return e, true
		}
	}
	return nil, false
}

// experiment is nil where the experiment has a mistake.
func (b *builder) experiment(decl *project.Experiment) *Experiment {
	before := b.bag.Errors()
	e := &Experiment{
		Name: decl.Name.V, Decl: decl, Logs: b.logsOf(decl), Key: or(decl.Key, decl.Name.V),
		Start: decl.Start.V.Time, End: decl.End.V.Time, Protocol: b.protocol(decl),
	}
	e.Phases = b.phases(decl)
	e.Variants = allocated(decl, e.Phases)
	align(e.Phases, e.Variants)
	e.Control, e.Controls = controls(decl)
	e.Exposures = b.exposures(e)
	if len(e.Logs) == 0 {
		return nil // reported; without a log there is no unit to speak of
	}
	e.Entity = e.Logs[0].Decl.Entity.V
	b.units(e)
	e.Trigger = b.trigger(e)
	e.Entry = b.entry(e)
	b.uses(e)
	b.checkRequired(e)
	b.checkStart(e)
	b.checkPlan(e)
	e.ObserveUntil = observeUntil(e)
	if b.bag.Errors() > before {
		return nil
	}
	return e
}

func (b *builder) logsOf(decl *project.Experiment) []*Log {
	var found []*Log
	for _, name := range decl.Assignments {
		l, ok := b.logs[name.V]
		if !ok {
			b.unknownLog(name)
			continue
		}
		if len(found) > 0 && found[0].Decl.Entity.V != l.Decl.Entity.V {
			b.bag.Add(diag.Diagnostic{Code: codeEntity, Span: name.Span,
				Message: fmt.Sprintf("the units of `%s` are `%s`, those of `%s` are `%s`",
					name.V, l.Decl.Entity.V, found[0].Decl.Name.V, found[0].Decl.Entity.V),
				Notes: []diag.Note{{Message: "declared here", Span: l.Decl.Entity.Span}}})
		}
		if len(found) > 0 {
			b.checkSameClusters(name, found[0].Decl, l.Decl)
		}
		found = append(found, l)
	}
	return found
}

// checkSameClusters refuses logs of one experiment of which one knows its units' clusters and the other does not.
func (b *builder) checkSameClusters(name project.Name, first, other *project.Assignments) {
	with, without := first, other
	if other.Cluster.IsSet() {
		with, without = other, first
	}
	if !with.Cluster.IsSet() || without.Cluster.IsSet() {
		return
	}
	b.bag.Add(diag.Diagnostic{Code: codeExperiment, Span: name.Span,
		Message: fmt.Sprintf("the units of `%s` are in clusters, and those of `%s` are not", with.Name.V, without.Name.V),
		Hint:    fmt.Sprintf("add a `cluster` to the columns of `%s`", without.Name.V),
		Notes:   []diag.Note{{Message: "the cluster is declared here", Span: with.Cluster.Span}}})
}

// unknownLog reports a name that is no assignments'; not one whose own mistakes are reported.
func (b *builder) unknownLog(name project.Name) {
	var known []string
	for _, a := range b.Project.Assignments {
		known = append(known, a.Name.V)
	}
	if !slices.Contains(known, name.V) {
		b.missing(codeExperiment, "log of assignments", name, known)
	}
}

// shares are the variants with weights that add up to one.
func shares(decl []project.Variant) []Variant {
	sum := 0.0
	for _, v := range decl {
		sum += weight(v)
	}
	variants := make([]Variant, len(decl))
	for i, v := range decl {
		variants[i] = Variant{Name: v.Name.V, Label: or(v.Label, v.Name.V), Value: or(v.Value, v.Name.V), Share: weight(v) / sum}
	}
	return variants
}

func weight(v project.Variant) float64 {
	if v.Form == project.EqualWeights {
		return 1
	}
	return v.Weight.V
}

// controls are the baseline and any further controls; by default the variant of that name is the baseline.
func controls(decl *project.Experiment) (baseline string, others []string) {
	if len(decl.Controls) == 0 {
		return "control", nil
	}
	for _, c := range decl.Controls[1:] {
		others = append(others, c.V)
	}
	return decl.Controls[0].V, others
}

func (b *builder) exposures(e *Experiment) ExposurePolicy {
	policy := e.Decl.MultipleExposures
	if e.Protocol.Decl != nil {
		policy = first(policy, e.Protocol.Decl.MultipleExposures)
	}
	return ExposurePolicy(or(policy, string(ExcludeMultiple)))
}

// observeUntil is the declared end of observation, else when the longest window of the last unit closes; zero while it runs.
func observeUntil(e *Experiment) (until time.Time) {
	if d := e.Decl.ObserveUntil; d.IsSet() {
		return d.V.Time
	}
	if e.End.IsZero() {
		return e.End
	}
	until = e.End
	for _, use := range e.Metrics {
		if end := use.Settings.WindowEnd; end != nil && e.End.Add(*end).After(until) {
			until = e.End.Add(*end)
		}
	}
	return until
}

// checkRequired holds an experiment to what its protocol asks for.
func (b *builder) checkRequired(e *Experiment) {
	p := e.Protocol.Decl
	if p == nil {
		return
	}
	written := fields(e.Decl)
	for _, name := range p.RequireFields {
		if set, known := written[name.V]; known && !set {
			b.bag.Add(diag.Diagnostic{Code: codeMissing, Span: e.Decl.Name.Span,
				Message: fmt.Sprintf("the protocol `%s` requires `%s`, and `%s` has none", p.Name.V, name.V, e.Name),
				Hint:    fmt.Sprintf("add `%s: …`", name.V),
				Notes:   []diag.Note{{Message: "required here", Span: name.Span}}})
		}
	}
	b.checkLimit(e, p.LimitPrimary, e.Decl.Primary, "primary metric")
	b.checkLimit(e, p.LimitMetrics, entries(e.Decl), "metric")
}

func (b *builder) checkLimit(e *Experiment, limit project.Value[int64], list []*project.MetricEntry, what string) {
	if !limit.IsSet() || int64(len(list)) <= limit.V {
		return
	}
	b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: list[limit.V].Span,
		Message: fmt.Sprintf("`%s` has %d %ss, and its protocol allows %d", e.Name, len(list), what, limit.V),
		Hint:    "leave some out, or choose another protocol",
		Notes:   []diag.Note{{Message: "limited here", Span: limit.Span}}})
}

// checkStart asks for a start where units have no time of their own and facts do.
func (b *builder) checkStart(e *Experiment) {
	if !e.Start.IsZero() {
		return
	}
	for _, l := range e.Logs {
		if l.Time != nil {
			continue
		}
		if timed := timedMetric(e); timed != "" {
			b.bag.Add(diag.Diagnostic{Code: codeMissing, Span: e.Decl.Name.Span,
				Message: fmt.Sprintf("`%s` needs a `start`: `%s` has no time, and the facts of `%s` have", e.Name, l.Decl.Name.V, timed),
				Hint:    "start: 2026-01-31",
				Notes:   []diag.Note{{Message: "these assignments have no `time` among their columns", Span: l.Decl.Name.Span}}})
			return
		}
	}
}

// timedMetric is the first metric whose facts have a time; "" for none.
func timedMetric(e *Experiment) string {
	for _, use := range e.Metrics {
		for _, leaf := range Leaves(use.Metric) {
			if leaf.Simple.Time != nil {
				return use.Name
			}
		}
	}
	return ""
}

// withDefaults is the experiment with the project's defaults for what it does not say.
func withDefaults(e, defaults *project.Experiment) *project.Experiment {
	if defaults == nil {
		return e
	}
	merged := *e
	merged.Hypothesis = first(e.Hypothesis, defaults.Hypothesis)
	merged.Owner = first(e.Owner, defaults.Owner)
	merged.Epic = first(e.Epic, defaults.Epic)
	merged.Layer = first(e.Layer, defaults.Layer)
	merged.Key = first(e.Key, defaults.Key)
	merged.Start, merged.End = first(e.Start, defaults.Start), first(e.End, defaults.End)
	merged.ObserveUntil = first(e.ObserveUntil, defaults.ObserveUntil)
	merged.Protocol = first(e.Protocol, defaults.Protocol)
	merged.MultipleExposures = first(e.MultipleExposures, defaults.MultipleExposures)
	merged.Tags = firstList(e.Tags, defaults.Tags)
	merged.Assignments = firstList(e.Assignments, defaults.Assignments)
	merged.Variants = firstList(e.Variants, defaults.Variants)
	merged.Controls = firstList(e.Controls, defaults.Controls)
	merged.Primary = firstList(e.Primary, defaults.Primary)
	merged.Secondary = firstList(e.Secondary, defaults.Secondary)
	merged.Guardrails = firstList(e.Guardrails, defaults.Guardrails)
	merged.Explore = firstList(e.Explore, defaults.Explore)
	merged.Dimensions = firstList(e.Dimensions, defaults.Dimensions)
	merged.Statistics = firstOf(e.Statistics, defaults.Statistics)
	merged.Trigger, merged.Entry = firstOf(e.Trigger, defaults.Trigger), firstOf(e.Entry, defaults.Entry)
	merged.Decision = firstOf(e.Decision, defaults.Decision)
	if len(e.Variants) == 0 { // variants of its own are its whole allocation
		merged.Phases = firstList(e.Phases, defaults.Phases)
	}
	if e.Population.IsZero() {
		merged.Population = defaults.Population
	}
	return &merged
}

// fields tells which keys of an experiment are written, among those a protocol may require.
func fields(e *project.Experiment) map[string]bool {
	return map[string]bool{
		"hypothesis": e.Hypothesis.IsSet(), "owner": e.Owner.IsSet(), "epic": e.Epic.IsSet(), "layer": e.Layer.IsSet(),
		"key": e.Key.IsSet(), "start": e.Start.IsSet(), "end": e.End.IsSet(), "observe_until": e.ObserveUntil.IsSet(),
		"tags": len(e.Tags) > 0, "control": len(e.Controls) > 0, "protocol": e.Protocol.IsSet(),
		"population": !e.Population.IsZero(), "metrics": len(entries(e)) > 0, "dimensions": len(e.Dimensions) > 0,
		"decision": e.Decision != nil, "trigger": e.Trigger != nil, "entry": e.Entry != nil, "statistics": e.Statistics != nil,
		"assignments": len(e.Assignments) > 0, "variants": len(e.Variants) > 0, "phases": len(e.Phases) > 0,
		"multiple_exposures": e.MultipleExposures.IsSet(),
	}
}

// entries are the metrics of an experiment in the order of their roles.
func entries(e *project.Experiment) []*project.MetricEntry {
	var all []*project.MetricEntry
	for _, list := range [][]*project.MetricEntry{e.Primary, e.Secondary, e.Guardrails, e.Explore} {
		all = append(all, list...)
	}
	return all
}
