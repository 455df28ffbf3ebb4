package plan

import (
	"cmp"
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

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

// joinOrder is the chains that are joined before rows are spread over periods, and those after it: those that pick a row by the moment
// that a period is. It matters to rows that no row leads to besides, which have periods if they are joined before: as in dbt, what more
// is read of is joined first.
func (r *rowset) joinOrder() (first, then [][]*join) {
	for _, chain := range r.chains {
		if r.lonely && !r.readsMore(chain) || !r.lonely && slices.ContainsFunc(chain, (*join).byMoment) {
			then = append(then, chain)
		} else {
			first = append(first, chain)
		}
	}
	return first, then
}

// readsMore reports whether more is read over a chain than of the periods.
func (r *rowset) readsMore(chain []*join) bool {
	var read []string
	for _, j := range chain {
		read = append(read, j.properties...)
	}
	slices.Sort(read)
	return len(slices.Compact(read)) > r.periodsRead
}

// byMoment reports whether which row is joined depends on when the row holds that it is joined to.
func (j *join) byMoment() bool { return j.hop.To.Table.Validity != nil }

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
