package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// own is a property of a row of the table that holds it, as a query sees it: a time truncated or taken apart in the reporting
// time zone.
func own(ref *model.Ref, reporting *time.Location) rel.Expr {
	if ref.Entity != nil {
		return ref.Entity.Expr
	}
	d := ref.Dimension
	if ref.Grain == rel.NoUnit && ref.Part == rel.NoPart {
		return d.Expr
	}
	local := localTime(d, reporting)
	if ref.Part != rel.NoPart {
		return rel.NewPartCall(ref.Part, local)
	}
	if ref.Grain <= d.Granularity {
		return local
	}
	return rel.NewTimeCall(rel.DateTrunc, ref.Grain, local)
}

// localTime is a stored time on the clocks of the reporting time zone. A date is what it is.
func localTime(d *model.Dimension, reporting *time.Location) rel.Expr {
	if d.Expr.Type() == rel.Date || d.Granularity >= rel.Day && d.Expr.Type() != rel.TimestampTZ {
		return d.Expr
	}
	if d.Expr.Type() != rel.TimestampTZ && d.Table.Zone.String() == reporting.String() {
		return d.Expr
	}
	return toZone(instant(d.Expr, d.Table.Zone, reporting), reporting)
}

// A rowset is the rows of a table with the properties of other tables that its readers want joined on: many-to-one, so that no
// row is multiplied. First say what is read (reads, joins), then build.
type rowset struct {
	table     *model.Table
	reporting *time.Location
	start     rel.Relation // instead of the table's rows: units
	moment    rel.Expr     // when the row holds, to pick the row of a table with validity
	momentOf  rel.Unit     // its granularity
	exprs     []rel.Expr
	chains    [][]*join // each joins the tables of a path, one after the other
	lookups   []*lookup
	metrics   map[string]rel.Relation // values of the metrics that filters read, by the property's name

	// Rows of a query may be counted at another time than their own: at each period that reaches them.
	moved    *model.Dimension // the time that is another's; nil: none
	period   rel.Expr         // what it is
	periodOf rel.Unit
	periodIn map[*model.CustomGrain]rel.Expr // the custom period, where rows are moved by such
	spreads  []func(rel.Relation) rel.Relation

	conds       []rel.Expr // that rows are kept by
	lonely      bool       // whether rows of joined tables that no row leads to count too
	periodsRead int        // how many properties of the periods over which rows are spread are read
}

// A lookup joins the one row of a relation that has a key: a custom period, the value of a metric.
type lookup struct {
	on    rel.Expr
	right rel.Relation
	key   string
}

// A join is one hop, with what is read of its table.
type join struct {
	name string
	hop  model.Hop
	cols []rel.Named
	// properties are those of cols that queries read; the others are for joins.
	properties []string
	// partitions have to be equal besides.
	partitions []partitionPair
}

// A partitionPair is a partition as the left side of a join has it, and the joined table's.
type partitionPair struct {
	left  rel.Expr
	right *model.Dimension
	ofRow bool // whether left is the row's own, and not a table's on the way
}

// newRowset is the rows of t; at is when they hold, nil for rows without a time.
func newRowset(t *model.Table, at *model.Dimension, reporting *time.Location) *rowset {
	r := &rowset{table: t, reporting: reporting}
	if at != nil {
		r.moment, r.momentOf = storedAtGrain(at, reporting), at.Granularity
	}
	if t.Filter != nil {
		r.where(r.predicate(t.Filter))
	}
	return r
}

// expr makes x, which reads the table's columns, readable.
func (r *rowset) expr(x rel.Expr) rel.Expr {
	r.exprs = append(r.exprs, x)
	return x
}

// ref makes a property readable and is its expression.
func (r *rowset) ref(ref *model.Ref) rel.Expr {
	switch {
	case ref.Metric != nil:
		return r.metricValue(ref)
	case ref.Custom != nil:
		return r.customPeriod(ref)
	case r.period != nil && ref.Dimension == r.moved && len(ref.Path) == 0:
		return periodRef(ref, r.period, r.periodOf)
	}
	return r.unmoved(ref)
}

