package oracle

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// A path is a test statistic's score over planned looks: its density where it has not left the bounds yet, at nodes and with
// weights to integrate by.
type path struct {
	info            float64
	nodes, weighted []float64 // nil: at 0, before the first look
	critical        []float64
}

func (p path) last() float64 { return p.critical[len(p.critical)-1] }

// spent is how much of a one-sided α may be spent by a share of the information (Lan and DeMets 1983).
func (t test) spent(info, alpha float64) float64 {
	switch t.Spending {
	case "pocock":
		return alpha * math.Log(1+(math.E-1)*info)
	case "kim_demets":
		return alpha * info * info
	}
	return 2 * normal(-normalQuantile(1-alpha/2)/math.Sqrt(info))
}

// looks are the bounds of each planned look: what may be spent by then and has not been, is the chance to cross there first.
func (t test) looks(alpha float64) path {
	alpha /= t.tails()
	p, before := path{}, 0.0
	for i, info := range t.planned {
		allowed := t.spent(info, alpha) - before
		before += allowed
		c := p.bound(info, allowed)
		p.critical = append(p.critical, c)
		if i+1 < len(t.planned) {
			p = p.survive(info, c, !t.oneSided)
		}
	}
	return p
}

// above is the chance that the score lies above x at the next look, and has crossed no bound before.
func (p path) above(x, info float64) float64 {
	if p.nodes == nil {
		return normal(-x / math.Sqrt(info))
	}
	total, step := 0.0, math.Sqrt(info-p.info)
	for i, from := range p.nodes {
		total += p.weighted[i] * normal(-(x-from)/step)
	}
	return total
}

// bound is the z above which the chance lies.
func (p path) bound(info, chance float64) float64 {
	if !(chance > 0) {
		return math.Inf(1)
	}
	return root(func(z float64) float64 { return math.Log(p.above(z*math.Sqrt(info), info) / chance) }, 0, -normalQuantile(chance))
}

// root is where a falling function is 0, by false position with halving (Illinois), from two ends that are moved until it is above 0
// at one and below at the other.
func root(f func(float64) float64, low, high float64) float64 {
	above, below := f(low), f(high)
	for above < 0 && low > -farOut {
		low -= 1
		above = f(low)
	}
	for below > 0 {
		high += 1
		below = f(high)
	}
	for range 60 {
		x := (low*below - high*above) / (below - above)
		if math.IsInf(below-above, 0) {
			x = (low + high) / 2
		}
		y := f(x)
		switch {
		case math.Abs(y) < 1e-10 || high-low < 1e-12:
			return x
		case y > 0:
			low, above, below = x, y, below/2
		default:
			high, below, above = x, y, above/2
		}
	}
	return (low + high) / 2
}

// farOut is so many standard deviations that nothing lies beyond.
const farOut = 9

// survive is the density of the score at a look for those below the bound, and above its mirror image where there are two sides.
func (p path) survive(info, critical float64, twoSided bool) path {
	high := math.Min(critical, farOut) * math.Sqrt(info)
	low := -farOut * math.Sqrt(info)
	if twoSided {
		low = -high
	}
	high = math.Max(high, low+1e-9) // nothing is left between
	const nodes = 60
	next := path{info: info, nodes: make([]float64, nodes), critical: p.critical}
	weights := make([]float64, nodes)
	quad.Legendre{}.FixedLocations(next.nodes, weights, low, high)
	for i, x := range next.nodes {
		next.weighted = append(next.weighted, weights[i]*p.density(x, info))
	}
	return next
}

func (p path) density(x, info float64) float64 {
	if p.nodes == nil {
		return bell(x, info)
	}
	total := 0.0
	for i, from := range p.nodes {
		total += p.weighted[i] * bell(x-from, info-p.info)
	}
	return total
}

// bell is the density of a normal around 0.
func bell(x, variance float64) float64 {
	return math.Exp(-x*x/(2*variance)) / math.Sqrt(2*math.Pi*variance)
}

// likely is the p-value above which bounds run into one another: there repeatedP is 1.
const likely = 0.99

// repeatedP is the α whose bound at the last look is z.
func (t test) repeatedP(z float64) float64 {
	if t.looks(likely).last() >= z {
		return 1
	}
	low := math.Log(math.Min(likely, 2*normal(-z))) - 5
	return math.Exp(root(func(log float64) float64 { return t.looks(math.Exp(log)).last() - z }, low, math.Log(likely)))
}

// plan are the looks planned at equal steps before the present one, and this one, by the time that has passed of what was planned.
func (w *world) plan(e *experiment, s *setup) (looks []float64, completed bool) {
	end := w.plannedEnd(e, s)
	asOf := w.clock().parse(w.asOf).at
	if end == nil {
		return []float64{1}, false
	}
	if !asOf.Before(end.at) {
		return append(equalSteps(e.stats(), 1), 1), true
	}
	start := w.start(e).at
	now := float64(asOf.Sub(start)) / float64(end.at.Sub(start))
	return append(equalSteps(e.stats(), now), now), false
}

// equalSteps are the planned looks that lie before the present one.
func equalSteps(s statistics, now float64) []float64 {
	var before []float64
	k := cmp.Or(s.Looks, 4)
	for i := 1; i <= k; i++ {
		if look := float64(i) / float64(k); look < now-1e-3 {
			before = append(before, look)
		}
	}
	return before
}

// plannedEnd is when nothing more is to come for a metric: as people wrote, else when the window of the last unit closes; nil
// where no end is planned.
func (w *world) plannedEnd(e *experiment, s *setup) *moment {
	if e.End == "" {
		return nil
	}
	end := w.clock().parse(e.End)
	switch {
	case e.ObserveUntil != "":
		end = w.clock().parse(e.ObserveUntil)
	case s.window.End != nil:
		end = w.clock().after(end, *s.window.End, 1, exact)
	}
	return &end
}
