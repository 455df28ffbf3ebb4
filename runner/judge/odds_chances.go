package judge

import (
	"math"
	"math/rand/v2"

	"assay/stats"
)

// chances of each recommendation where the metrics' true lifts are as given, for every variant alike: exact where there is one look,
// else drawn.
func (w *wager) chances(lifts []float64) Chances {
	if len(w.looks) == 1 {
		return w.exactly(lifts)
	}
	return w.drawn(lifts)
}

// add counts a recommendation with a weight.
func (c *Chances) add(recommendation string, weight float64) {
	switch recommendation {
	case "ship":
		c.Ship += weight
	case "stop":
		c.Stop += weight
	case keepRunning:
		c.KeepRunning += weight
	default:
		c.Discuss += weight
	}
}

// keepRunning is the recommendation that leaves the decision to a later look.
const keepRunning = "keep_running"

// exactly adds up the probabilities of all tallies at the only look.
func (w *wager) exactly(lifts []float64) Chances {
	tallies := map[tally]float64{{}: 1}
	for i, m := range w.wagered {
		sets, next := m.sets(lifts[i]), map[tally]float64{}
		for t, p := range tallies {
			for seen, q := range sets {
				next[t.with(m.role, seen)] += p * q
			}
		}
		tallies = next
	}
	var c Chances
	for t, p := range tallies {
		c.add(t.recommend(w.rules, w.looks[0]), p)
	}
	return c
}

// sets are the probabilities of the verdicts that the variants have together. Their estimates share the control's, about which
// they are independent: they are integrated over it by the trapezoidal rule, which converges fast for what falls off on both sides.
func (m *wageredMetric) sets(lift float64) map[verdictSet]float64 {
	steps := m.steps[0]
	if len(steps) == 1 {
		return steps[0].probabilities(stats.Effect{Value: lift, SE: math.Sqrt(m.control + m.arms[0])})
	}
	const reach, width = 8.5, 0.05
	sets, total := map[verdictSet]float64{}, 0.0
	for z := -reach; z <= reach; z += width {
		density := math.Exp(-z * z / 2)
		total += density
		joint := map[verdictSet]float64{0: density}
		for v, s := range steps {
			next := map[verdictSet]float64{}
			for seen, q := range s.probabilities(stats.Effect{Value: lift - z*math.Sqrt(m.control), SE: math.Sqrt(m.arms[v])}) {
				for others, p := range joint {
					next[others|seen] += p * q
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
func (w *wager) draw(source *rand.Rand, lifts, motions []float64) string {
	clear(motions)
	for k, at := range w.looks {
		var t tally
		for i := range w.wagered {
			m := &w.wagered[i]
			t = t.with(m.role, m.move(source, k, lifts[i], motions[i*(w.variants+1):(i+1)*(w.variants+1)]))
		}
		if said := t.recommend(w.rules, at); said != keepRunning {
			return said
		}
	}
	return keepRunning
}

// move carries a metric's arms on to a look and is what it finds there.
func (m *wageredMetric) move(source *rand.Rand, look int, lift float64, motions []float64) verdictSet {
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
	var seen verdictSet
	for v, variance := range m.arms {
		seen |= m.steps[look][v].at(lift + (math.Sqrt(variance)*motions[v]-control)/share)
	}
	return seen
}