// unmoved is ref at the row's own time.
func (r *rowset) unmoved(ref *model.Ref) rel.Expr {
	if len(ref.Path) == 0 {
		return r.expr(own(ref, r.reporting))
	}
	way := r.way(ref.Path)
	for i, node := range way[:len(way)-1] {
		next := ref.Path[i+1].From
		node.read(node.onward(next), next.Expr)
	}
	last := way[len(way)-1]
	last.read(ref.Column, own(ref, r.reporting))
	last.properties = append(last.properties, ref.Column)
	return &rel.Col{Name: ref.Column, T: own(ref, r.reporting).Type()}
}

// customPeriod is the custom period that a time lies in, looked up in its spine.
func (r *rowset) customPeriod(ref *model.Ref) rel.Expr {
	if in := r.periodIn[ref.Custom]; in != nil && ref.Dimension == r.moved && len(ref.Path) == 0 {
		return in
	}
	on := r.ref(ref.AtGrain(ref.Custom.Spine.Grain))
	value := rel.Named{Name: ref.Column, X: ref.Custom.Column}
	key := rel.Named{Name: ref.Column + customKey, X: ref.Custom.Spine.Column}
	return r.lookUp(on, rel.NewProject(scan(ref.Custom.Spine.Table, []rel.Expr{key.X, value.X}), key, value), ref.Column)
}

// metricValue is a metric's value for an entity of the row, looked up in the metric's own answer.
func (r *rowset) metricValue(ref *model.Ref) rel.Expr {
	on := r.ref(&model.Ref{Column: ref.Column + "__entity", Path: ref.Path, Entity: ref.Entity})
	answer := r.metrics[ref.Name]
	columns := answer.Schema().Columns
	key := rel.Named{Name: ref.Column + customKey, X: answer.Schema().Col(columns[0].Name)}
	value := rel.Named{Name: ref.Column, X: answer.Schema().Col(columns[1].Name)}
	return r.lookUp(on, rel.NewProject(answer, key, value), ref.Column)
}

// lookUp joins a relation of a key and a value, once under a name.
func (r *rowset) lookUp(on rel.Expr, right *rel.Project, name string) rel.Expr {
	key := name + customKey
	if !slices.ContainsFunc(r.lookups, func(l *lookup) bool { return l.key == key }) {
		r.lookups = append(r.lookups, &lookup{on: on, right: right.Claiming(rel.Key{Columns: []string{key}}), key: key})
	}
	return right.Schema().Col(name)
}

// goWays adds the joins over the longer of the paths that lead to properties, first the one over which most of them are read, of several
// the one to the table that is declared first. What lies on several ways is read on the first of them, as in dbt.
func (r *rowset) goWays(refs []*model.Ref, tables []*model.Table) {
	read := func(path []model.Hop) int {
		n := 0
		for _, ref := range refs {
			if isOn(ref, path) {
				n++
			}
		}
		return n
	}
	declared := func(path []model.Hop) int { return slices.Index(tables, path[len(path)-1].To.Table) }
	for {
		var best []model.Hop
		for _, ref := range refs {
			if len(ref.Path) > 1 && (best == nil || cmp.Or(cmp.Compare(read(best), read(ref.Path)), declared(ref.Path)-declared(best)) < 0) {
				best = ref.Path
			}
		}
		if best == nil {
			return
		}
		r.way(best)
		refs = slices.DeleteFunc(slices.Clone(refs), func(ref *model.Ref) bool { return isOn(ref, best) })
	}
}

// isOn reports whether a property is read on a way.
func isOn(ref *model.Ref, path []model.Hop) bool {
	return len(ref.Path) > 0 && len(ref.Path) <= len(path) && slices.Equal(ref.Path, path[:len(ref.Path)])
}

// way is the joins over a path, added where they are new. Of two paths that part, each has joins of its own, as in dbt; a path goes on
// from one that leads to it.
func (r *rowset) way(path []model.Hop) []*join {
	i := slices.IndexFunc(r.chains, func(c []*join) bool { return along(c, path) })
	if i < 0 {
		i = len(r.chains)
		r.chains = append(r.chains, nil)
	}
	for _, hop := range path[min(len(r.chains[i]), len(path)):] {
		r.goOn(i, hop)
	}
	return r.chains[i][:len(path)]
}

// along reports whether joins lead along a path, as far as both go.
func along(chain []*join, path []model.Hop) bool {
	for i := range min(len(chain), len(path)) {
		if chain[i].hop != path[i] {
			return false
		}
	}
	return true
}

