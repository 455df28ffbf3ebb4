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

type plannedLooks struct {
	K     int
	Alpha float64
	Sided int
	Delta float64
}

// last is the critical value of the last of equally spaced looks.
func (in plannedLooks) last(boundary Boundary) (float64, error) {
	b, err := GroupSequentialTest{Boundary: boundary, Alpha: in.Alpha, Sides: sidedness[in.Sided]}.Bounds(EqualLooks(in.K), nil)
	if err != nil {
		return 0, err
	}
	return b.Critical[in.K-1], nil
}

var (
	_ = register(published("group_sequential P / OF"), func(in plannedLooks) (fields, error) {
		pocock, err := in.last(WangTsiatis{Delta: 0.5})
		if err != nil {
			return nil, err
		}
		obrienFleming, err := in.last(WangTsiatis{Delta: 0})
		return fields{"C_P": pocock, "C_B": obrienFleming}, err
	})
	_ = register(published("group_sequential WT"), func(in plannedLooks) (fields, error) {
		last, err := in.last(WangTsiatis{Delta: in.Delta})
		return fields{"last": last}, err
	})
)

// printedBounds are of a case that leaves its type, and the shape of it, to its title.
func printedBounds(kind string, gamma float64, sided int) func(groupSequentialInput) (fields, error) {
	return func(in groupSequentialInput) (fields, error) {
		in.Type, in.Gamma, in.Sided = kind, gamma, sided
		b, err := in.test().Bounds(in.InfoRates, nil)
		return fields{"critical_values": b.Critical, "nominal_p": b.NominalP}, err
	}
}

var (
	_ = register(published("group_sequential OF"), printedBounds("OF", 0, 2))
	_ = register(published("group_sequential asKD gamma=2 (rho=2, ztrun=8), two-sided"), printedBounds("asKD", 2, 2))
)

// Looking again and again at |Z| > 1.96 is a test whose bounds were all frozen there.
var _ = register(published("repeated |Z|>1.96 looks, upper side only"), func(in plannedLooks) (fields, error) {
	everyLook := make([]float64, in.K)
	for k := range everyLook {
		everyLook[k] = 1.96
	}
	test := GroupSequentialTest{Boundary: Spending(PocockSpending), Alpha: 0.025, Sides: Greater}
	b, err := test.Bounds(EqualLooks(in.K), everyLook)
	if err != nil {
		return nil, err
	}
	return fields{"upper_error": b.Spent[in.K-1]}, nil
})
