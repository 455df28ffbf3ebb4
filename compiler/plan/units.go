package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// A dimension of units, as text, by which results are sliced.
type dimension struct {
	name   string // as written
	column string
	ref    *model.Ref // nil: the logs have it
	users  []*model.Experiment
}

// A carried column of the logs is kept from a unit's first exposure on: as text where units are sliced by it, as it is where a
// population asks for it. Read is nil in a log that lacks it.
type carried struct {
	column string
	typ    rel.Type
	read   func(*model.Log) rel.Expr
}

func (c *cohort) carryDimension(dimension, column string, typ rel.Type) {
	c.carried = append(c.carried, carried{column, typ, func(log *model.Log) rel.Expr {
		for _, d := range log.Dimensions {
			if d.Name == dimension {
				return d.X
			}
		}
		return nil
	}})
}

// largestSlices is how many values of a dimension stand by themselves; the rest is Other.
const largestSlices = 50

// gatherDimensions lists what any experiment of the cohort slices by.
func (c *cohort) gatherDimensions() {
	for _, e := range c.experiments {
		for _, d := range e.Dimensions {
			i := slices.IndexFunc(c.dimensions, func(k *dimension) bool { return k.name == d.Name && (k.ref == nil) == (d.Ref == nil) })
			if i < 0 {
				i = len(c.dimensions)
				c.dimensions = append(c.dimensions, &dimension{name: d.Name, column: c.columns.give(d.Name), ref: d.Ref})
				if d.Ref == nil {
					c.carryDimension(d.Name, c.dimensions[i].column, rel.Text)
				}
			}
			c.dimensions[i].users = append(c.dimensions[i].users, e)
		}
		c.gatherPopulation(e)
	}
}

// gatherPopulation keeps what an experiment's population reads of the logs.
func (c *cohort) gatherPopulation(e *model.Experiment) {
	if e.Population == nil {
		return
	}
	rel.Walk(e.Population.Expr, func(x rel.Expr) bool {
		col, ok := x.(*rel.Col)
		if ok && !refers(e.Population, col.Name) && c.populationColumns[col.Name] == nil {
			column := c.columns.give(col.Name + "_asked")
			c.carryDimension(col.Name, column, col.T)
			c.populationColumns[col.Name] = &rel.Col{Name: column, T: col.T}
		}
		return true
	})
}

// admit adds the step `units`: those that count, with their attributes at assignment and the limits of their stretches.
func (c *cohort) admit() {
	in, cols := c.entrants()
	if len(c.triggers) > 0 {
		c.admitTriggered(in, cols)
		return
	}
	atAssignment := map[string]rel.Expr{"counted_from": assignedAt, countedByDay: &rel.Col{Name: assignedByDay, T: rel.Boolean}}
	for _, limit := range c.limitColumns() {
		cols = append(cols, rel.Named{Name: limit.Name, X: substitute(limit.X, atAssignment)})
	}
	c.units = c.program.add(rel.Staged, "units", "Units that count: attributes at assignment, limits of each stretch of time",
		rel.NewProject(in, cols...))
	c.entered = c.units
}

// entrants are the units of the population, joined to what their experiments declare, and what is kept of them.
func (c *cohort) entrants() (rel.Relation, []rel.Named) {
	assigned := rel.NewRef(c.assigned)
	rows := &rowset{reporting: c.reporting, moment: c.heldAt()}
	rows.start = only(c.experiments, rel.NewFilter(assigned, assigned.Schema().Col("included")), c.present())
	attributes := c.attributes(rows)
	population := c.population(rows)
	in := rows.build()
	if population != nil {
		in = rel.NewFilter(in, population)
	}
	in = c.withDeclared(in)
	kept := slices.Concat([]string{"experiment", "unit_id", "variant", "assigned_at"}, c.strata(), c.clusters())
	if c.hasDayLogs() {
		kept = append(kept, assignedByDay)
	}
	return in, append(passed(in.Schema(), kept...), attributes...)
}

// attributes are the units' dimensions, as text, and their covariates.
func (c *cohort) attributes(rows *rowset) []rel.Named {
	var cols []rel.Named
	for _, d := range c.dimensions {
		x := rel.Expr(&rel.Col{Name: d.column, T: rel.Text})
		if d.ref != nil {
			x = asText(rows.ref(d.ref))
		}
		cols = append(cols, rel.Named{Name: d.column, X: x})
	}
	return append(cols, c.traitColumns(rows)...)
}

