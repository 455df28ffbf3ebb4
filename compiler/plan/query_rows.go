package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// A query may read the rows of one table for several ends: sums of periods and distinct values of windows, base events and what
// they convert to, a formula before it is moved. They are read once, together with what is joined to them many-to-one, which
// multiplies no row: one scan of the table, and of each table on each way from it.

// A reading is where rows of a table are read: chain is the table, and then each join to it, up to the first of a step's answer.
type reading struct {
	step  *rel.Step
	chain []rel.Relation
	conds []rel.Expr      // that hold for all rows that are used
	needs map[string]bool // the columns that are read further on; nil: all
	known int             // how many of the joins are read with all others' rows
}

// sharedRows are the rows of a table for several readings of it.
type sharedRows struct {
	name     string
	readings []*reading
	leaf     rel.Relation
	joins    []*rel.Join
}

// shareRows has each table that is read several times read by one step. Spines are no facts: their periods are joined to those.
func (p *program) shareRows(m *model.Model) {
	byTable := map[string]*sharedRows{}
	var all []*sharedRows
	for _, step := range p.steps {
		for _, r := range readingsIn(step) {
			key := tableKey(r.chain[0])
			if byTable[key] == nil {
				byTable[key] = &sharedRows{}
				all = append(all, byTable[key])
			}
			byTable[key].readings = append(byTable[key].readings, r)
		}
	}
	for _, s := range all {
		if len(s.readings) > 1 && s.isFact(m) && s.merge() {
			p.insert(s)
		}
	}
}

// isFact reports whether the rows are those of a model that is no time spine, and notes its name.
func (s *sharedRows) isFact(m *model.Model) bool {
	key := tableKey(s.readings[0].chain[0])
	i := slices.IndexFunc(m.Tables, func(t *model.Table) bool { return tableKey(scan(t, nil)) == key })
	if i < 0 || slices.ContainsFunc(m.Spines, func(spine *model.Spine) bool { return spine.Table == m.Tables[i] }) {
		return false
	}
	s.name = m.Tables[i].Name
	return true
}

// tableKey tells tables apart.
func tableKey(leaf rel.Relation) string {
	bare, _ := withColumns(leaf, nil)
	return rel.FormatRelation(bare)
}

// withColumns is a table read for other columns; false for what is no table.
func withColumns(leaf rel.Relation, cols []rel.Column) (rel.Relation, bool) {
	schema := rel.Schema{Columns: cols}
	switch leaf := leaf.(type) {
	case *rel.Scan:
		return rel.NewScan(leaf.Table, schema, leaf.At), true
	case *rel.Raw:
		return rel.NewRaw(leaf.SQL, schema, leaf.At), true
	default:
		return leaf, false
	}
}

// readingsIn are those of a step. What a user's own expressions read is not known, so they stay where their tables are.
func readingsIn(step *rel.Step) []*reading {
	verbatim := false
	rel.WalkRelation(step.Relation, func(r rel.Relation) {
		verbatim = verbatim || slices.ContainsFunc(rel.Exprs(r), rel.Contains[*rel.Verbatim])
	})
	if verbatim {
		return nil
	}
	f := &readingFinder{step: step, names: map[string]bool{}}
	f.find(step.Relation, nil, nil)
	return f.found
}

// A readingFinder goes through a step's relation from the top.
type readingFinder struct {
	step  *rel.Step
	names map[string]bool // columns that expressions on the way read
	found []*reading
}

// find finds the readings of r, whose rows are used where the conditions hold, and its columns as far as they are needed.
func (f *readingFinder) find(r rel.Relation, conds []rel.Expr, needs map[string]bool) {
	if chain := chainOf(r); chain != nil {
		f.found = append(f.found, &reading{step: f.step, chain: chain, conds: conds, needs: needs})
		return
	}
	for _, name := range rel.FreeColumns(rel.Exprs(r)...) {
		f.names[name] = true
	}
	switch r := r.(type) {
	case *rel.Filter:
		f.find(r.In, append(slices.Clip(conds), rel.Conjuncts(r.Cond)...), needs)
	case *rel.Join:
		f.find(r.Left, conds, needs)
		if _, side := sideOf(r); !side {
			f.find(r.Right, nil, needs)
		}
	case *rel.Expand:
		f.find(r.Left, conds, needs)
		f.find(r.Right, nil, needs)
	case *rel.Project, *rel.Aggregate:
		f.find(rel.Inputs(r)[0], nil, f.names)
	default:
		for _, in := range rel.Inputs(r) {
			f.find(in, nil, needs)
		}
	}
}

