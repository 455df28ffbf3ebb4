package rel

import (
	"slices"
	"strings"

	"assay/internal/diag"
)

// NewScan reads a table, view or file.
func NewScan(t Table, s Schema, at diag.Span) *Scan {
	if (len(t.Parts) == 0) == (t.File == nil) {
		broken("a table has either a name or a file")
	}
	return &Scan{Table: t, schema: checked(s), At: at}
}

// NewRaw reads a user's own SELECT.
func NewRaw(sql string, s Schema, at diag.Span) *Raw {
	return &Raw{SQL: sql, schema: checked(s), At: at}
}

// NewValues are literal rows of cols.
func NewValues(cols []Column, rows [][]Expr, keys ...Key) *Values {
	for _, row := range rows {
		if len(row) != len(cols) {
			broken("a row of %d values for %d columns", len(row), len(cols))
		}
		for i, x := range row {
			if len(FreeColumns(x)) > 0 {
				broken("values read the column %s", FreeColumns(x)[0])
			}
			if _, ok := widest(cols[i].Type, x.Type()); !ok {
				broken("%s is %s, and a value is %s", cols[i].Name, cols[i].Type, x.Type())
			}
		}
	}
	return &Values{Rows: rows, schema: checked(Schema{cols, keys})}
}

// NewValuesOf are literal rows of which one column has no values but those of a domain.
func NewValuesOf(domain Domain, cols []Column, rows [][]Expr, keys ...Key) *Values {
	values := NewValues(cols, rows, keys...)
	place := slices.IndexFunc(cols, func(c Column) bool { return c.Name == domain.Column })
	if place < 0 {
		broken("a domain of %s, which is no column", domain.Column)
	}
	for _, row := range rows {
		if lit, ok := row[place].(*Lit); !ok || !slices.ContainsFunc(domain.Values, func(v string) bool { return lit.Value == v }) {
			broken("%s is not in the domain of %s", Format(row[place]), domain.Column)
		}
	}
	values.Domain = &domain
	return values
}

// NewSeries is every unit from one moment to another, both included, as one column. Its ends are constant; it has dates where
// both ends are dates.
func NewSeries(column string, unit Unit, from, to Expr) *Series {
	t, err := Unify(from, to)
	if err != nil || !moment.accepts(from) || !moment.accepts(to) {
		broken("a series from %s to %s", from.Type(), to.Type())
	}
	if names := FreeColumns(from, to); len(names) > 0 {
		broken("a series reads the column %s", names[0])
	}
	if unit == NoUnit || t == Date && unit < Day {
		broken("a series of %ss by %s", t, unit)
	}
	schema := Schema{[]Column{{column, t}}, []Key{{Columns: []string{column}}}}
	return &Series{From: from, To: to, Unit: unit, schema: schema}
}

// NewRef reads another step.
func NewRef(s *Step) *Ref { return &Ref{Step: s} }

// NewFilter keeps the rows for which cond is true. A column that cond binds to a constant is no longer needed in a key.
func NewFilter(in Relation, cond Expr) *Filter {
	wantCondition(cond)
	forbidAggregates(cond)
	forbidWindows(cond)
	reads(in.Schema(), cond)
	return &Filter{In: in, Cond: cond, schema: bind(in.Schema(), cond)}
}

// NewProject computes columns from a row. It keeps a key whose columns it passes on.
func NewProject(in Relation, cols ...Named) *Project {
	s := in.Schema()
	passed := map[string]string{}
	for _, c := range cols {
		forbidAggregates(c.X)
		forbidWindows(c.X)
		if from, ok := c.X.(*Col); ok && passed[from.Name] == "" {
			passed[from.Name] = c.Name
		}
	}
	reads(s, namedExprs(cols)...)
	return &Project{In: in, Cols: cols, schema: checked(Schema{columnsOf(cols), renameKeys(s.Keys, passed)})}
}

// Claiming is p with one more key, which the user declared of what p computes: an entity that is an expression, a validity whose
// times were converted.
func (p *Project) Claiming(k Key) *Project {
	claimed := *p
	claimed.schema = checked(Schema{p.schema.Columns, append(slices.Clone(p.schema.Keys), k)})
	return &claimed
}

// NewJoin adds the columns of the one row of right that matches. It panics where on covers no key of right.
func NewJoin(kind JoinKind, left, right Relation, on []Equal, moment Expr) *Join {
	l, r := left.Schema(), right.Schema()
	var equated []string
	for _, e := range on {
		reads(l, e.Left)
		forbidAggregates(e.Left)
		if _, ok := widest(e.Left.Type(), r.Col(e.Right).T); !ok {
			broken("%s = %s: %s and %s", Format(e.Left), e.Right, e.Left.Type(), r.Col(e.Right).T)
		}
		equated = append(equated, e.Right)
	}
	if moment != nil {
		reads(l, moment)
	}
	if _, ok := coveredKey(r, equated, moment != nil); !ok {
		broken("a join on (%s) covers no key of its right side", strings.Join(equated, ", "))
	}
	return &Join{Left: left, Right: right, Kind: kind, On: on, Moment: moment, schema: sideBySide(l, r, l.Keys)}
}

