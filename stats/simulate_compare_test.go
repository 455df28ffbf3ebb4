package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	simulatedAlpha = 0.05
	simulatedLift  = 0.05
	// An experiment of the studies runs 20 days with 50 units of each arm a day.
	simulatedDays  = 20
	simulatedUnits = 50
)

// must is for what a study sets up.
func must[T any](answer T, err error) T {
	if err != nil {
		panic(err)
	}
	return answer
}

// simulatedInference is a method as the studies use it, at one look at the planned end.
func simulatedInference(method Method) Inference {
	in := Inference{Method: method, Alpha: simulatedAlpha, Final: true}
	in.Prior, in.Good = NormalPrior{SD: simulatedLift}, HigherIsBetter
	in.Sequence = must(Tuned(2*simulatedDays*simulatedUnits, simulatedAlpha, TwoSided))
	in.Groups = GroupSequentialTest{Boundary: Spending(OBrienFlemingSpending), Alpha: simulatedAlpha}
	return in
}

// oneLook are methods at one look, with what they promise of false positives and of coverage there.
var oneLook = []struct {
	method             Method
	positives, covered promise
}{
	{Fixed, is, is},
	{Sequential, atMost, atLeast},
	{Hybrid, atMost, atLeast},
}

var _ = everyPopulation("at one look", 4000, func(p population, rng *rand.Rand, runs int) []rate {
	var positives, effects, lifts []rate
	var inferences []Inference
	for _, m := range oneLook {
		name := string(m.method)
		inferences = append(inferences, simulatedInference(m.method))
		positives = append(positives, rate{p.name, name, "false positives, one look", m.positives, simulatedAlpha, 0, 0})
		effects = append(effects, rate{p.name, name, "effect covered, one look", m.covered, 1 - simulatedAlpha, 0, 0})
		lifts = append(lifts, rate{p.name, name, "lift covered, one look", m.covered, 1 - simulatedAlpha, 0, 0})
	}
	for range runs {
		same, changed := oneExperiment(p, rng, 0), oneExperiment(p, rng, simulatedLift)
		for i, in := range inferences {
			positives[i].count(must(same(in)).Effect.Test.P <= simulatedAlpha)
			c := must(changed(in))
			effects[i].count(c.Effect.Interval.Contains(p.base * simulatedLift))
			lifts[i].count(c.Lift.Interval.Contains(simulatedLift))
		}
	}
	return slices.Concat(positives, effects, lifts)
})

// oneExperiment runs one to its planned end; what is returned looks at it.
func oneExperiment(p population, rng *rand.Rand, lift float64) func(Inference) (Comparison, error) {
	e := experiment{population: p, rng: rng, lift: lift}
	control, variant := e.run(simulatedDays * simulatedUnits / 2)
	return func(in Inference) (Comparison, error) { return in.Compare(p.metric.Kind, control, variant) }
}

// A credible interval covers as promised over truths that are drawn from its prior.
var _ = everyPopulation("beliefs", 2000, func(p population, rng *rand.Rand, runs int) []rate {
	in := simulatedInference(Bayesian)
	covered := rate{p.name, string(Bayesian), "lift covered, truths as the prior", is, 1 - simulatedAlpha, 0, 0}
	for range runs {
		lift := in.Prior.SD * rng.NormFloat64()
		covered.count(must(oneExperiment(p, rng, lift)(in)).Lift.Interval.Contains(lift))
	}
	return []rate{covered}
})

// everyPopulation adds a study of each population.
func everyPopulation(name string, runs int, run func(p population, rng *rand.Rand, runs int) []rate) bool {
	for _, p := range populations {
		simulated(fmt.Sprint(p.name, " ", name), runs, func(rng *rand.Rand, runs int) []rate { return run(p, rng, runs) })
	}
	return true
}

// daily are methods under a look every day, with what they promise of ever finding an effect that is not there.
var daily = []struct {
	method  Method
	promise promise
	nominal float64
}{
	{Fixed, atLeast, 2 * simulatedAlpha}, // it breaks its promise, and must be seen to
	{Sequential, atMost, simulatedAlpha},
	{Hybrid, atMost, simulatedAlpha},
}

// firstLook is the day of the first look: the sequences are for large samples.
const firstLook = 2

var _ = everyPopulation("watched daily", 1000, func(p population, rng *rand.Rand, runs int) []rate {
	rates := make([]rate, len(daily))
	inferences := make([]Inference, len(daily))
	for i, m := range daily {
		rates[i] = rate{p.name, string(m.method), "false positives ever, looks daily", m.promise, m.nominal, 0, 0}
		inferences[i] = simulatedInference(m.method)
	}
	for range runs {
		found := make([]bool, len(daily))
		e := experiment{population: p, rng: rng}
		for day := 1; day <= simulatedDays; day++ {
			control, variant := e.run(simulatedUnits)
			for i, in := range inferences {
				in.Final = day == simulatedDays
				c := must(in.Compare(p.metric.Kind, control, variant))
				found[i] = found[i] || day >= firstLook && !c.Effect.Interval.Contains(0)
			}
		}
		for i := range rates {
			rates[i].count(found[i])
		}
	}
	return rates
})

// groupLooks is how often a group-sequential experiment looks.
const groupLooks = 4

var _ = everyPopulation("at planned looks", 1000, func(p population, rng *rand.Rand, runs int) []rate {
	bounds := must(simulatedInference(GroupSequential).Groups.Bounds(EqualLooks(groupLooks), nil))
	positives := rate{p.name, string(GroupSequential), "false positives ever, 4 looks", is, simulatedAlpha, 0, 0}
	in := simulatedInference(Fixed)
	for range runs {
		found := false
		e := experiment{population: p, rng: rng}
		for look := range groupLooks {
			control, variant := e.run(simulatedDays / groupLooks * simulatedUnits)
			z := must(in.Compare(p.metric.Kind, control, variant)).Effect.Test.Statistic
			found = found || math.Abs(z) >= bounds.Critical[look]
		}
		positives.count(found)
	}
	return []rate{positives}
})
