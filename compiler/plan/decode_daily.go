package plan

import (
	"cmp"
	"math"
	"slices"
	"time"

	"assay/compiler/rel"
	"assay/stats"
)

// A span is units of a variant and stratum of which nothing changes over some days, with their moments.
type span struct {
	at          Stratum
	from, until int // the first day, and the first one that is not among them
	arm         Arm
}

// daily is a metric by day; nil where it has no daily rows.
func (d *decoder) daily(o *ObservedMetric, e *estimator) (*Daily, error) {
	var all *Daily
	for _, a := range d.cohort.axes {
		i := slices.IndexFunc(a.metrics, func(m *dayMetric) bool { return m.of == e })
		if i < 0 {
			continue
		}
		if all == nil {
			soFar := a.metrics[i].soFar
			all = &Daily{Shape: soFar.shape, Labels: soFar.labels}
		}
		for _, kind := range a.kinds {
			if err := d.along(all, a, kind, a.metrics[i], o); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// along fills in a metric's days of one kind.
func (d *decoder) along(all *Daily, a *axis, kind axisKind, m *dayMetric, o *ObservedMetric) error {
	soFar, err := d.spans(a, kind, m.soFar)
	if err != nil {
		return err
	}
	alone, err := d.spans(a, kind, m.alone)
	if err != nil {
		return err
	}
	if kind == sinceExposure {
		all.SinceExposure = d.days(m, soFar, alone, m.lastDaySince(), o.idle(m.alone))
		return nil
	}
	all.ByDate = d.days(m, soFar, alone, d.lastDate(m), o.idle(m.alone))
	all.Everyone = d.everyone(m.of, all.ByDate)
	return nil
}

// find is the statement that holds an estimator's moments on an axis, and their columns.
func (a *axis) find(e *estimator) (*moments, *useColumns) {
	for _, m := range a.fetched {
		for _, u := range m.uses {
			if u.estimator == e {
				return m, u
			}
		}
	}
	panic("an axis fetches all that its metrics read")
}

// spans are the rows of an estimator along one kind of an axis, by stratum and variant, then by their first day, the longest before
// the others.
func (d *decoder) spans(a *axis, kind axisKind, e *estimator) ([]span, error) {
	statement, columns := a.find(e)
	rows, err := d.records(statement.step.Name)
	if err != nil {
		return nil, err
	}
	from, until := kind.spanColumns()
	var all []span
	for _, r := range rows {
		s := span{at: d.stratumOf(r), from: r.day(from), until: r.day(until), arm: columns.arm(r)}
		if r.integer(axisSet) == int64(slices.Index(a.kinds, kind)) && s.from < s.until {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b span) int {
		return cmp.Or(a.compare(b), cmp.Compare(a.from, b.from), cmp.Compare(b.until, a.until))
	})
	return all, nil
}

// compare orders spans by the cell they are of.
func (s span) compare(other span) int {
	return cmp.Or(cmp.Compare(s.at.Phase, other.at.Phase), cmp.Compare(s.at.Stratum, other.at.Stratum),
		cmp.Compare(s.arm.Variant, other.arm.Variant))
}

// days are those from the first that any unit saw up to the last that one did, and not beyond the latest.
func (d *decoder) days(m *dayMetric, soFar, alone []span, latest int, idle []float64) []Day {
	first, last := math.MaxInt, math.MinInt
	for _, s := range soFar {
		first, last = min(first, s.from), max(last, min(s.until-1, latest))
	}
	var days []Day
	for n := first; n <= last; n++ {
		days = append(days, Day{Number: n, SoFar: d.emptySlice(Overall, All, m.soFar), Alone: d.emptySlice(Overall, All, m.alone)})
	}
	for len(soFar) > 0 {
		var held, begun []span
		held, soFar = sameCell(soFar)
		begun, alone = sameCell(alone)
		at, holding, beginning := held[0].at, holdingOn(held, first, last), beginningOn(begun, first, last)
		for i := range days {
			d.add(&days[i].SoFar, at, holding[i])
			d.add(&days[i].Alone, at, beginning[i].plus(idlers(holding[i], beginning[i], idle)))
		}
	}
	return days
}

// sameCell parts the spans of the first stratum and variant from the others. Both estimators of a metric have spans of the same.
func sameCell(all []span) (first, others []span) {
	n := slices.IndexFunc(all, func(s span) bool { return s.compare(all[0]) != 0 })
	if n < 0 {
		n = len(all)
	}
	return all[:n], all[n:]
}

// holdingOn adds up, for each day, the spans that it is among. Those that begin on one day are merged from the longest to the
// shortest, so that the work grows with the square of the number of days and not with its cube.
func holdingOn(spans []span, first, last int) []Arm {
	arms := armsOf(spans, first, last)
	for len(spans) > 0 {
		from := spans[0].from
		var holding Arm
		for at := last; at >= from; at-- {
			for len(spans) > 0 && spans[0].from == from && spans[0].until > at {
				holding = spans[0].arm.plus(holding)
				spans = spans[1:]
			}
			arms[at-first] = arms[at-first].plus(holding)
		}
		for len(spans) > 0 && spans[0].from == from { // beyond the last day
			spans = spans[1:]
		}
	}
	return arms
}

// beginningOn adds up, for each day, the spans that begin on it.
func beginningOn(spans []span, first, last int) []Arm {
	arms := armsOf(spans, first, last)
	for _, s := range spans {
		if s.from <= last {
			arms[s.from-first] = arms[s.from-first].plus(s.arm)
		}
	}
	return arms
}

// armsOf are arms without units, one a day.
func armsOf(spans []span, first, last int) []Arm {
	arms := make([]Arm, last-first+1)
	for i := range arms {
		arms[i].Variant = spans[0].arm.Variant
	}
	return arms
}

// idlers are the units that count by a day and have no facts on it: all of them have the same values.
func idlers(soFar, alone Arm, values []float64) Arm {
	m := stats.NewMoments(soFar.Moments.N-alone.Moments.N, len(values))
	copy(m.Mean, values)
	clear(m.Cov)
	return Arm{Units: soFar.Units - alone.Units, Moments: m}
}

// idle are the values that the facts of one day alone give a unit which has none.
func (o *ObservedMetric) idle(alone *estimator) []float64 {
	values := make([]float64, len(alone.quantities))
	for i, m := range alone.quantities {
		if m.centre != nil {
			values[i] = values[0] - o.Centre*values[1]
		} else {
			values[i] = m.of.idle
		}
	}
	return values
}

// lastDate is the last day that a metric's facts may lie on, as far as the run knows them.
func (d *decoder) lastDate(m *dayMetric) int {
	end, b := d.experiment.End, m.bounds()
	if !end.IsZero() && !b.open {
		end = end.Add(b.end)
	}
	if end.IsZero() || d.asOf.Before(end) {
		end = d.asOf
	}
	year, month, date := end.Add(-1).In(d.cohort.cohort.reporting).Date()
	return dayNumber(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}

// lastDaySince is the last day after exposure that a metric's facts may lie on; any where its window is open. A window of whole days
// ends on the hour of exposure, but for facts that are known by day.
func (m *dayMetric) lastDaySince() int {
	b := m.bounds()
	if b.open {
		return math.MaxInt
	}
	days := int((b.end + day - 1) / day)
	if !slices.ContainsFunc(m.of.counting(), func(col *factColumn) bool { return col.source.grain() < rel.Day }) {
		days--
	}
	return days
}
