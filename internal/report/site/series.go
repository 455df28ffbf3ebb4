package site

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"assay/compiler/plan"
	"assay/dialects"
	"assay/runner"
)

// A Series is a metric over time, as a run has written it into the table of a saved query.
type Series struct {
	Query  string // the saved query
	Grain  string // day, week, … or a name of the project's own
	AsOf   time.Time
	Points []Point // in the order of time
}

// A Point is the value of a period; NULL is nil.
type Point struct {
	Period time.Time
	Value  *float64
}

// spans are the lengths of periods in years, months and days.
var spans = map[string][3]int{"day": {0, 0, 1}, "week": {0, 0, 7}, "month": {0, 1, 0}, "quarter": {0, 3, 0}, "year": {1, 0, 0}}

// complete are the points of periods that were over as of the run. A period of unknown length is taken for over.
func (s Series) complete() []Point {
	span := spans[s.Grain]
	return slices.DeleteFunc(slices.Clone(s.Points), func(p Point) bool {
		return p.Period.AddDate(span[0], span[1], span[2]).After(s.AsOf)
	})
}

// An Annotation is what happened on a day.
type Annotation struct {
	Date    time.Time
	Metrics []string // none: every metric
	Text    string
}

// metricTime begins the name of the column that a query is grouped by to be over time.
const metricTime = "metric_time__"

// ReadSeries reads the tables of saved queries that are of metrics over time and by nothing else: the series by metric. A query
// that no run has written has none.
func ReadSeries(ctx context.Context, s runner.Session, d *dialects.Dialect, schema string, queries, metrics []string) (
	map[string][]Series, error) {
	r := reader{ctx: ctx, session: s, dialect: d, schema: schema}
	found := map[string][]Series{}
	for _, query := range queries {
		table := "assay_" + query
		if !r.exists(table) {
			continue
		}
		rows, err := s.Query(ctx, r.all(table))
		if err != nil {
			return nil, fmt.Errorf("saved query %s: %w", query, err)
		}
		for metric, series := range seriesOf(query, rows, metrics) {
			found[metric] = append(found[metric], series)
		}
	}
	return found, nil
}

// seriesOf are those that the rows of a saved query hold; none where they are by anything but time.
func seriesOf(query string, rows plan.Rows, metrics []string) map[string]Series {
	at := map[string]int{}
	period, asOf, grain := -1, -1, ""
	for i, column := range rows.Columns {
		switch name := strings.ToLower(column); {
		case strings.HasPrefix(name, metricTime) && period < 0:
			period, grain = i, strings.TrimPrefix(name, metricTime)
		case name == "as_of":
			asOf = i
		case name == "run_id":
		case slices.Contains(metrics, name):
			at[name] = i
		default:
			return nil
		}
	}
	if period < 0 || asOf < 0 || len(rows.Values) == 0 {
		return nil
	}
	found := map[string]Series{}
	for metric, column := range at {
		s := Series{Query: query, Grain: grain, AsOf: instantOf(rows.Values[0][asOf])}
		for _, row := range rows.Values {
			if row[period] != nil {
				s.Points = append(s.Points, Point{instantOf(row[period]), numberOf(row[column])})
			}
		}
		slices.SortFunc(s.Points, func(a, b Point) int { return a.Period.Compare(b.Period) })
		found[metric] = s
	}
	return found
}

func instantOf(v any) time.Time {
	t, _ := v.(time.Time)
	return t.UTC()
}

func numberOf(v any) *float64 {
	switch v := v.(type) {
	case float64:
		return &v
	case int64:
		whole := float64(v)
		return &whole
	}
	return nil
}
