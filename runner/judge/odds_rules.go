package judge

import (
	"fmt"
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
)

// A verdictSet holds the verdicts that some metrics have.
type verdictSet uint8

// allVerdicts are the verdicts by the place of their bit.
var allVerdicts = []Verdict{Better, Worse, Changed, Neutral, NonInferior, Inferior, Undecided}

func setOf(v Verdict) verdictSet { return 1 << slices.Index(allVerdicts, v) }

// undecidedOrBetter are the verdicts of a primary metric that leave something to be found.
var undecidedOrBetter = setOf(Undecided) | setOf(Better)

// judgedRoles are those whose verdicts rules read.
var judgedRoles = []model.Role{model.Primary, model.Secondary, model.Guardrail}

// A tally is the verdicts that the metrics of each judged role have with a variant: all that rules read of results.
type tally [3]verdictSet

// with adds the verdicts of a metric of a role.
func (t tally) with(role model.Role, seen verdictSet) tally {
	t[slices.Index(judgedRoles, role)] |= seen
	return t
}

// recommend is the foremost of what the rules say of each variant's tally at a look, as of an experiment that is deliberated on.
func recommend(rules []model.Rule, tallies []tally, at prospect) project.Recommendation {
	said := tallies[0].recommend(rules, at.of(0))
	for v, t := range tallies[1:] {
		if other := t.recommend(rules, at.of(v+1)); before(other, said) < 0 {
			said = other
		}
	}
	return said
}

// A standing is a prospect for one variant.
type standing struct {
	beforeMinimum bool
	progress      float64
}

func (p prospect) of(variant int) standing { return standing{p.beforeMinimum, p.progress[variant]} }

// recommend is what the rules say of a variant, as a deliberation would.
func (t tally) recommend(rules []model.Rule, at standing) project.Recommendation {
	for _, r := range rules {
		if r.When == nil || t.holds(r.When, at) {
			return r.Recommend
		}
	}
	return undecidable
}

// progress is that of the look, unless more would change nothing.
func (t tally) progress(at standing) float64 {
	if primary := t[slices.Index(judgedRoles, model.Primary)]; primary != 0 && primary&undecidedOrBetter == 0 {
		return 1
	}
	return at.progress
}

func (t tally) holds(c model.Condition, at standing) bool {
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
		return bounds[c.Comparison](t.progress(at), c.Share)
	default:
		panic(fmt.Sprintf("no rule reads a %T", c))
	}
}
