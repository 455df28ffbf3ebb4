package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A record is a row of a result table, or the part of it that is expected.
type record map[string]any

// tolerance is the relative precision that a row is compared with.
func (r record) tolerance() float64 {
	if t, ok := r["tolerance"].(float64); ok {
		return t
	}
	return 1e-9
}

// leaveOpen expects nothing of what the pages do not decide.
func (r record) leaveOpen(columns ...string) {
	for _, name := range columns {
		delete(r, name)
	}
}

func keyText(r record, keys []string) string {
	var parts []string
	for _, k := range keys {
		parts = append(parts, fmt.Sprint(r[k]))
	}
	return strings.Join(parts, " / ")
}

// fraction reads 95% or 0.95.
func fraction(s string) float64 {
	percent, isPercent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(percent, 64)
	if err != nil {
		panic(err)
	}
	if isPercent {
		return v / 100
	}
	return v
}

// baseline is the control that all others are compared with.
func (e *experiment) baseline() string {
	if len(e.Control) > 0 {
		return e.Control[0]
	}
	return "control"
}

// A cut is a slice of a dimension; all of it is one too.
type cut struct {
	dimension, slice string
	holds            func(*unit) bool
}

// whole is the cut of all units.
var whole = cut{"overall", "all", everyUnit}

func (c cut) isWhole() bool { return c.dimension == "overall" }

const slicesShown = 50

// cuts are the whole and each value of the experiment's dimensions; the values with the most units stand by themselves.
func (w *world) cuts(e *experiment, a *assigned) []cut {
	all := []cut{whole}
	for _, name := range e.Dimensions {
		sizes := map[string]int{}
		for _, u := range a.units {
			u.slices[name] = "(none)"
			if v := w.attribute(e, u, name); v != nil {
				u.slices[name] = identity(v)
				sizes[identity(v)]++
			}
		}
		largest := bySize(sizes)
		found := map[string]bool{}
		for _, u := range a.units {
			if len(largest) > slicesShown && slices.Contains(largest[slicesShown:], u.slices[name]) {
				u.slices[name] = "(other)"
			}
			found[u.slices[name]] = true
		}
		for _, slice := range sortedKeys(found) {
			all = append(all, cut{name, slice, func(u *unit) bool { return u.slices[name] == slice }})
		}
	}
	return all
}

// A contest is a variant against the control in a cut of a sample.
type contest struct {
	sm               *sample
	cut              cut
	variant          string
	control, treated *arm     // of means; nil of quantiles
	c, t             estimate // over all the cut's units
	mixedC, mixedT   estimate // over its strata, in one mix of them; the same where there are none
	said             *comparison
	adjusted         bool
	open             bool // rounding decides what is left of it
}

// contests are those of each variant, where either arm has a unit in the cut.
func (sm *sample) contests(e *experiment, a *assigned, c cut) []*contest {
	rows := map[string][]int{}
	for _, v := range e.variants() {
		rows[v.name] = sm.selected(func(u *unit) bool { return u.variant == v.name && c.holds(u) })
	}
	whole := sm.selected(c.holds)
	var all []*contest
	for _, v := range e.variants() {
		either := func(u *unit) bool { return (u.variant == v.name || u.variant == e.baseline()) && c.holds(u) }
		if v.name == e.baseline() || !slices.ContainsFunc(a.units, either) {
			continue
		}
		x := &contest{sm: sm, cut: c, variant: v.name}
		if sm.setup.metric.isQuantile() {
			x.c, x.t = sm.quantileArm(rows[e.baseline()], e.stats().alpha()), sm.quantileArm(rows[v.name], e.stats().alpha())
			x.mixedC, x.mixedT = x.c, x.t
			x.said = compareArms(x.c, x.t, true)
		} else {
			x.estimate(e, rows, whole)
		}
		if x.said != nil && explainedAll(x.said.control, x.said.treated) {
			x.open = true
		}
		all = append(all, x)
	}
	return all
}

// estimate fills a contest of means: the arms over the whole cut, and the comparison by strata where there are any.
func (x *contest) estimate(e *experiment, rows map[string][]int, whole []int) {
	var arms []*arm
	for _, v := range e.variants() {
		a := x.sm.arm(rows[v.name])
		arms = append(arms, a)
		switch v.name {
		case e.baseline():
			x.control = a
		case x.variant:
			x.treated = a
		}
	}
	j := x.sm.adjustment(arms)
	x.adjusted = j != nil
	x.c, x.t = x.control.estimate(j), x.treated.estimate(j)
	x.mixedC, x.mixedT = x.c, x.t
	if e.stratified() {
		x.mixedC, x.mixedT = x.sm.poststratified(e, whole, e.baseline(), x.variant)
	}
	x.said = compareArms(x.mixedC, x.mixedT, false)
	x.open = x.sm.setup.metric.Type == "derived" && (x.control.cancels() || x.treated.cancels()) || x.mixedC.onEdge()
}

