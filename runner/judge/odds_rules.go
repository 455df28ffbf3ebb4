package judge

import (
	"fmt"
	"slices"

	"assay/compiler/model"
)

// A verdictSet holds the verdicts that some metrics have.
type verdictSet uint8

// allVerdicts are the verdicts by the place of their bit.
var allVerdicts = []Verdict{Better, Worse, Changed, Neutral, NonInferior, Inferior, Undecided}

func setOf(v Verdict) verdictSet { return 1 << slices.Index(allVerdicts, v) }

// judgedRoles are those whose verdicts rules read.
var judgedRoles = []model.Role{model.Primary, model.Secondary, model.Guardrail}

// A tally is the verdicts of the metrics of each judged role: all that rules read of results.
type tally [3]verdictSet

// with adds the verdicts of a metric of a role.
func (t tally) with(role model.Role, seen verdictSet) tally {
	t[slices.Index(judgedRoles, role)] |= seen
	return t
}

// recommend is what the rules say of a tally at a look, as a deliberation would.
func (t tally) recommend(rules []model.Rule, at prospect) string {
	for _, r := range rules {
		if r.When == nil || t.holds(r.When, at) {
			return r.Recommend
		}
	}
	return undecidable
}

func (t tally) holds(c model.Condition, at prospect) bool {
	switch c := c.(type) {
	case model.Every:
		return !slices.ContainsFunc(c.Conditions, func(part model.Condition) bool { return !t.holds(part, at) })
	case model.Either:
		return slices.ContainsFunc(c.Conditions, func(part model.Condition) bool { return t.holds(part, at) })
	case model.Verdicts:
		seen, asked := t[slices.Index(judgedRoles, c.Role)], setOf(Verdict(c.Verdict))
		if c.Quantifier == model.Any {
			return seen&asked != 0
		}
		return seen&^asked == 0
	case model.Checks:
		return HealthStatus(c.Status) == Pass
	case model.BeforeMinimum:
		return at.beforeMinimum
	case model.Progress:
		return bounds[c.Comparison](at.progress, c.Share)
	default:
		panic(fmt.Sprintf("no rule reads a %T", c))
	}
}
