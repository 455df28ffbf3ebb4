package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// AnswerStep is the fetched step of a query: one column for each group and metric, under their names.
const AnswerStep = "answer"

// Query plans the program that answers a KPI query.
func Query(asked *ask.KPI, bag *diag.Bag) *rel.Program {
	k := newKPIPlan(asked)
	if asked.Experiment != nil && !k.admitUnits(bag) {
		return nil
	}
	for _, s := range k.sources {
		k.aggregate(s)
	}
	k.present(k.align())
	return &rel.Program{Steps: k.program.steps}
}

// A kpiPlan is a query on its way to a program.
type kpiPlan struct {
	asked   *ask.KPI
	program *program
	columns *names
	groups  []string // of the answer; with an experiment the variant first
	sources []*kpiSource
	inputs  map[*ask.Input]*inputColumn
	cohort  *cohort // with an experiment
}

// A kpiSource is one scan: the inputs of one table that are counted by one time.
type kpiSource struct {
	table  *model.Table
	time   *model.Dimension
	inputs []*inputColumn
	at     string // the rows' time as a column, where their order matters
	step   *rel.Step
	facts  *source    // with an experiment: what it counts of this scan
	path   *model.Ref // and the way to its units
}

// An inputColumn is an input's value per row, and then its aggregate.
type inputColumn struct {
	input     *ask.Input
	row, name string
	spine     bool        // whether periods without rows appear
	counted   *factColumn // with an experiment: the facts it counts
	typ       rel.Type
}

func newKPIPlan(asked *ask.KPI) *kpiPlan {
	k := &kpiPlan{asked: asked, inputs: map[*ask.Input]*inputColumn{}, columns: newNames()}
	if asked.Experiment != nil {
		k.columns = newNames(reserved...)
	}
	taken := append(mentionedTables(asked.Model), AnswerStep)
	if asked.Experiment != nil {
		taken = append(taken, mentionedLogs([]*model.Experiment{asked.Experiment})...)
	}
	k.program = &program{names: newNames(taken...)}
	for _, g := range asked.Groups {
		k.groups = append(k.groups, k.columns.give(g.Name))
	}
	for _, metric := range asked.Metrics {
		k.columns.give(metric.Metric.Name)
	}
	for _, in := range asked.Inputs() {
		k.addInput(in)
	}
	for _, leaf := range asked.Leaves() {
		col := k.inputs[leaf.Input]
		col.spine = col.spine || leaf.Spine && k.timeGroup(leaf.Input) >= 0
	}
	return k
}

func (k *kpiPlan) addInput(in *ask.Input) {
	col := &inputColumn{input: in, row: k.columns.give(in.Name + "_row"), name: k.columns.give(in.Name + "_total")}
	k.inputs[in] = col
	for _, s := range k.sources {
		if s.table == in.Table && s.time == in.Time {
			s.inputs = append(s.inputs, col)
			return
		}
	}
	k.sources = append(k.sources, &kpiSource{table: in.Table, time: in.Time, inputs: []*inputColumn{col}})
}

// aggregate adds the step that answers a source's inputs by group.
func (k *kpiPlan) aggregate(s *kpiSource) {
	rows := newRowset(s.table, s.time, k.asked.Model.Zone)
	var cols []rel.Named
	for i, g := range k.asked.Groups {
		cols = append(cols, rel.Named{Name: k.groups[i], X: rows.ref(g.Refs[s.inputs[0].input])})
	}
	var kept []*rowInput
	for _, col := range s.inputs {
		cols = append(cols, rel.Named{Name: col.row, X: rowValue(col.input, rows)})
		kept = append(kept, &rowInput{input: col.input})
	}
	conds := append(k.timeRange(s), anyOf(kept, rows))
	if s.ordered() {
		s.at = k.columns.give(s.table.Name + "_time")
		cols = append(cols, rel.Named{Name: s.at, X: storedAtGrain(s.time, k.asked.Model.Zone)})
	}
	if k.cohort != nil {
		cols = append(cols, k.cohort.factKey(s.facts, s.path, rows)...)
		conds = append(conds, k.cohort.usable(s.facts)...)
	}
	in := rows.build()
	if keep := rel.AndAll(conds...); keep != nil {
		in = rel.NewFilter(in, keep)
	}
	rowsByGroup := rel.Relation(rel.NewProject(in, cols...))
	if k.cohort != nil {
		rowsByGroup = k.cohort.withUnits(s.facts, rowsByGroup, s.facts.unitAttributes()...)
	}
	s.step = k.program.add(rel.Inline, s.table.Name+"_by_group", "One scan of "+s.table.Name+", aggregated",
		rel.NewAggregate(rowsByGroup, passed(rowsByGroup.Schema(), k.groupColumns()...), k.aggregates(s, rowsByGroup.Schema())))
}

// groupColumns are the columns answers are grouped by, the variant among them.
func (k *kpiPlan) groupColumns() []string {
	if k.cohort != nil {
		return append([]string{"variant"}, k.groups...)
	}
	return k.groups
}

