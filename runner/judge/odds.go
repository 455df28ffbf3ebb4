package judge

import (
	"math"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// Odds are what a protocol's rules recommend, and how often, of an experiment of so many days. Metrics are taken as independent,
// checks as passing, and estimates as normal.
type Odds struct {
	Days  int
	Looks int
	// Nothing is where no variant changes anything: Ship is then the error rate of the whole decision.
	Nothing Chances
	// Asked is where every variant raises each primary and secondary metric by what is asked of it and harms no guardrail: Ship is
	// then the power of the whole decision. Nil where no primary metric asks for anything.
	Asked *Chances
	// Harmed is the same, but that one guardrail is worse by its margin: of that for which Ship is likeliest. Nil without margins.
	Harmed *Chances
	// PerTest is the power with which each test is to be planned so that the whole decision has the power asked for, whatever
	// goes along with what (Schultzberg, Ankargren and Frånberg 2024); 0 where there is one test.
	PerTest float64
}

// Chances are the probabilities of each recommendation, which add up to 1.
type Chances struct {
	Ship, KeepRunning, Stop, Discuss float64
	Guardrail                        string // the one that is harmed; "" for none
	Draws                            int    // of the simulation; 0 where they are exact
	Error                            float64
}

// A wager is an experiment whose decision is still to be made.
type wager struct {
	rules    []model.Rule
	looks    []prospect
	wagered  []wageredMetric
	variants int // that could be shipped
}

// A prospect is what is certain of a look before it is taken.
type prospect struct {
	beforeMinimum bool
	progress      []float64 // by variant
}

// A wageredMetric is a metric's part in a wager. Lifts are turned so that up is good.
type wageredMetric struct {
	name          string
	role          model.Role
	margin, asked *float64
	control       float64      // variance of the control's estimate at the last look
	arms          []float64    // of each variant's
	shares        []float64    // of the information, by look
	steps         [][]verdicts // by look, then variant
}

// longestRun is as many days as an experiment is imagined to run.
const longestRun = 182

// horizons are the numbers of days at which the decision is weighed: the planned end, and when the slowest comparison knows, unless
// that is beyond any experiment; none where no variant could be shipped.
func (p *planner) horizons() []int {
	x := p.Observed.Experiment
	if len(p.candidates()) == 0 {
		return nil
	}
	var days []int
	if !x.Start.IsZero() && !x.End.IsZero() {
		days = append(days, int(x.End.Sub(x.Start).Round(24*time.Hour)/(24*time.Hour)))
	}
	for _, c := range p.forecast.Curves {
		switch {
		case !c.Longest:
		case c.days() <= longestRun:
			days = append(days, c.days())
		case len(days) == 0:
			days = append(days, c.growth.measured())
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// odds of the decision of an experiment that ends after so many days.
func (p *planner) odds(days int) Odds {
	w := p.wager(days)
	odds := Odds{Days: days, Looks: len(w.looks), Nothing: w.chances(w.lifts(nobody))}
	guardrails, success := 0, 0
	for _, m := range w.wagered {
		switch {
		case m.role == model.Primary && m.asked != nil:
			success++
		case m.role == model.Guardrail && m.margin != nil:
			guardrails++
		}
	}
	if success == 0 {
		return odds
	}
	asked := w.chances(w.lifts(asAsked))
	odds.Asked = &asked
	for i, m := range w.wagered {
		if m.role != model.Guardrail || m.margin == nil {
			continue
		}
		lifts := w.lifts(asAsked)
		lifts[i] = -*m.margin
		harmed := w.chances(lifts)
		harmed.Guardrail = m.name
		if odds.Harmed == nil || harmed.Ship > odds.Harmed.Ship {
			odds.Harmed = &harmed
		}
	}
	if guardrails > 0 {
		odds.PerTest = p.perTest(success, guardrails)
	}
	return odds
}

// perTest is the power of each test by which a rule of at least one success and every guardrail has the power asked for.
func (p *planner) perTest(success, guardrails int) float64 {
	rule := stats.ShipRule{Alpha: alphaOf(p.Observed.Experiment.Protocol.Confidence), Power: p.forecast.Power, Comparisons: 1}
	levels, err := rule.Levels(success, guardrails)
	if err != nil {
		return 0
	}
	return levels.PowerPerTest
}

func nobody(wageredMetric) float64 { return 0 }

func asAsked(m wageredMetric) float64 {
	if m.asked == nil || m.role != model.Primary && m.role != model.Secondary {
		return 0
	}
	return *m.asked
}

func (w *wager) lifts(of func(wageredMetric) float64) []float64 {
	lifts := make([]float64, len(w.wagered))
	for i, m := range w.wagered {
		lifts[i] = of(m)
	}
	return lifts
}

// wager is the decision to be made of an experiment that lasts so many days, by its curves.
func (p *planner) wager(days int) *wager {
	w := &wager{rules: p.Observed.Experiment.Protocol.Decision, variants: len(p.candidates())}
	var curves [][]Curve
	for of := range slices.Chunk(p.candidateCurves(), w.variants) {
		if of[0].Use.Role != model.Explore && !slices.ContainsFunc(of, func(c Curve) bool { return c.test == nil || !c.growth.known() }) {
			curves = append(curves, of)
		}
	}
	looks := p.lookDays(days)
	for _, of := range curves {
		w.wagered = append(w.wagered, p.wagered(of, looks))
	}
	for _, day := range looks {
		w.looks = append(w.looks, p.prospect(curves, day, days))
	}
	return w
}

// candidateCurves are those of variants that could be shipped.
func (p *planner) candidateCurves() []Curve {
	return slices.DeleteFunc(slices.Clone(p.forecast.Curves), func(c Curve) bool { return p.isControl(c.Variant) })
}

// mostLooks are as many looks as are drawn of an experiment that people look at daily.
const mostLooks = 28

// lookDays are the days on which the decision is looked at: those planned; each, or as many as are drawn, under methods that allow
// it; the last one alone under others.
func (p *planner) lookDays(days int) []float64 {
	protocol := p.Observed.Experiment.Protocol
	looks := 1
	switch stats.Method(protocol.Method) {
	case stats.GroupSequential:
		looks = int(protocol.Looks)
	case stats.Sequential, stats.Hybrid:
		looks = min(days, mostLooks)
	}
	at := stats.EqualLooks(looks)
	for i := range at {
		at[i] *= float64(days)
	}
	return at
}

// wagered is a metric's part in the wager, by its curve for each variant.
func (p *planner) wagered(of []Curve, looks []float64) wageredMetric {
	use, end := of[0].Use, looks[len(looks)-1]
	m := wageredMetric{name: use.Name, role: use.Role, margin: use.Margin, asked: of[0].Asked}
	for _, c := range of {
		control, variant := c.growth.at(end).variances()
		m.control, m.arms = control, append(m.arms, variant)
	}
	for k, day := range looks {
		var steps []verdicts
		for _, c := range of {
			steps = append(steps, p.lens(c, day, end).verdicts(use))
		}
		share := of[0].growth.at(day).information / of[0].growth.at(end).information
		if k > 0 {
			share = max(share, m.shares[k-1]) // a metric whose spread grows may know less for a while
		}
		m.shares, m.steps = append(m.shares, max(share, leastShare)), append(m.steps, steps)
	}
	return m
}

// leastShare of the information stands for none, so that a look can be drawn that sees nothing.
const leastShare = 1e-9

// variances are those of the arms' estimates, in squared lifts.
func (k knot) variances() (control, variant float64) {
	all := 1 / (k.information * (1/k.control + 1/k.variant))
	return all / k.control, all / k.variant
}

// prospect is what is certain of a look: whether it comes before the protocol's minimum, and how far each variant is by then.
func (p *planner) prospect(curves [][]Curve, day float64, days int) prospect {
	protocol := p.Observed.Experiment.Protocol
	most := 0.0
	for _, of := range curves {
		least := math.Inf(1)
		for _, c := range of {
			k := c.growth.at(day)
			least = min(least, k.control, k.variant)
		}
		most = max(most, least)
	}
	at := prospect{beforeMinimum: day < float64(protocol.MinimumDays) || most < float64(protocol.MinimumUnits)}
	for v := range p.candidates() {
		at.progress = append(at.progress, p.progressOf(curves, v, day, days))
	}
	return at
}

// progressOf a variant is that of its primary metric furthest behind; by time, where none says which effect matters.
func (p *planner) progressOf(curves [][]Curve, variant int, day float64, days int) float64 {
	progress, known := 1.0, false
	for _, of := range curves {
		if c := of[variant]; c.Use.Role == model.Primary && c.Use.Settings.MDE != nil {
			progress, known = min(progress, p.progressBy(c, c.growth.at(day), float64(days))), true
		}
	}
	if !known {
		return day / float64(days)
	}
	return progress
}

// progressBy a day of an experiment of so many days is what a run on that day would say.
func (p *planner) progressBy(c Curve, k knot, days float64) float64 {
	units, err := k.shareOf(c.test, *c.Use.Settings.MDE, p.forecast.Power)
	if err != nil {
		return 0
	}
	return sufficiency{units: units, plan: p.lookingAt(k.days, days).planned(c.Use)}.share()
}
