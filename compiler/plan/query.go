package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// AnswerStep is the fetched step of a query: one column for each group and metric, under their names.
const AnswerStep = "answer"

// Query plans the program that answers a KPI query.
func Query(asked *ask.KPI, bag *diag.Bag) *rel.Program {
	k := newKPIPlan(asked, bag)
	if asked.Listing != nil {
		k.present(k.listing(asked.Listing), nil)
		return k.planned()
	}
	f := k.frame(asked)
	if asked.Experiment != nil && !k.admitUnits(f) {
		return nil
	}
	k.present(f.align(), f.metrics())
	return k.planned()
}

// planned is the whole program, once all is asked for.
func (k *kpiPlan) planned() *rel.Program {
	k.program.shareRows(k.asked.Model)
	return &rel.Program{Steps: k.program.steps}
}

// A kpiPlan is a query on its way to a program.
type kpiPlan struct {
	asked          *ask.KPI
	program        *program
	columnNames    *names
	groups         []string               // of the answer
	cohort         *cohort                // with an experiment
	convertedUnits map[ask.Term][]*column // with an experiment: of each unit, and the base events they are among
	bag            *diag.Bag
	metrics        map[*ask.KPI]*rel.Step
}

func newKPIPlan(asked *ask.KPI, bag *diag.Bag) *kpiPlan {
	k := &kpiPlan{asked: asked, bag: bag, columnNames: newNames(slices.Concat(periodColumns, reserved)...),
		convertedUnits: map[ask.Term][]*column{}, metrics: map[*ask.KPI]*rel.Step{}}
	taken := append(mentionedTables(asked.Model), AnswerStep)
	if e := asked.Experiment; e != nil {
		taken = append(taken, mentionedLogs([]*model.Experiment{e})...)
	}
	k.program = &program{names: newNames(taken...)}
	for _, g := range asked.Groups {
		k.groups = append(k.groups, k.columnNames.give(g.Name))
	}
	for _, metric := range asked.Metrics {
		k.columnNames.give(metric.Metric.Name)
	}
	return k
}

// groupColumns are the columns answers are grouped by, the variant among them.
func (k *kpiPlan) groupColumns() []string {
	if k.cohort != nil {
		return append([]string{"variant"}, k.groups...)
	}
	return k.groups
}

// present adds the answer: groups and metrics under their names, ordered and limited.
func (k *kpiPlan) present(in rel.Relation, metrics []rel.Named) {
	answer := in
	if k.asked.Listing == nil {
		answer = rel.NewProject(in, append(passed(in.Schema(), k.groupColumns()...), metrics...)...)
	}
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
		if _, ok := s.Column(g); ok {
			keys = append(keys, rel.SortKey{X: s.Col(g)})
		}
	}
	return keys
}

// A frame is the terms that are answered for the same groups and the same filters: those of the query, or those of a formula that is
// shifted in time as a whole.
type frame struct {
	*kpiPlan
	groups  []*ask.Group
	names   []string // columns of the groups
	ranged  bool     // whether the query's time range limits the rows
	scans   *[]*groupScan
	parts   []*framePart
	columns map[ask.Term]*partColumn
}

// frame is that of a query as a whole.
func (k *kpiPlan) frame(asked *ask.KPI) *frame {
	f := &frame{kpiPlan: k, groups: asked.Groups, names: k.groups, ranged: asked.Start != nil || asked.End != nil,
		scans: &[]*groupScan{}, columns: map[ask.Term]*partColumn{}}
	var terms []ask.Term
	for _, metric := range asked.Metrics {
		terms = append(terms, metric.Term)
	}
	f.gatherAll(terms...)
	return f
}

// A framePart is a relation by group that holds some of the frame's columns.
type framePart struct {
	key     partKey
	columns []*partColumn
	build   func() rel.Relation // once all is gathered
}