// timeRange is the query's time constraint, both days included.
func (k *kpiPlan) timeRange(s *kpiSource) []rel.Expr {
	if s.time == nil || k.asked.Start == nil && k.asked.End == nil {
		return nil
	}
	zone := k.asked.Model.Zone
	at := storedAtGrain(s.time, zone)
	bound := func(t time.Time) rel.Expr { return atGrain(rel.TimestampLit(t), s.time.Granularity, zone) }
	var conds []rel.Expr
	if k.asked.Start != nil {
		conds = append(conds, rel.NewCall(rel.Ge, at, bound(*k.asked.Start)))
	}
	if k.asked.End != nil {
		conds = append(conds, rel.NewCall(rel.Lt, at, bound(dayAfter(*k.asked.End, zone))))
	}
	return conds
}

// dayAfter is the first instant of the day after the one an instant lies in.
func dayAfter(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return project.StartOfDay(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), zone)
}

func (k *kpiPlan) aggregates(s *kpiSource, schema rel.Schema) []rel.Named {
	var aggs []rel.Named
	for _, col := range s.inputs {
		x := s.aggregateOf(col, schema)
		if during := col.during(schema); during != nil {
			x = x.Filtered(during)
		}
		col.typ = x.Type()
		aggs = append(aggs, rel.Named{Name: col.name, X: x})
	}
	return aggs
}

// A part is a relation by group that holds some of the inputs.
type kpiPart struct {
	relation rel.Relation
	inputs   []*inputColumn
}

// align brings the parts of the answer together: rows of one group, NULL groups too, become one.
func (k *kpiPlan) align() rel.Relation {
	parts := k.parts()
	if len(parts) == 1 {
		return parts[0].relation
	}
	var padded []rel.Relation
	for _, p := range parts {
		cols := passed(p.relation.Schema(), k.groupColumns()...)
		for _, other := range parts {
			for _, col := range other.inputs {
				x := rel.Expr(rel.Null(col.typ))
				if slices.Contains(p.inputs, col) {
					x = p.relation.Schema().Col(col.name)
				}
				cols = append(cols, rel.Named{Name: col.name, X: x})
			}
		}
		padded = append(padded, rel.NewProject(p.relation, cols...))
	}
	all := rel.NewUnion(padded...)
	var aggs []rel.Named
	for _, p := range parts {
		for _, col := range p.inputs {
			aggs = append(aggs, rel.Named{Name: col.name, X: rel.NewAgg(rel.Max, all.Schema().Col(col.name))})
		}
	}
	return rel.NewAggregate(all, passed(all.Schema(), k.groupColumns()...), aggs)
}

// present adds the answer: groups and metrics under their names, ordered and limited.
func (k *kpiPlan) present(in rel.Relation) {
	cols := passed(in.Schema(), k.groupColumns()...)
	for _, metric := range k.asked.Metrics {
		cols = append(cols, rel.Named{Name: metric.Metric.Name, X: k.formula(metric.Term)})
	}
	var answer rel.Relation = rel.NewProject(in, cols...)
	if keys := k.sortKeys(answer.Schema()); keys != nil {
		answer = rel.NewSort(answer, keys...)
	}
	if k.asked.Limit != nil {
		answer = rel.NewLimit(answer, *k.asked.Limit)
	}
	k.program.steps = append(k.program.steps, &rel.Step{Name: AnswerStep, Kind: rel.Fetched, Relation: answer})
}

// sortKeys are the query's order, else the groups': an answer without an order reads differently each time.
func (k *kpiPlan) sortKeys(s rel.Schema) []rel.SortKey {
	var keys []rel.SortKey
	for _, o := range k.asked.OrderBy {
		keys = append(keys, rel.SortKey{X: s.Col(o.Column), Desc: o.Desc})
	}
	for _, g := range k.groupColumns() {
		keys = append(keys, rel.SortKey{X: s.Col(g)})
	}
	return keys
}

// formula is a term over the columns of inputs.
func (k *kpiPlan) formula(t ask.Term) rel.Expr {
	switch t := t.(type) {
	case *ask.Aggregate:
		col := k.inputs[t.Input]
		x := rel.Expr(&rel.Col{Name: col.name, T: col.typ})
		if t.Fill != nil {
			x = rel.NewCall(rel.Coalesce, x, number(*t.Fill))
		}
		return x
	case *ask.Quotient:
		return rel.NewCall(rel.Div, k.formula(t.Numerator), k.formula(t.Denominator))
	case *ask.Formula:
		columns := map[string]rel.Expr{}
		for _, a := range t.Args {
			columns[a.Name] = k.formula(a.Term)
		}
		return substitute(t.Expr, columns)
	case *ask.Reaches, *ask.Quantile, *ask.Funnel, *ask.Conversion:
		panic("a unit's total is no part of a query: asking has refused it")
	default:
		panic(t)
	}
}