// goOn adds a hop to the joins of a chain.
func (r *rowset) goOn(chain int, hop model.Hop) {
	prefix := ""
	if joins := r.chains[chain]; len(joins) > 0 {
		prefix = joins[len(joins)-1].name + "__"
	}
	r.chains[chain] = append(r.chains[chain], &join{name: r.freeJoinName(prefix, hop), hop: hop})
	r.meet(r.chains[chain])
}

// freeJoinName is the entity's name, and the table's where another join has it.
func (r *rowset) freeJoinName(prefix string, hop model.Hop) string {
	name := prefix + hop.To.Name
	for slices.ContainsFunc(slices.Concat(r.chains...), func(other *join) bool { return other.name == name }) {
		name += "_" + hop.To.Table.Name
	}
	return name
}

// onward is the column by which a join goes on; no property is called so.
func (j *join) onward(by *model.Entity) string { return j.name + "__to_" + by.Name }

func (j *join) read(name string, x rel.Expr) {
	if !slices.ContainsFunc(j.cols, func(c rel.Named) bool { return c.Name == name }) {
		j.cols = append(j.cols, rel.Named{Name: name, X: x})
	}
}

// predicate makes a predicate readable and is its expression.
func (r *rowset) predicate(p *model.Predicate) rel.Expr {
	columns := map[string]rel.Expr{}
	for _, ref := range p.Refs {
		columns[ref.Column] = r.ref(ref)
	}
	return r.expr(substitute(p.Expr, columns))
}

// substitute replaces columns by expressions.
func substitute(x rel.Expr, columns map[string]rel.Expr) rel.Expr {
	return rel.Rewrite(x, func(e rel.Expr) rel.Expr {
		if c, ok := e.(*rel.Col); ok && columns[c.Name] != nil {
			return columns[c.Name]
		}
		return e
	})
}

// build is the rows that count, with all that was made readable.
func (r *rowset) build() rel.Relation {
	from := r.start
	if from == nil {
		read := slices.Clone(r.exprs)
		if r.moment != nil {
			read = append(read, r.moment)
		}
		for _, chain := range r.chains {
			read = append(read, chain[0].hop.From.Expr)
		}
		from = scan(r.table, read)
	}
	first, then := r.joinOrder()
	from = r.joinAll(from, first)
	for _, spread := range r.spreads {
		from = spread(from)
	}
	from = r.joinAll(from, then)
	for _, l := range r.lookups {
		from = rel.NewJoin(rel.Left, from, l.right, []rel.Equal{{Left: matching(l.on, l.right.Schema().Col(l.key)), Right: l.key}}, nil)
	}
	return keep(from, r.conds)
}

// where keeps rows by conditions; nil is none.
func (r *rowset) where(conds ...rel.Expr) {
	r.conds = append(r.conds, rel.Conjuncts(rel.AndAll(conds...))...)
}

// whereKnown is rows before periods or other tables are joined, kept by the conditions that read nothing else.
func (r *rowset) whereKnown(in rel.Relation) rel.Relation {
	known := func(x rel.Expr) bool {
		return !slices.ContainsFunc(rel.FreeColumns(x), func(name string) bool { _, ok := in.Schema().Column(name); return !ok })
	}
	var now, later []rel.Expr
	for _, x := range r.conds {
		if known(x) {
			now = append(now, x)
		} else {
			later = append(later, x)
		}
	}
	r.conds = later
	return keep(in, now)
}

// joinOrder is the chains that are joined before rows are spread over periods, and those after it. It matters to rows that no row
// leads to, which have periods if they are joined before. As in dbt, what more is read of is joined first.
func (r *rowset) joinOrder() (first, then [][]*join) {
	for _, chain := range r.chains {
		var read []string
		for _, j := range chain {
			read = append(read, j.properties...)
		}
		slices.Sort(read)
		if r.lonely && len(slices.Compact(read)) > r.periodsRead {
			first = append(first, chain)
		} else {
			then = append(then, chain)
		}
	}
	return first, then
}

func (r *rowset) joinAll(from rel.Relation, chains [][]*join) rel.Relation {
	for _, chain := range chains {
		joined := r.join(from, chain)
		if r.lonely {
			joined = r.withLonely(from, chain[0], joined)
		}
		from = joined
	}
	return from
}

