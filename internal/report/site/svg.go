package site

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"assay/compiler/plan"
	"assay/internal/report"
	"assay/runner/judge"
)

// The size of an interval's chart, and the room at its ends for what goes on beyond the axis.
const barWidth, barHeight, barMargin = 260, 22, 10

// at is the place of a lift, on the end of the axis if it lies beyond.
func (s scale) at(lift float64) float64 {
	share := (lift - s.Low) / (s.High - s.Low)
	return barMargin + min(max(share, 0), 1)*(barWidth-2*barMargin)
}

// svg is a drawing whose label says in words what it shows. What is drawn holds no text of users.
func svg(width, height float64, class, label string, drawn *strings.Builder) template.HTML {
	const element = `<svg class="%s" viewBox="0 0 %g %g" width="%[2]g" height="%[3]g" role="img" aria-label="%s">%s</svg>`
	return template.HTML(fmt.Sprintf(element, class, width, height, template.HTMLEscapeString(label), drawn))
}

// bar is an interval with its estimate, the line of no difference, and a guardrail's margin.
func (s scale) bar(words *report.Words, r judge.ResultRow, t tone) template.HTML {
	const middle = barHeight / 2
	r = report.Plotted(r)
	low, high := s.at(end(r.LiftLow, -1)), s.at(end(r.LiftHigh, 1))
	var b strings.Builder
	fmt.Fprintf(&b, `<path class="zero" d="M%.1f 0V%d"/>`, s.at(0), barHeight)
	if r.Margin != nil {
		fmt.Fprintf(&b, `<path class="margin" d="M%.1f 0V%d"/>`, s.at(words.MarginAt(r)), barHeight)
	}
	fmt.Fprintf(&b, `<path class="band" d="M%.1f %dH%.1f"/>`, low, middle, high)
	if end(r.LiftLow, -1) < s.Low {
		fmt.Fprintf(&b, `<path class="tip" d="M%.1f %dl7 -5v10z"/>`, low-barMargin+1, middle)
	}
	if end(r.LiftHigh, 1) > s.High {
		fmt.Fprintf(&b, `<path class="tip" d="M%.1f %dl-7 -5v10z"/>`, high+barMargin-1, middle)
	}
	fmt.Fprintf(&b, `<circle cx="%.1f" cy="%d" r="4.5"/>`, s.at(*r.Lift), middle)
	label := []string{words.Metric(r), words.Variant(r.Variant)}
	if r.Dimension != plan.Overall {
		label = append(label, r.Slice)
	}
	return svg(barWidth, barHeight, "bar "+string(t), strings.Join(label, ", ")+": "+words.Interval(r), &b)
}

// end of an interval, infinite on its side where it is open.
func end(x *float64, side int) float64 {
	if x == nil {
		return math.Inf(side)
	}
	return *x
}

// ticks label the axis that all bars of a board share: 0 and the ends first, then whatever there is room for.
func (s scale) ticks(words *report.Words) template.HTML {
	low, high := math.Round(s.Low/s.Step), math.Round(s.High/s.Step)
	order := []float64{min(max(0, low), high), low, high}
	for n := low + 1; n < high; n++ {
		order = append(order, n)
	}
	var b strings.Builder
	var small, large []span // taken by labels, on a wide page and on a narrow one
	for _, n := range order {
		label := words.Tick(n*s.Step, s.Step)
		place := labelled(s.at(n*s.Step), label, glyphWidth)
		if place.meetsAny(small) {
			continue
		}
		small = append(small, place)
		class := ""
		if wide := labelled(s.at(n*s.Step), label, largeGlyphWidth); wide.meetsAny(large) {
			class = ` class="minor"`
		} else {
			large = append(large, wide)
		}
		anchor, x := place.anchor()
		fmt.Fprintf(&b, `<text%s x="%.1f" y="15" text-anchor="%s">%s</text>`, class, x, anchor, label)
	}
	label := fmt.Sprintf("Axis of lifts from %s to %s", words.Tick(s.Low, s.Step), words.Tick(s.High, s.Step))
	return svg(barWidth, barHeight, "ticks", label, &b)
}

// glyphWidth is about that of a digit in a label, largeGlyphWidth where a narrow page scales the drawing down and its letters up.
const glyphWidth, largeGlyphWidth = 9, 15

// A span is what a label takes of an axis.
type span struct{ from, to float64 }

// labelled is the span of a label around a place, moved where it would not fit on the drawing.
func labelled(at float64, label string, glyph float64) span {
	half := glyph * float64(len([]rune(label))) / 2
	at = min(max(at, half), barWidth-half)
	return span{at - half, at + half}
}

// anchor is where a label of any size keeps to the drawing.
func (s span) anchor() (name string, at float64) {
	switch {
	case s.from <= 0:
		return "start", 0
	case s.to >= barWidth:
		return "end", barWidth
	default:
		return "middle", (s.from + s.to) / 2
	}
}

// meetsAny reports whether a label would touch one of others.
func (s span) meetsAny(others []span) bool {
	return slices.ContainsFunc(others, func(o span) bool { return s.from < o.to && o.from < s.to })
}
