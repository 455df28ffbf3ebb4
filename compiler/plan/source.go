package plan

import (
	"slices"
	"strings"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
)

// A source is one scan of a table for a cohort: all that any metric, window and covariate of any of its experiments needs of it.
type source struct {
	table   *model.Table
	time    *model.Dimension // nil: rows have no time, and count whenever their unit is in
	unit    string           // the entity, or the role of it, that leads to units
	inputs  []*rowInput
	columns []*factColumn
	kept    bool        // whether something reads its rows one by one
	rows    *rel.Step   // <table>_facts: the rows that units count; stored where they are kept
	carried []rel.Named // what else is kept of a row
	step    *rel.Step   // <table>_values; nil where rows are read one by one alone
	found   string      // of the step: a column without NULLs, which units without a row have not
	scan    *rel.Step   // <table>_scan: the rows before they are joined to units; nil where no daily metric reads it
	days    *rel.Step   // <table>_days; nil likewise
	newest  string      // the time of a unit's newest row; "" where it is not known
	oldest  string      // the same of its oldest one; "" of what is no rehearsal
	key     sourceKey   // names of the step's key columns
}

type sourceKey struct{ experiment, unit string }

// A rowInput is an input as columns of the table's rows: whether a row counts, and its value, which means something where it counts.
type rowInput struct {
	input  *ask.Input
	name   string // of the value; a row that is one has no such column
	counts string // "" where all rows that are kept count
}

// A factColumn is one aggregate of an input over a stretch of a unit's time.
type factColumn struct {
	source  *source
	in      *rowInput
	agg     *aggregation
	stretch *stretch
	name    string // "" where no aggregate is asked for
}

// An aggregation makes one value of a unit's rows: x is a row's value, at its time.
type aggregation struct {
	suffix string // tells the reader of the SQL what a column is, and leaves the metric's own name to its value per unit
	of     func(x, at rel.Expr) *rel.Agg
}

var (
	summed   = aggregate("_sum", rel.Sum)
	counted  = aggregate("_count", rel.Count)
	distinct = aggregate("_distinct", rel.CountDistinct)
	roughly  = aggregate("_distinct", rel.ApproxCountDistinct)
	lowest   = aggregate("_min", rel.Min)
	highest  = aggregate("_max", rel.Max)
	earliest = &aggregation{"_first", func(x, at rel.Expr) *rel.Agg { return valueAt(x, rel.SortKey{X: at}) }}
	latest   = &aggregation{"_last", func(x, at rel.Expr) *rel.Agg { return valueAt(x, rel.SortKey{X: at, Desc: true}) }}
)

func aggregate(suffix string, f rel.AggFunc) *aggregation {
	return &aggregation{suffix, func(x, _ rel.Expr) *rel.Agg { return rel.NewAgg(f, x) }}
}

// valueAt is the value at the first time by the key, NULLs aside, a tie by the lowest.
func valueAt(x rel.Expr, at rel.SortKey) *rel.Agg {
	return rel.NewFirst(x, at, rel.SortKey{X: x}).Filtered(rel.NewCall(rel.IsNotNull, x))
}

func (s *source) timed() bool { return s.time != nil }

func (s *source) grain() rel.Unit {
	if !s.timed() {
		return rel.NoUnit
	}
	return s.time.Granularity
}

// column is the aggregate of an input over a stretch, asked for once or again; nil asks for its rows alone.
func (c *cohort) column(in *ask.Input, unit string, agg *aggregation, st *stretch) *factColumn {
	s := c.sourceOf(in, unit)
	row := s.row(c, in)
	for _, col := range s.columns {
		if col.in == row && col.agg == agg && col.stretch == st {
			return col
		}
	}
	col := &factColumn{source: s, in: row, agg: agg, stretch: st}
	if agg != nil {
		col.name = c.columns.give(in.Name + agg.suffix + stretchSuffixes[st.kind])
	}
	s.columns = append(s.columns, col)
	st.byDay = st.byDay || s.grain() >= rel.Day
	return col
}

// stretchSuffixes tell the reader of the SQL over which time a column is.
var stretchSuffixes = map[stretchKind]string{beforeAssignment: "_before"}

// carry keeps an expression over the table's columns as a column of its rows, and is that column's name.
func (s *source) carry(c *cohort, x rel.Expr) string {
	for _, known := range s.carried {
		if rel.Same(known.X, x) {
			return known.Name
		}
	}
	name := c.columns.give(s.table.Name + "_property")
	s.carried = append(s.carried, rel.Named{Name: name, X: x})
	return name
}

