package project

import (
	"fmt"
	"strconv"

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
		{"dimensions", listInto(d, &a.Dimensions, d.word)},
		{key: "description"},
	}
	if d.hasAny(e, "kind") {
		fields = append(fields, accepted("kind", "unit", "starts", "ends", "burn_in", "burn_out")...)
	}
	if !d.mapping(e, "assignments", fields...) {
		return
	}
	d.need(e, "assignments", "name", "entity", "columns")
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
	d.need(e, "experiment", "name")
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
		{"hypothesis", into(d, &x.Hypothesis, d.scalar)},
		{"owner", into(d, &x.Owner, d.scalar)},
		{"tags", listInto(d, &x.Tags, d.word)},
		{"epic", into(d, &x.Epic, d.scalar)},
		{"layer", into(d, &x.Layer, d.scalar)},
		{"assignments", listInto(d, &x.Assignments, d.word)},
		{"key", into(d, &x.Key, d.scalar)},
		{"start", into(d, &x.Start, d.moment)},
		{"end", into(d, &x.End, d.moment)},
		{"observe_until", into(d, &x.ObserveUntil, d.moment)},
		{"variants", func(e entry) { x.Variants = d.variants(e) }},
		{"control", d.controlInto(&x.Controls)},
		{"protocol", into(d, &x.Protocol, d.word)},
		{"population", d.filterInto(&x.Population)},
		{"trigger", d.triggerInto(&x.Trigger, "trigger")},
		{"entry", d.triggerInto(&x.Entry, "entry")},
		{"metrics", d.experimentMetrics(x)},
		{"dimensions", listInto(d, &x.Dimensions, d.word)},
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

// controlInto reads the control's name, or a list whose first is the baseline.
func (d *decoder) controlInto(to *[]Name) func(entry) {
	return func(e entry) {
		listInto(d, to, d.scalar)(e)
		if len(*to) > 1 {
			d.refuse("experiment.control.several", (*to)[1].Span)
		}
	}
}

func (d *decoder) triggerInto(to **Trigger, kind string) func(entry) {
	return func(e entry) {
		t := &Trigger{Span: d.span(e)}
		if !d.mapping(e, kind,
			field{"model", into(d, &t.Model, d.word)},
			field{"filter", d.filterInto(&t.Filter)},
			field{"within", into(d, &t.Within, d.someDuration)},
		) {
			return
		}
		d.need(e, kind, "model")
		*to = t
	}
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
			field{"status", into(d, &r.Status, d.word)},
			field{"date", into(d, &r.Date, d.moment)},
			field{"notes", into(d, &r.Notes, d.scalar)},
		) {
			return
		}
		d.need(e, "decision", "status")
		*to = r
	}
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
		return []field{{"margin", into(d, &m.Margin, d.change)}}
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
	if !d.mapping(e, "metric entry", append(append([]field{
		{"metric", into(d, &m.Metric, d.word)},
		{"as", into(d, &m.As, d.identifier)},
		{"unit", into(d, &m.Unit, d.word)},
	}, more...), d.settingsFields(&m.Settings)...)...) {
		return false
	}
	d.need(e, "metric entry", "metric")
	d.checkSettings(&m.Settings)
	return true
}

// variants reads a list of names (equal shares), or a mapping from names to shares; none where one of the names is not right.
func (d *decoder) variants(e entry) []Variant {
	var variants []Variant
	var written int
	switch {
	case e.is(yaml.SequenceNode):
		variants, written = d.listedVariants(e), len(e.Content)
	case e.is(yaml.MappingNode) && !isBareJinja(e.Node):
		variants, written = d.weighedVariants(e), len(e.Content)/2
	default:
		d.wrongType(e, "a list of names or a mapping from names to shares")
		return nil
	}
	if len(variants) < written {
		return nil
	}
	d.checkVariants(e, variants)
	return variants
}

func (d *decoder) weighedVariants(e entry) []Variant {
	var variants []Variant
	for _, p := range d.pairs(e.Node) {
		v := Variant{Name: Name{p.key.Value, d.src.span(p.key)}}
		d.weigh(&v, child(p.value, "variant.weight"))
		variants = append(variants, v)
	}
	d.checkValues(variants)
	return variants
}

func (d *decoder) listedVariants(e entry) []Variant {
	var variants []Variant
	seen := newNames(d.bag, "variants")
	for _, element := range children(e) {
		if !element.is(yaml.ScalarNode) {
			d.wrongType(element, "the name of a variant")
			continue
		}
		if d.keyIsString(element.Node) {
			v := Variant{}
			into(d, &v.Name, d.scalar)(element)
			variants = append(variants, v)
			seen.add(v.Name)
		}
	}
	return variants
}

