package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"assay/runner/judge"
)

// Words say of an experiment what its report on a terminal says, a piece at a time, for media that lay it out themselves.
type Words struct{ page *page }

// NewWords are the words of a report, its dates in a time zone.
func NewWords(r *judge.Report, zone *time.Location) *Words {
	return &Words{newPage(r, zone)}
}

// newPage is a page so wide that no line of it breaks.
func newPage(r *judge.Report, zone *time.Location) *page {
	return &page{Report: r, sheet: sheet{style: Options{Width: math.MaxInt32, Zone: zone}.style()}}
}

// Status is where the experiment stands.
func (w *Words) Status() string { return w.page.describeStatus() }

// Answer says what can be said, a sentence a line, each after the mark of what it means.
func (w *Words) Answer() []string {
	p := newPage(w.page.Report, w.page.zone)
	p.writeAnswer()
	return strings.FieldsFunc(p.out.String(), func(r rune) bool { return r == '\n' })
}

// Recommended is what the rules recommend of the experiment, and the rest of the sentence: why.
func (w *Words) Recommended(d judge.DecisionRow) (what, why string) { return w.page.recommended(d) }

// Units are who is in the experiment, and who was to be.
func (w *Words) Units() string { return w.page.describeUnits() }

// Method is how the intervals were made; "" without results.
func (w *Words) Method() string {
	if len(w.page.Results) == 0 {
		return ""
	}
	return w.page.describeMethod()
}

// Sentence is what a result says.
func (w *Words) Sentence(r judge.ResultRow) string { return w.page.sentence(r) + w.page.belief(r) }

// Notes are what the numbers need said, and why some are missing.
func (w *Words) Notes(r judge.ResultRow) []string {
	if r.Lift == nil || relative(r) {
		return notes(r)
	}
	return append(notes(r), "The interval is of the difference itself, as the verdict is: that of the lift lies otherwise around "+
		"0, since the control's value is uncertain too.")
}

// Metric is a metric as people call it, with its unit.
func (w *Words) Metric(r judge.ResultRow) string { return w.page.nameWithUnit(r) }

// Variant is a variant as people call it.
func (w *Words) Variant(name string) string { return w.page.variant(name) }

// Numbers are the control's value, the variant's, the lift and its interval; "" for what there is not.
func (w *Words) Numbers(r judge.ResultRow) [4]string { return [4]string(w.page.numbers(r)) }

// Interval is the difference's, relative where it can be.
func (w *Words) Interval(r judge.ResultRow) string {
	if r.Effect == nil {
		return ""
	}
	return w.page.ends(r)
}

// Verdict is a word or two.
func (w *Words) Verdict(r judge.ResultRow) string { return w.page.verdict(r) }

// TwoArms reports whether one variant alone is compared with the control.
func (w *Words) TwoArms() bool { return w.page.twoArms() }

// Results are the deciding rows of a role over all units.
func (w *Words) Results(role string) []judge.ResultRow { return w.page.results(role) }

// Dimensions are those with slices.
func (w *Words) Dimensions() []string { return w.page.dimensions() }

// Confidences are those shown beside the one that decides.
func (w *Words) Confidences() []float64 { return w.page.confidences() }

// Heterogeneity says whether effects differ between slices, with the numbers that say so.
func (w *Words) Heterogeneity(h judge.HeterogeneityRow) string {
	words := fmt.Sprintf("%s (Q = %.4g on %s of freedom, adjusted p = %.2g", likeness(h), *h.Q, plural(h.DF, "degree"), *h.PAdjusted)
	if h.I2 != nil {
		words += fmt.Sprintf(", I² = %.0f%%", 100**h.I2)
	}
	return words + ")."
}

// MarginAt is the lift that a guardrail with a margin must not reach.
func (w *Words) MarginAt(r judge.ResultRow) float64 { return w.page.marginAt(r) }

// Watched says whether intervals of several days may be read together; "" without results.
func (w *Words) Watched() string {
	if len(w.page.Results) == 0 {
		return ""
	}
	switch w.page.deciding().Method {
	case "sequential", "hybrid":
		return "The band holds on all days at once, so that it may be watched."
	default:
		return "Each day's interval holds by itself alone: do not decide by the day that looks best."
	}
}

// Unsettled are the results of primary metrics of which more data may still come, or which have no verdict yet.
func (w *Words) Unsettled() []judge.ResultRow { return w.page.unsettled() }

// Progress says how much of the data a result has, how long the rest takes, and what can be found already.
func (w *Words) Progress(r judge.ResultRow) string { return w.page.progress(r) }

// Label names a result by its metric, and by its variant where there are several.
func (w *Words) Label(r judge.ResultRow) string { return w.page.barLabel(r) }

// Tick is a lift with its sign, to the places that an axis with ticks that far apart needs.
func (w *Words) Tick(lift, step float64) string {
	places := 0
	for distance := 100 * step; distance < 1-1e-9; distance *= 10 {
		places++
	}
	return w.page.percent(lift, places)
}

// AxisOf holds 0 and the intervals of rows that have one, but for the far ends of those much wider than most.
func AxisOf(rows []judge.ResultRow) Axis { return axisFor(rows, 0).Axis }

// Values are numbers of a metric to the same places, with a percent sign where it is a share; "n/a" for none.
func Values(m judge.MetricRow, numbers ...*float64) []string {
	return Options{}.style().values(m, numbers...)
}

// Lift is a lift as people read it.
func Lift(lift float64) string { return Options{}.style().percent(lift, placesFor(lift)) }
