package oracle

import (
	"math"
	"slices"
	"time"
)

// A diary is a metric by day.
type diary struct {
	*world
	e      *experiment
	units  []*unit
	sm     *sample // of today
	alphas map[string]float64
}

// diary is that of a metric that has daily rows; nil of another.
func (w *world) diary(e *experiment, a *assigned, u *use) *diary {
	sm := w.samples(e, a, u)[0]
	if len(a.units) == 0 || !w.addsUp(e, sm.setup) {
		return nil
	}
	return &diary{world: w, e: e, units: a.units, sm: sm}
}

// addsUp is whether a metric decides and is made of sums over days.
func (w *world) addsUp(e *experiment, s *setup) bool {
	decides := s.use.role == "primary" || s.use.role == "guardrail"
	if !decides || e.clustered() || !slices.Contains([]string{"simple", "ratio", "derived", "threshold", "retention"}, s.metric.Type) {
		return false
	}
	return !slices.ContainsFunc(s.metric.leaves(), func(leaf *metric) bool {
		sums := s.metric.Type == "retention" || slices.Contains([]string{"sum", "count", "sum_boolean", "average"}, leaf.Agg)
		return !sums || leaf.model.Time == "" || w.grainOf(leaf.model, leaf.model.Time) > daily
	})
}

// daily are the rows of assay_experiment_daily.
func (w *world) daily(e *experiment, a *assigned) []record {
	var rows []record
	rulings := w.rulings(e, a, e.levels()[0])
	for _, u := range e.uses() {
		d := w.diary(e, a, u)
		if d == nil {
			continue
		}
		d.alphas = map[string]float64{}
		for _, r := range rulings {
			if r.sm.setup.use.name() == u.name() && r.cut.isWhole() && r.said != nil {
				d.alphas[r.variant] = r.alpha
			}
		}
		rows = append(append(rows, d.byDate()...), d.sinceExposure()...)
	}
	return rows
}

// dates are from the first that any unit was counted on to the last that the metric's facts may lie on.
func (d *diary) dates() (first, last int) {
	first = d.units[0].from.day
	for _, u := range d.units {
		first = min(first, u.from.day)
	}
	until := d.clock().parse(d.asOf)
	if end := d.sm.setup.window.End; d.e.End != "" {
		closes := d.clock().parse(d.e.End)
		if end != nil {
			closes = d.clock().after(closes, *end, 1, exact)
		}
		until = earlier(closes, until)
	}
	return first, d.clock().instant(until.at.Add(-1)).day
}

// byDate tells what was known when each day ended.
func (d *diary) byDate() []record {
	var rows []record
	first, last := d.dates()
	began := first
	if d.e.Start != "" {
		began = d.start(d.e).day
	}
	for day := first; day <= last; day++ {
		then := d.endOf(day)
		counted := then.window(d.e, d.sm.setup)
		entries := d.entries(then, view{
			counts: func(u *unit) bool { return u.from.day <= day && then.included(d.sm.setup, u) },
			soFar:  counted,
			alone:  func(u *unit, at *moment) bool { return counted(u, at) && at.day == day },
		})
		for _, row := range entries {
			row["axis"], row["day"], row["date"] = "date", float64(day-began), dayText(day)
			if d.sm.setup.mature {
				row["value"], row["effect"], row["effect_low"], row["effect_high"] = nil, nil, nil, nil
			}
		}
		rows = append(rows, entries...)
	}
	return rows
}

// endOf is the world as it was when a day ended, or is today.
func (d *diary) endOf(day int) *world {
	then := *d.world
	if end := d.clock().midnight(day + 1); end.Before(d.clock().parse(d.asOf).at) {
		then.asOf = end.Format(time.RFC3339)
	}
	return &then
}

// sinceExposure tells of each number of days what units had done by the end of them, of those units for which they are over.
func (d *diary) sinceExposure() []record {
	closes := d.clock().parse(d.asOf).day
	if d.sm.setup.window.End == nil {
		closes = d.clock().instant(d.analysisEnd(d.e).at).day
	}
	counted := d.window(d.e, d.sm.setup)
	var rows []record
	for n := 0; n <= d.lastSince() && slices.ContainsFunc(d.units, func(u *unit) bool { return u.from.day+n < closes }); n++ {
		entries := d.entries(d.world, view{
			counts: func(u *unit) bool { return u.from.day+n < closes && d.included(d.sm.setup, u) },
			soFar:  func(u *unit, at *moment) bool { return counted(u, at) && at.day <= u.from.day+n },
			alone:  func(u *unit, at *moment) bool { return counted(u, at) && at.day == u.from.day+n },
		})
		for _, row := range entries {
			row["axis"], row["day"], row["date"] = "since_exposure", float64(n), nil
		}
		rows = append(rows, entries...)
	}
	return rows
}