// sourceOf is the scan an input belongs to. Inputs that read different times of one table, or belong to units in different roles,
// are different scans.
func (c *cohort) sourceOf(in *ask.Input, unit string) *source {
	for _, s := range c.sources {
		if s.table == in.Table && s.time == in.Time && s.unit == unit {
			return s
		}
	}
	s := &source{table: in.Table, time: in.Time, unit: unit, key: sourceKey{
		experiment: c.columns.give(in.Table.Name + "_experiment"), unit: c.columns.give(in.Table.Name + "_unit"),
	}}
	c.sources = append(c.sources, s)
	return s
}

func (s *source) row(c *cohort, in *ask.Input) *rowInput {
	for _, r := range s.inputs {
		if r.input == in {
			return r
		}
	}
	r := &rowInput{input: in, name: c.columns.give(in.Name + "_row")}
	s.inputs = append(s.inputs, r)
	return r
}

// rowAlone is the contribution of a row that the input counts. A count's is 1, or 0 where what it counts is NULL, so that it sums.
func rowAlone(in *ask.Input, rows *rowset) rel.Expr {
	switch {
	case in.Agg == project.Count && in.Expr == nil:
		return rel.Int(1)
	case in.Agg == project.Count:
		return rel.NewCase(rel.Int(0), rel.When{Cond: rel.NewCall(rel.IsNotNull, rows.expr(in.Expr)), Then: rel.Int(1)})
	default:
		return rows.expr(in.Expr)
	}
}

// isOne reports whether each row that counts is one.
func (r *rowInput) isOne() bool {
	if r.input.Expr == nil {
		return r.input.Agg == project.Count
	}
	return r.input.Agg == project.Sum && rel.Same(r.input.Expr, rel.Int(1))
}

// columns are the input's among those of a row that counts where a condition holds. A value that is computed is so only there: another
// row may have none.
func (r *rowInput) columns(c *cohort, cond, value rel.Expr) []rel.Named {
	var cols []rel.Named
	if cond != nil {
		r.counts = c.columns.give(r.input.Name + "_counts")
		cols = append(cols, rel.Named{Name: r.counts, X: cond})
	}
	if r.isOne() {
		return cols
	}
	if _, stored := value.(*rel.Col); !stored {
		value = where(cond, value)
	}
	return append(cols, rel.Named{Name: r.name, X: value})
}

// counted is the condition that a row counts; nil where all do.
func (r *rowInput) counted(s rel.Schema) rel.Expr {
	if r.counts == "" {
		return nil
	}
	return s.Col(r.counts)
}

// value is what a row that counts is to the input.
func (r *rowInput) value(s rel.Schema) rel.Expr {
	if r.isOne() {
		return rel.Int(1)
	}
	return s.Col(r.name)
}

// hasValue is the condition that a row counts with a value that is not NULL; nil where all do.
func (r *rowInput) hasValue(s rel.Schema) rel.Expr {
	if r.isOne() {
		return r.counted(s)
	}
	return rel.AndAll(r.counted(s), rel.NewCall(rel.IsNotNull, s.Col(r.name)))
}

func inputCondition(in *ask.Input, rows *rowset) rel.Expr {
	var conds []rel.Expr
	for _, f := range in.Filters {
		conds = append(conds, rows.predicate(f))
	}
	return rel.AndAll(conds...)
}

// facts are the rows of a source that any metric and window can use, and what is read of each: the unit, the time, and each input's
// value.
func (c *cohort) facts(s *source, path *model.Ref) (in rel.Relation, cols []rel.Named) {
	rows := newRowset(s.table, s.time, c.reporting)
	cols = c.factKey(s, path, rows)
	var counted []rel.Expr
	for _, r := range s.inputs {
		counted = append(counted, inputCondition(r.input, rows))
	}
	kept := either(counted)
	for i, r := range s.inputs {
		cols = append(cols, r.columns(c, beyond(kept, counted[i]), rowAlone(r.input, rows))...)
	}
	for _, property := range s.carried {
		cols = append(cols, rel.Named{Name: property.Name, X: rows.expr(property.X)})
	}
	conds := append(c.usable(s, rows), kept)
	return keep(rows.build(), conds), cols
}

