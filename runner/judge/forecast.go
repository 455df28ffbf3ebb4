package judge

import (
	"fmt"
	"math"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/internal/diag"
	"assay/stats"
)

// A Forecast says how long an experiment takes to know what it asks, and what its decision is worth once it does.
type Forecast struct {
	Experiment *model.Experiment
	AsOf       time.Time
	Basis      Basis
	Power      float64 // with which each comparison is to find what is asked
	Entered    []Entered
	Curves     []Curve // by metric, then variant
	Decisions  []Odds  // at the end that is planned, and where all is known; none where nothing decides
	// Progress is that of the comparison furthest behind of those that decide, and DaysToGo are the days until the last of them
	// finds what it asks. Nil before the start, and where none asks for anything or is foreseen to find it.
	Progress *float64
	DaysToGo *int
	// Problems are what keeps metrics, or the whole, from a forecast, each at its place in the YAML.
	Problems []diag.Diagnostic
	Err      error // metrics that the warehouse refused
}

// Basis is what a forecast is made from.
type Basis string

const (
	FromEntry       Basis = "entry"            // rows of the model that `entry` names
	FromAssignments Basis = "past_assignments" // units of the same assignments, whatever they were assigned for
	FromOwnData     Basis = "own_data"         // the experiment runs, or has
)

// Entered is how many units count after so many days, in all variants together.
type Entered struct {
	Days  int
	Units int64
}

// A Curve is what a comparison of a variant with the control finds in a metric, as days go by.
type Curve struct {
	Use     *model.MetricUse
	Variant string
	Alpha   float64 // of the test, after correction
	// FirstStep says that Alpha is that of a stepwise correction's first step, so that the power is at least as told.
	FirstStep bool
	Asked     *float64 // the lift to find: the metric's mde; of a guardrail the margin to keep within; nil where none is written
	Points    []Point
	Needs     []Need // how long it takes to find a lift: first the one asked for
	Longest   bool   // no comparison that decides takes longer
	// Progress and DaysLeft are those of a run's results; nil before the start.
	Progress, DaysLeft *float64

	growth growth
	test   stats.Procedure
}

// A Point of a curve. Where Undefined says why there is no answer, the numbers are not to be read.
type Point struct {
	Days             int
	Control, Variant int64   // units of the arm that the metric counts
	Value            float64 // of the control, as observed
	SD               float64 // of one of its units, adjusted as the metric is; of ratios and quantiles √n times the standard error
	LiftSE           float64
	Detectable       *float64 // the smallest lift found with the power asked for; nil where no lift is
	Power            *float64 // of finding the lift asked for
	Undefined        error
}

// A Need is the days after which a lift is found with the power asked for.
type Need struct {
	Lift   float64
	Days   *int // nil: not within any time that can be foreseen
	Beyond bool // beyond what was measured, at the pace of its end
}

// Asked are the wishes of whoever wants a forecast.
type Asked struct {
	Lifts []float64 // to find, instead of the metrics' own
	Power *float64  // instead of the protocol's
}

// A Rehearsal is what was observed of an experiment that began so many days before as-of, on history; see model.Rehearsals.
type Rehearsal struct {
	Days     int
	Observed *plan.Observed
}

// Plan forecasts an experiment before its start, from rehearsals of it, the shortest first.
func Plan(run Run, x *model.Experiment, asOf time.Time, rehearsals []Rehearsal, asked Asked) *Forecast {
	p := newPlanner(run, x, asOf, asked)
	p.forecast.Basis = basisOf(x)
	known := covered(rehearsals)
	if len(known) == 0 {
		p.report(withoutHistory(x, len(rehearsals)))
		return p.forecast
	}
	known = p.withFacts(known)
	last := known[len(known)-1].Observed
	p.Observed.Metrics = last.Metrics
	p.forecast.Err = p.err()
	for _, r := range known {
		p.forecast.Entered = append(p.forecast.Entered, Entered{r.Days, analysed(r.Observed)})
	}
	for i, m := range last.Metrics {
		for _, v := range p.variants() {
			p.add(p.rehearsed(known, i, m.Use, v))
		}
	}
	return p.finish()
}

// Follow forecasts an experiment that runs from what it has brought so far.
func Follow(run Run, observed *plan.Observed, asked Asked) *Forecast {
	p := newPlanner(run, observed.Experiment, observed.AsOf, asked)
	p.evidence = evidence{Observed: observed, run: run, contests: contests(observed.Metrics)}
	p.forecast.Basis, p.forecast.Err = FromOwnData, p.err()
	p.forecast.Entered = []Entered{{p.daysSoFar(), p.units()}}
	if p.units() == 0 {
		p.report(withoutUnits(observed.Experiment))
		return p.forecast
	}
	for _, r := range p.rulings(observed.Experiment.Protocol.Confidence) {
		if r.isWhole() && !isStep(r.metric) {
			p.add(p.underWay(r))
		}
	}
	return p.finish()
}

// A planner makes a forecast.
type planner struct {
	evidence
	asked    Asked
	forecast *Forecast
}