// weigh reads a variant's share, or {value, weight, label}.
func (d *decoder) weigh(v *Variant, e entry) {
	switch {
	case e.isNull():
	case e.is(yaml.ScalarNode):
		d.weight(v, e)
	default:
		d.mapping(e, "variant",
			field{"value", into(d, &v.Value, d.scalar)},
			field{"label", into(d, &v.Label, d.scalar)},
			field{"weight", func(e entry) { d.weight(v, e) }},
		)
	}
}

func (d *decoder) weight(v *Variant, e entry) {
	value, ok := d.scalar(e)
	if !ok {
		return
	}
	weight, form, err := parseShare(value)
	switch {
	case err != nil:
		d.wrongType(e, "a share such as 50%, 1/3 or 2")
		return
	case weight < 0:
		d.fail(e, codeValue, "", "a share cannot be negative")
	}
	v.Weight, v.Form = Value[float64]{weight, d.span(e)}, form
}

// checkValues finds variants that the assignments could not tell apart.
func (d *decoder) checkValues(variants []Variant) {
	seen := newNames(d.bag, "variants with the value")
	for _, v := range variants {
		if v.Value.IsSet() {
			seen.add(v.Value)
		} else {
			seen.add(v.Name)
		}
	}
}

// checkVariants checks the shares of one allocation.
func (d *decoder) checkVariants(e entry, variants []Variant) {
	if len(variants) < 2 {
		d.fail(e, codeVariants, "", "an experiment compares at least two variants")
		return
	}
	sum, weighed := 0.0, 0
	for _, v := range variants {
		sum += v.Weight.V
		if v.Weight.IsSet() {
			weighed++
		}
	}
	if weighed == 0 {
		return
	}
	for _, v := range variants {
		switch {
		case !v.Weight.IsSet():
			d.failAt(v.Name.Span, codeVariants, "give all of them a share, or none", "variant `%s` has no share, and others have one", v.Name.V)
			return
		case v.Form != variants[0].Form:
			d.failAt(v.Weight.Span, codeVariants, "use percentages, fractions or bare weights throughout",
				"the share of `%s` is written in another way than that of `%s`", v.Name.V, variants[0].Name.V)
			return
		}
	}
	const tolerance = 0.005
	switch {
	case variants[0].Form == ShareWeights && (sum < 1-tolerance-1e-12 || sum > 1+tolerance+1e-12):
		d.fail(e, codeVariants, "", "the shares add up to %s%%, not 100%%", strconv.FormatFloat(100*sum, 'g', 6, 64))
	case sum == 0:
		d.fail(e, codeVariants, "", "every share is 0")
	}
}

// checkExperiment checks what concerns several keys of one experiment, some of which may come from the defaults.
func (d *decoder) checkExperiment(e entry, x *Experiment) {
	defaults := &Experiment{}
	if d.project.Defaults != nil {
		defaults = d.project.Defaults
	}
	d.checkDates(x)
	d.checkMetricNames(x)
	if len(defaults.Assignments) == 0 && !d.hasAny(e, "assignments") {
		d.failAt(d.headline(e), codeMissing, "name the log of who got which variant", "an experiment needs `assignments`")
	}
	if len(defaults.Variants) == 0 && !d.hasAny(e, "variants", "phases") {
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
		d.failAt(variants[0].Name.Span, codeVariants, "say `control: "+names[0]+"`", "no variant is called `control`, so `control` should name one")
	}
	seen := newNames(d.bag, "controls")
	for _, c := range controls {
		seen.add(c)
		if !known[c.V] {
			d.failAt(c.Span, codeVariants, allowedHint(c.V, names), "there is no variant `%s`", c.V)
		}
	}
	if len(controls) > 0 && len(controls) >= len(variants) {
		d.failAt(controls[0].Span, codeVariants, "", "every variant is a control")
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
	for i, phase := range x.Phases {
		if i > 0 {
			d.inOrder("from", x.Phases[i-1].From, "from", phase.From)
		}
		d.inOrder("from", phase.From, "end", x.End)
	}
	if x.ObserveUntil.IsSet() && x.End.IsSet() && x.ObserveUntil.V.Time.Before(x.End.V.Time) {
		d.failAt(x.ObserveUntil.Span, codeDates, "", "`observe_until` should not be before `end`")
	}
	if x.Decision != nil {
		d.inOrder("start", x.Start, "date", x.Decision.Date)
	}
}

// inOrder reports two dates of which the later is not after the earlier.
func (d *decoder) inOrder(first string, earlier Value[Moment], second string, later Value[Moment]) {
	if !later.IsSet() || !earlier.IsSet() || later.V.Time.After(earlier.V.Time) {
		return
	}
	d.bag.Add(diag.Diagnostic{
		Code: codeDates, Span: later.Span, Message: fmt.Sprintf("`%s` should be after `%s`", second, first),
		Notes: []diag.Note{{Message: fmt.Sprintf("`%s` is here", first), Span: earlier.Span}},
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