// lastSince is the last day after exposure that facts of the window may lie on: it ends on the hour of the exposure, unless all facts
// are known by day.
func (d *diary) lastSince() int {
	end := d.sm.setup.window.End
	if end == nil {
		return math.MaxInt
	}
	days := int(math.Ceil(end.duration().Hours() / 24))
	finer := slices.ContainsFunc(d.sm.setup.metric.leaves(), func(leaf *metric) bool { return d.grainOf(leaf.model, leaf.model.Time) < daily })
	return days - 1 + number(finer)
}

// A view is what a day shows: which units count, and which of their facts until its end and on it alone.
type view struct {
	counts       func(*unit) bool
	soFar, alone stretch
}

// entries are a day's rows, one for each variant.
func (d *diary) entries(then *world, v view) []record {
	soFar, alone := d.sampleOf(v.counts, v.soFar), d.sampleOf(v.counts, v.alone)
	for k := range soFar.after {
		d.sm.limits[k].applyAll(soFar.after[k].value)
	}
	soFar.before, soFar.covariates = d.knownBefore(soFar.units)
	var rows []record
	for _, v := range d.e.variants() {
		row := record{"experiment": d.e.Name, "metric": d.sm.setup.use.name(), "variant": v.name}
		for _, name := range daysCompared {
			row[name] = nil
		}
		ofVariant := func(u *unit) bool { return u.variant == v.name }
		now, ever := alone.arm(alone.selected(ofVariant)).estimate(nil), soFar.arm(soFar.selected(ofVariant)).estimate(nil)
		row["n"] = float64(ever.n)
		if now.valued {
			row["value"] = now.value
		}
		d.describeLevel(row, then, v.name, ever)
		if v.name != d.e.baseline() {
			d.describeDay(row, alone, v.name)
			d.describeSoFar(row, then, soFar, v.name)
		}
		rows = append(rows, row)
	}
	return rows
}

var daysCompared = []string{"value", "effect", "effect_low", "effect_high", "cumulative_value", "cumulative_low", "cumulative_high",
	"cumulative_effect", "cumulative_effect_low", "cumulative_effect_high", "cumulative_lift", "cumulative_lift_low", "cumulative_lift_high"}

// sampleOf measures some of the metric's units over a stretch, without caps and covariates.
func (d *diary) sampleOf(counts func(*unit) bool, s stretch) *sample {
	list, f := parts(d.sm.setup.metric, nil)
	sm := &sample{setup: d.sm.setup, formula: f}
	for _, u := range d.sm.units {
		if counts(u) {
			sm.units = append(sm.units, u)
		}
	}
	for _, p := range list {
		sm.after = append(sm.after, d.measure(p, sm.units, sm.setup.entity, s))
	}
	return sm
}

// knownBefore are the units' covariates as today's: of those that are chosen, the metric's own alone.
func (d *diary) knownBefore(units []*unit) (before []measured, covariates []feature) {
	rows := d.sm.selected(func(u *unit) bool { return slices.Contains(units, u) })
	for _, m := range d.sm.before {
		before = append(before, measured{value: at(m.value, rows)})
	}
	known := d.sm.covariates
	if d.sm.setup.choose {
		known = known[:2]
	}
	for _, f := range known {
		covariates = append(covariates, feature{label: f.label, values: at(f.values, rows)})
	}
	return before, covariates
}

// level is the error rate at which a variant is decided today; the control's is the protocol's.
func (d *diary) level(variant string) float64 {
	if alpha, compared := d.alphas[variant]; compared {
		return alpha
	}
	return d.e.stats().alpha()
}

