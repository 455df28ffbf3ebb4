package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A Covariate is what a metric is adjusted by: a metric over the lookback, the metric itself as a rule, or an attribute of the unit
// at assignment. Exactly one of Metric and Attribute is set.
type Covariate struct {
	Name      string
	Metric    *Metric
	Unit      string // the entity, or the role of it, that leads from the metric's facts to units
	Attribute *UnitDimension
	Numeric   bool // of an attribute: it is read as it is; others are indicators of their largest values
}

// takesCovariates reports whether an experiment compares means of one value per unit, which any covariate may adjust.
func takesCovariates(m *Metric) bool {
	switch s := m.Spec.(type) {
	case *Simple:
		return s.Agg != project.Average && s.Agg != project.Median && s.Agg != project.Percentile
	case *Threshold, *Retention, *Funnel:
		return true
	case *Conversion:
		return s.Calculation == ConversionNumber
	case *Ratio, *Derived, *Quantile, *Cumulative:
	}
	return false
}

// covariates resolves the names of a layer; those that a protocol gives to a metric that they do not suit are left out.
func (r *settingsReader) covariates(l layer, c *project.CUPED) []Covariate {
	if len(c.Covariates) == 0 {
		return r.own(l, c.Span)
	}
	if c.All() {
		return r.candidates(l, c.Covariates[0])
	}
	var all []Covariate
	for _, name := range c.Covariates {
		if name.V == "own" {
			all = append(all, r.own(l, name.Span)...)
		} else if found := r.covariate(l, name); found != nil {
			all = append(all, *found)
		}
	}
	return all
}

// mostCandidates keeps the covariances of all pairs within what a statement may fetch.
const mostCandidates = 25

// candidates are the metric itself and, by name, the experiment's other metrics that have a value per unit before assignment: of
// these the run keeps those that correlate best. A ratio has itself alone.
func (r *settingsReader) candidates(l layer, at project.Name) []Covariate {
	all := r.own(l, at.Span)
	if all == nil || !takesCovariates(r.metric) {
		return all
	}
	for _, entry := range entries(r.experiment.Decl) {
		metric := r.b.metrics[entry.Metric.V]
		known := func(c Covariate) bool { return c.Metric == metric }
		if metric != nil && hasCovariate(metric) && takesCovariates(metric) && !slices.ContainsFunc(all, known) {
			all = append(all, Covariate{Name: metric.Name, Metric: metric, Unit: entry.Unit.Or(project.Name{V: r.unitOf(metric)}).V})
		}
	}
	slices.SortFunc(all[1:], func(a, b Covariate) int { return strings.Compare(a.Name, b.Name) })
	if len(all) > mostCandidates {
		r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: at.Span,
			Message: fmt.Sprintf("`%s` has %d metrics to choose covariates from, and %d is the most", r.experiment.Name, len(all), mostCandidates),
			Hint:    "name them: covariates: [own, clicks, user__plan]"})
		return nil
	}
	return all
}

func (r *settingsReader) own(l layer, at diag.Span) []Covariate {
	if hasCovariate(r.metric) {
		return []Covariate{{Name: r.metric.Name, Metric: r.metric, Unit: r.unitOf(r.metric)}}
	}
	if l.name != "protocol" {
		r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: at, Hint: "cuped: false",
			Message: fmt.Sprintf("`%s` has no covariate of its own: %s", r.metric.Name, whyNoCovariate(r.metric))})
	}
	return nil
}

// covariate is nil where the name is none, or does not suit.
func (r *settingsReader) covariate(l layer, name project.Name) *Covariate {
	if !takesCovariates(r.metric) {
		if l.name != "protocol" {
			hint := "cuped: false"
			if hasCovariate(r.metric) {
				hint = "covariates: own"
			}
			r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: name.Span, Hint: hint,
				Message: fmt.Sprintf("`%s` cannot be adjusted by other covariates: it is %s", r.metric.Name, withArticle(kindOf(r.metric)))})
		}
		return nil
	}
	if metric, ok := r.b.metrics[name.V]; ok {
		return r.metricCovariate(metric, name)
	}
	return r.attribute(name)
}

func (r *settingsReader) metricCovariate(metric *Metric, name project.Name) *Covariate {
	if !hasCovariate(metric) || !takesCovariates(metric) {
		r.b.bag.Add(diag.Diagnostic{Code: codeSetting, Span: name.Span,
			Message: fmt.Sprintf("`%s` has no value per unit before assignment: %s", metric.Name, whyNoCovariate(metric)),
			Hint:    "covariates are sums, counts, smallest and largest values, thresholds, and attributes",
			Notes:   []diag.Note{{Message: "it is declared here", Span: metric.Decl.Name.Span}}})
		return nil
	}
	unit := r.unitOf(metric)
	r.b.checkReachOf(unit, metric, name.Span)
	return &Covariate{Name: metric.Name, Metric: metric, Unit: unit}
}

// unitOf is the role that the entry names, for metrics whose facts lead to it; others lead to the units by themselves.
func (r *settingsReader) unitOf(metric *Metric) string {
	if !r.entry.Unit.IsSet() {
		return r.experiment.Entity
	}
	for _, leaf := range Leaves(metric) {
		if _, _, err := r.b.UnitPath(leaf.Simple.Table, r.entry.Unit.V); err != nil {
			return r.experiment.Entity
		}
	}
	return r.entry.Unit.V
}

func (r *settingsReader) attribute(name project.Name) *Covariate {
	s := &unitScope{model: r.b.Model, experiment: r.experiment, bag: r.b.bag}
	n := r.b.splitName(diag.Text{Value: name.V, Span: name.Span})
	if len(n.path) == 0 && s.logged(name.V) == nil {
		known := slices.Concat(r.b.metricNames(r.metric.Name), s.known(), []string{"own", "all"})
		r.b.missing(codeSetting, "metric or dimension", name, known)
		return nil
	}
	d := s.dimension(name.V, name.Span, n)
	if d == nil {
		return nil
	}
	t, declared := s.typeOf(d)
	switch {
	case declared == project.Time || slices.Contains([]rel.Type{rel.Date, rel.Timestamp, rel.TimestampTZ}, t):
		r.b.bag.Errorf(name.Span, codeType, "`%s` is a time, and a covariate is a number or a category", name.V)
		return nil
	case declared == "" && t == rel.Unknown:
		// A run asks the warehouse for the types of columns, and then knows.
		r.b.bag.Add(diag.Diagnostic{Code: codeType, Severity: diag.Warning, Span: name.Span,
			Message: fmt.Sprintf("whether `%s` is a number or a category is not known: it is read as a category", name.V),
			Hint:    "`assay catalog` reads the types of columns; or give it a model with `dimension: numeric`"})
	}
	number := declared == project.Numeric || declared == "" && slices.Contains(numeric, t)
	return &Covariate{Name: name.V, Attribute: d, Numeric: number}
}

// typeOf is what is known of an attribute: its expression's type, and what a model declares it as, if one does.
func (s *unitScope) typeOf(d *UnitDimension) (rel.Type, project.DimensionType) {
	if d.Ref != nil && d.Ref.Dimension != nil {
		return d.Ref.Dimension.Expr.Type(), d.Ref.Dimension.Type
	}
	if d.Ref != nil {
		return d.Ref.Type(), project.Categorical
	}
	for _, l := range s.experiment.Logs {
		if own := l.Table.dimension(d.Name); own != nil {
			return own.Expr.Type(), own.Type
		}
	}
	return s.logged(d.Name).Type(), ""
}