// factKey is a fact's unit, and its time where it has one.
func (c *cohort) factKey(s *source, path *model.Ref, rows *rowset) []rel.Named {
	unit := rows.ref(path)
	if c.unitAsText {
		unit = asText(unit)
	}
	cols := []rel.Named{{Name: "fact_unit", X: unit}}
	if s.timed() {
		cols = append(cols, rel.Named{Name: "fact_time", X: storedAtGrain(s.time, c.reporting)})
	}
	return cols
}

// usable is the range of times that any stretch of any experiment can reach.
func (c *cohort) usable(s *source, rows *rowset) []rel.Expr {
	if !s.timed() {
		return nil
	}
	at, asOf, from := storedAtGrain(s.time, c.reporting), &rel.Param{Name: rel.AsOf}, c.earliest(s)
	conds := []rel.Expr{rel.NewCall(rel.Lt, at, atGrain(asOf, s.grain(), c.reporting))}
	if !from.IsZero() {
		conds = append(conds, rel.NewCall(rel.Ge, at, atGrain(rel.TimestampLit(from), s.grain(), c.reporting)))
	}
	return append(conds, rows.partitions(s.time, from, asOf)...)
}

// earliest is where the first stretch of any experiment begins; zero where one has no beginning.
func (c *cohort) earliest(s *source) time.Time {
	var first time.Time
	for _, col := range s.columns {
		for e, b := range col.stretch.bounds {
			if e.Start.IsZero() {
				return time.Time{}
			}
			from := e.Start
			if c.readsDaily(s) {
				from = project.StartOfDay(from.In(c.reporting), c.reporting).UTC() // all rows of the first day add up
			}
			if col.stretch.kind == beforeAssignment {
				from = from.Add(-b.end)
			}
			if col.stretch.kind == beforeAssignment || c.hasDayLogs() {
				// One day more than asked: days of a zone may be longer than 24 hours, and an exposure's day begins before the start.
				from = from.AddDate(0, 0, -1)
			}
			if first.IsZero() || from.Before(first) {
				first = from
			}
		}
	}
	return first
}

// reduce adds the step `<table>_values`: a source's aggregates, one row for each experiment and unit with a fact.
func (c *cohort) reduce(s *source, path *model.Ref) {
	in, cols := c.facts(s, path)
	facts := rel.Relation(rel.NewProject(in, cols...))
	if c.readsDaily(s) {
		s.scan = c.store(s, in, cols)
		facts = rel.NewRef(s.scan)
	}
	c.place(s, facts)
	rows := rel.NewRef(s.rows)
	if c.readsDaily(s) {
		s.days = c.onDays(s)
	}
	schema := rows.Schema()
	var aggs []rel.Named
	for _, col := range s.columns {
		if col.agg == nil {
			continue
		}
		aggs = append(aggs, rel.Named{Name: col.name, X: col.perUnit(schema)})
	}
	if aggs == nil {
		return
	}
	aggs = append(aggs, c.findIn(s, schema)...)
	s.step = c.program.add(c.valuesKind(), s.table.Name+"_values", "One scan of "+s.table.Name+": every metric, window and covariate per unit",
		rel.NewAggregate(rows, []rel.Named{{Name: s.key.experiment, X: experiment}, {Name: s.key.unit, X: c.unitID()}}, aggs))
}

// valuesKind is whether values of tables are stored by themselves: where there are several, so that one that the warehouse refuses is
// told from the others.
func (c *cohort) valuesKind() rel.StepKind {
	if len(c.sources)+len(c.sequences) > 1 {
		return rel.Staged
	}
	return rel.Inline
}

// place adds the step `<table>_facts`: facts beside the units that count them, each with the stretches of the unit's time that hold it,
// told once for all that ask.
func (c *cohort) place(s *source, facts rel.Relation) {
	joined := c.withUnits(s, facts, s.completeColumns()...)
	schema := joined.Schema()
	var cols, holds []rel.Named
	read := map[string]bool{"fact_unit": true}
	for _, l := range c.limitsOf(s) {
		holds = append(holds, rel.Named{Name: l.holds(), X: l.held(schema)})
		read[l.from()], read[l.until()] = true, true
	}
	for _, name := range columnsOf(schema) {
		if !read[name] {
			cols = append(cols, passed(schema, name)...)
		}
	}
	kind := rel.Inline
	if s.kept {
		kind = rel.Staged
	}
	s.rows = c.program.add(kind, s.table.Name+"_facts", "Rows of "+s.table.Name+" beside the units that count them, and which stretches hold them",
		rel.NewProject(joined, append(cols, holds...)...))
}