// describeLevel tells the value so far with its interval, to both sides.
func (d *diary) describeLevel(row record, then *world, variant string, e estimate) {
	if !e.valued {
		return
	}
	row["cumulative_value"] = e.value
	t := then.test(d.e, d.sm.setup)
	if !e.tested || t.Method == "bayesian" {
		return
	}
	t.oneSided = false
	if t.Method == "group_sequential" {
		row["tolerance"] = 1e-5
	}
	reach := 0.0
	if e.u > 0 {
		reach = t.radius(&comparison{n: float64(e.n), df: float64(e.n - 1)}, d.level(variant)) * math.Sqrt(e.u)
		row["tolerance"] = max(row.tolerance(), 1e-15*e.scale/math.Sqrt(e.u))
	}
	row["cumulative_low"], row["cumulative_high"] = finite(e.value-reach), finite(e.value+reach)
	if _, decided := d.alphas[variant]; !decided && variant != d.e.baseline() {
		row.leaveOpen("cumulative_low", "cumulative_high")
	}
}

// comparedWith is a variant against the control in a sample.
func (d *diary) comparedWith(sm *sample, variant string) *contest {
	x := &contest{sm: sm, cut: whole, variant: variant}
	rows := map[string][]int{}
	for _, v := range d.e.variants() {
		rows[v.name] = sm.selected(func(u *unit) bool { return u.variant == v.name })
	}
	x.estimate(d.e, rows, sm.selected(everyUnit))
	return x
}

// describeDay tells the effect of the day alone, by the fixed method.
func (d *diary) describeDay(row record, alone *sample, variant string) {
	r := &ruling{contest: d.comparedWith(alone, variant), test: test{statistics: statistics{Method: "fixed"}, good: 1}, level: d.e.stats().alpha()}
	if r.open = r.open || farFromCentre(row); r.open {
		row.leaveOpen(daysCompared[1:4]...)
	}
	if r.conclude(); r.said == nil || r.open {
		return
	}
	row["effect"] = r.said.effect
	low, high := r.interval(r.said.effect, r.said.se, 1)
	row["effect_low"], row["effect_high"] = low, high
	row["tolerance"] = max(row.tolerance(), r.said.digits)
}

// farFromCentre is whether a day's value, which has no caps, is so far above the capped one, about which residuals are taken, that
// they have lost their digits.
func farFromCentre(row record) bool {
	today, ok := row["value"].(float64)
	ever, known := row["cumulative_value"].(float64)
	return ok && known && math.Abs(today) > 1e5*math.Max(1, math.Abs(ever))
}

// describeSoFar tells the effect so far, at the level that decides today.
func (d *diary) describeSoFar(row record, then *world, soFar *sample, variant string) {
	r := &ruling{contest: d.comparedWith(soFar, variant), test: then.test(d.e, d.sm.setup)}
	if r.open {
		row.leaveOpen(daysCompared[7:]...)
	}
	if r.conclude(); r.said == nil || r.open {
		return
	}
	r.alpha = d.level(variant)
	row["tolerance"] = max(row.tolerance(), r.said.digits)
	row["cumulative_effect"] = r.said.effect
	low, high := r.interval(r.said.effect, r.said.se, r.test.good)
	row["cumulative_effect_low"], row["cumulative_effect_high"] = finite(low), finite(high)
	if r.said.hasLift {
		row["cumulative_lift"] = r.said.lift
		low, high := r.liftInterval()
		row["cumulative_lift_low"], row["cumulative_lift_high"] = finite(low), finite(high)
	}
	if explainedAll(r.said.control, r.said.treated) {
		row.leaveOpen(daysCompared[7:]...)
	}
	if _, decided := d.alphas[variant]; !decided {
		row.leaveOpen("cumulative_effect_low", "cumulative_effect_high", "cumulative_lift_low", "cumulative_lift_high")
	}
}

// coverage is the share of all rows' total, over the days of the experiment, that its units have; nil of what is no sum.
func (d *diary) coverage() any {
	m := d.sm.setup.metric
	if m.Type != "simple" || m.Agg == "average" || d.sm.setup.mature {
		return nil
	}
	ours := 0.0
	for _, v := range d.sm.raw[0] {
		ours += v
	}
	list, _ := parts(m, nil)
	first, last := d.dates()
	var everyones []row
	for _, r := range d.rows(m.model) {
		at := d.time(r)
		if at == nil || at.day < first || at.day > last || !at.before(d.clock().parse(d.asOf)) || !d.keeps(m.Filter, r) {
			continue
		}
		everyones = append(everyones, r)
	}
	all, _ := d.aggregate(list[0], everyones)
	if all == 0 {
		return nil
	}
	return ours / all
}
