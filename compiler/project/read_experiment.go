package project

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

func (d *decoder) assignments(e entry) {
	a := &Assignments{Span: d.span(e)}
	fields := []field{
		{"name", into(d, &a.Name, d.identifier)},
		{"relation", into(d, &a.Source.Relation, d.relation)},
		{"sql", d.sqlInto(&a.Source.SQL)},
		{"file", d.fileInto(&a.Source.File)},
		{"model", into(d, &a.Source.Model, d.word)},
		{"filter", d.filterInto(&a.Filter)},
		{"timezone", into(d, &a.Timezone, d.zone)},
		{"entity", into(d, &a.Entity, d.word)},
		{"columns", d.assignmentColumns(a)},
		{"dimensions", d.namesInto(&a.Dimensions, "dimensions of these assignments")},
		{key: "description"},
	}
	if d.hasAny(e, "kind") {
		fields = append(fields, accepted("kind", "unit", "starts", "ends", "burn_in", "burn_out")...)
	}
	if !d.mapping(e, "assignments", fields...) {
		return
	}
	d.named(e, "assignments", a.Name)
	d.need(e, "assignments", "entity", "columns")
	d.oneSource(e, "assignments", a.Name, "relation", "sql", "file", "model")
	d.project.Assignments = append(d.project.Assignments, a)
}

func (d *decoder) assignmentColumns(a *Assignments) func(entry) {
	return func(e entry) {
		if d.mapping(e, "assignment columns",
			field{"unit", into(d, &a.Unit, d.word)},
			field{"time", into(d, &a.Time, d.word)},
			field{"experiment", into(d, &a.Experiment, d.word)},
			field{"variant", into(d, &a.Variant, d.word)},
			field{"cluster", into(d, &a.Cluster, d.word)},
			field{"stratum", into(d, &a.Stratum, d.word)},
		) {
			d.need(e, "assignment columns", "unit", "variant")
		}
	}
}

func (d *decoder) experiment(e entry) {
	x := &Experiment{Span: d.span(e)}
	fields := append([]field{{"name", into(d, &x.Name, d.identifier)}}, d.experimentFields(x)...)
	if !d.mapping(e, "experiment", fields...) {
		return
	}
	d.named(e, "experiment", x.Name)
	d.checkExperiment(e, x)
	d.project.Experiments = append(d.project.Experiments, x)
}

// defaults are any keys of an experiment but its name.
func (d *decoder) defaults(e entry) {
	x := &Experiment{Span: d.span(e)}
	if d.mapping(e, "experiment", d.experimentFields(x)...) {
		d.project.Defaults = x
	}
}

func (d *decoder) experimentFields(x *Experiment) []field {
	return []field{
		{key: "description"},
		{"hypothesis", placed(d, &x.Hypothesis, d.scalar)},
		{"owner", placed(d, &x.Owner, d.scalar)},
		{"tags", listInto(d, &x.Tags, d.word)},
		{"epic", placed(d, &x.Epic, d.scalar)},
		{"layer", placed(d, &x.Layer, d.scalar)},
		{"assignments", d.namesInto(&x.Assignments, "assignments of this experiment")},
		{"key", into(d, &x.Key, d.prose)},
		{"start", into(d, &x.Start, d.moment)},
		{"end", into(d, &x.End, d.moment)},
		{"observe_until", into(d, &x.ObserveUntil, d.moment)},
		{"variants", func(e entry) { x.Variants = d.variants(e) }},
		{"control", listInto(d, &x.Controls, d.prose)},
		{"protocol", into(d, &x.Protocol, d.word)},
		{"population", d.filterInto(&x.Population)},
		{"trigger", d.triggerInto(&x.Trigger)},
		{"entry", d.entryInto(&x.Entry)},
		{"metrics", d.experimentMetrics(x)},
		{"dimensions", d.namesInto(&x.Dimensions, "dimensions of this experiment")},
		{"phases", d.phasesInto(&x.Phases)},
		{"decision", d.decisionInto(&x.Decision)},
		{"multiple_exposures", into(d, &x.MultipleExposures, d.exposurePolicy)},
		{"statistics", d.experimentStatistics(x)},
	}
}

func (d *decoder) exposurePolicy(e entry) (string, bool) {
	return choice(d, "exclude", "first", "error")(e)
}

func (d *decoder) experimentStatistics(x *Experiment) func(entry) {
	return func(e entry) {
		s := &Statistics{}
		d.statisticsInto(s)(e)
		x.Statistics = s
	}
}

func (d *decoder) triggerInto(to **Trigger) func(entry) {
	return func(e entry) {
		t := &Trigger{Span: d.span(e)}
		*to = d.factInto(e, t, "trigger", field{"within", into(d, &t.Within, d.someDuration)})
	}
}

func (d *decoder) entryInto(to **Trigger) func(entry) {
	return func(e entry) { *to = d.factInto(e, &Trigger{Span: d.span(e)}, "entry") }
}