// perUnit is the column's aggregate over the rows of a unit. A sum of ones is the number of rows, which engines count faster than they
// add, and NULL of none.
func (col *factColumn) perUnit(schema rel.Schema) rel.Expr {
	counted := rel.AndAll(col.in.counted(schema), col.during(schema))
	if col.agg == summed && col.in.isOne() {
		return rel.NewCall(rel.NullIf, onlyOf(rel.NewAgg(rel.CountRows), counted), rel.Int(0))
	}
	return onlyOf(col.agg.of(col.in.value(schema), factTime(schema)), counted)
}

// onlyOf is an aggregate of the rows for which a condition holds; nil holds for all.
func onlyOf(agg *rel.Agg, cond rel.Expr) *rel.Agg {
	if cond == nil {
		return agg
	}
	return agg.Filtered(cond)
}

// store adds the step `<table>_scan` of facts that are read more than once, and is the step that holds what is read of them. They are
// stored before they are joined: a fact is stored once, however many experiments have its unit. Many inputs are often made of few
// columns: it is those that are stored where they are half as many, for to store a value costs more than to compute it again.
func (c *cohort) store(s *source, in rel.Relation, cols []rel.Named) *rel.Step {
	comment := "One scan of " + s.table.Name + ": the rows that metrics and windows can use, for values and for days"
	read := columnsOfAll(cols)
	if 2*len(read) > len(cols) || caseFolds(read) {
		return c.program.add(rel.Staged, s.table.Name+"_scan", comment, rel.NewProject(in, cols...))
	}
	stored := c.program.add(rel.Staged, s.table.Name+"_scan", comment, rel.NewProject(in, passed(in.Schema(), read...)...))
	return c.program.add(rel.Inline, s.table.Name+"_rows", "What a row of "+s.table.Name+" is to each metric",
		rel.NewProject(rel.NewRef(stored), cols...))
}

// columnsOfAll are the columns that expressions read, each once.
func columnsOfAll(cols []rel.Named) []string {
	var exprs []rel.Expr
	for _, c := range cols {
		exprs = append(exprs, c.X)
	}
	return rel.FreeColumns(exprs...)
}

// caseFolds reports whether two names differ in case alone: one table cannot have both on every engine.
func caseFolds(names []string) bool {
	folded := map[string]bool{}
	for _, name := range names {
		folded[strings.ToLower(name)] = true
	}
	return len(folded) < len(names)
}

// withUnits joins facts to the units they belong to, once for each experiment that has the unit.
func (c *cohort) withUnits(s *source, facts rel.Relation, attributes ...string) rel.Relation {
	cols := append([]string{"experiment", "unit_id"}, attributes...)
	for _, l := range c.limitsOf(s) {
		cols = append(cols, l.from(), l.until())
	}
	return rel.NewExpand(rel.Inner, facts, pick(c.units, cols...),
		rel.NewCall(rel.Eq, facts.Schema().Col("fact_unit"), c.unitID()), "experiment")
}

// completeColumns tell, of rows that are kept, whether their unit's stretch is over.
func (s *source) completeColumns() []string {
	var names []string
	for _, col := range s.columns {
		if name := col.stretch.completeColumn(); s.kept && col.stretch.matures() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// within is the condition that a kept row is one the column counts; nil where it counts all.
func (col *factColumn) within(schema rel.Schema) rel.Expr {
	conds := []rel.Expr{col.during(schema)}
	if col.stretch.matures() {
		conds = append(conds, schema.Col(col.stretch.completeColumn()))
	}
	return rel.AndAll(conds...)
}

// limitsOf are the ends of stretches that a source's facts are compared with.
func (c *cohort) limitsOf(s *source) []limit {
	return slices.DeleteFunc(c.limits(), func(l limit) bool { return !s.timed() || l.grain != s.grain() || !s.uses(l.stretch) })
}

func (s *source) uses(st *stretch) bool {
	return slices.ContainsFunc(s.columns, func(col *factColumn) bool { return col.stretch == st })
}

// factTime is the time of facts; NULL where they have none.
func factTime(schema rel.Schema) rel.Expr {
	if _, timed := schema.Column("fact_time"); timed {
		return schema.Col("fact_time")
	}
	return rel.Null(rel.Timestamp)
}

func (col *factColumn) limit() limit { return limit{col.stretch, col.source.grain()} }

// during is the condition that a fact lies in the column's stretch; nil where facts have no time.
func (col *factColumn) during(schema rel.Schema) rel.Expr {
	if !col.source.timed() {
		return nil
	}
	return schema.Col(col.limit().holds())
}
