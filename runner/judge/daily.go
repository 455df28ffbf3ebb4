package judge

import (
	"time"

	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// dailyRows are the days of each metric that has them: along dates, and along days since exposure. The rulings are those that decide
// now: a day's interval is at the level that a result row of its end would have.
func (e evidence) dailyRows(deciding []*ruling) []DailyRow {
	var rows []DailyRow
	for _, m := range e.Metrics {
		if m.Failed != nil || m.Daily == nil {
			continue
		}
		levels := levelsOf(m, deciding)
		for _, day := range m.Daily.ByDate {
			date := dateOf(day.Number)
			for _, row := range e.endingOn(date).dailyRowsOf(m, day, levels) {
				row.AsOf, row.Axis, row.Date, row.Day = e.AsOf, ByDate, &date, e.dayOfExperiment(m, date)
				if m.Use.Settings.Mature { // a unit counts once its days are over
					row.Value, row.Effect, row.EffectLow, row.EffectHigh = nil, nil, nil, nil
				}
				rows = append(rows, row)
			}
		}
		for _, day := range m.Daily.SinceExposure {
			for _, row := range e.dailyRowsOf(m, day, levels) {
				row.AsOf, row.Axis, row.Day = e.AsOf, SinceExposure, int64(day.Number)
				rows = append(rows, row)
			}
		}
	}
	return rows
}

const secondsPerDay = 24 * 60 * 60

// dateOf is the date so many days after 1970-01-01.
func dateOf(days int) Date { return Date{time.Unix(int64(days)*secondsPerDay, 0).UTC()} }

// levelsOf are the error rates, by variant, at which a metric is decided.
func levelsOf(m *plan.ObservedMetric, deciding []*ruling) map[string]float64 {
	levels := map[string]float64{}
	for _, r := range deciding {
		if r.metric == m && r.isWhole() {
			levels[r.name()] = r.alpha
		}
	}
	return levels
}

// endingOn is the same evidence as of the end of a day: what a method makes of the time that has passed.
func (e evidence) endingOn(date Date) evidence {
	observed := *e.Observed
	if end := project.StartOfDay(date.AddDate(0, 0, 1), e.run.Zone); end.Before(e.AsOf) {
		observed.AsOf = end
	}
	e.Observed = &observed
	return e
}

// dayOfExperiment counts from its start; from its first unit where it has no start.
func (e evidence) dayOfExperiment(m *plan.ObservedMetric, date Date) int64 {
	first := dateOf(m.Daily.ByDate[0].Number)
	if start := e.Observed.Experiment.Start; !start.IsZero() {
		first = DateOf(start, e.run.Zone)
	}
	return (date.Unix() - first.Unix()) / secondsPerDay
}

// dailyRowsOf are a day's rows, one for each variant.
func (e evidence) dailyRowsOf(m *plan.ObservedMetric, day plan.Day, levels map[string]float64) []DailyRow {
	x := e.Observed.Experiment
	plain := m.Daily.Shape.WithoutCovariates()
	soFar := enter(shaped(m, m.Daily.Shape, m.Daily.Labels), day.SoFar)
	alone := enter(shaped(m, plain, m.Daily.Labels[:plain.Quantities()]), day.Alone)
	var rows []DailyRow
	for i, v := range x.Variants {
		row := DailyRow{RunID: e.run.ID, Experiment: x.Name, Metric: m.Use.Name, Variant: v.Name,
			N: soFar.arms[i].N, Value: value(alone.arms[i]), CumulativeValue: value(soFar.arms[i])}
		fixed := stats.Inference{Method: stats.Fixed, Alpha: alphaOf(x.Protocol.Confidence)}
		alpha, compared := levels[v.Name]
		if !compared {
			alpha = fixed.Alpha
		}
		row.writeLevel(e.inference(m.Use, stats.TwoSided, alpha).Level(soFar.arms[i])) // no side of a value is the good one
		if v.Name != x.Control {
			in := e.inference(m.Use, sidesOf(x.Protocol, m.Use), alpha)
			row.writeSoFar(soFar.compare(in, x.Control, i))
			row.writeAlone(alone.compare(fixed, x.Control, i))
		}
		rows = append(rows, row)
	}
	return rows
}

// shaped is a metric whose moments have another shape.
func shaped(m *plan.ObservedMetric, shape stats.Shape, labels []string) *plan.ObservedMetric {
	other := *m
	other.Shape, other.Labels = shape, labels
	return &other
}

// compare holds an arm against the control's.
func (c contest) compare(in stats.Inference, control string, arm int) (stats.Comparison, error) {
	base, variant, err := c.pair(c.arm(control), arm)
	if err != nil {
		return stats.Comparison{}, err
	}
	return in.Compare(c.metric.Shape.Kind, base, variant)
}

func (row *DailyRow) writeLevel(level stats.Estimate, err error) {
	if err == nil {
		row.CumulativeLow, row.CumulativeHigh = known(level.Interval.Low), known(level.Interval.High)
	}
}

func (row *DailyRow) writeSoFar(c stats.Comparison, err error) {
	if err != nil {
		return
	}
	row.CumulativeEffect = &c.Effect.Value
	row.CumulativeEffectLow, row.CumulativeEffectHigh = known(c.Effect.Interval.Low), known(c.Effect.Interval.High)
	if c.NoLift == nil {
		row.CumulativeLift = &c.Lift.Value
		row.CumulativeLiftLow, row.CumulativeLiftHigh = known(c.Lift.Interval.Low), known(c.Lift.Interval.High)
	}
}

func (row *DailyRow) writeAlone(c stats.Comparison, err error) {
	if err == nil {
		row.Effect, row.EffectLow, row.EffectHigh = &c.Effect.Value, known(c.Effect.Interval.Low), known(c.Effect.Interval.High)
	}
}

// coverage is the share of everyone's total, over the days of the experiment, that its units account for; nil where the metric is no
// sum, or counts units only once their days are over.
func coverage(m *plan.ObservedMetric) *float64 {
	if m.Daily == nil || m.Daily.Everyone == nil || m.Use.Settings.Mature {
		return nil
	}
	total := 0.0
	for _, day := range m.Daily.ByDate {
		for _, arm := range day.Alone.Arms {
			if arm.Moments.N > 0 {
				total += float64(arm.Moments.N) * arm.Moments.Mean[0]
			}
		}
	}
	return known(total / *m.Daily.Everyone)
}

// writeCoverage tells how much of the whole metric a lift in the experiment is a lift of.
func (r *ruling) writeCoverage(row *ResultRow) {
	if r.isWhole() && !isStep(r.metric) {
		row.Coverage = coverage(r.metric)
	}
}
