package site

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"time"

	"assay/internal/report"
	"assay/runner/judge"
)

// A kpi is a series of a metric as its page shows it: a chart, what happened meanwhile, and the table that says the same.
type kpi struct {
	Title, Summary string
	Chart          template.HTML // empty where fewer than two periods are over
	Events         []event       // as they are numbered on the chart
	Periods        []period
}

// An event is something that happened on a day, which may have moved a metric.
type event struct {
	at              time.Time
	Day, Text, Link string
}

type period struct{ Begins, Value string }

func (s *Site) kpis(m *Metric) []kpi {
	var list []kpi
	for _, series := range m.Series {
		list = append(list, s.kpi(m, series))
	}
	return list
}

func (s *Site) kpi(m *Metric, series Series) kpi {
	k := kpi{Periods: m.periods(series),
		Title: fmt.Sprintf("By %s%s, from the saved query %s", series.Grain, m.inUnit(), series.Query)}
	whole := series.complete()
	if len(whole) < 2 {
		return k
	}
	first, last := whole[0], whole[len(whole)-1]
	ends := m.values(first.Value, last.Value)
	k.Summary = fmt.Sprintf("%s in the %s of %s, %s in that of %s.", ends[0], series.Grain, first.Period.Format(time.DateOnly),
		ends[1], last.Period.Format(time.DateOnly))
	if len(whole) < len(series.Points) {
		k.Summary += " What was not over yet is left out of the chart."
	}
	k.Events = s.events(m, first.Period, last.Period)
	k.Chart = m.chart(whole, k.Events, k.Title+": "+k.Summary)
	return k
}

// inUnit says what the metric's numbers are in, where they do not say so themselves.
func (m *Metric) inUnit() string {
	if m.Unit == "" || m.Unit == "%" {
		return ""
	}
	return " in " + m.Unit
}

// values are numbers of the metric as people read them, to the same places.
func (m *Metric) values(numbers ...*float64) []string {
	return report.Values(judge.MetricRow{Type: m.Type, Unit: &m.Unit}, numbers...)
}

// periods of a series, those that were not over as of the run marked.
func (m *Metric) periods(series Series) []period {
	values := make([]*float64, len(series.Points))
	for i, at := range series.Points {
		values[i] = at.Value
	}
	over := len(series.complete())
	var list []period
	for i, shown := range m.values(values...) {
		begins := series.Points[i].Period.Format(time.DateOnly)
		if i >= over {
			begins += " (not over yet)"
		}
		list = append(list, period{begins, shown})
	}
	return list
}

// chart starts at 0 where no value is below, so that a small change looks small.
func (m *Metric) chart(series []Point, events []event, label string) template.HTML {
	low, high := 0.0, 0.0
	points := make([]point, len(series))
	for i, at := range series {
		points[i] = point{at.Period, math.NaN()}
		if at.Value != nil {
			points[i].value = *at.Value
			low, high = min(low, *at.Value), max(high, *at.Value)
		}
	}
	drawn := newPlot(points[0].at, points[len(points)-1].at, low, high, m.values)
	for i, e := range events {
		drawn.mark(e.at, i+1)
	}
	drawn.line(seriesClass(0), points)
	return drawn.draw(label)
}

// events between two days: what people noted of the metric, and what they decided of experiments that moved it.
func (s *Site) events(m *Metric, first, last time.Time) []event {
	var list []event
	for _, a := range s.Annotations {
		if len(a.Metrics) == 0 || slices.Contains(a.Metrics, m.Name) {
			list = append(list, newEvent(a.Date, a.Text, ""))
		}
	}
	for _, f := range s.findings(m.Name) {
		if x := f.experiment.Report.Experiment; f.moved() && x.DecidedOn != nil {
			list = append(list, newEvent(x.DecidedOn.Time, f.experiment.Name+": "+text(x.Decision), experimentPath(f.experiment.Name)))
		}
	}
	list = slices.DeleteFunc(list, func(e event) bool { return e.at.Before(first) || e.at.After(last) })
	slices.SortStableFunc(list, func(a, b event) int { return a.at.Compare(b.at) })
	return slices.CompactFunc(list, func(a, b event) bool { return a == b })
}

func newEvent(at time.Time, text, link string) event {
	return event{at, at.Format(time.DateOnly), text, link}
}
