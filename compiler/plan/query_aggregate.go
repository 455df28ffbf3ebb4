package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/project"
	"assay/compiler/rel"
)

// groupAggregates is what each aggregation is over the rows of a group, but for those that need more than the value (aggregateOf). A
// count adds ones, so that a group without rows of the metric has none, as in dbt, and not zero.
var groupAggregates = map[project.Aggregation]rel.AggFunc{
	project.Sum: rel.Sum, project.SumBoolean: rel.Sum, project.Count: rel.Sum, project.Average: rel.Avg,
	project.CountDistinct: rel.CountDistinct, project.ApproxCountDistinct: rel.ApproxCountDistinct,
	project.Min: rel.Min, project.Max: rel.Max,
}

// aggregateOf is an input over the rows of a group.
func (s *groupScan) aggregateOf(col *inputColumn, schema rel.Schema) *rel.Agg {
	x := schema.Col(col.row)
	switch col.input.Agg {
	case project.FirstValue:
		return valueAt(x, rel.SortKey{X: schema.Col(s.at)})
	case project.LastValue:
		return valueAt(x, rel.SortKey{X: schema.Col(s.at), Desc: true})
	case project.Median, project.Percentile:
		return rel.NewAgg(percentileOf(col.input), x, rel.Float64(col.input.Percentile))
	default:
		return rel.NewAgg(groupAggregates[col.input.Agg], x)
	}
}

func percentileOf(in *ask.Input) rel.AggFunc {
	switch {
	case in.Discrete:
		return rel.PercentileDisc
	case in.Approximate:
		return rel.ApproxPercentile
	default:
		return rel.PercentileCont
	}
}

// ordered reports whether an input is the first or last value by the rows' time.
func (s *groupScan) ordered() bool {
	return slices.ContainsFunc(s.inputs, func(col *inputColumn) bool {
		return col.input.Agg == project.FirstValue || col.input.Agg == project.LastValue
	})
}
