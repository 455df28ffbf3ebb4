package stats

import "math"

// An Estimate answers "how large is it, how sure are we, and could it be nothing": a point, its standard error, an interval and
// a test. Effects are variant − control in the metric's unit; lifts are fractions of the control's value.
type Estimate struct {
	Value    float64
	SE       float64
	DF       float64 // degrees of freedom of the reference t distribution; +Inf for the normal
	Interval Interval
	Test     Test
	Method   Method
	Warnings []Warning
}

// A Test is a statistic and its p-value. Defined is false where a method has an interval but no test (a Bayesian posterior, a
// quantile of ties): P is then meaningless and must not be shown.
type Test struct {
	Statistic float64
	P         float64
	Defined   bool
}

// An Interval is a confidence set on the line. Most are Bounded; Fieller's may also be the two rays outside (Low, High) or all
// of the line. A one-sided interval is Bounded with one infinite end.
type Interval struct {
	Kind      IntervalKind
	Low, High float64
}

// IntervalKind tells the three shapes a confidence set can have.
type IntervalKind uint8

const (
	Bounded    IntervalKind = iota // [Low, High]
	Complement                     // (−∞, Low] ∪ [High, ∞)
	WholeLine                      // every value is compatible with the data
)

// Contains reports whether x lies in the set.
func (iv Interval) Contains(x float64) bool {
	switch iv.Kind {
	case Bounded:
		return iv.Low <= x && x <= iv.High
	case Complement:
		return x <= iv.Low || x >= iv.High
	default:
		return !math.IsNaN(x)
	}
}

// A Warning is a result that says what to do: Code is stable and machine readable, Text is for a person.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Method names how an interval and its test were made.
type Method string

const (
	Fixed           Method = "fixed"
	Sequential      Method = "sequential"
	Hybrid          Method = "hybrid"
	GroupSequential Method = "group_sequential"
	Bayesian        Method = "bayesian"
)

// Sides says which alternatives a test looks at: TwoSided, or one side about variant − control.
type Sides uint8

const (
	TwoSided Sides = iota
	Greater        // the alternative is that the effect is above the null; the interval is [low, ∞)
	Less           // the alternative is that the effect is below the null; the interval is (−∞, high]
)