// join adds what is read over a chain.
func (r *rowset) join(left rel.Relation, chain []*join) rel.Relation {
	for i, j := range chain {
		switch from := j.hop.From; {
		case i > 0:
			left = r.joinOne(left, &rel.Col{Name: chain[i-1].onward(from), T: from.Expr.Type()}, j)
		case from != nil:
			left = r.joinOne(left, from.Expr, j)
		default:
			left = r.joinOne(left, left.Schema().Col("unit_id"), j)
		}
	}
	return withinPartition(left, chain)
}

// withinPartition drops what is read on the way to a table where that has no row in the row's own partition: a chain meets the row as
// a whole, as in dbt.
func withinPartition(in rel.Relation, chain []*join) rel.Relation {
	last := len(chain) - 1
	for last > 0 && !slices.ContainsFunc(chain[last].partitions, func(p partitionPair) bool { return p.ofRow }) {
		last--
	}
	onTheWay := map[string]bool{}
	for _, j := range chain[:max(last, 0)] {
		for _, c := range j.properties {
			onTheWay[c] = true
		}
	}
	if len(onTheWay) == 0 {
		return in
	}
	met := rel.NewCall(rel.IsNotNull, in.Schema().Col(chain[last].name+"__key"))
	var cols []rel.Named
	for _, c := range in.Schema().Columns {
		x := rel.Expr(rel.NewCol(c))
		if onTheWay[c.Name] {
			x = where(met, x)
		}
		cols = append(cols, rel.Named{Name: c.Name, X: x})
	}
	return rel.NewProject(in, cols...)
}

// joinOne adds what is read over one hop.
func (r *rowset) joinOne(left rel.Relation, key rel.Expr, j *join) rel.Relation {
	t := j.hop.To.Table
	keyName := j.name + "__key"
	cols := append([]rel.Named{{Name: keyName, X: matching(j.hop.To.Expr, key)}}, j.cols...)
	claim := rel.Key{Columns: []string{keyName}}
	var moment rel.Expr
	if t.Validity != nil && r.moment != nil {
		from, to, grain := r.validity(t)
		moment = r.moment
		if r.momentOf < grain {
			moment = atGrain(r.moment, grain, r.reporting)
		}
		cols = append(cols, rel.Named{Name: j.name + "__from", X: from}, rel.Named{Name: j.name + "__to", X: to})
		claim.Validity = &rel.Validity{From: j.name + "__from", To: j.name + "__to"}
	}
	on := []rel.Equal{{Left: matching(key, j.hop.To.Expr), Right: keyName}}
	for _, p := range j.partitions {
		name := j.name + "__" + p.right.Name + "_partition"
		cols = append(cols, rel.Named{Name: name, X: p.right.Expr})
		claim.Columns = append(claim.Columns, name)
		on = append(on, rel.Equal{Left: p.left, Right: name})
	}
	right := rel.NewProject(filtered(t, cols), cols...).Claiming(claim)
	return rel.NewJoin(rel.Left, left, right, on, moment)
}

// meet has rows meet within a partition: the last table on the way that has one of that name, and the joined table.
func (r *rowset) meet(way []*join) {
	j := way[len(way)-1]
	if j.hop.From == nil {
		return
	}
	for _, d := range j.hop.To.Table.Dimensions {
		if d.Decl.IsPartition.V {
			if left, ofRow := r.partitionBefore(way, d.Name); left != nil {
				j.partitions = append(j.partitions, partitionPair{left, d, ofRow})
			}
		}
	}
}

// partitionBefore is the partition of that name of the last table before the end of the way; nil where none has one.
func (r *rowset) partitionBefore(way []*join, name string) (left rel.Expr, ofRow bool) {
	for i := len(way) - 1; i >= 0; i-- {
		own := partition(way[i].hop.From.Table, name)
		switch {
		case own == nil:
		case i == 0:
			return r.expr(own.Expr), true
		default:
			column := way[i-1].name + "__" + name + "_partition_own"
			way[i-1].read(column, own.Expr)
			return &rel.Col{Name: column, T: own.Expr.Type()}, false
		}
	}
	return nil, false
}

// partition is a table's partition of that name; nil for none.
func partition(t *model.Table, name string) *model.Dimension {
	for _, d := range t.Dimensions {
		if d.Name == name && d.Decl.IsPartition.V {
			return d
		}
	}
	return nil
}

