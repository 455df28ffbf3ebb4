package plan

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

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
