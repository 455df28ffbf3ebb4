package rel

import (
	"math/big"
	"strconv"
)

// NewCall applies a function that takes neither a unit nor a part.
func NewCall(f Func, args ...Expr) *Call {
	if TakesUnit(f) || f == DatePart {
		broken("%s needs a unit or part", f)
	}
	return &Call{Func: f, Args: args, T: must(CheckCall(f, args))}
}

// NewTimeCall applies DateTrunc, DateAdd or DateDiff.
func NewTimeCall(f Func, u Unit, args ...Expr) *Call {
	return &Call{Func: f, Args: args, Unit: u, T: must(CheckTimeCall(f, u, args))}
}

// NewPartCall reads a part of a date or timestamp.
func NewPartCall(p Part, x Expr) *Call {
	return &Call{Func: DatePart, Args: []Expr{x}, Part: p, T: must(CheckPartCall(p, x))}
}

// NewAgg aggregates all rows; see Filtered.
func NewAgg(f AggFunc, args ...Expr) *Agg {
	if f == First {
		broken("first needs an order")
	}
	forbidAggregates(args...)
	return &Agg{Func: f, Args: args, T: must(CheckAgg(f, args))}
}

// NewFirst is x in the first row by the keys.
func NewFirst(x Expr, by ...SortKey) *Agg {
	if len(by) == 0 {
		broken("first needs an order")
	}
	forbidAggregates(x)
	forbidAggregates(sortExprs(by)...)
	return &Agg{Func: First, Args: []Expr{x}, OrderBy: by, T: x.Type()}
}

// Filtered is a copy of a that also wants where of its rows.
func (a *Agg) Filtered(where Expr) *Agg {
	forbidAggregates(where)
	wantCondition(where)
	filtered := *a
	filtered.Where = where
	if a.Where != nil {
		filtered.Where = AndAll(a.Where, where)
	}
	return &filtered
}

// NewOver computes a window function. A nil frame is the whole partition.
func NewOver(f WindowFunc, args, partition []Expr, order []SortKey, frame *Frame) *Over {
	positional := f == RowNumber || f == Lag || f == Lead
	switch {
	case positional && frame != nil:
		broken("%s over a frame", f)
	case (positional || f == FirstValue || f == LastValue || frame != nil) && len(order) == 0:
		broken("%s over rows without an order", f)
	}
	forbidAggregates(args...)
	forbidAggregates(partition...)
	forbidAggregates(sortExprs(order)...)
	return &Over{Func: f, Args: args, Partition: partition, Order: order, Frame: frame, T: must(CheckWindow(f, args))}
}

// NewCase is the first when that holds, else els (nil: NULL).
func NewCase(els Expr, whens ...When) *Case {
	if len(whens) == 0 {
		broken("a case without a when")
	}
	return &Case{Whens: whens, Else: els, T: must(CheckCase(els, whens))}
}

// CheckCase is the type of a Case, or an error for the user.
func CheckCase(els Expr, whens []When) (Type, error) {
	var results []Expr
	for _, w := range whens {
		if !condition.accepts(w.Cond) {
			return Unknown, &ArgumentError{-1, "when takes a condition, and this is " + w.Cond.Type().String()}
		}
		results = append(results, w.Then)
	}
	if els != nil {
		results = append(results, els)
	}
	return Unify(results...)
}

// AndAll joins conditions, dropping nil ones and repeats; nil where none is left.
func AndAll(conds ...Expr) Expr {
	var all []Expr
	for _, c := range conds {
		for _, part := range Conjuncts(c) {
			if !containsEqual(all, part) {
				all = append(all, part)
			}
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	default:
		return NewCall(And, all...)
	}
}

// Conjuncts are the conditions that cond ANDs together; none for nil.
func Conjuncts(cond Expr) []Expr {
	if cond == nil {
		return nil
	}
	call, ok := cond.(*Call)
	if !ok || call.Func != And {
		return []Expr{cond}
	}
	var all []Expr
	for _, arg := range call.Args {
		all = append(all, Conjuncts(arg)...)
	}
	return all
}

// Fraction is the exact value of a literal number: 0.1 is a tenth, as it was written, and not the float next to it.
func Fraction(x Expr) (*big.Rat, bool) {
	lit, ok := x.(*Lit)
	if !ok {
		return nil, false
	}
	switch v := lit.Value.(type) {
	case int64:
		return new(big.Rat).SetInt64(v), true
	case float64:
		return new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	case string:
		if lit.T != Decimal {
			return nil, false
		}
		return new(big.Rat).SetString(v)
	default:
		return nil, false
	}
}

func wantCondition(x Expr) {
	if !condition.accepts(x) {
		broken("a condition of type %s", x.Type())
	}
}

func sortExprs(keys []SortKey) []Expr {
	xs := make([]Expr, len(keys))
	for i, k := range keys {
		xs[i] = k.X
	}
	return xs
}
