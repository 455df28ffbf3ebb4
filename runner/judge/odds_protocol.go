package judge

import (
	"fmt"
	"math"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// A Weighed experiment is the odds of its decision before there are any data, if each of its tests has the power it is planned for.
type Weighed struct {
	Experiment *model.Experiment // or one that is imagined, without a name
	Power      float64           // of each test
	Odds       Odds
}

// WeighProtocol weighs what a protocol decides: of experiments with one primary metric, two, and as many as it allows, three at
// most, under its own guardrails; and of the experiments that follow it.
func WeighProtocol(p *model.Protocol, experiments []*model.Experiment, asked Asked) []Weighed {
	most := 3
	if limit := p.Decl.LimitPrimary; limit.IsSet() {
		most = int(min(limit.V, int64(most)))
	}
	var all []Weighed
	for primaries := range most {
		all = append(all, weigh(imagined(p, primaries+1), asked))
	}
	for _, x := range experiments {
		if x.Protocol.Decl == p.Decl && len(x.Metrics) > 0 {
			all = append(all, weigh(x, asked))
		}
	}
	return all
}

// imagined is an experiment of two equal arms with so many primary metrics and the protocol's guardrails.
func imagined(p *model.Protocol, primaries int) *model.Experiment {
	x := &model.Experiment{Decl: &project.Experiment{}, Control: "control", Protocol: p,
		Variants: []model.Variant{{Name: "control", Share: 0.5}, {Name: "variant", Share: 0.5}}}
	imagine := func(name string, role model.Role) *model.MetricUse {
		up := project.Value[project.DesiredChange]{V: project.Increase, Span: p.Decl.Span}
		return &model.MetricUse{Name: name, Role: role, Settings: model.Settings{MDE: ptr(imaginedLift)},
			Metric: &model.Metric{Name: name, Decl: &project.Metric{DesiredChange: up}}}
	}
	for i := range primaries {
		x.Metrics = append(x.Metrics, imagine(fmt.Sprintf("primary metric %d", i+1), model.Primary))
	}
	for _, g := range p.Decl.Guardrails {
		use := imagine(g.Metric.V, model.Guardrail)
		if g.Margin.IsSet() {
			use.Margin = &g.Margin.V
		}
		x.Metrics = append(x.Metrics, use)
	}
	return x
}

// What is asked of a metric that asks for nothing, and how long and how large an experiment is imagined at least. Only a prior and
// a sequence's tuning care: the tests of all others are planned for a power, whatever the lift and the units.
const (
	imaginedLift  = 0.02
	imaginedDays  = 28
	imaginedUnits = 10000
)

// weigh is an experiment at the end that is planned so that each of its tests has the power asked for.
func weigh(x *model.Experiment, asked Asked) Weighed {
	p := newPlanner(Run{}, x, time.Time{}, asked)
	for _, use := range x.Metrics {
		p.Observed.Metrics = append(p.Observed.Metrics, &plan.ObservedMetric{Use: use})
	}
	days := max(imaginedDays, int(x.Protocol.MinimumDays))
	for _, use := range x.Metrics {
		p.forecast.Curves = append(p.forecast.Curves, p.poweredCurves(use, days)...)
	}
	return Weighed{Experiment: x, Power: p.forecast.Power, Odds: p.odds(days)}
}

// poweredCurves are a metric's comparisons: the one with the fewest units has the power asked for, the others more.
func (p *planner) poweredCurves(use *model.MetricUse, days int) []Curve {
	var curves []Curve
	var worst knot
	for _, v := range p.variants() {
		c := p.newCurve(use, v.Name)
		if c.Asked == nil {
			c.Asked = ptr(imaginedLift)
		}
		c.test, _ = p.plannedTest(use, c.Alpha)
		k := p.endOf(v, float64(days))
		if worst.variant == 0 || k.variant < worst.variant {
			worst = k
		}
		c.growth.knots = []knot{k}
		curves = append(curves, c)
	}
	variance := p.unitVariance(curves[0], worst)
	for i := range curves {
		k := &curves[i].growth.knots[0]
		k.information = 1 / (variance * (1/k.control + 1/k.variant))
	}
	return curves
}

// endOf is the units that a comparison has in the end: those that the protocol tunes for, and no fewer than its minimum.
func (p *planner) endOf(v model.Variant, days float64) knot {
	x := p.Observed.Experiment
	units, least := float64(imaginedUnits), shareIn(x.Variants, x.Control)
	if method := stats.Method(x.Protocol.Method); method == stats.Sequential || method == stats.Hybrid {
		units = float64(x.Protocol.Tuning)
	}
	for _, other := range x.Variants {
		least = min(least, other.Share)
	}
	units = max(units, float64(x.Protocol.MinimumUnits)/least)
	return knot{days: days, control: units * shareIn(x.Variants, x.Control), variant: units * v.Share}
}

// unitVariance is that of one unit with which a comparison finds what is asked of it with the power asked for, by bisection on the
// scale of its logarithm.
func (p *planner) unitVariance(c Curve, k knot) float64 {
	low, high := -60.0, 60.0
	for range 100 {
		middle := (low + high) / 2
		k.information = 1 / (math.Exp(middle) * (1/k.control + 1/k.variant))
		if c.power(k, *c.Asked) > p.forecast.Power {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Exp(low)
}
