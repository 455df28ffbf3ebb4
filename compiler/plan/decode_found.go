package plan

import (
	"slices"
	"time"

	"assay/compiler/project"
	"assay/compiler/rel"
)

// facts are what was found in the models that a metric reads. What was refused is left out: the metric has failed then.
func (d *decoder) facts(e *estimator) []Facts {
	var all []Facts
	for _, f := range d.cohort.found {
		read := slices.ContainsFunc(e.facts, func(col *factColumn) bool {
			return col.source == f.source && col.stretch.kind == sinceCounting
		})
		if !read {
			continue
		}
		r, err := d.constant(f.units.Name, "experiment")
		if err != nil {
			continue
		}
		all = append(all, Facts{Model: f.source.table.Name, Units: r.integer(foundUnits), Newest: d.until(f.source, r.time(newestFact)),
			Oldest: r.time(oldestFact)})
	}
	return all
}

// until is when a fact has happened by: of one known by day, the day's end.
func (d *decoder) until(s *source, at time.Time) time.Time {
	if at.IsZero() || s.grain() < rel.Day {
		return at
	}
	return project.StartOfDay(at.AddDate(0, 0, 1), d.cohort.cohort.reporting).UTC()
}

// everyone is the sum of all rows of some days.
func (d *decoder) everyone(e *estimator, days []Day) *float64 {
	if len(e.additive) != 1 || days == nil {
		return nil
	}
	i := slices.IndexFunc(d.cohort.found, func(f *found) bool { return f.source == e.additive[0].source })
	rows, fetched := d.fetched.rows[d.cohort.found[i].totals.Name]
	if !fetched {
		return nil
	}
	sum := 0.0
	for _, r := range rows.records() {
		if n := r.day(changeDay); n >= days[0].Number && n <= days[len(days)-1].Number {
			if total := r.pointer(e.additive[0].in.name); total != nil {
				sum += *total
			}
		}
	}
	return &sum
}
