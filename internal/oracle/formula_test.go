package oracle

import (
	"fmt"
	"strconv"
)

// A formula is an expression over numbers: names in the language, places among a metric's parts once these are known.
type formula struct {
	op          string // + - * /, or none for a leaf
	left, right *formula
	name        string
	place       int
	constant    float64
	kind        leafKind
}

type leafKind int

const (
	branch leafKind = iota
	nameLeaf
	placeLeaf
	constantLeaf
)

func leaf(place int) *formula                { return &formula{kind: placeLeaf, place: place} }
func named(name string) *formula             { return &formula{kind: nameLeaf, name: name} }
func fixed(v float64) *formula               { return &formula{kind: constantLeaf, constant: v} }
func over(a, b *formula) *formula            { return &formula{op: "/", left: a, right: b} }
func join(op string, a, b *formula) *formula { return &formula{op: op, left: a, right: b} }

func (f *formula) String() string {
	switch f.kind {
	case nameLeaf:
		return f.name
	case constantLeaf:
		return strconv.FormatFloat(f.constant, 'g', -1, 64)
	}
	return fmt.Sprintf("(%s %s %s)", f.left, f.op, f.right)
}

// replace puts a formula in the place of each name, from left to right; a name that comes again is the same parts.
func (f *formula) replace(of func(name string) *formula) *formula {
	known := map[string]*formula{}
	return f.walk(func(leaf *formula) *formula {
		if leaf.kind != nameLeaf {
			return leaf
		}
		if known[leaf.name] == nil {
			known[leaf.name] = of(leaf.name)
		}
		return known[leaf.name]
	})
}

func (f *formula) shift(by int) *formula {
	return f.walk(func(l *formula) *formula {
		if l.kind != placeLeaf {
			return l
		}
		return leaf(l.place + by)
	})
}

func (f *formula) walk(leaf func(*formula) *formula) *formula {
	if f.kind != branch {
		return leaf(f)
	}
	return join(f.op, f.left.walk(leaf), f.right.walk(leaf))
}

// A dual is a number with its gradient by the parts.
type dual struct {
	value    float64
	gradient []float64
}

// at is the formula's value and gradient; not defined where it divides by zero.
func (f *formula) at(means []float64) (dual, bool) {
	d := dual{gradient: make([]float64, len(means))}
	switch f.kind {
	case placeLeaf:
		d.value, d.gradient[f.place] = means[f.place], 1
		return d, true
	case constantLeaf:
		d.value = f.constant
		return d, true
	}
	a, okA := f.left.at(means)
	b, okB := f.right.at(means)
	if !okA || !okB || f.op == "/" && b.value == 0 {
		return dual{}, false
	}
	for i := range means {
		d.gradient[i] = derivative(f.op, a.value, b.value, a.gradient[i], b.gradient[i])
	}
	d.value = apply(f.op, a.value, b.value)
	return d, true
}

func apply(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

func derivative(op string, a, b, da, db float64) float64 {
	switch op {
	case "+":
		return da + db
	case "-":
		return da - db
	case "*":
		return da*b + a*db
	}
	return (da*b - a*db) / (b * b)
}
