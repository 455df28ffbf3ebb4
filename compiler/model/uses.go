package model

import (
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
)

// uses resolves the metrics of an experiment, and adds the guardrails of its protocol that it does not have itself.
func (b *builder) uses(e *Experiment) {
	for _, list := range []struct {
		role    Role
		entries []*project.MetricEntry
	}{{Primary, e.Decl.Primary}, {Secondary, e.Decl.Secondary}, {Guardrail, b.guardrails(e)}, {Explore, e.Decl.Explore}} {
		for _, entry := range list.entries {
			if use := b.use(e, list.role, entry); use != nil {
				e.Metrics = append(e.Metrics, use)
			}
		}
	}
}

func (b *builder) guardrails(e *Experiment) []*project.MetricEntry {
	list := slices.Clone(e.Decl.Guardrails)
	if e.Protocol.Decl == nil {
		return list
	}
	own := entries(e.Decl)
	for _, g := range e.Protocol.Decl.Guardrails {
		if !slices.ContainsFunc(own, func(m *project.MetricEntry) bool { return m.Metric.V == g.Metric.V }) {
			list = append(list, g)
		}
	}
	return list
}

// use is nil where the entry has a mistake.
func (b *builder) use(e *Experiment, role Role, entry *project.MetricEntry) *MetricUse {
	metric := b.entryMetric(entry)
	if metric == nil {
		return nil
	}
	use := &MetricUse{
		Name: or(entry.As, entry.Metric.V), Metric: metric, Role: role, Unit: or(entry.Unit, e.Entity), Decl: entry,
		Settings: b.settings(e, metric, entry),
	}
	if entry.Margin.IsSet() {
		use.Margin = &entry.Margin.V
		b.checkMargin(e, entry)
	}
	b.checkPerUnit(use)
	b.checkKind(use)
	b.checkMethod(e, use)
	b.checkDirection(e, use)
	b.checkReach(e, use)
	return use
}

// checkMargin refuses an experiment's own margin where the protocol has locked it.
func (b *builder) checkMargin(e *Experiment, entry *project.MetricEntry) {
	lock, locked := lockedBy(e.Protocol.Decl)["margin"]
	if locked && slices.Contains(e.Decl.Guardrails, entry) {
		b.bag.Add(overrides("margin", entry.Margin.Span, lock))
	}
}

// entryMetric is nil where the name is no metric's, or the metric's own mistakes are reported.
func (b *builder) entryMetric(entry *project.MetricEntry) *Metric {
	p, declared := b.pending[entry.Metric.V]
	if !declared {
		if entry.Metric.IsSet() {
			b.missing(codeMetric, "metric", entry.Metric, b.metricNames(""))
		}
		return nil
	}
	return p.done
}

// checkKind refuses metrics that have no estimate per unit.
func (b *builder) checkKind(use *MetricUse) {
	switch s := use.Metric.Spec.(type) {
	case *Simple:
		b.checkNumeric(use, s)
	case *Threshold, *Retention, *Quantile, *Funnel, *Conversion:
	case *Ratio:
		b.checkPart(use, s.Numerator, "part of a ratio")
		b.checkPart(use, s.Denominator, "part of a ratio")
	case *Derived:
		for _, in := range s.Inputs {
			b.checkDerivedInput(use, in)
		}
	case *Cumulative: // refused already
	}
}

// checkNumeric asks that a unit's value can be averaged over units.
func (b *builder) checkNumeric(use *MetricUse, s *Simple) {
	picks := s.Agg == project.Min || s.Agg == project.Max || s.Agg == project.FirstValue || s.Agg == project.LastValue
	if picks && !slices.Contains(numeric, s.Expr.Type()) {
		b.bag.Add(diag.Diagnostic{Code: codeType, Span: use.Decl.Metric.Span,
			Message: fmt.Sprintf("an experiment compares means over units, and `%s` is %s", use.Metric.Name, s.Expr.Type()),
			Notes:   []diag.Note{{Message: "aggregated here", Span: s.Expr.Span()}}})
	}
}

func (b *builder) checkPart(use *MetricUse, in *Input, what string) {
	s, simple := in.Metric.Spec.(*Simple)
	if simple && additive[s.Agg] {
		return
	}
	kind := string(in.Metric.Decl.Type.V)
	if simple {
		kind = string(s.Agg)
	}
	b.refuseInput(use, in, fmt.Sprintf("%s `%s` cannot be %s in an experiment", withArticle(kind), in.Metric.Name, what),
		"its parts are sums or counts; compute an average as a ratio of them")
}

func (b *builder) checkDerivedInput(use *MetricUse, in *Input) {
	switch s := in.Metric.Spec.(type) {
	case *Simple:
		if !additive[s.Agg] && s.Agg != project.Average {
			b.refuseInput(use, in, fmt.Sprintf("%s `%s` cannot be an input of a derived metric in an experiment",
				withArticle(string(s.Agg)), in.Metric.Name), "use sums, counts, averages and ratios")
		}
	case *Ratio:
		b.checkPart(use, s.Numerator, "part of a ratio")
		b.checkPart(use, s.Denominator, "part of a ratio")
	case *Derived:
		for _, inner := range s.Inputs {
			b.checkDerivedInput(use, inner)
		}
	case *Retention, *Quantile, *Funnel, *Conversion:
		b.refuseInput(use, in, fmt.Sprintf("%s `%s` cannot be an input of a derived metric in an experiment",
			withArticle(kindOf(in.Metric)), in.Metric.Name), "use sums, counts, averages and ratios")
	case *Threshold, *Cumulative:
	}
}

