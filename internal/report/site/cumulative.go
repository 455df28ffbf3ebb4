package site

import (
	"fmt"
	"html/template"

	"assay/internal/report"
	"assay/runner/judge"
)

// A cumulative is how a lift over all units so far went, day by day: a chart with its band, and the table that says the same.
type cumulative struct {
	Title, Summary string
	Chart          template.HTML
	Days           []cumulativeDay
}

type cumulativeDay struct{ Day, Lift, Interval string }

// mostCumulatives are the charts that a page has room for.
const mostCumulatives = 6

// cumulatives of the primary metrics that have more than one day.
func (p *experimentPage) cumulatives() []cumulative {
	var list []cumulative
	for _, r := range p.words.Results(primary) {
		if days := p.liftsByDay(r); len(days) > 1 && len(list) < mostCumulatives {
			list = append(list, p.cumulative(r, days))
		}
	}
	return list
}

// liftsByDay are a result's rows as of the end of each day. A day without a lift has none.
func (p *experimentPage) liftsByDay(r judge.ResultRow) []judge.DailyRow {
	var days []judge.DailyRow
	for _, d := range p.Report.Daily {
		if d.Metric == r.Metric && d.Variant == r.Variant && d.Axis == judge.ByDate && d.Date != nil && d.CumulativeLift != nil {
			days = append(days, d)
		}
	}
	return days
}

func (p *experimentPage) cumulative(r judge.ResultRow, days []judge.DailyRow) cumulative {
	rows := make([]judge.ResultRow, len(days))
	for i, d := range days {
		rows[i] = asOfDay(r, d)
	}
	c := cumulative{Title: p.words.Label(r)}
	for i, d := range days {
		c.Days = append(c.Days, cumulativeDay{d.Date.String(), report.Lift(*d.CumulativeLift), p.words.Interval(rows[i])})
	}
	first, last := c.Days[0], c.Days[len(c.Days)-1]
	c.Summary = fmt.Sprintf("After the day of %s the lift was %s (%s), after that of %s %s (%s).",
		first.Day, first.Lift, first.Interval, last.Day, last.Lift, last.Interval)
	c.Chart = p.cumulativeChart(rows, days, c.Title+": "+c.Summary)
	return c
}

// asOfDay is a result with the numbers of a day's end.
func asOfDay(r judge.ResultRow, d judge.DailyRow) judge.ResultRow {
	r.Lift, r.LiftLow, r.LiftHigh = d.CumulativeLift, d.CumulativeLiftLow, d.CumulativeLiftHigh
	r.Effect, r.EffectLow, r.EffectHigh = d.CumulativeEffect, d.CumulativeEffectLow, d.CumulativeEffectHigh
	return r
}

// cumulativeChart cuts the bands of first days, which are much wider than most.
func (p *experimentPage) cumulativeChart(rows []judge.ResultRow, days []judge.DailyRow, label string) template.HTML {
	for i := range rows {
		rows[i] = report.Plotted(rows[i])
	}
	axis := report.AxisOf(rows)
	drawn := newPlot(days[0].Date.Time, days[len(days)-1].Date.Time, axis.Low, axis.High, p.liftTicks)
	var low, middle, high []point
	for i, r := range rows {
		at := days[i].Date.Time
		low = append(low, point{at, end(r.LiftLow, -1)})
		middle = append(middle, point{at, *r.Lift})
		high = append(high, point{at, end(r.LiftHigh, 1)})
	}
	drawn.band(low, high)
	drawn.level(0)
	drawn.line(seriesClass(0), middle)
	return drawn.draw(label)
}

// liftTicks are the labels of an axis of lifts.
func (p *experimentPage) liftTicks(ticks ...*float64) []string {
	list := make([]string, len(ticks))
	for i, tick := range ticks {
		list[i] = p.words.Tick(*tick, *ticks[1]-*ticks[0])
	}
	return list
}