// results are the rows of assay_experiment_results that are due to an experiment.
func (w *world) results(e *experiment, a *assigned) []record {
	var rows []record
	for _, level := range e.levels() {
		rows = append(rows, w.level(e, a, level)...)
	}
	return rows
}

// levels are the protocol's confidence, which decides, and those shown beside it.
func (e *experiment) levels() []float64 {
	levels := []float64{fraction(cmp.Or(e.stats().Confidence, "95%"))}
	for _, s := range e.stats().Show {
		if c := fraction(s); !slices.Contains(levels, c) {
			levels = append(levels, c)
		}
	}
	return levels
}

// level are the rows at one confidence.
func (w *world) level(e *experiment, a *assigned, confidence float64) []record {
	var rows []record
	for _, r := range w.rulings(e, a, confidence) {
		row := r.record(e)
		w.describeShrunken(row, r, e, a)
		w.describeCoverage(row, r, e, a)
		rows = append(rows, row)
		w.fragile = w.fragile || r.open && r.inFamily() || r.decides && r.onEdge()
	}
	return rows
}

// rulings conclude on all contests at one confidence.
func (w *world) rulings(e *experiment, a *assigned, confidence float64) []*ruling {
	var rulings []*ruling
	for _, u := range e.uses() {
		t := w.test(e, e.setup(u))
		for _, x := range w.contests(e, a, u) {
			r := &ruling{contest: x, test: t, level: 1 - confidence, decides: confidence == e.levels()[0]}
			r.conclude()
			rulings = append(rulings, r)
		}
	}
	e.correct(rulings)
	return rulings
}

// contests of a use are computed once.
func (w *world) contests(e *experiment, a *assigned, u *use) []*contest {
	key := e.Name + "/" + u.name()
	if w.memory == nil {
		w.memory = map[string][]*contest{}
	}
	if w.memory[key] == nil {
		cuts := w.cuts(e, a)
		for _, sm := range w.samples(e, a, u) {
			for _, c := range cuts {
				w.memory[key] = append(w.memory[key], sm.contests(e, a, c)...)
			}
		}
	}
	return w.memory[key]
}

// test is how the experiment concludes on a metric.
func (w *world) test(e *experiment, s *setup) test {
	t := test{statistics: e.stats(), good: 1, oneSided: e.stats().Sides == "one", power: fraction(cmp.Or(e.protocol.Power, "80%"))}
	t.Method = cmp.Or(t.Method, "sequential")
	if s.metric.DesiredChange == "decrease" {
		t.good = -1
	}
	t.planned, t.completed = w.plan(e, s)
	return t
}

// A ruling is a result row in the making: a contest at a level.
type ruling struct {
	*contest
	test    test
	level   float64 // α before correction
	alpha   float64 // after it
	decides bool
	p       float64
	family  *float64 // the p-value after correction
	unsure  bool     // whether a p-value that is corrected with it is left open

	familyDigits float64 // the least precision among the p-values that are corrected with it
}

// conclude turns belief into effects where the method has one.
func (r *ruling) conclude() {
	r.alpha = r.level
	if r.said == nil {
		return
	}
	said := *r.said
	believed := *r.contest
	believed.said = &said
	r.contest = &believed
	if r.test.Method == "bayesian" {
		if !said.believe(r.test) {
			r.said = nil
		}
		return
	}
	r.p = r.test.pValue(&said)
}

// inFamily is whether the ruling is among the tests that are corrected together.
func (r *ruling) inFamily() bool {
	role := r.sm.setup.use.role
	return r.cut.isWhole() && r.sm.step == "" && (role == "primary" || role == "secondary")
}

