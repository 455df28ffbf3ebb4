package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
)

// A groupScan is one scan, aggregated by the frame's groups: the inputs of one table whose periods count the same rows.
type groupScan struct {
	*frame
	table    *model.Table
	time     *model.Dimension
	reach    ask.Reach // what has to hold before the aggregate; the rest of an input's is done after it
	ranged   bool
	finest   rel.Unit // the grain that is kept beside the groups, for a period of several; NoUnit for none
	inputs   []*inputColumn
	parts    []*framePart // that go on from it
	at       string       // the rows' time as a column, where their order matters
	bounded  bool         // whether the answer tells the first and the last time of its rows, over which periods are generated
	moving   bool         // while the periods of an offset are joined, after those of a window
	step     *rel.Step
	partials *partials  // that it is put together from; nil: from rows
	facts    *source    // with an experiment: what it counts of this scan
	path     *model.Ref // and the way to its units
}

// An inputColumn is an input's value per row, and then its aggregate.
type inputColumn struct {
	input     *ask.Input
	filters   []conjunct // that choose its rows
	row, name string
	counted   *factColumn // with an experiment: the facts it counts
	typ       rel.Type
}

// finestPeriod holds the period at the grain it is counted at, where the groups have just coarser ones.
const finestPeriod = "counted_period"

// Columns of a scan that tells the time its rows lie in.
const (
	rowTime  = "row_time"
	firstRow = "first_row"
	lastRow  = "last_row"
)

// scan is the one that an aggregate belongs to.
func (f *frame) scan(t *ask.Aggregate, before ask.Reach) *groupScan {
	in := t.Input
	ranged := f.ranged && in.Time != nil && before == (ask.Reach{}) && t.Reach.Shift.IsZero()
	finest := f.finestPeriod(t)
	for _, s := range *f.scans {
		if s.table == in.Table && s.time == in.Time && s.reach == before && s.ranged == ranged && s.finest == finest {
			return s
		}
	}
	s := &groupScan{frame: f, table: in.Table, time: in.Time, reach: before, ranged: ranged, finest: finest}
	*f.scans = append(*f.scans, s)
	return s
}

// finestPeriod is the grain at which a cumulative metric is counted where the groups have just coarser ones.
func (f *frame) finestPeriod(t *ask.Aggregate) rel.Unit {
	if t.Reach.Extent == ask.Own {
		return rel.NoUnit
	}
	finest := f.countedBy(t)
	at := f.timeGroups(t.Input)
	if len(at) == 0 {
		return rel.NoUnit
	}
	for _, i := range at {
		if ref := f.groups[i].Refs[t.Input]; ref.Part == rel.NoPart && ref.Custom == nil && ref.Grain <= finest {
			return rel.NoUnit
		}
	}
	return finest
}

// countedBy is the grain of the periods that a cumulative metric is counted by: that of its rows where a time spine knows them, else the
// finest that one does, and a day where there is no spine, unless its own window is finer.
func (f *frame) countedBy(t *ask.Aggregate) rel.Unit {
	known := max(rel.Millisecond, t.Input.Time.Granularity)
	spines := f.asked.Model.Spines
	switch {
	case f.asked.Model.SpineFor(known) != nil:
		return known
	case len(spines) > 0:
		return spines[0].Grain
	}
	counted := rel.Day
	for _, unit := range []rel.Unit{t.Reach.Window.Unit, t.Reach.ToDate} {
		if unit != rel.NoUnit {
			counted = min(counted, unit)
		}
	}
	return max(known, counted)
}

// input is the column of an aggregate's input under the filters that hold before the aggregate.
func (s *groupScan) input(in *ask.Input, filters []conjunct) *inputColumn {
	for _, col := range s.inputs {
		if col.input == in && sameConjuncts(col.filters, filters) {
			return col
		}
	}
	col := &inputColumn{input: in, filters: filters, row: s.columnNames.give(in.Name + "_row"), name: s.columnNames.give(in.Name + "_total")}
	s.inputs = append(s.inputs, col)
	return col
}

// aggregate adds the step that answers the scan's inputs by group.
func (s *groupScan) aggregate() {
	var byGroup rel.Relation
	if s.partials != nil {
		byGroup = s.fromPartials()
	} else {
		byGroup = s.byRow()
	}
	s.step = s.program.add(rel.Inline, s.table.Name+"_by_group", s.comment(),
		rel.NewAggregate(byGroup, passed(byGroup.Schema(), s.stepGroups()...), s.aggregates(byGroup.Schema())))
}

// byRow is the scan's rows with their groups, in each period that counts them.
func (s *groupScan) byRow() rel.Relation {
	rows := newRowset(s.table, s.time, s.asked.Model.Zone)
	s.prepare(rows)
	s.overPeriods(rows)
	first := s.inputs[0].input
	var cols []rel.Named
	for i, g := range s.groups {
		cols = append(cols, rel.Named{Name: s.names[i], X: rows.ref(g.Refs[first])})
	}
	if s.finest != rel.NoUnit {
		cols = append(cols, rel.Named{Name: finestPeriod, X: rows.ref(timeRef(s.time, s.finest))})
	}
	values, kept := s.values(rows, s.inputs, s.tellsRows)
	cols = append(cols, values...)
	rows.where(append(s.timeRange(), kept)...)
	rows.where(s.partitions(rows)...)
	if s.ordered() {
		s.at = s.columnNames.give(s.table.Name + "_time")
		cols = append(cols, rel.Named{Name: s.at, X: storedAtGrain(s.time, s.asked.Model.Zone)})
	}
	if s.bounded {
		cols = append(cols, rel.Named{Name: rowTime, X: rows.ref(timeRef(s.time, fineGrain(s.time, nil)))})
	}
	if s.cohort != nil {
		cols = append(cols, s.cohort.factKey(s.facts, s.path, rows)...)
		rows.where(s.cohort.usable(s.facts, rows)...)
	}
	byGroup := s.onlyAtEdges(rel.NewProject(rows.build(), cols...))
	if s.cohort != nil {
		joined := s.cohort.withUnits(s.facts, byGroup, s.facts.unitAttributes()...)
		return keep(joined, []rel.Expr{s.countsRow(joined.Schema())})
	}
	return byGroup
}