// validity is the times between which a row of t holds, at the granularity they compare at with the rowset's moment.
func (r *rowset) validity(t *model.Table) (from, to rel.Expr, grain rel.Unit) {
	starts, ends := validityDimension(t, t.Validity.From), validityDimension(t, t.Validity.To)
	grain = max(r.momentOf, starts.Granularity, ends.Granularity)
	bound := func(d *model.Dimension) rel.Expr {
		if d.Granularity >= rel.Day || d.Granularity == grain {
			return storedAtGrain(d, r.reporting)
		}
		return atGrain(instant(d.Expr, t.Zone, r.reporting), grain, r.reporting)
	}
	return bound(starts), bound(ends), grain
}

func validityDimension(t *model.Table, column string) *model.Dimension {
	for _, d := range t.Dimensions {
		if c, ok := d.Expr.(*rel.Col); ok && c.Name == column {
			return d
		}
	}
	return &model.Dimension{Table: t, Expr: columnOf(t, column)}
}

// filtered is the rows of a joined table that count, with what is read of it.
func filtered(t *model.Table, cols []rel.Named) rel.Relation {
	var read []rel.Expr
	for _, c := range cols {
		read = append(read, c.X)
	}
	if t.Filter == nil || len(t.Filter.Refs) > 0 {
		return scan(t, read)
	}
	return rel.NewFilter(scan(t, append(read, t.Filter.Expr)), t.Filter.Expr)
}

// matching is key as the warehouse compares it with other: as text where their types differ.
func matching(key, other rel.Expr) rel.Expr {
	a, b := key.Type(), other.Type()
	if a == b || a == rel.Unknown || b == rel.Unknown {
		return key
	}
	if _, err := rel.Unify(key, other); err == nil {
		return key
	}
	return asText(key)
}

func asText(x rel.Expr) rel.Expr {
	if x.Type() == rel.Text {
		return x
	}
	return rel.ToType(x, rel.Text)
}

// scan reads the columns of a table that exprs mention.
func scan(t *model.Table, exprs []rel.Expr) rel.Relation {
	var schema rel.Schema
	for _, name := range rel.FreeColumns(exprs...) {
		if col := columnOf(t, name); col != nil {
			schema.Columns = append(schema.Columns, rel.Column{Name: name, Type: col.T})
		}
	}
	if t.Source.SQL != "" {
		return rel.NewRaw(t.Source.SQL, schema, t.Source.At)
	}
	return rel.NewScan(t.Source.Table, schema, t.Source.At)
}

// columnOf is a column of the table; nil where it has none of that name, as is so for what a join brings.
func columnOf(t *model.Table, name string) *rel.Col {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return rel.NewCol(rel.Column{Name: name, Type: c.Type})
		}
	}
	return nil
}

// withLonely adds the rows of the table that j joins whose key, in their partition, no row of left has, with NULLs for what they have not.
func (r *rowset) withLonely(left rel.Relation, j *join, joined rel.Relation) rel.Relation {
	from, to := j.hop.From.Expr, j.hop.To.Expr
	cols := append([]rel.Named{{Name: j.name + "__key", X: matching(to, from)}}, j.cols...)
	own, found := []string{j.name + "__key"}, []rel.Named{{Name: "found_key", X: matching(from, to)}}
	for _, p := range j.partitions {
		own = append(own, j.name+"__"+p.right.Name+"_partition")
		cols = append(cols, rel.Named{Name: own[len(own)-1], X: p.right.Expr})
		found = append(found, rel.Named{Name: "found_" + p.right.Name, X: p.left})
	}
	right := rel.NewProject(filtered(j.hop.To.Table, cols), cols...)
	keys := rel.NewAggregate(left, found, []rel.Named{{Name: "found", X: rel.NewAgg(rel.CountRows)}})
	on := make([]rel.Equal, len(own))
	for i, name := range own {
		on[i] = rel.Equal{Left: right.Schema().Col(name), Right: found[i].Name}
	}
	compared := rel.NewJoin(rel.Left, right, keys, on, nil)
	lonely := rel.NewFilter(compared, rel.NewCall(rel.IsNull, compared.Schema().Col("found")))
	var all []rel.Named
	for _, c := range joined.Schema().Columns {
		x := rel.Expr(rel.Null(c.Type))
		if _, ok := right.Schema().Column(c.Name); ok {
			x = lonely.Schema().Col(c.Name)
		}
		all = append(all, rel.Named{Name: c.Name, X: x})
	}
	return rel.NewUnion(rel.NewProject(joined, passed(joined.Schema(), columnsOf(joined.Schema())...)...), rel.NewProject(lonely, all...))
}