// factInto reads which rows of a model are meant; nil where that has a mistake.
func (d *decoder) factInto(e entry, t *Trigger, kind string, more ...field) *Trigger {
	fields := []field{{"model", into(d, &t.Model, d.word)}, {"filter", d.filterInto(&t.Filter)}}
	if !d.mapping(e, kind, append(fields, more...)...) {
		return nil
	}
	d.need(e, kind, "model")
	return t
}

func (d *decoder) phasesInto(to *[]*Phase) func(entry) {
	return func(e entry) {
		for _, element := range d.elements(e) {
			p := &Phase{Span: d.span(element)}
			if !d.mapping(element, "phase",
				field{"from", into(d, &p.From, d.moment)},
				field{"variants", func(e entry) { p.Variants = d.variants(e) }},
			) {
				continue
			}
			d.need(element, "phase", "from", "variants")
			*to = append(*to, p)
		}
	}
}

func (d *decoder) decisionInto(to **DecisionRecord) func(entry) {
	return func(e entry) {
		r := &DecisionRecord{Span: d.span(e)}
		if !d.mapping(e, "decision",
			field{"status", into(d, &r.Status, d.decided)},
			field{"date", into(d, &r.Date, d.moment)},
			field{"notes", into(d, &r.Notes, d.scalar)},
		) {
			return
		}
		d.need(e, "decision", "status")
		*to = r
	}
}

// decided is what people decided, in their words; of those that are none of ours nobody can tell what became of the variants.
func (d *decoder) decided(e entry) (string, bool) {
	word, ok := d.word(e)
	known := []string{Shipped, Dropped, Abandoned}
	if ok && !slices.Contains(known, word) {
		d.bag.Add(diag.Diagnostic{Severity: diag.Warning, Code: codeValue, Span: d.span(e), Hint: allowedHint(word, known),
			Message: fmt.Sprintf("`%s` is shown as it is, and the programme does not count it as shipped", word)})
	}
	return word, ok
}

func (d *decoder) experimentMetrics(x *Experiment) func(entry) {
	return func(e entry) {
		d.mapping(e, "metrics",
			field{"primary", d.metricEntries(&x.Primary)},
			field{"secondary", d.metricEntries(&x.Secondary)},
			field{"guardrails", d.guardrails(&x.Guardrails)},
			field{"explore", d.metricEntries(&x.Explore)},
		)
	}
}

// metricEntries reads a list of metrics, each a name or a mapping; one alone is a list of one.
func (d *decoder) metricEntries(to *[]*MetricEntry) func(entry) {
	return d.entriesInto(to, func(*MetricEntry) []field { return nil })
}

// guardrails are metric entries that may have a margin.
func (d *decoder) guardrails(to *[]*MetricEntry) func(entry) {
	return d.entriesInto(to, func(m *MetricEntry) []field {
		return []field{{"margin", placed(d, &m.Margin, d.change)}}
	})
}

func (d *decoder) entriesInto(to *[]*MetricEntry, more func(*MetricEntry) []field) func(entry) {
	return func(e entry) {
		for _, element := range d.oneOrMore(e) {
			m := &MetricEntry{Span: d.span(element)}
			if element.is(yaml.ScalarNode) {
				into(d, &m.Metric, d.word)(element)
			} else if !d.metricEntry(element, m, more(m)) {
				continue
			}
			*to = append(*to, m)
		}
	}
}

func (d *decoder) metricEntry(e entry, m *MetricEntry, more []field) bool {
	m.Settings.Span = m.Span
	fields := append(append([]field{
		{"metric", into(d, &m.Metric, d.word)},
		{"as", into(d, &m.As, d.identifier)},
		{"unit", into(d, &m.Unit, d.word)},
	}, more...), d.settingsFields(&m.Settings)...)
	if key := d.keyedByMetric(e, fields); key != nil {
		d.failAt(d.src.span(key), codeUnknownKey, "write {metric: "+key.Value+", …}, or the name alone", "unknown key `%s` in a metric entry",
			key.Value)
		return false
	}
	if !d.mapping(e, "metric entry", fields...) {
		return false
	}
	d.need(e, "metric entry", "metric")
	d.checkSettings(&m.Settings)
	return true
}

// keyedByMetric is the key of {revenue: …}, where a metric's name stands for a key; nil of other entries.
func (d *decoder) keyedByMetric(e entry, fields []field) *yaml.Node {
	if !e.is(yaml.MappingNode) || d.hasAny(e, "metric") {
		return nil
	}
	for _, p := range d.pairs(e.Node) {
		_, misspelt := meantKey(p.key.Value, read(fields))
		if !misspelt && fieldIndex(fields, p.key.Value) < 0 && adviceOnKey[p.key.Value] == "" {
			return p.key
		}
	}
	return nil
}
