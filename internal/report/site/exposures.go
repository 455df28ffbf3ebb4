package site

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
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
		return fmt.Sprintf("%s units entered, all of them on %s.", count(c.all), c.first.Format(time.DateOnly))
	}
	return fmt.Sprintf("%s units entered from %s to %s; on the fullest day a variant received %s.", count(c.all),
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

// The size of the chart and of the part with the lines.
const chartWidth, chartHeight, plotLeft, plotTop, plotBottom = 640, 190, 56, 12, 160

func (p *experimentPage) exposureChart(c calendar) template.HTML {
	days := max(c.last.Sub(c.first).Hours()/24, 1)
	x := func(day time.Time) float64 {
		return plotLeft + day.Sub(c.first).Hours()/24/days*(chartWidth-plotLeft-8)
	}
	y := func(units int64) float64 {
		return plotBottom - float64(units)/float64(max(c.most, 1))*(plotBottom-plotTop)
	}
	var b strings.Builder
	for _, units := range []int64{0, c.most / 2, c.most} {
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			plotLeft, y(units), chartWidth-8, plotLeft-8, y(units)+4, count(units))
	}
	fmt.Fprintf(&b, `<text x="%d" y="182">%s</text><text x="%d" y="182" text-anchor="end">%s</text>`,
		plotLeft, c.first.Format(time.DateOnly), chartWidth-8, c.last.Format(time.DateOnly))
	for i, v := range p.Report.Experiment.Variants {
		fmt.Fprintf(&b, `<polyline class="%s" points="`, seriesClass(i))
		for day := c.first; !day.After(c.last); day = day.AddDate(0, 0, 1) {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(day), y(c.units[exposure{v.Variant, day}]))
		}
		b.WriteString(`"/>`)
	}
	return svg(chartWidth, chartHeight, "chart", p.entered(c), &b)
}

// seriesClass is the class of a variant's line; there are six, and a seventh variant takes the first again.
func seriesClass(variant int) string { return fmt.Sprintf("series s%d", variant%6) }
