package judge

import (
	"math"
	"math/rand/v2"

	"assay/compiler/project"
	"assay/stats"
)

// mostExact are as many variants as are counted exactly: what they may have together is the power of it.
const mostExact = 3

// chances of each recommendation where the metrics' true lifts are as given, for every variant alike: exact where there is one look
// at a few variants, else drawn.
func (w *wager) chances(lifts []float64) Chances {
	if len(w.looks) == 1 && w.variants <= mostExact {
		return w.exactly(lifts)
	}
	return w.drawn(lifts)
}

// add counts a recommendation with a weight.
func (c *Chances) add(recommendation project.Recommendation, weight float64) {
	switch recommendation {
	case project.Ship:
		c.Ship += weight
	case project.Stop:
		c.Stop += weight
	case project.KeepRunning:
		c.KeepRunning += weight
	default:
		c.Discuss += weight
	}
}

// exactly adds up the probabilities of all tallies at the only look.
func (w *wager) exactly(lifts []float64) Chances {
	all := map[[mostExact]tally]float64{{}: 1}
	for i, m := range w.wagered {
		sets, next := m.sets(lifts[i]), map[[mostExact]tally]float64{}
		for tallies, p := range all {
			for seen, q := range sets {
				next[m.withEach(tallies, seen)] += p * q
			}
		}
		all = next
	}
	var c Chances
	for tallies, p := range all {
		c.add(recommend(w.rules, tallies[:w.variants], w.looks[0]), p)
	}
	return c
}

// withEach adds the verdict that the metric has with each variant.
func (m *wageredMetric) withEach(tallies [mostExact]tally, seen [mostExact]verdictSet) [mostExact]tally {
	for v := range m.arms {
		tallies[v] = tallies[v].with(m.role, seen[v])
	}
	return tallies
}

// sets are the probabilities of the verdicts that the variants have together. Their estimates share the control's, about which
// they are independent: they are integrated over it by the trapezoidal rule, which converges fast for what falls off on both sides.
func (m *wageredMetric) sets(lift float64) map[[mostExact]verdictSet]float64 {
	const reach, width = 8.5, 0.05
	sets, total := map[[mostExact]verdictSet]float64{}, 0.0
	for z := -reach; z <= reach; z += width {
		density := math.Exp(-z * z / 2)
		total += density
		joint := map[[mostExact]verdictSet]float64{{}: density}
		for v, s := range m.steps[0] {
			next := map[[mostExact]verdictSet]float64{}
			for seen, q := range s.probabilities(stats.Effect{Value: lift - z*math.Sqrt(m.control), SE: math.Sqrt(m.arms[v])}) {
				for others, p := range joint {
					others[v] = seen
					next[others] += p * q
				}
			}
			joint = next
		}
		for seen, p := range joint {
			sets[seen] += p
		}
	}
	for seen := range sets {
		sets[seen] /= total
	}
	return sets
}

// The draws of a simulation, and where they begin: the same forecast says the same each time.
const draws, firstSeed, secondSeed = 20000, 1, 2

// drawn simulates experiments up to the look at which the rules end them. An arm's estimate is a Brownian motion in information.
func (w *wager) drawn(lifts []float64) Chances {
	source := rand.New(rand.NewPCG(firstSeed, secondSeed))
	c := Chances{Draws: draws}
	motions := make([]float64, len(w.wagered)*(w.variants+1))
	for range draws {
		c.add(w.draw(source, lifts, motions), 1.0/draws)
	}
	c.Error = math.Sqrt(c.Ship * (1 - c.Ship) / draws)
	return c
}

// draw is the recommendation that ends one experiment. Motions is room for those of each metric's control and variants.
func (w *wager) draw(source *rand.Rand, lifts, motions []float64) project.Recommendation {
	clear(motions)
	tallies := make([]tally, w.variants)
	for k, at := range w.looks {
		clear(tallies)
		for i := range w.wagered {
			w.wagered[i].move(source, k, lifts[i], motions[i*(w.variants+1):(i+1)*(w.variants+1)], tallies)
		}
		if said := recommend(w.rules, tallies, at); said != project.KeepRunning {
			return said
		}
	}
	return project.KeepRunning
}

// move carries a metric's arms on to a look and adds what it finds there to each variant's tally.
func (m *wageredMetric) move(source *rand.Rand, look int, lift float64, motions []float64, tallies []tally) {
	before := 0.0
	if look > 0 {
		before = m.shares[look-1]
	}
	share := m.shares[look]
	stride := math.Sqrt(share - before)
	for i := range m.arms {
		motions[i] += stride * source.NormFloat64()
	}
	motions[len(m.arms)] += stride * source.NormFloat64()
	control := math.Sqrt(m.control) * motions[len(m.arms)]
	for v, variance := range m.arms {
		seen := m.steps[look][v].at(lift + (math.Sqrt(variance)*motions[v]-control)/share)
		tallies[v] = tallies[v].with(m.role, seen)
	}
}
