package model

import (
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A Rule of a protocol recommends something where its condition holds.
type Rule struct {
	When      Condition // nil: otherwise
	Text      string    // as written
	Recommend project.Recommendation
}

// A Condition is what a rule asks of an experiment.
//
//sumtype:decl
type Condition interface{ isCondition() }

type (
	// Every holds where all of its conditions do.
	Every struct{ Conditions []Condition }
	// Either holds where one of its conditions does.
	Either struct{ Conditions []Condition }
	// Verdicts holds where any or all of a role's metrics have a verdict, with every variant.
	Verdicts struct {
		Quantifier Quantifier
		Role       Role
		Verdict    string
	}
	// Checks holds where any or all checks of health have a status.
	Checks struct {
		Quantifier Quantifier
		Status     string // pass, warn, fail
	}
	// BeforeMinimum holds until the protocol's minimum of days and units is reached.
	BeforeMinimum struct{}
	// Progress compares the share of the information that has come in.
	Progress struct {
		Comparison string // <, <=, >, >=
		Share      float64
	}
)

func (Every) isCondition()         {}
func (Either) isCondition()        {}
func (Verdicts) isCondition()      {}
func (Checks) isCondition()        {}
func (BeforeMinimum) isCondition() {}
func (Progress) isCondition()      {}

// Quantifier is any or all; all of nothing holds, any of nothing does not.
type Quantifier string

// The quantifiers.
const (
	Any Quantifier = "any"
	All Quantifier = "all"
)

// Otherwise is the text of a rule without a condition.
const Otherwise = "otherwise"

// DefaultDecision is `decision: default`, which is also that of a protocol without rules of its own.
func DefaultDecision() []Rule { return slices.Clone(defaultRules) }

var defaultRules = mustRules(
	"any health fail", "discuss",
	"any guardrail inferior", "stop",
	"before minimum", "keep_running",
	"any primary better and all guardrails non_inferior", "ship",
	"progress < 100%", "keep_running",
	"any primary better", "discuss",
	Otherwise, "stop",
)

// mustRules are pairs of a condition and a recommendation; the last condition may be `otherwise`.
func mustRules(pairs ...string) []Rule {
	var rules []Rule
	for i := 0; i < len(pairs); i += 2 {
		rule := Rule{Text: pairs[i], Recommend: project.Recommendation(pairs[i+1])}
		if rule.Text != Otherwise {
			bag := &diag.Bag{}
			rule.When = parseCondition(diag.PlainText(rule.Text), bag)
			if bag.Errors() > 0 {
				panic("a default rule does not parse: " + bag.Sorted()[0].Message)
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

// decisionRules are the protocol's own, else the default ones.
func (b *builder) decisionRules(p *project.Protocol) []Rule {
	if len(p.Decision) == 0 {
		return DefaultDecision()
	}
	var rules []Rule
	for _, decl := range p.Decision {
		rule := Rule{Text: Otherwise, Recommend: decl.Recommend.V}
		if !decl.When.IsZero() {
			rule.When, rule.Text = parseCondition(decl.When, b.bag), decl.When.Value
		}
		rules = append(rules, rule)
	}
	return rules
}
