package stats

// A ShipRule is the risk-aware decision rule of Schultzberg, Ankargren and Frånberg (2024): ship when at least one success metric
// is superior and every guardrail is non-inferior. A false ship needs one false success, so α is divided over those; it needs
// every guardrail to err at once, so α is not divided over these (intersection–union). Missing a good variant takes one miss, so
// power is what the guardrails cost.
type ShipRule struct {
	Alpha       float64 // of shipping a variant that it should not
	Power       float64 // of shipping one that it should
	Comparisons int     // variants compared with the control
}

// A SuccessMetric is one that should move in its good direction.
type SuccessMetric struct {
	Effect Effect
	Good   Direction
}

// A Guardrail is a metric that may move in its bad direction by less than Margin > 0, in the effect's unit.
type Guardrail struct {
	Effect Effect
	Good   Direction
	Margin float64
}

// A RuleTest is one test of a rule, one-sided towards the good.
type RuleTest struct {
	P           float64
	Significant bool
}

// A ShipDecision is what the rule says and what it was based on.
type ShipDecision struct {
	Ship                         bool
	AlphaSuccess, AlphaGuardrail float64 // the level of each test; AlphaSuccess is 0 where there are no success metrics
	PowerPerTest                 float64 // what each test is to be planned with
	SuccessTests, GuardrailTests []RuleTest
}

// Decide applies the rule. Without success metrics, all guardrails non-inferior is enough.
func (r ShipRule) Decide(success []SuccessMetric, guardrails []Guardrail) (ShipDecision, error) {
	d, err := r.Levels(len(success), len(guardrails))
	if err != nil {
		return ShipDecision{}, err
	}
	found, held := len(success) == 0, true
	for _, m := range success {
		test, err := ruleTest(m.Effect, m.Good, 0, d.AlphaSuccess)
		if err != nil {
			return ShipDecision{}, err
		}
		d.SuccessTests, found = append(d.SuccessTests, test), found || test.Significant
	}
	for _, g := range guardrails {
		test, err := ruleTest(g.Effect, g.Good, g.Margin, d.AlphaGuardrail)
		if err := firstError(err, checkPositive("a guardrail's margin", g.Margin)); err != nil {
			return ShipDecision{}, err
		}
		d.GuardrailTests, held = append(d.GuardrailTests, test), held && test.Significant
	}
	d.Ship = found && held
	return d, nil
}

func (r ShipRule) check(success, guardrails int) error {
	if r.Comparisons < 1 {
		return undefined(InvalidInput, "%d comparisons; give the number of variants besides the control", r.Comparisons)
	}
	if success+guardrails == 0 {
		return undefined(InsufficientData, "no metric to decide by; give a success metric or a guardrail")
	}
	return firstError(checkAlpha(r.Alpha), checkPower(r.Power, 0))
}

// Levels are those of the rule's tests, before there are any data: α is divided over the success metrics, and the risk of a miss,
// 1 − power, over the tests that may each cause one: every guardrail and, together, the success metrics.
func (r ShipRule) Levels(success, guardrails int) (ShipDecision, error) {
	if err := r.check(success, guardrails); err != nil {
		return ShipDecision{}, err
	}
	d := ShipDecision{AlphaGuardrail: r.Alpha / float64(r.Comparisons)}
	misses := float64(guardrails)
	if success > 0 {
		d.AlphaSuccess = r.Alpha / float64(success*r.Comparisons)
		misses++
	}
	d.PowerPerTest = 1 - (1-r.Power)/misses
	return d, nil
}

// ruleTest is of the hypothesis that the effect, its good side up, is at most −margin.
func ruleTest(e Effect, good Direction, margin, alpha float64) (RuleTest, error) {
	if err := firstError(e.check(), good.check()); err != nil {
		return RuleTest{}, err
	}
	p := normalSurvival((good.good(e.Value) + margin) / e.SE)
	return RuleTest{P: p, Significant: p < alpha}, nil
}