// correct adjusts the family's p-values, and its intervals where the method is of a single step.
func (e *experiment) correct(rulings []*ruling) {
	s := e.stats()
	if s.correction() == "none" || s.Method == "bayesian" {
		return
	}
	count := map[string]float64{}
	for _, u := range e.uses() {
		count[u.role]++
	}
	shares := map[string]float64{"primary": s.gamma() / max(1, count["primary"]), "secondary": (1 - s.gamma()) / max(1, count["secondary"])}
	total := shares["primary"]*count["primary"] + shares["secondary"]*count["secondary"]
	others := float64(len(e.variants()) - 1)
	var family []member
	var members []*ruling
	for _, r := range rulings {
		if r.inFamily() && r.said != nil {
			members = append(members, r)
			family = append(family, member{r.p, shares[r.sm.setup.use.role] / total / others})
		}
	}
	if len(family) == 0 {
		return
	}
	if slices.ContainsFunc(family, func(m member) bool { return math.IsNaN(m.p) }) { // of a contest that is open
		for _, r := range members {
			r.open = true
		}
		return
	}
	unsure := slices.ContainsFunc(members, (*ruling).findsNothing)
	coarsest := slices.MaxFunc(members, func(a, b *ruling) int { return cmp.Compare(a.said.digits, b.said.digits) })
	for i, c := range s.correct(family, rulings[0].level) {
		members[i].family, members[i].alpha, members[i].unsure = &c.p, c.alpha, unsure
		members[i].familyDigits = coarsest.said.digits
	}
}

// record is the row.
func (r *ruling) record(e *experiment) record {
	s := r.sm.setup
	row := record{"experiment": e.Name, "metric": s.use.name(), "step": nil, "variant": r.variant, "control": e.baseline(),
		"dimension": r.cut.dimension, "slice": r.cut.slice, "confidence": 1 - r.level, "role": s.use.role, "method": r.test.Method,
		"decides": r.decides, "mde": nil, "margin": nil}
	if r.sm.step != "" {
		row["step"] = r.sm.step
	}
	if s.MDE != "" {
		row["mde"] = fraction(s.MDE)
	}
	if s.use.Margin != "" {
		row["margin"] = fraction(s.use.Margin)
	}
	r.describe(row, "control", r.control, r.c, r.mixedC)
	r.describe(row, "variant", r.treated, r.t, r.mixedT)
	r.describeCaps(row, e)
	r.describeComparison(row)
	if r.open {
		row.leaveOpen(slices.Concat([]string{"status", "verdict", "alpha", "variance_reduction"}, compared)...)
	}
	return row
}

func (r *ruling) describe(row record, side string, a *arm, e, mixed estimate) {
	row["n_"+side] = int64(e.n)
	for _, name := range []string{"value_", "adjusted_", "sd_", "total_"} {
		row[name+side] = nil
	}
	if a != nil && a.n > 0 && r.sm.setup.metric.Type != "derived" {
		row["total_"+side] = a.total
	}
	if a != nil && r.sm.setup.metric.Type == "derived" {
		row.leaveOpen("total_" + side)
	}
	if !e.valued {
		return
	}
	row["value_"+side], row["adjusted_"+side] = e.value, mixed.adjusted
	if !mixed.tested {
		row.leaveOpen("adjusted_" + side)
	}
	if !e.tested {
		return
	}
	sd := math.Sqrt(e.u * float64(e.n))
	row["sd_"+side] = sd
	if sd > 0 {
		row["tolerance"] = max(row.tolerance(), 1e-15*e.scale/sd)
	}
}

func (r *ruling) describeCaps(row record, e *experiment) {
	row["cap_lower"], row["cap_upper"], row["share_capped"] = nil, nil, nil
	if r.sm.limits == nil {
		return
	}
	l := r.sm.limits[0]
	if !isNaN(l.lower) {
		row["cap_lower"] = l.lower
	}
	if !isNaN(l.upper) {
		row["cap_upper"] = l.upper
	}
	both := r.sm.selected(func(u *unit) bool { return (u.variant == r.variant || u.variant == e.baseline()) && r.cut.holds(u) })
	if row["cap_lower"] == nil && row["cap_upper"] == nil || len(both) == 0 {
		return
	}
	row["share_capped"] = r.sm.shareCapped(both)
	if r.sm.setup.metric.isRatio() {
		row.leaveOpen("share_capped") // of its numerator or of both
	}
}

// shareCapped is the share of units whose first part a cap changed.
func (sm *sample) shareCapped(rows []int) float64 {
	capped := 0
	for _, i := range rows {
		capped += number(sm.raw[0][i] != sm.after[0].value[i])
	}
	return float64(capped) / float64(len(rows))
}

var compared = []string{"effect", "effect_se", "effect_low", "effect_high", "lift", "lift_se", "lift_low", "lift_high",
	"p_value", "p_adjusted", "mde_now", "power_progress", "chance_to_win", "expected_loss", "variance_reduction"}