// chainOf is a table and the joins to it, innermost first; nil for another relation.
func chainOf(r rel.Relation) []rel.Relation {
	if _, isTable := withColumns(r, nil); isTable {
		return []rel.Relation{r}
	}
	j, is := r.(*rel.Join)
	if !is || j.Kind != rel.Left {
		return nil
	}
	chain := chainOf(j.Left)
	if _, side := sideOf(j); chain == nil || !side {
		return nil
	}
	return append(chain, j)
}

// A side is a table that is joined: what is read of it, and of which rows.
type side struct {
	*rel.Project
	filter *rel.Filter // nil: of all
	leaf   rel.Relation
}

// sideOf is the table that a join joins; false where that is a step's answer.
func sideOf(j *rel.Join) (side, bool) {
	project, is := j.Right.(*rel.Project)
	if !is {
		return side{}, false
	}
	s := side{Project: project, leaf: project.In}
	if filter, is := s.leaf.(*rel.Filter); is {
		s.filter, s.leaf = filter, filter.In
	}
	_, isTable := withColumns(s.leaf, nil)
	return s, isTable
}

// merge makes one table with its joins of those of the readings; false where they see the table differently.
func (s *sharedRows) merge() bool {
	s.leaf = s.readings[0].chain[0]
	for _, r := range s.readings[1:] {
		merged, ok := mergeTables(s.leaf, r.chain[0])
		if !ok {
			return false
		}
		s.leaf = merged
	}
	for _, r := range s.readings {
		for _, join := range r.chain[1:] {
			if !s.absorb(join.(*rel.Join)) {
				break
			}
			r.known++
		}
	}
	return len(s.leaf.Schema().Columns) > 0
}

// absorb adds a join, or what one that is there already has to read besides; false where it is another under the same name.
func (s *sharedRows) absorb(join *rel.Join) bool {
	i := slices.IndexFunc(s.joins, func(known *rel.Join) bool { return known.On[0].Right == join.On[0].Right })
	if i < 0 {
		if s.clashes(join) {
			return false
		}
		s.joins = append(s.joins, join)
		return true
	}
	merged, ok := mergeJoins(s.joins[i], join)
	if ok {
		s.joins[i] = merged
	}
	return ok
}

// clashes reports whether a join brings a column that is there already.
func (s *sharedRows) clashes(join *rel.Join) bool {
	names := columnsOf(s.leaf.Schema())
	for _, known := range s.joins {
		names = append(names, columnsOf(known.Right.Schema())...)
	}
	return caseFolds(append(names, columnsOf(join.Right.Schema())...))
}

// mergeJoins is a join for two readers of it; false where they are not the same.
func mergeJoins(a, b *rel.Join) (*rel.Join, bool) {
	alike := slices.EqualFunc(a.On, b.On, func(x, y rel.Equal) bool { return x.Right == y.Right && rel.Same(x.Left, y.Left) })
	if !alike || !sameOptional(a.Moment, b.Moment) {
		return nil, false
	}
	left, _ := sideOf(a)
	right, _ := sideOf(b)
	merged, ok := mergeSides(left, right)
	if !ok {
		return nil, false
	}
	return rel.NewJoin(a.Kind, a.Left, merged, a.On, a.Moment), true
}

func sameOptional(a, b rel.Expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	return rel.Same(a, b)
}

// mergeSides is what two joins read of a table; false where they read other rows, or something else under one name.
func mergeSides(a, b side) (rel.Relation, bool) {
	if (a.filter == nil) != (b.filter == nil) || a.filter != nil && !rel.Same(a.filter.Cond, b.filter.Cond) {
		return nil, false
	}
	in, ok := mergeTables(a.leaf, b.leaf)
	if !ok {
		return nil, false
	}
	if a.filter != nil {
		in = rel.NewFilter(in, a.filter.Cond)
	}
	cols := slices.Clone(a.Cols)
	for _, col := range b.Cols {
		i := slices.IndexFunc(cols, func(known rel.Named) bool { return known.Name == col.Name })
		switch {
		case i < 0:
			cols = append(cols, col)
		case !rel.Same(cols[i].X, col.X):
			return nil, false
		}
	}
	merged := rel.NewProject(in, cols...)
	for _, key := range a.Schema().Keys {
		merged = merged.Claiming(key)
	}
	return merged, true
}

// mergeTables is a table read for two; false where that is not one table, or a column has another type.
func mergeTables(a, b rel.Relation) (rel.Relation, bool) {
	if tableKey(a) != tableKey(b) {
		return nil, false
	}
	cols := slices.Clone(a.Schema().Columns)
	for _, col := range b.Schema().Columns {
		known, is := a.Schema().Column(col.Name)
		switch {
		case !is:
			cols = append(cols, col)
		case known.Type != col.Type:
			return nil, false
		}
	}
	return withColumns(a, cols)
}

