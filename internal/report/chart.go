package report

import (
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/project"
	"assay/runner/judge"
)

// writeChart draws the lifts of the metrics that count on one axis.
func (p *page) writeChart() {
	var rows []judge.ResultRow
	for _, group := range deciding {
		for _, r := range p.results(string(group.role)) {
			if r.LiftLow != nil || r.LiftHigh != nil {
				rows = append(rows, Plotted(r))
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	title := "Lift over " + p.variant(p.Experiment.Control)
	labels, widest := make([]string, len(rows)), text.StringWidthWithoutEscSequences(title)
	for i, r := range rows {
		labels[i] = "  " + p.barLabel(r)
		widest = max(widest, text.StringWidthWithoutEscSequences(labels[i]))
	}
	widest = min(widest, p.width*2/5)
	a := axisFor(rows, p.width-widest-gap-axisMargin)
	p.write("", p.faint(text.Pad(p.snip(title, widest), widest, ' ')+strings.Repeat(" ", gap)+a.ticks(p.style)))
	for i, r := range rows {
		p.write(text.Pad(p.snip(labels[i], widest), widest, ' ') + strings.Repeat(" ", gap) + p.bar(a, r))
	}
	p.writeLegend(a, rows)
}

// Plotted is a result with the interval that a chart shows of it: the lift's, or where that lies otherwise around 0 than the
// difference's, which the verdict is of, the difference's as a share of the control's value.
func Plotted(r judge.ResultRow) judge.ResultRow {
	if r.Lift == nil || *r.Lift == 0 || relative(r) {
		return r
	}
	control := *r.Effect / *r.Lift
	share := func(end *float64) *float64 {
		if end == nil {
			return nil
		}
		lift := *end / control
		return &lift
	}
	r.LiftLow, r.LiftHigh = share(r.EffectLow), share(r.EffectHigh)
	if control < 0 {
		r.LiftLow, r.LiftHigh = r.LiftHigh, r.LiftLow
	}
	return r
}

// writeLegend explains the marks that are on the chart.
func (p *page) writeLegend(a axis, rows []judge.ResultRow) {
	var marks []string
	if slices.ContainsFunc(rows, func(r judge.ResultRow) bool { return r.Margin != nil }) {
		marks = append(marks, p.margin+" a guardrail's margin")
	}
	if slices.ContainsFunc(rows, func(r judge.ResultRow) bool { return bottom(r.LiftLow) < a.Low || top(r.LiftHigh) > a.High }) {
		marks = append(marks, p.beyondLow+" "+p.beyondHigh+" goes on beyond the axis")
	}
	if len(marks) > 0 {
		p.write(p.faint("  " + strings.Join(marks, "   ")))
	}
}

func (p *page) barLabel(r judge.ResultRow) string {
	if p.twoArms() {
		return p.named(r.Metric)
	}
	return p.named(r.Metric) + ", " + p.variant(r.Variant)
}

// axisMargin keeps the last tick's label on the page.
const axisMargin = 4

// An Axis holds values from Low to High, with a tick at each multiple of Step.
type Axis struct{ Low, High, Step float64 }

// NiceAxis holds the values from low to high, with ticks at round ones.
func NiceAxis(low, high float64) Axis {
	if !(low < high) {
		low, high = low-1, high+1
	}
	step := niceStep((high - low) / 4)
	return Axis{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
}

// An axis maps lifts to columns.
type axis struct {
	Axis
	width int
}

// axisFor holds 0 and all intervals, but for the far ends of those much wider than most: these are cut.
func axisFor(rows []judge.ResultRow, width int) axis {
	var reaches []float64
	low, high := 0.0, 0.0
	for _, r := range rows {
		from, to := closed(r)
		reaches = append(reaches, max(math.Abs(from), math.Abs(to)))
		low, high = min(low, from), max(high, to)
	}
	slices.Sort(reaches)
	const outlying = 4
	most := outlying * reaches[len(reaches)/2]
	return axis{NiceAxis(max(low, -most), min(high, most)), width}
}

// closed is the lift's interval, an open end as far from the lift as the other.
func closed(r judge.ResultRow) (low, high float64) {
	low, high = bottom(r.LiftLow), top(r.LiftHigh)
	half := min(high-*r.Lift, *r.Lift-low)
	return max(low, *r.Lift-half), min(high, *r.Lift+half)
}

// niceStep is the 1, 2 or 5 times a power of ten at or above x.
func niceStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= x*(1-1e-9) {
			return digit * power
		}
	}
	return 10 * power
}

// column of a lift, 0 to width−1; those beyond the axis are on its ends.
func (a axis) column(lift float64) int {
	at := math.Round((lift - a.Low) / (a.High - a.Low) * float64(a.width-1))
	return int(min(max(at, 0), float64(a.width-1)))
}

// ticks are the labels of the axis.
func (a axis) ticks(s style) string {
	line := []rune(strings.Repeat(" ", a.width+axisMargin))
	free := 0
	places := placesFor(a.Step)
	if math.Mod(math.Round(1000*a.Step), 10) == 0 {
		places = 0
	}
	for tick := a.Low; tick <= a.High+a.Step/2; tick += a.Step {
		label := []rune(s.percent(math.Round(tick/a.Step)*a.Step, places))
		at := max(a.column(tick)-len(label)/2, 0)
		if at < free || at+len(label) > len(line) {
			continue
		}
		copy(line[at:], label)
		free = at + len(label) + 1
	}
	return string(line)
}

// bar draws an interval with its estimate, the zero line, and the margin of a guardrail.
func (p *page) bar(a axis, r judge.ResultRow) string {
	cells := make([]string, a.width)
	for i := range cells {
		cells[i] = " "
	}
	low, high := a.column(bottom(r.LiftLow)), a.column(top(r.LiftHigh))
	for i := low; i <= high; i++ {
		cells[i] = p.line
	}
	cells[a.column(0)] = p.zero
	if r.Margin != nil {
		cells[a.column(p.marginAt(r))] = p.margin
	}
	cells[low], cells[high] = p.low, p.high
	if bottom(r.LiftLow) < a.Low {
		cells[low] = p.beyondLow
	}
	if top(r.LiftHigh) > a.High {
		cells[high] = p.beyondHigh
	}
	cells[a.column(*r.Lift)] = p.point
	return strings.Join(cells, "")
}

// marginAt is the lift that a guardrail must not reach.
func (p *page) marginAt(r judge.ResultRow) float64 {
	if project.DesiredChange(p.metric(r.Metric).DesiredChange) == project.Decrease {
		return *r.Margin
	}
	return -*r.Margin
}
