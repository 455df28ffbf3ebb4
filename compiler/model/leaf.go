package model

import (
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A Leaf is a simple metric under another, with the filters on the way to it, outermost first.
type Leaf struct {
	Metric  *Metric
	Simple  *Simple
	Filters []diag.Text
}

// Leaves are the simple metrics that m is made of, in the order they are written; m itself where it is simple. A metric used
// twice is two leaves.
func Leaves(m *Metric) []Leaf { return appendLeaves(nil, m, nil) }

func appendLeaves(leaves []Leaf, m *Metric, filters []diag.Text) []Leaf {
	if s, ok := m.Spec.(*Simple); ok {
		return append(leaves, Leaf{Metric: m, Simple: s, Filters: filters})
	}
	filters = slices.Concat(filters, m.Filters)
	if c, ok := m.Spec.(*Conversion); ok {
		// Filters choose base events; what became of them counts however it came about.
		leaves = appendLeaves(leaves, c.Base.Metric, slices.Concat(filters, c.Base.Filters))
		converted := c.Converted.Metric
		return append(leaves, Leaf{Metric: converted, Simple: converted.Spec.(*Simple), Filters: c.Converted.Filters})
	}
	for _, in := range Inputs(m) {
		leaves = appendLeaves(leaves, in.Metric, slices.Concat(filters, in.Filters))
	}
	return leaves
}

// Inputs are the metrics that m uses directly; none for a simple metric.
func Inputs(m *Metric) []*Input {
	switch s := m.Spec.(type) {
	case *Simple:
		return nil
	case *Ratio:
		return []*Input{s.Numerator, s.Denominator}
	case *Derived:
		return s.Inputs
	case *Threshold:
		return []*Input{s.Input}
	case *Retention:
		return []*Input{s.Input}
	case *Quantile:
		return []*Input{s.Input}
	case *Funnel:
		return s.inputs()
	case *Cumulative:
		return []*Input{s.Input}
	case *Conversion:
		return []*Input{s.Base, s.Converted}
	default:
		panic(fmt.Sprintf("%T is no kind of metric", s))
	}
}

// checkFilters reads the filters of a composite from the point of view of each simple metric under it.
func (b *builder) checkFilters(m *Metric) {
	for _, leaf := range Leaves(m) {
		for _, text := range leaf.Filters {
			b.FilterOf(leaf.Simple, text, b.bag)
		}
	}
}

// additive are the aggregations whose values of two sets of rows add up, at least for one unit.
var additive = map[project.Aggregation]bool{
	project.Sum: true, project.SumBoolean: true, project.Count: true, project.CountDistinct: true,
	project.ApproxCountDistinct: true,
}