// values are what each input counts of a row, and that one of them counts it.
func (s *groupScan) values(rows *rowset, inputs []*inputColumn, tellsRows func(*inputColumn) bool) (cols []rel.Named, kept rel.Expr) {
	var conds []rel.Expr
	for _, col := range inputs {
		conds = append(conds, s.conditions(col, rows))
	}
	kept = either(conds)
	for i, col := range inputs {
		cond := beyond(kept, conds[i])
		cols = append(cols, rel.Named{Name: col.row, X: where(cond, rowAlone(col.input, rows))})
		cols = append(cols, s.edgeColumns(col, cond, rows)...)
		if tellsRows(col) {
			cols = append(cols, rel.Named{Name: col.kept(), X: where(cond, rel.Int(1))})
		}
	}
	return cols, kept
}

// stepGroups are the columns the step is grouped by.
func (s *groupScan) stepGroups() []string {
	if s.finest == rel.NoUnit {
		return s.groupColumns()
	}
	return append(slices.Clone(s.groupColumns()), finestPeriod)
}

func (s *groupScan) comment() string {
	switch s.reach.Extent {
	case ask.AllTime:
		return "Each period with all rows of " + s.table.Name + " up to its end, aggregated"
	case ask.Trailing:
		return "Each period with the rows of " + s.table.Name + " in the window that ends with it, aggregated"
	case ask.ToDate:
		return "Each period with the rows of " + s.table.Name + " of the " + s.reach.ToDate.String() + " so far, aggregated"
	}
	if !s.reach.Shift.IsZero() {
		return "Each period with the rows of " + s.table.Name + " from the time it looks back to, aggregated"
	}
	if s.partials != nil {
		return "The " + s.partials.grain.String() + "s of " + s.table.Name + ", aggregated"
	}
	return "The rows of " + s.table.Name + ", aggregated"
}

// timeRange is the query's time constraint, both days included.
func (s *groupScan) timeRange() []rel.Expr {
	if !s.ranged {
		return nil
	}
	return s.within(storedAtGrain(s.time, s.asked.Model.Zone), func(day time.Time) rel.Expr {
		return atGrain(rel.TimestampLit(day), s.time.Granularity, s.asked.Model.Zone)
	})
}

// within is that a time lies in the query's time range; bound is the midnight of the reporting time zone that begins a day, as the
// time compares with it.
func (k *kpiPlan) within(at rel.Expr, bound func(time.Time) rel.Expr) []rel.Expr {
	var conds []rel.Expr
	if k.asked.Start != nil {
		conds = append(conds, rel.NewCall(rel.Ge, at, bound(k.dayStart(*k.asked.Start, 0))))
	}
	if k.asked.End != nil {
		conds = append(conds, rel.NewCall(rel.Lt, at, bound(k.dayStart(*k.asked.End, 1))))
	}
	return conds
}

// dayStart is the first instant, in the reporting time zone, of the day so many days after the one an instant lies in.
func (k *kpiPlan) dayStart(t time.Time, after int) time.Time {
	zone := k.asked.Model.Zone
	y, m, d := t.In(zone).Date()
	return project.StartOfDay(time.Date(y, m, d+after, 0, 0, 0, 0, time.UTC), zone)
}

// aggregates are the inputs' values of a group. What counts from zero is NULL where a group has no row of the input, as in dbt.
func (s *groupScan) aggregates(schema rel.Schema) []rel.Named {
	var aggs []rel.Named
	for _, col := range s.inputs {
		agg := s.aggregateOf(col, schema)
		if during := beyond(s.countsRow(schema), col.during(schema)); during != nil {
			agg = agg.Filtered(during)
		}
		col.typ = agg.Type()
		aggs = append(aggs, rel.Named{Name: col.name, X: s.noneIsNull(col, agg, schema)})
		if s.restricts(col) {
			aggs = append(aggs, rel.Named{Name: col.kept(), X: col.rowsOf(schema)})
		}
	}
	if s.bounded {
		at := schema.Col(rowTime)
		aggs = append(aggs, rel.Named{Name: firstRow, X: rel.NewAgg(rel.Min, at)}, rel.Named{Name: lastRow, X: rel.NewAgg(rel.Max, at)})
	}
	return aggs
}

// stretch is that of the rows the scan has counted.
func (s *groupScan) stretch() rowStretch {
	if !s.bounded { // a spine knows the periods, or the query's time range
		return rowStretch{typ: localTime(s.time, s.asked.Model.Zone).Type()}
	}
	schema := s.step.Relation.Schema()
	return stretchOf(rel.NewRef(s.step), schema.Col(firstRow), schema.Col(lastRow), fineGrain(s.time, nil))
}

// generates reports whether the periods that an input's groups and filters see have to be generated over its rows.
func (s *groupScan) generates(in *ask.Input, limited bool) bool {
	grain := spineGrain(withTimesOf(timeFilters(in), s.timesOf(in)), s.finest)
	return s.asked.Model.SpineFor(grain) == nil && !(limited && s.asked.Start != nil && s.asked.End != nil)
}