// NewExpand joins where a row may match many; by names the columns of right that tell the copies of one row apart.
func NewExpand(kind JoinKind, left, right Relation, on Expr, by ...string) *Expand {
	l, r := left.Schema(), right.Schema()
	if len(by) == 0 {
		broken("an expand that does not say by what it multiplies")
	}
	for _, name := range by {
		r.Col(name)
	}
	wantCondition(on)
	forbidAggregates(on)
	var keys []Key
	for _, k := range l.Keys {
		keys = append(keys, Key{slices.Concat(k.Columns, by), k.Validity})
	}
	schema := sideBySide(l, r, keys)
	reads(schema, on)
	return &Expand{Left: left, Right: right, Kind: kind, On: on, By: by, schema: schema}
}

// NewAggregate groups the rows of in; without groups all of them are one.
func NewAggregate(in Relation, groups, aggs []Named) *Aggregate {
	return newAggregate(in, groups, nil, "", aggs)
}

// NewGroupingSets groups the rows of in once for each set, which holds positions in groups; a group that is not in a set is
// NULL there. The column id is the set's position in sets.
func NewGroupingSets(in Relation, groups []Named, sets [][]int, id string, aggs []Named) *Aggregate {
	if len(sets) == 0 || id == "" {
		broken("grouping sets without sets, or without a column that tells them apart")
	}
	seen := map[string]bool{}
	for _, set := range sets {
		members := make([]byte, len(groups))
		for _, i := range set {
			if i < 0 || i >= len(groups) {
				broken("a grouping set names group %d of %d", i, len(groups))
			}
			members[i] = 1
		}
		if seen[string(members)] {
			broken("one grouping set twice")
		}
		seen[string(members)] = true
	}
	return newAggregate(in, groups, sets, id, aggs)
}

func newAggregate(in Relation, groups []Named, sets [][]int, id string, aggs []Named) *Aggregate {
	s := in.Schema()
	for _, g := range groups {
		forbidAggregates(g.X)
		forbidWindows(g.X)
	}
	for _, a := range aggs {
		wantAggregate(a)
	}
	reads(s, namedExprs(groups)...)
	reads(s, namedExprs(aggs)...)
	cols := columnsOf(groups)
	if sets != nil {
		cols = append(cols, Column{id, Integer})
	}
	key := Key{Columns: columnNames(cols)}
	schema := checked(Schema{append(cols, columnsOf(aggs)...), []Key{key}})
	return &Aggregate{In: in, Groups: groups, Sets: sets, GroupingID: id, Aggs: aggs, schema: schema}
}

// NewWindow adds columns. A row number makes a key of its partition and itself.
func NewWindow(in Relation, cols ...Named) *Window {
	s := in.Schema()
	keys := slices.Clone(s.Keys)
	for _, c := range cols {
		forbidAggregates(c.X)
		if over, ok := c.X.(*Over); ok && over.Func == RowNumber && allColumns(over.Partition) {
			keys = append(keys, Key{Columns: append(FreeColumns(over.Partition...), c.Name)})
		}
	}
	reads(s, namedExprs(cols)...)
	return &Window{In: in, Cols: cols, schema: checked(Schema{slices.Concat(s.Columns, columnsOf(cols)), keys})}
}

// NewUnion is the rows of all of in, which have the same column names in the same order.
func NewUnion(in ...Relation) *Union {
	if len(in) == 0 {
		broken("a union of nothing")
	}
	cols := slices.Clone(in[0].Schema().Columns)
	for _, r := range in[1:] {
		other := r.Schema().Columns
		if !slices.Equal(columnNames(cols), columnNames(other)) {
			broken("a union of (%s) and (%s)", strings.Join(columnNames(cols), ", "), strings.Join(columnNames(other), ", "))
		}
		for i := range cols {
			t, ok := widest(cols[i].Type, other[i].Type)
			if !ok {
				broken("a union in which %s is %s and %s", cols[i].Name, cols[i].Type, other[i].Type)
			}
			cols[i].Type = t
		}
	}
	return &Union{In: in, schema: Schema{Columns: cols}}
}

// NewSort orders rows.
func NewSort(in Relation, keys ...SortKey) *Sort {
	if len(keys) == 0 {
		broken("a sort without keys")
	}
	forbidAggregates(sortExprs(keys)...)
	reads(in.Schema(), sortExprs(keys)...)
	return &Sort{In: in, Keys: keys}
}

// NewLimit keeps the first n rows.
func NewLimit(in Relation, n int64) *Limit {
	if n < 0 {
		broken("a limit of %d rows", n)
	}
	return &Limit{In: in, Count: n}
}

func (r *Scan) Schema() Schema      { return r.schema }
func (r *Raw) Schema() Schema       { return r.schema }
func (r *Values) Schema() Schema    { return r.schema }
func (r *Series) Schema() Schema    { return r.schema }
func (r *Ref) Schema() Schema       { return r.Step.Relation.Schema() }
func (r *Filter) Schema() Schema    { return r.schema }
func (r *Project) Schema() Schema   { return r.schema }
func (r *Join) Schema() Schema      { return r.schema }
func (r *Expand) Schema() Schema    { return r.schema }
func (r *Aggregate) Schema() Schema { return r.schema }
func (r *Window) Schema() Schema    { return r.schema }
func (r *Union) Schema() Schema     { return r.schema }
func (r *Sort) Schema() Schema      { return r.In.Schema() }
func (r *Limit) Schema() Schema     { return r.In.Schema() }