// describeComparison fills what the two arms say together.
func (r *ruling) describeComparison(row record) {
	for _, name := range compared {
		row[name] = nil
	}
	row["status"] = "undefined"
	if r.said == nil {
		row.leaveOpen("alpha", "verdict")
		return
	}
	c := r.said
	row["status"], row["alpha"] = "ok", r.alpha
	row["tolerance"] = max(c.digits, row.tolerance())
	row["effect"], row["effect_se"] = c.effect, c.se
	low, high := r.interval(c.effect, c.se, r.test.good)
	row["effect_low"], row["effect_high"] = finite(low), finite(high)
	row["tolerance"] = max(row.tolerance(), c.digitsOfEnd(low), c.digitsOfEnd(high))
	r.describeP(row)
	if r.adjusted {
		row["variance_reduction"] = 1 - (r.mixedC.v+r.mixedT.v)/(r.mixedC.u+r.mixedT.u)
	}
	if c.hasLift {
		r.describeLift(row)
	}
	row["verdict"] = nil
	if r.decides {
		row["verdict"] = r.verdict()
	}
	if r.test.Method == "group_sequential" {
		row["tolerance"] = max(row.tolerance(), 1e-5)
	}
}

func (r *ruling) describeP(row record) {
	if r.test.Method == "bayesian" {
		if r.sm.setup.metric.DesiredChange != "none" {
			row["chance_to_win"], row["expected_loss"] = r.said.chance, r.said.loss
		}
		return
	}
	row["p_value"] = r.p
	if r.family != nil {
		row["p_adjusted"] = *r.family
		if r.test.stepwise() { // it may be another's p-value
			row["tolerance"] = max(row.tolerance(), r.familyDigits)
			row["alpha"] = nil
		}
	}
	if r.test.Method == "hybrid" && !r.decides { // which of its two tests gives it hangs on the level
		row.leaveOpen("p_value", "p_adjusted")
	}
	if r.findsNothing() {
		row.leaveOpen("p_value")
	}
	if r.unsure {
		row.leaveOpen("p_adjusted")
	}
}

// findsNothing is whether the bounds of a design in groups run into one another, so that the p-value is no number to rely on.
func (r *ruling) findsNothing() bool { return r.test.Method == "group_sequential" && r.p > likely }

func (r *ruling) describeLift(row record) {
	c := r.said
	row["lift"], row["lift_se"] = c.lift, c.liftSE
	low, high := r.liftInterval()
	row["lift_low"], row["lift_high"] = finite(low), finite(high)
	row["mde_now"] = (normalQuantile(1-r.alpha/r.test.tails()) + normalQuantile(r.test.power)) * c.liftSE
	if mde, ok := row["mde"].(float64); ok {
		half := math.Min(high-c.lift, c.lift-low)
		row["power_progress"] = mde * mde / (half * half)
	}
	if c.liftSE < 1e-12 || c.liftSE*math.Abs(c.control.value) < 1e-7*c.se {
		row.leaveOpen("lift", "lift_se", "lift_low", "lift_high", "mde_now", "power_progress", "verdict") // as of a variant of zeros
	}
}

// describeCoverage tells how much of the whole metric a lift is a lift of.
func (w *world) describeCoverage(row record, r *ruling, e *experiment, a *assigned) {
	row["coverage"], row["global_lift"] = nil, nil
	if !r.cut.isWhole() || r.sm.step != "" {
		return
	}
	if d := w.diary(e, a, r.sm.setup.use); d != nil {
		row["coverage"] = d.coverage()
	}
	lift, known := row["lift"].(float64)
	if share, covers := row["coverage"].(float64); covers && known {
		row["global_lift"] = lift * share
	}
	if _, decided := row["lift"]; !decided {
		row.leaveOpen("global_lift")
	}
}

func (r *ruling) liftInterval() (low, high float64) {
	return r.interval(r.said.lift, r.said.liftSE, r.test.good*math.Copysign(1, r.said.control.value))
}

// interval is about a value; a one-sided one is open towards the good side.
func (r *ruling) interval(value, se, good float64) (low, high float64) {
	reach := r.test.radius(r.said, r.alpha)
	low, high = value-reach*se, value+reach*se
	switch {
	case !r.test.oneSided:
	case good > 0:
		high = math.Inf(1)
	default:
		low = math.Inf(-1)
	}
	return low, high
}

// finite is NULL where an interval is open.
func finite(x float64) any {
	if math.IsInf(x, 0) {
		return nil
	}
	return x
}
