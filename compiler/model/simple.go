package model

import (
	"errors"
	"fmt"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

func (b *builder) simple(decl *project.Metric) *Simple {
	t := b.tableOf(decl)
	if t == nil || decl.Agg.V == "" {
		return nil // reading has reported an aggregation it does not know
	}
	before := b.bag.Errors()
	s := &Simple{
		Table: t, Agg: decl.Agg.V, Time: t.Time, Percentile: decl.Percentile.V, Discrete: decl.PercentileDiscrete.V, Approximate: decl.PercentileApproximate.V,
	}
	if decl.AggTimeDimension.IsSet() {
		s.Time = b.timeNamed(t, decl.AggTimeDimension)
	}
	if s.Agg == project.Median {
		s.Percentile = 0.5
	}
	s.Expr = b.counted(decl, t)
	s.NonAdditive = b.nonAdditive(decl, t)
	s.Filters = b.filtersOf(s, decl.Filters)
	b.checkAggregate(decl, s)
	if b.bag.Errors() > before {
		return nil
	}
	return s
}

// tableOf is the table whose rows a simple metric counts.
func (b *builder) tableOf(decl *project.Metric) *Table {
	if decl.Model != nil {
		return b.tables[decl.Model.Name.V]
	}
	name := decl.ModelName
	if !name.IsSet() {
		return nil // reading has reported it
	}
	t := b.tables[name.V]
	if t == nil {
		b.missing(codeModel, "model", name, b.tableNames())
	}
	return t
}

func (m *Model) tableNames() []string {
	var names []string
	for _, t := range m.Tables {
		names = append(names, t.Name)
	}
	return names
}

// counted is the expression that a metric aggregates: as written, else nil to count rows, else the column of its name as in dbt.
func (b *builder) counted(decl *project.Metric, t *Table) rel.Expr {
	s := b.rows(t)
	switch {
	case decl.Expr.IsSet():
		return b.expression(decl.Expr, s)
	case decl.Agg.V == project.Count:
		return nil
	default:
		return s.Name(decl.Name.V, false, decl.Name.Span)
	}
}

// aggregates are the functions whose argument each aggregation takes.
var aggregates = map[project.Aggregation]rel.AggFunc{
	project.Sum: rel.Sum, project.SumBoolean: rel.Sum, project.Count: rel.Count, project.CountDistinct: rel.CountDistinct,
	project.Min: rel.Min, project.Max: rel.Max, project.Average: rel.Avg, project.Median: rel.PercentileCont,
	project.Percentile: rel.PercentileCont, project.ApproxCountDistinct: rel.ApproxCountDistinct,
	project.FirstValue: rel.AnyValue, project.LastValue: rel.AnyValue,
}

// checkAggregate holds the expression's type against the aggregation.
func (b *builder) checkAggregate(decl *project.Metric, s *Simple) {
	if (s.Agg == project.FirstValue || s.Agg == project.LastValue) && s.Time == nil {
		b.bag.Add(diag.Diagnostic{Code: codeMissing, Span: decl.Agg.Span,
			Message: fmt.Sprintf("%s needs an order, and the rows of `%s` have no time", s.Agg, s.Table.Name),
			Hint:    "give the model an `agg_time_dimension:`"})
	}
	if s.Expr == nil {
		return
	}
	if t := s.Expr.Type(); s.Agg == project.SumBoolean && t != rel.Boolean && t != rel.Unknown {
		b.bag.Add(diag.Diagnostic{Code: codeType, Span: s.Expr.Span(), Hint: "agg: sum, or compare it with a value",
			Message: fmt.Sprintf("sum_boolean counts what is true, and this is %s", t)})
		return
	}
	args := []rel.Expr{s.Expr}
	if s.Agg == project.Median || s.Agg == project.Percentile {
		args = append(args, rel.Float64(s.Percentile))
	}
	_, err := rel.CheckAgg(aggregates[s.Agg], args)
	if wrong := (*rel.ArgumentError)(nil); errors.As(err, &wrong) {
		b.bag.Add(diag.Diagnostic{Code: codeType, Span: s.Expr.Span(),
			Message: fmt.Sprintf("%s of `%s`: %s", s.Agg, decl.Name.V, wrong.Message),
			Hint:    "aggregate another column, or choose another `agg`",
			Notes:   []diag.Note{{Message: "aggregated here", Span: decl.Agg.Span}}})
	}
}
