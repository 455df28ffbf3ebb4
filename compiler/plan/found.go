package plan

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// What was found in fact tables: of how many units there is a row, how new the newest is, and what all rows of a day add up to.

// A found is the fetched steps of a source.
type found struct {
	source *source
	units  *rel.Step // <table>_found: by experiment
	totals *rel.Step // <table>_by_day; nil where no daily metric reads the source
}

// Columns of the fetched steps.
const (
	foundUnits = "found_units"
	newestFact = "newest_fact"
	oldestFact = "oldest_fact" // of rehearsals alone
)

// find adds the steps that tell what was found.
func (c *cohort) find() []*found {
	var all []*found
	for _, s := range c.sources {
		f := &found{source: s, units: c.program.add(rel.Fetched, s.table.Name+"_found",
			"Units with a row of "+s.table.Name+", and the newest row of any", c.foundIn(s))}
		if s.scan != nil {
			f.totals = c.program.add(rel.Fetched, s.table.Name+"_by_day", "What all rows of "+s.table.Name+" add up to by day, whoever's they are",
				c.totalsByDay(s))
		}
		all = append(all, f)
	}
	return all
}

// foundIn is a row for each experiment.
func (c *cohort) foundIn(s *source) rel.Relation {
	if s.step == nil {
		in := rel.NewRef(s.rows)
		aggs := []rel.Named{{Name: foundUnits, X: rel.NewAgg(rel.CountDistinct, c.unitID())}}
		if s.dated() {
			aggs = append(aggs, rel.Named{Name: newestFact, X: rel.NewAgg(rel.Max, in.Schema().Col("fact_time"))})
			if c.rehearses() {
				aggs = append(aggs, rel.Named{Name: oldestFact, X: rel.NewAgg(rel.Min, in.Schema().Col("fact_time"))})
			}
		}
		return rel.NewAggregate(in, passed(in.Schema(), "experiment"), aggs)
	}
	in := rel.NewRef(c.unitFacts)
	schema := in.Schema()
	aggs := []rel.Named{{Name: foundUnits, X: rel.NewAgg(rel.Count, schema.Col(s.found))}}
	if s.newest != "" {
		aggs = append(aggs, rel.Named{Name: newestFact, X: rel.NewAgg(rel.Max, schema.Col(s.newest))})
	}
	if s.oldest != "" {
		aggs = append(aggs, rel.Named{Name: oldestFact, X: rel.NewAgg(rel.Min, schema.Col(s.oldest))})
	}
	return rel.NewAggregate(in, passed(schema, "experiment"), aggs)
}

// findIn are the aggregates of a unit's rows that tell what was found.
func (c *cohort) findIn(s *source, schema rel.Schema) []rel.Named {
	if !s.dated() {
		s.found = c.columns.give(s.table.Name + "_rows")
		return []rel.Named{{Name: s.found, X: rel.NewAgg(rel.CountRows)}}
	}
	s.newest = c.columns.give(s.table.Name + "_newest")
	s.found = s.newest
	aggs := []rel.Named{{Name: s.newest, X: rel.NewAgg(rel.Max, schema.Col("fact_time"))}}
	if c.rehearses() {
		s.oldest = c.columns.give(s.table.Name + "_oldest")
		aggs = append(aggs, rel.Named{Name: s.oldest, X: rel.NewAgg(rel.Min, schema.Col("fact_time"))})
	}
	return aggs
}

// rehearses reports whether experiments are tried on history, of which there may be less than they take.
func (c *cohort) rehearses() bool {
	return slices.ContainsFunc(c.experiments, func(e *model.Experiment) bool { return e.Rehearses != nil })
}

// dated reports whether the day of facts is known.
func (s *source) dated() bool { return s.timed() && s.grain() <= rel.Day }

// totalsByDay is a row for each day: the sums of what daily metrics count.
func (c *cohort) totalsByDay(s *source) rel.Relation {
	in := rel.NewRef(s.scan)
	var aggs []rel.Named
	for _, row := range s.inputs {
		if c.daily.sums(row) {
			aggs = append(aggs, rel.Named{Name: row.name, X: onlyOf(rel.NewAgg(rel.Sum, row.value(in.Schema())), row.counted(in.Schema()))})
		}
	}
	day := s.dayOf(in.Schema().Col("fact_time"), c.reporting)
	return rel.NewAggregate(in, []rel.Named{{Name: changeDay, X: day}}, aggs)
}

// sums reports whether a daily metric sums an input.
func (d *dayPlan) sums(row *rowInput) bool {
	return slices.ContainsFunc(d.columns, func(col *factColumn) bool { return col.in == row && col.agg == summed })
}

// dayOf is the day of a fact.
func (s *source) dayOf(at rel.Expr, reporting *time.Location) rel.Expr {
	if s.grain() == rel.Day {
		return at
	}
	return dayOf(at, reporting)
}
