package ask

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// rows is the count of the rows that a simple metric keeps, whatever it computes of them.
func (q *questioner) rows(in *model.Input, filters []diag.Text) *Aggregate {
	counting := *in.Metric.Spec.(*model.Simple)
	counting.Agg, counting.Expr, counting.Percentile, counting.Discrete = project.Count, nil, 0, false
	return &Aggregate{Input: q.input(in.Metric.Name+"_rows", &counting, slices.Concat(filters, in.Filters))}
}

// occurred is whether there is such a row.
func occurred(rows *Aggregate) *Reaches { return &Reaches{Total: rows, Op: rel.Ge, Value: 1} }
