package plan

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// declare adds the step `experiments`: a row for each, with its dates and the bounds of its stretches.
func (c *cohort) declare() {
	for _, s := range c.stretches {
		s.byDay = s.byDay || c.isByDay(s) != nil
	}
	cols := []rel.Column{
		{Name: "experiment", Type: rel.Text}, {Name: "experiment_key", Type: rel.Text},
		{Name: "start_at", Type: rel.Timestamp}, {Name: "end_at", Type: rel.Timestamp},
	}
	if len(c.triggers) > 0 {
		cols = append(cols, rel.Column{Name: "has_trigger", Type: rel.Boolean})
	}
	for _, s := range c.stretches {
		for _, d := range s.declared() {
			cols = append(cols, d.Column)
		}
	}
	var rows [][]rel.Expr
	for _, e := range c.present() {
		row := []rel.Expr{rel.String(e.Name), rel.String(e.Key), rel.TimestampLit(startTime(e)), endOf(e)}
		if len(c.triggers) > 0 {
			row = append(row, rel.Bool(e.Trigger != nil))
		}
		for _, s := range c.stretches {
			for _, d := range s.declared() {
				row = append(row, d.value(s, e))
			}
		}
		rows = append(rows, row)
	}
	c.declared = c.program.add(rel.Inline, "experiments", "What was declared: dates, and windows in seconds, of each experiment",
		rel.NewValuesOf(c.named("experiment"), cols, rows, c.declaredKey("experiment")))
}