func (b *builder) refuseInput(use *MetricUse, in *Input, message, hint string) {
	b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span, Message: message, Hint: hint,
		Notes: []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", in.Metric.Name), Span: in.Metric.Decl.Name.Span}}})
}

func withArticle(noun string) string {
	if slices.Contains([]byte("aeiou"), noun[0]) {
		return "an " + noun
	}
	return "a " + noun
}

// checkDirection asks for what a verdict needs: the way a guardrail may not go, and how far.
func (b *builder) checkDirection(e *Experiment, use *MetricUse) {
	direction := use.Metric.Decl.DesiredChange
	undirected := !direction.IsSet() || direction.V == project.None
	notes := []diag.Note{{Message: "the metric is declared here", Span: use.Metric.Decl.Name.Span}}
	switch {
	case undirected && use.Role == Guardrail:
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span, Notes: notes,
			Message: fmt.Sprintf("the guardrail `%s` has no `desired_change`, so no way is the bad one", use.Metric.Name),
			Hint:    "desired_change: increase, or decrease, on the metric"})
	case undirected && e.Protocol.Sides == "one":
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: use.Decl.Metric.Span, Notes: notes,
			Message: fmt.Sprintf("a one-sided test needs a `desired_change`, and `%s` has none", use.Metric.Name),
			Hint:    "desired_change: increase, or decrease, on the metric"})
	case use.Role == Guardrail && use.Margin == nil:
		b.bag.Add(diag.Diagnostic{Code: codeSetting, Severity: diag.Warning, Span: use.Decl.Metric.Span,
			Message: fmt.Sprintf("the guardrail `%s` has no margin, so it passes %s", use.Metric.Name, whatPasses(e.Protocol)),
			Hint:    fmt.Sprintf("{metric: %s, margin: 2%%}: the harm that would still be acceptable", use.Metric.Name)})
	}
}

// whatPasses is what a guardrail without a margin lets through: an interval that is open to the bad side never proves harm.
func whatPasses(p *Protocol) string {
	if p.Sides == "one" {
		return "whatever happens: a one-sided test looks for improvement alone and never proves harm"
	}
	return "wherever harm is not proven"
}

// checkReachOf asks that each fact of a covariate leads to a unit.
func (b *builder) checkReachOf(unit string, metric *Metric, at diag.Span) {
	for _, leaf := range Leaves(metric) {
		if _, _, err := b.UnitPath(leaf.Simple.Table, unit); err != nil {
			b.unreached(at, err, "")
		}
	}
}

// checkReach asks that each fact of a metric leads to a unit.
func (b *builder) checkReach(e *Experiment, use *MetricUse) {
	if unit := use.Decl.Unit; unit.IsSet() && unit.V != e.Entity && !b.playsRole(unit.V, e.Entity) {
		b.bag.Add(unknown(codeEntity, fmt.Sprintf("role of `%s`", e.Entity), unit.V, unit.Span, b.roles(e.Entity)))
		return
	}
	for _, leaf := range Leaves(use.Metric) {
		hops, _, err := b.UnitPath(leaf.Simple.Table, use.Unit)
		switch {
		case err != nil:
			b.unreached(use.Decl.Metric.Span, err, b.roleHint(e, use), countsRows(leaf)...)
		case leaf.Simple.Time == nil && changes(hops):
			b.bag.Add(diag.Diagnostic{Code: codeValidity, Span: use.Decl.Metric.Span, Notes: countsRows(leaf),
				Hint: "give the model an `agg_time_dimension:`",
				Message: fmt.Sprintf("`%s` changes over time, and the rows of `%s` have no time to read it at",
					use.Unit, leaf.Simple.Table.Name)})
		}
	}
}

// roleHint tells how to say in which role facts lead to a unit; "" where there are no roles.
func (b *builder) roleHint(e *Experiment, use *MetricUse) string {
	roles := b.roles(e.Entity)
	if len(roles) == 0 {
		return ""
	}
	return fmt.Sprintf("where it is a role, name it: {metric: %s, unit: %s}", use.Metric.Name, roles[0])
}

func countsRows(leaf Leaf) []diag.Note {
	return []diag.Note{{Message: fmt.Sprintf("`%s` counts rows of `%s`", leaf.Metric.Name, leaf.Simple.Table.Name),
		Span: leaf.Metric.Decl.Name.Span}}
}

func (b *builder) playsRole(name, entity string) bool { return slices.Contains(b.roles(entity), name) }

// roles are the entities that play the role of another, each once.
func (b *builder) roles(entity string) []string {
	var names []string
	for _, t := range b.Tables {
		for _, e := range t.Entities {
			if e.RoleOf == entity && !slices.Contains(names, e.Name) {
				names = append(names, e.Name)
			}
		}
	}
	return names
}