// rows are those that some reading uses, with the columns it needs.
func (s *sharedRows) rows() rel.Relation {
	in := s.leaf
	for _, join := range s.joins {
		in = rel.NewJoin(join.Kind, in, join.Right, join.On, join.Moment)
	}
	var used []rel.Expr
	var needed []string
	for _, r := range s.readings {
		used = append(used, rel.AndAll(r.own()...))
		needed = append(needed, r.columns()...)
	}
	in = keep(in, []rel.Expr{either(used)})
	needed = slices.DeleteFunc(columnsOf(in.Schema()), func(name string) bool { return !slices.Contains(needed, name) })
	return rel.NewProject(in, passed(in.Schema(), needed...)...)
}

// top is what of the reading's chain is read with all others' rows.
func (r *reading) top() rel.Relation { return r.chain[r.known] }

// own are the conditions that tell which of the shared rows are used.
func (r *reading) own() []rel.Expr {
	return slices.DeleteFunc(slices.Clone(r.conds), func(x rel.Expr) bool {
		return slices.ContainsFunc(rel.FreeColumns(x), func(name string) bool { _, has := r.top().Schema().Column(name); return !has })
	})
}

// columns are those of the shared rows that are needed further on.
func (r *reading) columns() []string {
	var joins []rel.Expr
	for _, own := range r.chain[r.known+1:] {
		joins = append(joins, rel.Exprs(own)...)
	}
	toJoin := rel.FreeColumns(joins...)
	return slices.DeleteFunc(columnsOf(r.top().Schema()), func(name string) bool {
		return r.needs != nil && !r.needs[name] && !slices.Contains(toJoin, name)
	})
}

// insert adds the step before those that read its rows. It is stored where several statements do.
func (p *program) insert(s *sharedRows) {
	rows := s.rows()
	step := &rel.Step{Name: p.names.give(s.name + "_rows"), Relation: rows,
		Comment: "One scan of " + s.name + ", for all that is asked of it"}
	first := slices.Index(p.steps, s.readings[0].step)
	for _, r := range s.readings {
		r.step.Relation = r.replace(r.step.Relation, step)
	}
	p.steps = slices.Insert(p.steps, first, step)
	if p.statementsReading(step) > 1 {
		step.Kind = rel.Staged
	}
}

// statementsReading counts the statements that read a step in place.
func (p *program) statementsReading(step *rel.Step) int {
	reads := map[*rel.Step]bool{step: true}
	n := 0
	for _, s := range p.steps {
		if slices.ContainsFunc(rel.References(s.Relation), func(read *rel.Step) bool { return reads[read] }) {
			if s.Kind == rel.Inline {
				reads[s] = true
			} else {
				n++
			}
		}
	}
	return n
}

// replace is a relation in which what the reading reads is rows of a step.
func (r *reading) replace(in rel.Relation, rows *rel.Step) rel.Relation {
	if in == r.top() {
		return pick(rows, r.columns()...)
	}
	if !r.isIn(in) {
		return in
	}
	follow := func(in rel.Relation) rel.Relation { return r.replace(in, rows) }
	switch in := in.(type) {
	case *rel.Filter:
		return keep(follow(in.In), r.beyondRows(in, rows))
	case *rel.Join:
		return rel.NewJoin(in.Kind, follow(in.Left), follow(in.Right), in.On, in.Moment)
	case *rel.Expand:
		return rel.NewExpand(in.Kind, follow(in.Left), follow(in.Right), in.On, in.By...)
	case *rel.Window:
		return rel.NewWindow(follow(in.In), in.Cols...)
	default:
		return rel.Rebuild(in, follow, func(x rel.Expr) rel.Expr { return x })
	}
}

// isIn reports whether the reading is somewhere in a relation.
func (r *reading) isIn(in rel.Relation) bool {
	return in == r.top() || slices.ContainsFunc(rel.Inputs(in), r.isIn)
}

// beyondRows is what a filter asks that does not hold for all rows of the step.
func (r *reading) beyondRows(filter *rel.Filter, rows *rel.Step) []rel.Expr {
	conds := rel.Conjuncts(filter.Cond)
	kept, filtered := rows.Relation.(*rel.Project).In.(*rel.Filter)
	if filter.In != r.top() || !filtered {
		return conds
	}
	return slices.DeleteFunc(conds, func(x rel.Expr) bool {
		return slices.ContainsFunc(rel.Conjuncts(kept.Cond), func(y rel.Expr) bool { return rel.Same(x, y) })
	})
}
