package plan

import (
	"fmt"
	"math"
	"time"
)

// A record is a row by column name.
type record struct {
	columns map[string]int // where values has which; rows of one step share it
	values  []any
}

func (rows Rows) records() []record {
	columns := make(map[string]int, len(rows.Columns))
	for i, name := range rows.Columns {
		columns[name] = i
	}
	all := make([]record, len(rows.Values))
	for i, values := range rows.Values {
		all[i] = record{columns, values}
	}
	return all
}

func (r record) has(column string) bool {
	_, has := r.columns[column]
	return has
}

// value is nil for NULL, and where there is no such column.
func (r record) value(column string) any {
	if i, has := r.columns[column]; has {
		return r.values[i]
	}
	return nil
}

func (r record) text(column string) string {
	s, _ := r.value(column).(string)
	return s
}

func (r record) integer(column string) int64 {
	switch v := r.value(column).(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	default:
		return 0
	}
}

// number is NaN for NULL.
func (r record) number(column string) float64 {
	switch v := r.value(column).(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	default:
		return math.NaN()
	}
}

func (r record) pointer(column string) *float64 {
	if v := r.number(column); !math.IsNaN(v) {
		return &v
	}
	return nil
}

func (r record) time(column string) time.Time {
	t, _ := r.value(column).(time.Time)
	return t
}

// day is a number of days, of a date those since 1970; of NULL one beyond all.
func (r record) day(column string) int {
	switch v := r.value(column).(type) {
	case time.Time:
		return dayNumber(v)
	case nil:
		return math.MaxInt
	default:
		return int(r.integer(column))
	}
}

// dayNumber of a date, which is held as its midnight in UTC.
func dayNumber(date time.Time) int { return int(date.Unix() / int64(day/time.Second)) }

// An archive is what the fetched steps returned. Of a step's rows, each experiment reads its own once for each of its metrics: they
// are sorted out the first time.
type archive struct {
	rows     map[string]Rows
	failed   map[string]error
	archived map[string]map[string][]record // by step, then by experiment
}

// of are a step's rows of an experiment, which the named column tells.
func (a *archive) of(experiment, step, column string) ([]record, error) {
	if err, refused := a.failed[step]; refused {
		return nil, err
	}
	rows, fetched := a.rows[step]
	if !fetched {
		return nil, fmt.Errorf("nothing was fetched for %s", step)
	}
	if a.archived[step] == nil {
		a.archived[step] = byText(rows.records(), column)
	}
	return a.archived[step][experiment], nil
}

func byText(records []record, column string) map[string][]record {
	by := map[string][]record{}
	for _, r := range records {
		by[r.text(column)] = append(by[r.text(column)], r)
	}
	return by
}
