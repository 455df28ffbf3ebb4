package plan

import (
	"slices"

	"assay/compiler/rel"
)

// where is x where the condition holds, else NULL.
func where(cond, x rel.Expr) rel.Expr {
	if cond == nil {
		return x
	}
	return rel.NewCase(nil, rel.When{Cond: cond, Then: x})
}

// beyond is what is left to ask of rows that are kept by a condition already; nil where that is nothing.
func beyond(kept, cond rel.Expr) rel.Expr {
	if rel.Same(kept, cond) {
		return nil
	}
	return cond
}

// either is the OR of conditions, nil where one of them keeps everything.
func either(conds []rel.Expr) rel.Expr {
	if slices.Contains(conds, nil) {
		return nil
	}
	widest := asLists(widest(conds))
	if len(widest) == 1 {
		return widest[0]
	}
	return rel.NewCall(rel.Or, widest...)
}

// asLists makes one list of all values that conditions want of a column: engines look up a list faster than they try its values one
// after the other.
func asLists(conds []rel.Expr) []rel.Expr {
	var all []rel.Expr
	lists := map[string]int{} // positions in all, by column
	for _, cond := range conds {
		column, values := choice(cond)
		at, known := lists[column]
		switch {
		case values == nil:
			all = append(all, cond)
		case known:
			all[at] = rel.NewCall(rel.In, append(slices.Clone(all[at].(*rel.Call).Args), values...)...)
		default:
			lists[column] = len(all)
			all = append(all, cond)
		}
	}
	return all
}

// choice is the column and the literals of a condition that it is one of them; nil values of another.
func choice(cond rel.Expr) (column string, values []rel.Expr) {
	call, ok := cond.(*rel.Call)
	if !ok || call.Func != rel.Eq && call.Func != rel.In {
		return "", nil
	}
	x, ok := call.Args[0].(*rel.Col)
	if !ok {
		return "", nil
	}
	for _, value := range call.Args[1:] {
		if _, literal := value.(*rel.Lit); !literal || value.Type() != x.T {
			return "", nil
		}
	}
	return x.Name, call.Args[1:]
}

// widest are the conditions that keep rows which no other of them keeps, as far as their parts tell; of equal ones the first.
func widest(conds []rel.Expr) []rel.Expr {
	parts := make([]map[string]bool, len(conds))
	for i, cond := range conds {
		parts[i] = map[string]bool{}
		for _, part := range rel.Conjuncts(cond) {
			parts[i][rel.Format(part)] = true
		}
	}
	var all []rel.Expr
	for i, cond := range conds {
		covered := false
		for j := range conds {
			covered = covered || implies(parts[i], parts[j]) && (j < i || !implies(parts[j], parts[i]))
		}
		if !covered {
			all = append(all, cond)
		}
	}
	return all
}

// implies reports whether each part of a wider condition is one of the narrower one.
func implies(narrow, wide map[string]bool) bool {
	for part := range wide {
		if !narrow[part] {
			return false
		}
	}
	return true
}

// keep is the rows for which all of the conditions hold.
func keep(in rel.Relation, conds []rel.Expr) rel.Relation {
	if cond := rel.AndAll(conds...); cond != nil {
		return rel.NewFilter(in, cond)
	}
	return in
}
