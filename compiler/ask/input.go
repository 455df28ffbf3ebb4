package ask

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// An Input is one aggregate over one table with its filters: what a KPI query and an experiment have in common. Equal inputs have
// equal keys and are computed once.
type Input struct {
	Name    string // of the simple metric that first asked for it, for the reader of the SQL
	Table   *model.Table
	Agg     project.Aggregation
	Expr    rel.Expr           // over the table's columns; nil: rows
	Filters []*model.Predicate // ANDed; the table's own filter is the table's affair
	Time    *model.Dimension   // nil: rows have no time
	// Percentile is the fraction of agg percentile, and Discrete whether it is a value that occurs.
	Percentile  float64
	Discrete    bool
	Approximate bool // in a KPI query, an estimate will do
	// NonAdditive is nil where values add up over time.
	NonAdditive *model.NonAdditive
	// Added are those of Filters that are not the simple metric's own.
	Added []*model.Predicate
	// Metrics are the queries behind the metrics that filters read, by the name of the property.
	Metrics map[string]*KPI
}

// Key tells inputs apart by what they compute.
func (in *Input) Key() string {
	parts := []string{in.Table.Name, string(in.Agg), canonical(in.Expr), fmt.Sprint(in.Percentile, in.Discrete, in.Approximate)}
	if in.Time != nil {
		parts = append(parts, in.Time.Name)
	}
	var filters []string
	for _, f := range in.Filters {
		for _, c := range rel.Conjuncts(f.Expr) {
			filters = append(filters, canonical(c))
		}
	}
	slices.Sort(filters)
	if n := in.NonAdditive; n != nil {
		parts = append(parts, n.Time.Name, strconv.FormatBool(n.Last))
		for _, e := range n.Groupings {
			parts = append(parts, e.Name)
		}
	}
	// Filters of the metric and those added hold at different moments where periods are moved or filled in.
	parts = append(parts, strconv.Itoa(len(in.Added)))
	return strings.Join(append(parts, slices.Compact(filters)...), "\x00")
}

func canonical(x rel.Expr) string {
	if x == nil {
		return ""
	}
	return rel.Format(x)
}

// Refs are the properties of other tables that the filters read.
func (in *Input) Refs() []*model.Ref {
	var refs []*model.Ref
	for _, f := range in.Filters {
		refs = append(refs, f.Refs...)
	}
	return refs
}

// At is where the aggregate was written.
func (in *Input) At() diag.Span {
	if in.Expr != nil && !in.Expr.Span().IsZero() {
		return in.Expr.Span()
	}
	return diag.Span{}
}