// A partKey tells apart the ways in which a scan's answer goes on.
type partKey struct {
	scan    *groupScan
	reach   ask.Reach
	spine   bool
	filters string     // that hold for periods and groups, after the aggregate
	rows    string     // the filters that choose the rows, where a spine brings periods without any
	term    ask.Term   // of what is computed by itself
	first   *ask.Input // of what is computed by unit: the events that start clocks
	entity  string     // and whose
}

// A partColumn is a value by group: an input's, under what fills it, or that of a term computed by itself or by unit.
type partColumn struct {
	input   *inputColumn
	fill    *float64
	started *ask.Started
	name    string
	typ     rel.Type
}

// part is that of a key, asked for once or again.
func (f *frame) part(key partKey, build func(p *framePart) rel.Relation) *framePart {
	for _, p := range f.parts {
		if p.key == key {
			return p
		}
	}
	p := &framePart{key: key}
	p.build = func() rel.Relation { return build(p) }
	f.parts = append(f.parts, p)
	if key.scan != nil {
		key.scan.parts = append(key.scan.parts, p)
	}
	return p
}

// column is an input's in the part.
func (f *frame) column(p *framePart, in *inputColumn, fill *float64) *partColumn {
	for _, c := range p.columns {
		if c.input == in && sameNumber(c.fill, fill) {
			return c
		}
	}
	c := &partColumn{input: in, fill: fill, name: in.name}
	if f.holds(in.name) {
		c.name = f.columnNames.give(in.input.Name + "_total")
	}
	p.columns = append(p.columns, c)
	return c
}

// holds reports whether some part has a column of that name.
func (f *frame) holds(name string) bool {
	for _, p := range f.parts {
		if slices.ContainsFunc(p.columns, func(c *partColumn) bool { return c.name == name }) {
			return true
		}
	}
	return false
}

// align aggregates what was gathered and brings it together.
func (f *frame) align() rel.Relation {
	f.sharePartials()
	for _, s := range *f.scans {
		s.aggregate()
	}
	return f.aligned()
}

// aligned brings the parts of the answer together: rows of one group, NULL groups too, become one.
func (f *frame) aligned() rel.Relation {
	relations := make([]rel.Relation, len(f.parts))
	for i, p := range f.parts {
		relations[i] = p.build()
	}
	if len(relations) == 1 {
		return relations[0]
	}
	groups := f.groupColumns()
	for i, p := range f.parts {
		relations[i] = f.padded(p, relations[i])
	}
	all := rel.NewUnion(relations...)
	var aggs []rel.Named
	for _, p := range f.parts {
		for _, col := range p.columns {
			aggs = append(aggs, rel.Named{Name: col.name, X: rel.NewAgg(rel.Max, all.Schema().Col(col.name))})
		}
	}
	return rel.NewAggregate(all, passed(all.Schema(), groups...), aggs)
}

// padded is a part with the columns of all others, which are NULL in it.
func (f *frame) padded(p *framePart, in rel.Relation) rel.Relation {
	cols := passed(in.Schema(), f.groupColumns()...)
	for _, other := range f.parts {
		for _, col := range other.columns {
			x := rel.Expr(rel.Null(col.typ))
			if other == p {
				x = in.Schema().Col(col.name)
			}
			cols = append(cols, rel.Named{Name: col.name, X: x})
		}
	}
	return rel.NewProject(in, cols...)
}

// groupColumns are the columns the frame's answers are grouped by.
func (f *frame) groupColumns() []string {
	if f.cohort != nil {
		return append([]string{"variant"}, f.names...)
	}
	return f.names
}

// metrics are the answer's columns over those of the frame.
func (f *frame) metrics() []rel.Named {
	var cols []rel.Named
	for _, metric := range f.asked.Metrics {
		cols = append(cols, rel.Named{Name: metric.Metric.Name, X: f.formula(metric.Term)})
	}
	return cols
}

