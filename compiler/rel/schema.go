package rel

import (
	"slices"
	"strings"
)

// Column is the column of that name.
func (s Schema) Column(name string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Col reads the column of that name, and panics where there is none.
func (s Schema) Col(name string) *Col {
	c, ok := s.Column(name)
	if !ok {
		broken("no column %s among (%s)", name, strings.Join(columnNames(s.Columns), ", "))
	}
	return NewCol(c)
}

// checked is s, if its names are distinct (also to engines that ignore case) and its keys name columns.
func checked(s Schema) Schema {
	seen := map[string]bool{}
	for _, c := range s.Columns {
		folded := strings.ToLower(c.Name)
		if c.Name == "" || seen[folded] {
			broken("two columns %q, or one without a name", c.Name)
		}
		seen[folded] = true
	}
	for _, k := range s.Keys {
		for _, name := range k.Columns {
			s.Col(name)
		}
		if k.Validity != nil {
			s.Col(k.Validity.From)
			s.Col(k.Validity.To)
		}
	}
	return s
}

// coveredKey is a key of s that the columns equated cover; with atMoment, one with a validity.
func coveredKey(s Schema, equated []string, atMoment bool) (Key, bool) {
	for _, k := range s.Keys {
		if (k.Validity != nil) == atMoment && subset(k.Columns, equated) {
			return k, true
		}
	}
	return Key{}, false
}

// RightKey is the key of the right side that the join's equalities cover.
func (r *Join) RightKey() Key {
	k, _ := coveredKey(r.Right.Schema(), mapAll(r.On, func(e Equal) string { return e.Right }), r.Moment != nil)
	return k
}

func sideBySide(l, r Schema, keys []Key) Schema {
	return checked(Schema{slices.Concat(l.Columns, r.Columns), keys})
}

// renameKeys keeps the keys whose columns are all passed on, under their new names.
func renameKeys(keys []Key, passed map[string]string) []Key {
	var kept []Key
	for _, k := range keys {
		renamed := Key{Columns: mapAll(k.Columns, func(c string) string { return passed[c] })}
		if k.Validity != nil {
			renamed.Validity = &Validity{passed[k.Validity.From], passed[k.Validity.To]}
			if renamed.Validity.From == "" || renamed.Validity.To == "" {
				continue
			}
		}
		if !slices.Contains(renamed.Columns, "") {
			kept = append(kept, renamed)
		}
	}
	return kept
}

// bind is s with its keys freed of the columns that cond makes equal to a constant.
func bind(s Schema, cond Expr) Schema {
	bound := map[string]bool{}
	for _, c := range Conjuncts(cond) {
		if name, ok := boundColumn(c); ok {
			bound[name] = true
		}
	}
	isBound := func(name string) bool { return bound[name] }
	free := func(k Key) Key { return Key{slices.DeleteFunc(slices.Clone(k.Columns), isBound), k.Validity} }
	return Schema{s.Columns, mapAll(s.Keys, free)}
}

func boundColumn(cond Expr) (string, bool) {
	call, ok := cond.(*Call)
	if !ok || call.Func != Eq {
		return "", false
	}
	col, isCol := call.Args[0].(*Col)
	_, isLit := call.Args[1].(*Lit)
	if !isCol || !isLit {
		return "", false
	}
	return col.Name, true
}

// reads panics where one of es reads a column that s lacks or holds as another type.
func reads(s Schema, es ...Expr) {
	for _, e := range es {
		Walk(e, func(x Expr) bool {
			if c, ok := x.(*Col); ok {
				if has := s.Col(c.Name).T; has != c.T && has != Unknown && c.T != Unknown {
					broken("%s is %s, and is read as %s", c.Name, has, c.T)
				}
			}
			return true
		})
	}
}

func forbidAggregates(es ...Expr) {
	for _, e := range es {
		if Contains[*Agg](e) {
			broken("an aggregate where there are no groups: %s", Format(e))
		}
	}
}

func forbidWindows(es ...Expr) {
	for _, e := range es {
		if Contains[*Over](e) {
			broken("a window function outside a Window: %s", Format(e))
		}
	}
}

// wantAggregate panics where a reads a column outside an aggregate.
func wantAggregate(a Named) {
	forbidWindows(a.X)
	Walk(a.X, func(x Expr) bool {
		_, isCol := x.(*Col)
		_, isVerbatim := x.(*Verbatim)
		if isCol || isVerbatim {
			broken("%s reads a row of a group: %s", a.Name, Format(x))
		}
		_, isAgg := x.(*Agg)
		return !isAgg
	})
}

func columnsOf(cols []Named) []Column {
	return mapAll(cols, func(n Named) Column { return Column{n.Name, n.X.Type()} })
}

func columnNames(cols []Column) []string {
	return mapAll(cols, func(c Column) string { return c.Name })
}

func allColumns(es []Expr) bool {
	return !slices.ContainsFunc(es, func(e Expr) bool { _, ok := e.(*Col); return !ok })
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool { return !slices.Contains(b, x) })
}
