package ask

import (
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A Reach says which rows a period of a query counts. Equal reaches are equal values; the zero value is the period's own rows.
type Reach struct {
	Extent Extent
	Window model.Window // of Trailing
	ToDate rel.Unit     // of ToDate
	Period PeriodAgg    // what stands for a period coarser than those that are counted
	Shift  model.Offset // how far back the rows are counted from
}

// Extent is how far the rows of a period go back.
type Extent uint8

const (
	Own      Extent = iota // the period's own rows
	AllTime                // all rows up to its end
	Trailing               // the rows of a window that ends with it
	ToDate                 // the rows of a longer period up to its end
)

// PeriodAgg makes one value of those of several periods.
type PeriodAgg uint8

const (
	First PeriodAgg = iota
	Last
	Average
)

var periodAggs = map[string]PeriodAgg{"": First, "first": First, "last": Last, "average": Average}

// needsTime reports whether the rows are counted from a period, and not over all time.
func (r Reach) needsTime() bool {
	return r.Extent == Trailing || r.Extent == ToDate || !r.Shift.IsZero()
}

// reachOf is that of a cumulative metric.
func reachOf(c *model.Cumulative) Reach {
	r := Reach{Extent: AllTime, Window: c.Window, ToDate: c.ToDate, Period: periodAggs[c.Period.V]}
	switch {
	case c.Window.Count > 0:
		r.Extent = Trailing
	case c.ToDate != rel.NoUnit:
		r.Extent = ToDate
	}
	return r
}
