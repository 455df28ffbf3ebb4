package site

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"assay/runner/judge"
)

// exposures are the units that entered by day: a chart, and the table that says the same.
type exposures struct {
	Summary  string
	Chart    template.HTML // empty where all came on one day
	Variants []legend
	Days     []exposureDay
}

// A legend names the line of a variant, whose colour and dashes are those of its class.
type legend struct {
	Variant string
	Class   string
}

type exposureDay struct {
	Day   string
	Units []string // of each variant
}

func (p *experimentPage) exposures() *exposures {
	rows := p.Report.Exposures
	if len(rows) == 0 {
		return nil
	}
	c := newCalendar(rows)
	e := &exposures{Summary: p.entered(c)}
	if c.first.Before(c.last) {
		e.Chart = p.exposureChart(c)
	}
	for i, v := range p.Report.Experiment.Variants {
		e.Variants = append(e.Variants, legend{p.words.Variant(v.Variant), seriesClass(i)})
	}
	for day := c.first; !day.After(c.last); day = day.AddDate(0, 0, 1) {
		e.Days = append(e.Days, p.exposureDay(c, day))
	}
	return e
}

func (p *experimentPage) entered(c calendar) string {
	if c.first.Equal(c.last) {
		return fmt.Sprintf("%s entered, all on %s.", units(c.all), c.first.Format(time.DateOnly))
	}
	return fmt.Sprintf("%s entered from %s to %s; on the fullest day a variant received %s.", units(c.all),
		c.first.Format(time.DateOnly), c.last.Format(time.DateOnly), count(c.most))
}

func (p *experimentPage) exposureDay(c calendar, day time.Time) exposureDay {
	d := exposureDay{Day: day.Format(time.DateOnly)}
	for _, v := range p.Report.Experiment.Variants {
		d.Units = append(d.Units, count(c.units[exposure{v.Variant, day}]))
	}
	return d
}

// A calendar has the units of each variant and day; a day without a new unit has none.
type calendar struct {
	first, last time.Time
	all, most   int64
	units       map[exposure]int64
}

type exposure struct {
	variant string
	day     time.Time
}

func newCalendar(rows []judge.ExposureRow) calendar {
	byDay := func(a, b judge.ExposureRow) int { return a.Day.Compare(b.Day.Time) }
	c := calendar{units: map[exposure]int64{}}
	c.first, c.last = slices.MinFunc(rows, byDay).Day.UTC(), slices.MaxFunc(rows, byDay).Day.UTC()
	for _, r := range rows {
		c.units[exposure{r.Variant, r.Day.UTC()}] = r.Units
		c.all += r.Units
		c.most = max(c.most, r.Units)
	}
	return c
}

func (p *experimentPage) exposureChart(c calendar) template.HTML {
	drawn := newPlot(c.first, c.last, 0, float64(max(c.most, 1)), plainNumbers)
	for i, v := range p.Report.Experiment.Variants {
		var points []point
		for day := c.first; !day.After(c.last); day = day.AddDate(0, 0, 1) {
			points = append(points, point{day, float64(c.units[exposure{v.Variant, day}])})
		}
		drawn.line(seriesClass(i), points)
	}
	return drawn.draw(p.entered(c))
}
