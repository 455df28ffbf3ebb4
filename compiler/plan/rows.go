package plan

import (
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
	joins     []*join
}

// A join is one hop, with what is read of its table and the hops that go on from there.
type join struct {
	name string
	hop  model.Hop
	cols []rel.Named
	next []*join
}

// newRowset is the rows of t; at is when they hold, nil for rows without a time.
func newRowset(t *model.Table, at *model.Dimension, reporting *time.Location) *rowset {
	r := &rowset{table: t, reporting: reporting}
	if at != nil {
		r.moment, r.momentOf = storedAtGrain(at, reporting), at.Granularity
	}
	if t.Filter != nil {
		r.predicate(t.Filter)
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
	if len(ref.Path) == 0 {
		return r.expr(own(ref, r.reporting))
	}
	level, prefix := &r.joins, ""
	for i, hop := range ref.Path {
		node := reach(level, prefix, hop)
		if i+1 < len(ref.Path) {
			next := ref.Path[i+1].From
			node.read(node.name+"__"+next.Name, next.Expr)
		}
		level, prefix = &node.next, node.name+"__"
		if i == len(ref.Path)-1 {
			node.read(ref.Name, own(ref, r.reporting))
		}
	}
	return &rel.Col{Name: ref.Name, T: own(ref, r.reporting).Type()}
}

// reach is the join over hop among those of a level, added where it is new.
func reach(level *[]*join, prefix string, hop model.Hop) *join {
	for _, j := range *level {
		if j.hop == hop {
			return j
		}
	}
	j := &join{name: prefix + hop.To.Name, hop: hop}
	for slices.ContainsFunc(*level, func(other *join) bool { return other.name == j.name }) {
		j.name += "_" + hop.To.Table.Name
	}
	*level = append(*level, j)
	return j
}

func (j *join) read(name string, x rel.Expr) {
	if !slices.ContainsFunc(j.cols, func(c rel.Named) bool { return c.Name == name }) {
		j.cols = append(j.cols, rel.Named{Name: name, X: x})
	}
}

// predicate makes a predicate readable and is its expression.
func (r *rowset) predicate(p *model.Predicate) rel.Expr {
	columns := map[string]rel.Expr{}
	for _, ref := range p.Refs {
		columns[ref.Name] = r.ref(ref)
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
		for _, j := range r.joins {
			read = append(read, j.hop.From.Expr)
		}
		from = scan(r.table, read)
	}
	for _, j := range r.joins {
		if j.hop.From != nil {
			from = r.join(from, j.hop.From.Expr, j)
		} else {
			from = r.join(from, from.Schema().Col("unit_id"), j)
		}
	}
	if r.start == nil && r.table.Filter != nil {
		from = rel.NewFilter(from, r.predicate(r.table.Filter))
	}
	return from
}

// join adds what is read over one hop, and over those that go on from there.
func (r *rowset) join(left rel.Relation, key rel.Expr, j *join) rel.Relation {
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
	right := rel.NewProject(filtered(t, cols), cols...).Claiming(claim)
	joined := rel.Relation(rel.NewJoin(rel.Left, left, right, []rel.Equal{{Left: matching(key, j.hop.To.Expr), Right: keyName}}, moment))
	for _, next := range j.next {
		on := &rel.Col{Name: j.name + "__" + next.hop.From.Name, T: next.hop.From.Expr.Type()}
		joined = r.join(joined, on, next)
	}
	return joined
}

// validity is the times between which a row of t holds, at the granularity they compare at with the rowset's moment.
func (r *rowset) validity(t *model.Table) (from, to rel.Expr, grain rel.Unit) {
	starts, ends := validityDimension(t, t.Validity.From), validityDimension(t, t.Validity.To)
	grain = max(r.momentOf, starts.Granularity, ends.Granularity)
	bound := func(d *model.Dimension) rel.Expr {
		if d.Granularity >= rel.Day {
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