// population is the condition that each experiment puts to its own units; nil where none does.
func (c *cohort) population(rows *rowset) rel.Expr {
	var conds []rel.Expr
	for _, e := range c.experiments {
		if e.Population == nil {
			continue
		}
		cond := substitute(rows.predicate(e.Population), c.populationColumns)
		if len(c.experiments) > 1 {
			cond = rel.NewCall(rel.Or, rel.NewCall(rel.Ne, experiment, rel.String(e.Name)), cond)
		}
		conds = append(conds, cond)
	}
	return rel.AndAll(conds...)
}

// withDeclared joins the experiments' dates and windows to a relation of units.
func (c *cohort) withDeclared(units rel.Relation) rel.Relation {
	s := rel.NewRef(c.declared).Schema()
	cols := []rel.Named{{Name: "declared_experiment", X: s.Col("experiment")}, {Name: "end_at", X: s.Col("end_at")}}
	if len(c.triggers) > 0 {
		cols = append(cols, passed(s, "has_trigger")...)
	}
	for _, stretch := range c.stretches {
		for _, col := range stretch.declared() {
			cols = append(cols, rel.Named{Name: col.Name, X: s.Col(col.Name)})
		}
	}
	var on []rel.Equal
	for _, column := range c.declaredKey("declared_experiment").Columns {
		on = append(on, rel.Equal{Left: experiment, Right: column})
	}
	return rel.NewJoin(rel.Inner, units, rel.NewProject(rel.NewRef(c.declared), cols...), on, nil)
}

// A limit is one end of a stretch at a granularity: a column of units.
type limit struct {
	stretch *stretch
	grain   rel.Unit
}

func (l limit) from() string  { return l.column("from") }
func (l limit) until() string { return l.column("until") }

// holds is the column of facts that tells whether they lie between the ends.
func (l limit) holds() string { return l.column("holds") }

// held is that condition, of facts beside their units.
func (l limit) held(s rel.Schema) rel.Expr {
	return rel.AndAll(rel.NewCall(rel.Ge, s.Col("fact_time"), s.Col(l.from())), rel.NewCall(rel.Lt, s.Col("fact_time"), s.Col(l.until())))
}

func (l limit) column(end string) string {
	if l.grain > rel.Millisecond {
		return l.stretch.name + "_" + end + "_" + l.grain.String()
	}
	return l.stretch.name + "_" + end
}

// limits are the ends of stretches that the sources compare facts with.
func (c *cohort) limits() []limit {
	var all []limit
	for _, s := range c.sources {
		for _, col := range s.columns {
			if s.timed() && !slices.Contains(all, limit{col.stretch, s.grain()}) {
				all = append(all, limit{col.stretch, s.grain()})
			}
		}
	}
	return all
}

// endsOf a limit are the two as columns of units.
func (c *cohort) endsOf(l limit) []rel.Named {
	from, until := l.stretch.limits()
	if l.grain >= rel.Day {
		from, until = l.stretch.limitsAtDay(l.grain, c.reporting)
	} else {
		dayFrom, dayUntil := l.stretch.limitsOfDays(c.reporting)
		byDay := c.isByDay(l.stretch)
		from, until = whereByDay(byDay, dayFrom, from), whereByDay(byDay, dayUntil, until)
		from, until = atGrain(from, l.grain, c.reporting), atGrain(until, l.grain, c.reporting)
	}
	return []rel.Named{{Name: l.from(), X: from}, {Name: l.until(), X: until}}
}

func (c *cohort) limitColumns() []rel.Named {
	var cols []rel.Named
	for _, l := range c.limits() {
		cols = append(cols, c.endsOf(l)...)
	}
	for _, s := range c.stretches {
		if s.matures() {
			complete := whereByDay(c.isByDay(s), s.completeOfDays(c.reporting), s.complete())
			cols = append(cols, rel.Named{Name: s.completeColumn(),
				X: rel.NewCall(rel.Or, rel.NewCall(rel.Not, &rel.Col{Name: s.matureColumn(), T: rel.Boolean}), complete)})
		}
	}
	return append(cols, c.dayColumns()...)
}

// complete is whether a unit's stretch is over.
func (s *stretch) complete() rel.Expr {
	return rel.NewCall(rel.Le, s.over(), &rel.Param{Name: rel.AsOf})
}

// over is when a unit's stretch is over; one without an end, once it has begun.
func (s *stretch) over() rel.Expr {
	after := integer(s.endColumn())
	if s.maturesOpen() {
		after = rel.NewCall(rel.Coalesce, after, integer(s.startColumn()))
	}
	return rel.NewTimeCall(rel.DateAdd, rel.Second, countedFrom, after)
}
