package stats

type groupSequentialInput struct {
	InfoRates    []float64 `json:"info_rates"`
	Alpha        float64
	Sided        int
	Type         string
	Gamma        float64
	UserSpending []float64 `json:"user_spending"`
	Power        float64
}

var groupBoundaries = map[string]func(groupSequentialInput) Boundary{
	"asOF":   func(groupSequentialInput) Boundary { return Spending(OBrienFlemingSpending) },
	"asP":    func(groupSequentialInput) Boundary { return Spending(PocockSpending) },
	"asKD":   func(in groupSequentialInput) Boundary { return KimDeMetsSpending(in.Gamma) },
	"asHSD":  func(in groupSequentialInput) Boundary { return HwangShihDeCaniSpending(in.Gamma) },
	"asUser": func(in groupSequentialInput) Boundary { return TableSpending(in.InfoRates, in.UserSpending) },
	"OF":     func(groupSequentialInput) Boundary { return WangTsiatis{Delta: 0} },
	"P":      func(groupSequentialInput) Boundary { return WangTsiatis{Delta: 0.5} },
	"WT":     func(in groupSequentialInput) Boundary { return WangTsiatis{Delta: in.Gamma} },
}

var sidedness = map[int]Sides{1: Greater, 2: TwoSided}

func (in groupSequentialInput) test() GroupSequentialTest {
	return GroupSequentialTest{Boundary: groupBoundaries[in.Type](in), Alpha: in.Alpha, Sides: sidedness[in.Sided]}
}

var _ = register("group_sequential", func(in groupSequentialInput) (fields, error) {
	b, err := in.test().Bounds(in.InfoRates, nil)
	return fields{"critical_values": b.Critical, "alpha_spent": b.Spent, "nominal_p": b.NominalP}, err
})

var _ = register("power_sequential", func(in groupSequentialInput) (fields, error) {
	plan, err := in.test().Plan(in.InfoRates, in.Power)
	return fields{
		"drift": plan.Drift, "inflation": plan.Inflation, "asn_h0": plan.SampleNull, "asn_h1": plan.SampleEffect,
		"reject_prob_h1": plan.RejectEffect,
	}, err
})