// gather finds the columns that a term needs.
func (f *frame) gather(t ask.Term) {
	switch t := t.(type) {
	case *ask.Aggregate:
		f.aggregate(t)
	case *ask.Conversion:
		if f.asked.Experiment != nil {
			f.convertUnits(t)
			return
		}
		f.aggregate(t.Base)
		f.convert(t)
	case *ask.Shifted:
		f.shift(t)
	case *ask.Started:
		f.start(t)
	case *ask.Quotient:
		f.gatherAll(t.Numerator, t.Denominator)
	case *ask.Formula:
		var args []ask.Term
		for _, a := range t.Args {
			args = append(args, a.Term)
		}
		f.gatherAll(args...)
	case *ask.Reaches, *ask.Quantile, *ask.Funnel:
		panic("a unit's total is no part of a query: asking has refused it")
	default:
		panic(t)
	}
}

// formula is a term over the frame's columns.
func (f *frame) formula(t ask.Term) rel.Expr {
	if c := f.columns[t]; c != nil && c.input == nil {
		return c.value()
	}
	switch t := t.(type) {
	case *ask.Aggregate, *ask.Shifted, *ask.Started:
		return f.columns[t].value()
	case *ask.Conversion:
		converted := f.columns[t].value()
		if t.Spec.Calculation == model.ConversionNumber {
			return converted
		}
		return rel.NewCall(rel.Div, converted, f.formula(t.Base))
	case *ask.Quotient:
		return rel.NewCall(rel.Div, f.formula(t.Numerator), f.formula(t.Denominator))
	case *ask.Formula:
		columns := map[string]rel.Expr{}
		for _, a := range t.Args {
			columns[a.Name] = f.formula(a.Term)
		}
		return composed(t.Expr, columns)
	case *ask.Reaches, *ask.Quantile, *ask.Funnel:
		panic("a unit's total is no part of a query: asking has refused it")
	default:
		panic(t)
	}
}

// composed is a formula over what its names stand for. Its own types say no more than number: those of calls follow their
// arguments, else a difference of whole numbers would pass for a float and be divided as they are.
func composed(formula rel.Expr, columns map[string]rel.Expr) rel.Expr {
	return rel.Rewrite(formula, func(e rel.Expr) rel.Expr {
		if col, ok := e.(*rel.Col); ok {
			return columns[col.Name]
		}
		call, ok := e.(*rel.Call)
		if !ok {
			return e
		}
		typed := rel.NewCall(call.Func, call.Args...)
		typed.At = call.At
		return typed
	})
}

// value is the column, filled where it is NULL.
func (c *partColumn) value() rel.Expr {
	x := rel.Expr(&rel.Col{Name: c.name, T: c.typ})
	if c.fill != nil {
		x = rel.NewCall(rel.Coalesce, x, number(*c.fill))
	}
	return x
}

// number is a literal that stays whole where it is.
func number(v float64) rel.Expr {
	if v == float64(int64(v)) {
		return rel.Int(int64(v))
	}
	return rel.Float64(v)
}

// timeGroups are the positions of the groups that are an input's own time.
func (f *frame) timeGroups(in *ask.Input) []int {
	var at []int
	for i, g := range f.groups {
		if g.ByTimeOf(in) {
			at = append(at, i)
		}
	}
	return at
}

// timesOf are the groups that are an input's own time, as it sees them.
func (f *frame) timesOf(in *ask.Input) []*model.Ref {
	var refs []*model.Ref
	for _, i := range f.timeGroups(in) {
		refs = append(refs, f.groups[i].Refs[in])
	}
	return refs
}

// otherGroups are the columns of the groups that are not among the positions.
func (f *frame) otherGroups(at []int) []string {
	var others []string
	if f.cohort != nil {
		others = append(others, "variant")
	}
	for i, name := range f.names {
		if !slices.Contains(at, i) {
			others = append(others, name)
		}
	}
	return others
}