func newPlanner(run Run, x *model.Experiment, asOf time.Time, asked Asked) *planner {
	p := &planner{evidence: evidence{Observed: &plan.Observed{Experiment: x, AsOf: asOf}, run: run}, asked: asked}
	p.forecast = &Forecast{Experiment: x, AsOf: asOf, Power: x.Protocol.Power}
	if asked.Power != nil {
		p.forecast.Power = *asked.Power
	}
	return p
}

func basisOf(x *model.Experiment) Basis {
	if x.Entry != nil {
		return FromEntry
	}
	return FromAssignments
}

// analysed are the units of a rehearsal that count.
func analysed(observed *plan.Observed) int64 {
	var units int64
	for _, v := range observed.Exposures.Variants {
		units += v.Analysed
	}
	return units
}

func (p *planner) report(d diag.Diagnostic) { p.forecast.Problems = append(p.forecast.Problems, d) }

// add keeps a curve, and says at the metric's place why it ends without an answer.
func (p *planner) add(c Curve) {
	if n := len(c.Points); n > 0 {
		if err := c.Points[n-1].Undefined; err != nil {
			p.report(diag.Diagnostic{Code: "no-forecast", Severity: diag.Warning, Span: c.Use.Decl.Metric.Span,
				Message: fmt.Sprintf("how long `%s` takes cannot be told: %s", c.Use.Name, reason(err).Text)})
		}
	}
	p.forecast.Curves = append(p.forecast.Curves, c)
}

// finish adds what is told of the curves together.
func (p *planner) finish() *Forecast {
	p.markLongest()
	if p.forecast.Basis == FromOwnData {
		p.sumUp()
	}
	for _, days := range p.horizons() {
		p.forecast.Decisions = append(p.forecast.Decisions, p.odds(days))
	}
	return p.forecast
}

// sumUp is how far the whole decision is.
func (p *planner) sumUp() {
	f := p.forecast
	for _, c := range f.Curves {
		if !c.decides() || c.Progress == nil {
			continue
		}
		if f.Progress == nil || *c.Progress < *f.Progress {
			f.Progress = c.Progress
		}
		if c.Longest && c.days() < math.MaxInt {
			f.DaysToGo = ptr(max(0, c.days()-p.daysSoFar()))
		}
	}
}

// rehearsed is a comparison's curve over rehearsals.
func (p *planner) rehearsed(rehearsals []Rehearsal, metric int, use *model.MetricUse, v model.Variant) Curve {
	c := p.newCurve(use, v.Name)
	for _, r := range rehearsals {
		m := r.Observed.Metrics[metric]
		if m.Failed == nil {
			c.Points = append(c.Points, p.pointOf(r.Days, m, v.Name))
		}
	}
	return p.completed(c, growthOf(c.Points))
}

// pointOf is a comparison at the end of a rehearsal, had its units been divided as the experiment divides them.
func (p *planner) pointOf(days int, m *plan.ObservedMetric, variant string) Point {
	control, treated, err := p.divided(m, variant)
	if err != nil {
		return Point{Days: days, Undefined: err}
	}
	return p.point(days, m, control, treated)
}

func (p *planner) point(days int, m *plan.ObservedMetric, control, variant stats.Arm) Point {
	at := Point{Days: days, Control: control.N, Variant: variant.N, Value: control.Value}
	se, err := p.alikeSE(m.Shape.Kind, control, variant)
	if at.Undefined = err; err == nil {
		at.LiftSE = se
		at.SD = control.SE() * sqrtOf(control.N)
	}
	return at
}

// underWay is a comparison's curve from its data so far, which grow with the units as they came over the last days.
func (p *planner) underWay(r *ruling) Curve {
	c := p.newCurve(r.metric.Use, r.name())
	control, variant, err := r.pair(r.control, r.variant)
	if err != nil {
		c.Points = []Point{{Days: p.daysSoFar(), Undefined: err}}
		return c
	}
	c.Points = []Point{p.point(p.daysSoFar(), r.metric, control, variant)}
	p.measureProgress(&c, r)
	g := growthOf(c.Points)
	if p.status() == Running && g.known() {
		daily := p.dailyUnits(r.slice.Arms[r.control].Variant, r.slice.Arms[r.variant].Variant)
		g.pace = g.knots[len(g.knots)-1].times(daily / float64(p.either(control.N+variant.N, control.Clusters+variant.Clusters)))
	} else {
		g.pace = knot{}
	}
	return p.completed(c, g)
}

// measureProgress is what a run's results say of a metric's mde, and the same of a guardrail's margin.
func (p *planner) measureProgress(c *Curve, r *ruling) {
	if c.Asked == nil {
		return
	}
	if enough, err := p.sufficiency(r, *c.Asked, p.forecast.Power); err == nil {
		c.Progress, c.DaysLeft = ptr(enough.share()), p.daysLeft(r, enough)
	}
}

// daysSoFar are the days since the start, or since the first exposure where no start is written, up to as-of or the end.
func (p *planner) daysSoFar() int {
	if days := p.daysRunning(); days != nil {
		return int(*days)
	}
	if daily := p.Exposures.Daily; len(daily) > 0 {
		return int(p.AsOf.Sub(daily[0].Day) / (24 * time.Hour))
	}
	return 0
}
