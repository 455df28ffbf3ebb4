package stats

type multipleInput struct {
	PValues []*float64 `json:"p_values"`
	Weights []float64
	Alpha   float64
	Method  string
}

var correctionChoices = map[string]Correction{
	"bonferroni": Bonferroni, "holm": Holm, "hochberg": Hochberg, "hommel": Hommel, "sidak": Sidak, "holm_sidak": HolmSidak,
	"bh": BenjaminiHochberg, "by": BenjaminiYekutieli,
	"weighted_bonferroni": Bonferroni, "weighted_holm": Holm, "weighted_bh": BenjaminiHochberg,
}

var _ = register("multiple_testing", func(in multipleInput) (fields, error) {
	corrected, err := correctionChoices[in.Method].Adjust(familyOf(in.PValues), in.Weights, in.Alpha)
	adjusted, reject := make([]any, len(corrected)), make([]bool, len(corrected))
	for i, c := range corrected {
		reject[i] = c.Rejected
		if c.Defined {
			adjusted[i] = c.P
		}
	}
	return fields{"adjusted": adjusted, "reject": reject}, err
})

func familyOf(p []*float64) []Test {
	family := make([]Test, len(p))
	for i := range p {
		if p[i] != nil {
			family[i] = Test{P: *p[i], Defined: true}
		}
	}
	return family
}

var _ = register(published("multiple_testing"), func(in struct {
	P     []*float64
	Alpha float64
}) (fields, error) {
	counts := fields{}
	for _, method := range []string{"bh", "bonferroni"} {
		corrected, err := correctionChoices[method].Adjust(familyOf(in.P), nil, in.Alpha)
		if err != nil {
			return nil, err
		}
		rejected := 0
		for _, c := range corrected {
			if c.Rejected {
				rejected++
			}
		}
		counts[method] = rejected
	}
	return counts, nil
})

type decisionInput struct {
	Alpha, Power        float64
	Success, Guardrails []struct {
		Est, SE   float64
		Direction Direction
		NimAbs    float64 `json:"nim_abs"`
	}
	Comparisons int
}

var _ = register("decision_rule", func(in decisionInput) (fields, error) {
	var success []SuccessMetric
	for _, m := range in.Success {
		success = append(success, SuccessMetric{Effect{m.Est, m.SE}, m.Direction})
	}
	var guardrails []Guardrail
	for _, m := range in.Guardrails {
		guardrails = append(guardrails, Guardrail{Effect{m.Est, m.SE}, m.Direction, m.NimAbs})
	}
	d, err := ShipRule{in.Alpha, in.Power, in.Comparisons}.Decide(success, guardrails)
	successP, successful := ruleFields(d.SuccessTests)
	guardrailP, held := ruleFields(d.GuardrailTests)
	out := fields{
		"alpha_guardrail": d.AlphaGuardrail, "power_per_test": d.PowerPerTest,
		"p_success": successP, "success_significant": successful,
		"p_guardrail": guardrailP, "guardrail_significant": held, "ship": d.Ship,
	}
	if len(success) > 0 {
		out["alpha_success"] = d.AlphaSuccess
	}
	return out, err
})

func ruleFields(tests []RuleTest) (p []float64, significant []bool) {
	for _, t := range tests {
		p, significant = append(p, t.P), append(significant, t.Significant)
	}
	return p, significant
}
