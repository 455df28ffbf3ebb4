package project

import (
	"slices"

	"gopkg.in/yaml.v3"
)

func (d *decoder) protocol(e entry) {
	p := &Protocol{Span: d.span(e)}
	if !d.mapping(e, "protocol",
		field{"name", into(d, &p.Name, d.identifier)},
		field{"description", into(d, &p.Description, d.scalar)},
		field{"statistics", d.statisticsInto(&p.Statistics)},
		field{"power", into(d, &p.Power, d.assurance)},
		field{"minimum", d.minimumInto(p)},
		field{"require", d.requireInto(p)},
		field{"guardrails", d.guardrails(&p.Guardrails)},
		field{"limits", d.limitsInto(p)},
		field{"locked", listInto(d, &p.Locked, d.word)},
		field{"multiple_exposures", into(d, &p.MultipleExposures, d.exposurePolicy)},
		field{"srm", d.srmInto(p)},
		field{"decision", d.rulesInto(p)},
	) {
		return
	}
	d.named(e, "protocol", p.Name)
	d.checkFieldNames(p)
	d.project.Protocols = append(d.project.Protocols, p)
}

func (d *decoder) statisticsInto(s *Statistics) func(entry) {
	return func(e entry) {
		s.Span = d.span(e)
		d.mapping(e, "statistics",
			field{"method", placed(d, &s.Method, choice(d, "fixed", "sequential", "hybrid", "group_sequential", "bayesian"))},
			field{"confidence", into(d, &s.Confidence, d.assurance)},
			field{"show", listInto(d, &s.Show, d.probability)},
			field{"sides", into(d, &s.Sides, choice(d, "two", "one"))},
			field{"cuped", d.cupedInto(&s.CUPED)},
			field{"winsorize", d.winsorizeInto(&s.Winsorize)},
			field{"correction", d.correctionInto(&s.Correction)},
			field{"tuning", into(d, &s.Tuning, d.positive)},
			field{"prior", d.priorInto(s)},
			field{"looks", into(d, &s.Looks, d.positive)},
			field{"spending", into(d, &s.Spending, choice(d, "obrien_fleming", "pocock", "kim_demets"))},
		)
	}
}

func (d *decoder) priorInto(s *Statistics) func(entry) {
	return func(e entry) {
		d.mapping(e, "prior",
			field{"mean", into(d, &s.PriorMean, d.number)},
			field{"sd", into(d, &s.PriorSD, d.number)},
		)
		if s.PriorSD.IsSet() && s.PriorSD.V <= 0 {
			d.failAt(s.PriorSD.Span, codeValue, "the spread of relative effects to expect, such as 0.05", "`sd` should be above zero")
		}
	}
}

// correctionInto reads `correction: holm`, or a mapping.
func (d *decoder) correctionInto(to **Correction) func(entry) {
	return func(e entry) {
		c := &Correction{Span: d.span(e)}
		if e.is(yaml.ScalarNode) {
			into(d, &c.Method, d.correctionMethod)(child(e.Node, "correction.method"))
		} else if d.mapping(e, "correction",
			field{"method", into(d, &c.Method, d.correctionMethod)},
			field{"gamma", into(d, &c.Gamma, d.probability)},
		) {
			d.need(e, "correction", "method")
		}
		*to = c
	}
}

func (d *decoder) correctionMethod(e entry) (string, bool) {
	return choice(d, "none", "bonferroni", "holm", "bh", "by", "hochberg", "hommel", "sidak", "holm_sidak",
		"preferential_bonferroni")(e)
}

func (d *decoder) minimumInto(p *Protocol) func(entry) {
	return func(e entry) {
		d.mapping(e, "minimum",
			field{"runtime", into(d, &p.MinimumRuntime, d.someDuration)},
			field{"units_per_variant", into(d, &p.MinimumUnits, d.positive)},
		)
	}
}

func (d *decoder) requireInto(p *Protocol) func(entry) {
	return func(e entry) {
		d.mapping(e, "require", field{"fields", listInto(d, &p.RequireFields, d.word)})
	}
}

func (d *decoder) limitsInto(p *Protocol) func(entry) {
	return func(e entry) {
		d.mapping(e, "limits",
			field{"primary", into(d, &p.LimitPrimary, d.positive)},
			field{"metrics", into(d, &p.LimitMetrics, d.positive)},
			field{"bytes_scanned", into(d, &p.LimitBytes, d.bytes)},
		)
	}
}

func (d *decoder) srmInto(p *Protocol) func(entry) {
	return func(e entry) {
		d.mapping(e, "srm", field{"threshold", into(d, &p.SRMThreshold, d.probability)})
	}
}

// rulesInto reads `decision: default`, which is no rules of one's own, or a list of rules.
func (d *decoder) rulesInto(p *Protocol) func(entry) {
	return func(e entry) {
		if e.is(yaml.ScalarNode) {
			into(d, &p.DefaultDecision, choice(d, "default"))(e)
			return
		}
		rules := d.elements(e)
		for i, element := range rules {
			p.Decision = append(p.Decision, d.rule(element))
			switch isLast := i == len(rules)-1; {
			case !isLast && d.hasAny(element, "otherwise"):
				d.fail(element, codeConflict, "move it to the end of the list", "`otherwise` comes last")
			case isLast && d.hasAny(element, "when") && !slices.ContainsFunc(rules, func(e entry) bool { return d.hasAny(e, "otherwise") }):
				d.fail(element, codeMissing, "add a rule after it: {otherwise: discuss}",
					"the last rule is `otherwise`: without it some results get no recommendation")
			}
		}
	}
}

func (d *decoder) rule(e entry) *DecisionRule {
	r := &DecisionRule{Span: d.span(e)}
	recommend := into(d, &r.Recommend, choice(d, Ship, KeepRunning, Stop, Discuss))
	if !d.mapping(e, "decision rule",
		field{"when", d.codeInto(&r.When)},
		field{"recommend", recommend},
		field{"otherwise", recommend},
	) {
		return r
	}
	if !d.hasAny(e, "otherwise") {
		d.need(e, "decision rule", "when", "recommend")
	} else if d.hasAny(e, "when", "recommend") {
		d.fail(e, codeConflict, "make two rules of it", "a rule has `when` and `recommend`, or `otherwise` alone")
	}
	return r
}

// checkFieldNames checks the keys that a protocol requires or locks.
func (d *decoder) checkFieldNames(p *Protocol) {
	keysOf := func(fields []field) []string {
		keys := make([]string, len(fields))
		for i, f := range fields {
			keys[i] = f.key
		}
		return keys
	}
	experiment := keysOf(d.experimentFields(&Experiment{}))
	for _, name := range p.RequireFields {
		d.oneOf(name, experiment, "key of an experiment")
	}
	lockable := slices.Concat(lockableStatistics, keysOf(d.settingsFields(&MetricSettings{})), []string{"multiple_exposures"})
	for _, name := range p.Locked {
		d.oneOf(name, lockable, "setting")
	}
}

var lockableStatistics = []string{
	"method", "confidence", "show", "sides", "correction", "tuning", "prior", "looks", "spending", "margin", "statistics",
}
