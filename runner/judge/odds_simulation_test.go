package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// A played experiment is one of two equal arms that is looked at on some days, by the rules as a run applies them.
type played struct {
	*model.Experiment
	metrics []*plan.ObservedMetric
	daily   float64   // new units of an arm
	looks   []float64 // days
}

// shipped is the share of experiments that ship where the metrics' lifts are as given, their good side up: each look sees the means of
// the units so far, drawn, and is judged as a run is.
func (p played) shipped(source *rand.Rand, times int, lifts []float64) float64 {
	shipped := 0
	for range times {
		if p.play(source, lifts) == "ship" {
			shipped++
		}
	}
	return float64(shipped) / float64(times)
}

func (p played) play(source *rand.Rand, lifts []float64) project.Recommendation {
	const mean, sd = 10, 20
	sums, before := make([][2]float64, len(p.metrics)), 0.0
	for _, look := range p.looks {
		n := math.Round(p.daily * look)
		for i, m := range p.metrics {
			for arm := range 2 {
				true := mean * (1 + lifts[i]*float64(arm))
				if desired(m.Use) == project.Decrease {
					true = mean * (1 - lifts[i]*float64(arm))
				}
				sums[i][arm] += (n-before)*true + math.Sqrt(n-before)*sd*source.NormFloat64()
				m.Slices[0].Arms[arm].Moments.N, m.Slices[0].Arms[arm].Units = int64(n), int64(n)
				m.Slices[0].Arms[arm].Moments.Mean[0] = sums[i][arm] / n
			}
		}
		before = n
		if said := p.judge(int64(n), look); said != project.KeepRunning {
			return said
		}
	}
	return project.KeepRunning
}

func (p played) judge(units int64, day float64) project.Recommendation {
	o := &plan.Observed{Experiment: p.Experiment, AsOf: p.Start.Add(inDays(day)), Metrics: p.metrics}
	for _, v := range p.Variants {
		o.Exposures.Variants = append(o.Exposures.Variants, plan.VariantCount{Variant: v.Name, Declared: true, Assigned: units, Analysed: units})
	}
	o.Exposures.Newest = o.AsOf
	return Experiment(thisRun, o).Decisions[0].Recommendation
}

// TestOddsArePlayed: what is told of a decision beforehand is what comes of experiments whose data are drawn, whose results are
// computed and to which the rules are applied: with one look, and with looks on the way.
func TestOddsArePlayed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.Protocol)
		times  int
	}{
		"one look": {func(p *model.Protocol) { p.Correction = "bonferroni" }, 4000},
		"watched":  {func(p *model.Protocol) { p.Method, p.Tuning = "sequential", 20000 }, 600},
	} {
		t.Run(name, func(t *testing.T) {
			metrics := []*plan.ObservedMetric{asking("orders", model.Primary, 0.05), asking("visits", model.Primary, 0.06),
				asking("tickets", model.Guardrail, 0.05)}
			metrics[2].Use.Metric.Decl.DesiredChange = wrote(project.Decrease)
			odds := decided(t, func(x *model.Experiment) { c.change(x.Protocol) }, metrics...)

			p := played{Experiment: planned(metrics...), metrics: metrics, daily: 5000. / 7 / 2}
			p.Protocol.Decision = model.DefaultDecision()
			c.change(p.Protocol)
			p.End = p.Start.AddDate(0, 0, odds.Days)
			p.ObserveUntil = p.End
			for _, share := range stats.EqualLooks(odds.Looks) {
				p.looks = append(p.looks, share*float64(odds.Days))
			}
			for _, m := range metrics {
				m.Slices[0].Arms = []plan.Arm{arm("control", 2, 10, 20), arm("treatment", 2, 10, 20)}
			}
			source := rand.New(rand.NewPCG(firstSeed, secondSeed))
			for _, world := range []struct {
				lifts []float64
				told  *Chances
			}{
				{[]float64{0, 0, 0}, &odds.Nothing}, {[]float64{0.05, 0.06, 0}, odds.Asked}, {[]float64{0.05, 0.06, -0.05}, odds.Harmed},
			} {
				told := world.told.Ship
				got := p.shipped(source, c.times, world.lifts)
				t.Logf("lifts of %v ship %.4f of the time, told %.4f", world.lifts, got, told)
				chance(t, "ships", got, told, 4*math.Sqrt(told*(1-told)/float64(c.times))+0.005)
			}
		})
	}
}