// named is the domain of a column of experiments' names. Units and their facts are grouped by these: it pays to compare them fast.
func (c *cohort) named(column string) rel.Domain {
	var names []string
	for _, e := range c.present() {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return rel.Domain{Column: column, Values: names}
}

// declaredKey is what tells the experiments' rows apart: nothing where there is one. Units then join what is declared without
// comparing names, which engines do once and not for each unit.
func (c *cohort) declaredKey(column string) rel.Key {
	if len(c.present()) == 1 {
		return rel.Key{}
	}
	return rel.Key{Columns: []string{column}}
}

// startTime is an experiment's start. Where nothing has a time any will do.
func startTime(e *model.Experiment) time.Time {
	if e.Start.IsZero() {
		return epoch
	}
	return e.Start
}

func endOf(e *model.Experiment) rel.Expr {
	if e.End.IsZero() {
		return rel.Null(rel.Timestamp)
	}
	return rel.TimestampLit(e.End)
}

// declareVariants is the rows of the declared variants, by their value in the logs.
func (c *cohort) declareVariants() *rel.Step {
	cols := []rel.Column{
		{Name: "variant_experiment", Type: rel.Text}, {Name: "variant_value", Type: rel.Text}, {Name: "variant_name", Type: rel.Text},
	}
	var rows [][]rel.Expr
	for _, e := range c.present() {
		for _, v := range e.Variants {
			rows = append(rows, []rel.Expr{rel.String(e.Name), rel.String(v.Value), rel.String(v.Name)})
		}
	}
	return c.program.add(rel.Inline, "variants", "The declared variants and their values in the logs",
		rel.NewValuesOf(c.named("variant_experiment"), cols, rows, rel.Key{Columns: []string{"variant_experiment", "variant_value"}}))
}

// expose adds the step `exposures`: the rows of all logs that fall into an experiment's time, or have none.
func (c *cohort) expose() *rel.Step {
	variants := c.declareVariants()
	var logs []rel.Relation
	for _, log := range c.logs() {
		logs = append(logs, c.exposuresOf(log, variants))
	}
	all := logs[0]
	if len(logs) > 1 {
		all = rel.NewUnion(logs...)
	}
	return c.program.add(c.exposureKind(), "exposures", "Rows of the assignment logs within each experiment's time", all)
}

// logs are those of the cohort's experiments, each once.
func (c *cohort) logs() []*model.Log {
	var all []*model.Log
	for _, e := range c.present() {
		for _, log := range e.Logs {
			if !slices.Contains(all, log) {
				all = append(all, log)
			}
		}
	}
	return all
}

// exposuresOf is one log's rows, once for each experiment they belong to.
func (c *cohort) exposuresOf(log *model.Log, variants *rel.Step) rel.Relation {
	in := c.logRows(log)
	on := rel.Expr(rel.Bool(true))
	if log.Experiment != nil {
		on = rel.NewCall(rel.Eq, in.Schema().Col("log_key"), &rel.Col{Name: "experiment_key", T: rel.Text})
	}
	exposed := rel.Relation(rel.NewExpand(rel.Inner, in, c.experimentsOf(log), on, "experiment"))
	at := rel.Expr(&rel.Col{Name: "start_at", T: rel.Timestamp})
	if log.Time != nil {
		at = &rel.Col{Name: "log_time", T: rel.Timestamp}
	}
	exposed = rel.NewFilter(exposed, c.duringExperiment(log, at))
	exposed = rel.NewJoin(rel.Left, exposed, rel.NewRef(variants), []rel.Equal{
		{Left: experiment, Right: "variant_experiment"}, {Left: &rel.Col{Name: "log_variant", T: rel.Text}, Right: "variant_value"},
	}, nil)
	s := exposed.Schema()
	known := []rel.Expr{rel.NewCall(rel.IsNotNull, s.Col("log_unit")), rel.NewCall(rel.IsNotNull, s.Col("log_variant"))}
	if log.Cluster != nil {
		known = append(known, rel.NewCall(rel.IsNotNull, s.Col(clusterID)))
	}
	complete := rel.AndAll(known...)
	cols := []rel.Named{
		{Name: "experiment", X: experiment},
		{Name: "unit_id", X: s.Col("log_unit")},
		{Name: "exposed_at", X: rel.NewCase(nil, rel.When{Cond: complete, Then: at})},
		{Name: "variant", X: rel.NewCall(rel.Coalesce, s.Col("variant_name"), s.Col("log_variant"))},
		{Name: "declared", X: rel.NewCall(rel.IsNotNull, s.Col("variant_name"))},
	}
	if c.hasDayLogs() {
		cols = append(cols, rel.Named{Name: exposedByDay, X: rel.Bool(log.ByDay())})
	}
	return rel.NewProject(exposed, append(cols, passed(s, c.carriedColumns()...)...)...)
}

// logRows is what is read of a log, under our names.
func (c *cohort) logRows(log *model.Log) rel.Relation {
	rows := newRowset(log.Table, log.Moment, c.reporting)
	unit := c.unitOf(log, rows)
	if c.unitAsText {
		unit = asText(unit)
	}
	cols := []rel.Named{
		{Name: "log_unit", X: unit},
		{Name: "log_variant", X: asText(rows.expr(log.Variant))},
	}
	if log.Time != nil {
		at := instant(rows.expr(log.Time), log.Table.Zone, c.reporting)
		if log.DayGrain {
			at = beginning(storedDay(rows.expr(log.Time), c.reporting), c.reporting)
		}
		cols = append(cols, rel.Named{Name: "log_time", X: at})
	}
	if log.Experiment != nil {
		cols = append(cols, rel.Named{Name: "log_key", X: asText(rows.expr(log.Experiment))})
	}
	for _, k := range c.carried {
		cols = append(cols, rel.Named{Name: k.column, X: k.of(log, rows)})
	}
	return rel.NewProject(rows.build(), cols...)
}

// unitOf is the unit of a log's row, which another table may have.
func (c *cohort) unitOf(log *model.Log, rows *rowset) rel.Expr {
	if log.Reach != nil {
		return rows.ref(log.Reach)
	}
	return rows.expr(log.Unit)
}

// of is the carried column in a log; NULL in one that lacks it.
func (k carried) of(log *model.Log, rows *rowset) rel.Expr {
	x := k.read(log)
	switch {
	case x == nil:
		return rel.Null(k.typ)
	case k.typ == rel.Text:
		return asText(rows.expr(x))
	case k.typ == rel.Float:
		return rel.ToType(rows.expr(x), rel.Float)
	default:
		return rows.expr(x)
	}
}

// carriedColumns are the columns kept from the logs.
func (c *cohort) carriedColumns() []string {
	var all []string
	for _, k := range c.carried {
		all = append(all, k.column)
	}
	return all
}

// experimentsOf is the experiments that a log serves.
func (c *cohort) experimentsOf(log *model.Log) rel.Relation {
	served := slices.DeleteFunc(c.present(), func(e *model.Experiment) bool { return !slices.Contains(e.Logs, log) })
	return only(served, pick(c.declared, "experiment", "experiment_key", "start_at", "end_at"), c.present())
}

// duringExperiment keeps rows with start ≤ time < min(end, as-of), and those whose time is missing, which health counts. A log
// known by day compares by day.
func (c *cohort) duringExperiment(log *model.Log, at rel.Expr) rel.Expr {
	from, until := rel.Expr(&rel.Col{Name: "start_at", T: rel.Timestamp}), analysisEnd()
	if log.DayGrain {
		from, until = midnight(from, c.reporting), midnight(until, c.reporting)
	}
	during := rel.AndAll(rel.NewCall(rel.Ge, at, from), rel.NewCall(rel.Lt, at, until))
	return rel.NewCall(rel.Or, during, rel.NewCall(rel.IsNull, at))
}

// assign adds the step `assigned`: one row for each experiment and unit, as first exposed. The row of the NULL unit holds only the
// count of incomplete rows.
func (c *cohort) assign(exposures *rel.Step) {
	in, by, assigned := c.inOrder(rel.NewRef(exposures), "unit_id")
	s := in.Schema()
	at, name := s.Col("exposed_at"), s.Col("variant")
	counted := rel.NewCall(rel.IsNotNull, at)
	aggs := []rel.Named{
		{Name: "assigned_at", X: assigned},
		{Name: "last_exposed_at", X: rel.NewAgg(rel.Max, at)},
		{Name: "variant", X: rel.NewFirst(name, by...)},
		{Name: "lowest_variant", X: rel.NewAgg(rel.Min, name).Filtered(counted)},
		{Name: "highest_variant", X: rel.NewAgg(rel.Max, name).Filtered(counted)},
		{Name: "undeclared", X: rel.NewAgg(rel.BoolOr, rel.NewCall(rel.Not, s.Col("declared"))).Filtered(counted)},
		{Name: "null_rows", X: rel.NewAgg(rel.CountRows).Filtered(rel.NewCall(rel.IsNull, at))},
	}
	if c.keepsMultiple() != nil {
		aggs = append(aggs, rel.Named{Name: "declared", X: rel.NewFirst(s.Col("declared"), by...)})
	}
	if c.hasDayLogs() {
		byDay := rel.SortKey{X: s.Col(exposedByDay), Desc: true}
		aggs = append(aggs, rel.Named{Name: assignedByDay, X: rel.NewFirst(byDay.X, append(slices.Clone(by), byDay)...)})
	}
	for _, d := range c.carriedColumns() {
		lowest := append(slices.Clone(by), rel.SortKey{X: s.Col(d)})
		aggs = append(aggs, rel.Named{Name: d, X: rel.NewFirst(s.Col(d), lowest...)})
	}
	groups := passed(s, "experiment", "unit_id")
	first := c.program.add(rel.Inline, "first_exposures", "One row per unit: its first exposure, ties by the lowest variant",
		rel.NewAggregate(in, groups, aggs))
	c.assigned = c.program.add(rel.Staged, "assigned", "Units as the exposure policy sees them", c.judgedExposures(c.asClusters(first, exposures)))
}

// keepsMultiple is the condition that units seen in several variants stay, as they were first seen; nil where no experiment wants
// it. Then nobody needs to know whether the first of a unit's variants is declared: all have to be.
func (c *cohort) keepsMultiple() rel.Expr {
	keeping := slices.DeleteFunc(c.present(), func(e *model.Experiment) bool { return e.Exposures != model.FirstExposure })
	if len(keeping) == 0 {
		return nil
	}
	return isOneOf(keeping)
}

// judgedExposures adds to each unit the phase it was settled in, whether it keeps its place under the exposure policy, and whether
// it is analysed.
func (c *cohort) judgedExposures(units rel.Relation, settled rel.Expr) rel.Relation {
	phased := c.withPhase(units, settled)
	s := phased.Schema()
	single := rel.NewCall(rel.Eq, s.Col("lowest_variant"), s.Col("highest_variant"))
	seen := rel.AndAll(rel.NewCall(rel.IsNotNull, s.Col("unit_id")), rel.NewCall(rel.IsNotNull, s.Col("assigned_at")))
	keeps, isDeclared := rel.Expr(single), rel.Expr(rel.NewCall(rel.Not, s.Col("undeclared")))
	if multiple := c.keepsMultiple(); multiple != nil {
		keeps = rel.NewCall(rel.Or, keeps, multiple)
		isDeclared = rel.NewCase(isDeclared, rel.When{Cond: multiple, Then: s.Col("declared")})
	}
	kept := rel.AndAll(seen, keeps)
	cols := passed(s, append([]string{"experiment", "unit_id", "variant", "assigned_at", "last_exposed_at", "null_rows"},
		c.carriedColumns()...)...)
	if c.phased() {
		cols = append(cols, rel.Named{Name: "phase", X: s.Col("phase_name")})
	}
	if c.hasDayLogs() {
		cols = append(cols, passed(s, assignedByDay)...)
	}
	if c.clustered() {
		cols = append(cols, passed(s, phasedAt)...)
	}
	return rel.NewProject(phased, append(cols,
		rel.Named{Name: "multiple", X: rel.AndAll(seen, rel.NewCall(rel.Not, single))},
		rel.Named{Name: "undeclared", X: rel.AndAll(seen, s.Col("undeclared"))},
		rel.Named{Name: "kept", X: kept},
		rel.Named{Name: "included", X: rel.AndAll(kept, isDeclared)})...)
}
