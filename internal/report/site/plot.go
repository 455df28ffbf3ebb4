package site

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"assay/internal/report"
)

// A plot draws lines over days.
type plot struct {
	first, last time.Time
	report.Axis
	left float64 // where the lines begin, right of the labels of values
	b    strings.Builder
}

// A point of a line; a value that is not there is NaN, and breaks the line.
type point struct {
	at    time.Time
	value float64
}

// The size of a plot, and of the part of it with the lines.
const plotWidth, plotHeight, plotRight, plotTop, plotBottom = 640, 240, 632, 20, 206

// newPlot has room for values from low to high, its ticks written by what writes them all together.
func newPlot(first, last time.Time, low, high float64, write func(...*float64) []string) *plot {
	p := &plot{first: first, last: last, Axis: report.NiceAxis(low, high)}
	var ticks []*float64
	for n := math.Round(p.Low / p.Step); n <= math.Round(p.High/p.Step); n++ {
		tick := n * p.Step
		ticks = append(ticks, &tick)
	}
	labels := write(ticks...)
	for _, label := range labels {
		p.left = max(p.left, largeGlyphWidth*float64(len([]rune(label)))+10)
	}
	for i, label := range labels {
		y := p.y(*ticks[i])
		fmt.Fprintf(&p.b, `<path class="grid" d="M%g %.1fH%d"/><text x="%g" y="%.1f" text-anchor="end">%s</text>`,
			p.left, y, plotRight, p.left-8, y+4, template.HTMLEscapeString(label))
	}
	fmt.Fprintf(&p.b, `<text x="%g" y="%d">%s</text><text x="%d" y="%[2]d" text-anchor="end">%[5]s</text>`,
		p.left, plotBottom+22, first.Format(time.DateOnly), plotRight, last.Format(time.DateOnly))
	return p
}

func (p *plot) x(at time.Time) float64 {
	return p.left + at.Sub(p.first).Hours()/max(p.last.Sub(p.first).Hours(), 1)*(plotRight-p.left)
}

// y of a value; what lies beyond the axis is on its end.
func (p *plot) y(value float64) float64 {
	share := (value - p.Low) / (p.High - p.Low)
	return plotBottom - min(max(share, 0), 1)*(plotBottom-plotTop)
}

// line through points, broken where there is no value; a point between two breaks is a dot.
func (p *plot) line(class string, points []point) {
	for _, run := range unbroken(points) {
		if len(run) == 1 {
			fmt.Fprintf(&p.b, `<circle class="%s" cx="%.1f" cy="%.1f" r="2"/>`, class, p.x(run[0].at), p.y(run[0].value))
			continue
		}
		fmt.Fprintf(&p.b, `<polyline class="%s" points="%s"/>`, class, p.places(run))
	}
}

// band between two lines of the same days.
func (p *plot) band(low, high []point) {
	back := make([]point, len(low))
	for i := range low {
		back[len(low)-1-i] = low[i]
	}
	fmt.Fprintf(&p.b, `<polygon class="area" points="%s %s"/>`, p.places(high), p.places(back))
}

func (p *plot) places(points []point) string {
	places := make([]string, len(points))
	for i, at := range points {
		places[i] = fmt.Sprintf("%.1f,%.1f", p.x(at.at), p.y(at.value))
	}
	return strings.Join(places, " ")
}

// mark a day by a line with a number.
func (p *plot) mark(at time.Time, number int) {
	x := p.x(at)
	fmt.Fprintf(&p.b, `<path class="mark" d="M%.1f %dV%d"/><text x="%.1f" y="%d" text-anchor="middle">%d</text>`,
		x, plotTop, plotBottom, x, plotTop-4, number)
}

// level is a line across, of a value that others are to be seen against.
func (p *plot) level(value float64) {
	fmt.Fprintf(&p.b, `<path class="zero" d="M%g %.1fH%d"/>`, p.left, p.y(value), plotRight)
}

func (p *plot) draw(label string) template.HTML {
	return svg(plotWidth, plotHeight, "chart", label, &p.b)
}

// unbroken are the stretches of points that have a value.
func unbroken(points []point) [][]point {
	var runs [][]point
	open := false
	for _, at := range points {
		if math.IsNaN(at.value) {
			open = false
			continue
		}
		if !open {
			runs, open = append(runs, nil), true
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], at)
	}
	return runs
}

// seriesClass is the class of a line among others; there are six, and a seventh takes the first again.
func seriesClass(i int) string { return fmt.Sprintf("series s%d", i%6) }
