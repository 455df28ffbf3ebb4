package model

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A pendingMetric is a metric that may not be resolved yet: others are, when first named.
type pendingMetric struct {
	decl  *project.Metric
	state state
	done  *Metric // nil where it could not be resolved
}

// state of what is resolved when first named.
type state uint8

const (
	untouched state = iota
	resolving
	resolved
)

func (b *builder) buildMetrics() {
	b.metrics = map[string]*Metric{}
	b.pending = map[string]*pendingMetric{}
	for _, decl := range b.Project.Metrics {
		if b.pending[decl.Name.V] == nil {
			b.pending[decl.Name.V] = &pendingMetric{decl: decl}
		}
	}
	for _, decl := range b.Project.Metrics {
		if p := b.pending[decl.Name.V]; p.decl == decl {
			if m := b.resolve(p); m != nil {
				b.Metrics = append(b.Metrics, m)
				b.metrics[m.Name] = m
			}
		}
	}
	for _, m := range b.Metrics {
		b.checkFilters(m)
		b.checkRead(m)
	}
	for _, decl := range b.Project.Metrics {
		b.checkNamed(decl.Indicates)
		b.checkNamed(decl.Counter)
	}
}

// Metric finds a metric by name.
func (m *Model) Metric(name string) (*Metric, bool) {
	metric, ok := m.metrics[name]
	return metric, ok
}

// resolve is nil where the metric has a mistake, which is reported.
func (b *builder) resolve(p *pendingMetric) *Metric {
	if p.state == untouched {
		p.state = resolving
		if spec := b.spec(p.decl); spec != nil {
			p.done = &Metric{Name: p.decl.Name.V, Decl: p.decl, Spec: spec}
			if _, simple := spec.(*Simple); !simple {
				p.done.Filters = p.decl.Filters
			}
		}
		p.state = resolved
	}
	return p.done
}

func (b *builder) spec(decl *project.Metric) Spec {
	switch decl.Type.V {
	case project.Simple:
		return orNil(b.simple(decl))
	case project.Ratio:
		return orNil(b.ratio(decl))
	case project.Derived:
		return orNil(b.derived(decl))
	case project.Threshold:
		return orNil(b.threshold(decl))
	case project.Retention:
		return orNil(b.retention(decl))
	case project.Quantile:
		return orNil(b.quantile(decl))
	case project.Funnel:
		return orNil(b.funnel(decl))
	case project.Cumulative:
		return orNil(b.cumulative(decl))
	case project.Conversion:
		return orNil(b.conversion(decl))
	}
	return nil
}

// orNil makes a nil pointer a nil interface.
func orNil[T any, P interface {
	*T
	Spec
}](spec P) Spec {
	if spec == nil {
		return nil
	}
	return spec
}

// input resolves a metric that decl uses; nil where it cannot be.
func (b *builder) input(decl *project.Metric, in *project.MetricInput) *Input {
	if in == nil || !in.Metric.IsSet() {
		return nil // reading has reported what is missing
	}
	m := b.used(decl, in.Metric)
	if m == nil {
		return nil
	}
	alias := in.Alias.V
	if alias == "" {
		alias = in.Metric.V
	}
	offset, ok := b.offset(in, m)
	if !ok {
		return nil
	}
	return &Input{Metric: m, Alias: alias, Filters: in.Filters, Offset: offset}
}

// used is the metric that decl names.
func (b *builder) used(decl *project.Metric, name project.Name) *Metric {
	p, ok := b.pending[name.V]
	switch {
	case !ok:
		b.missing(codeMetric, "metric", name, b.metricNames(decl.Name.V))
		return nil
	case p.state == resolving:
		b.bag.Add(diag.Diagnostic{Code: codeCycle, Span: name.Span,
			Message: fmt.Sprintf("circular metrics: %s", strings.Join(b.circle(p, decl), " → ")),
			Hint:    "let one of them do without the next",
			Notes:   []diag.Note{{Message: fmt.Sprintf("`%s` is declared here", name.V), Span: p.decl.Name.Span}}})
		return nil
	}
	return b.resolve(p)
}

// circle names the metrics from p to decl and back, which are all being resolved.
func (b *builder) circle(p *pendingMetric, decl *project.Metric) []string {
	names := []string{p.decl.Name.V}
	for at := p.decl; at != decl; {
		i := slices.IndexFunc(inputsOf(at), func(in *project.MetricInput) bool {
			next := b.pending[in.Metric.V]
			return next != nil && next.state == resolving && !slices.Contains(names, in.Metric.V)
		})
		if i < 0 {
			break
		}
		at = b.pending[inputsOf(at)[i].Metric.V].decl
		names = append(names, at.Name.V)
	}
	return append(names, p.decl.Name.V)
}

// inputsOf are the metrics that a declaration uses.
func inputsOf(decl *project.Metric) []*project.MetricInput {
	all := append([]*project.MetricInput{decl.Numerator, decl.Denominator, decl.Input, decl.Base, decl.Converted}, decl.Inputs...)
	return slices.DeleteFunc(all, func(in *project.MetricInput) bool { return in == nil })
}

// incomplete reports whether a file could not be read: what seems to be missing may be declared there.
func (m *Model) incomplete() bool { return len(m.Project.Unread) > 0 }

// checkNamed looks up metrics that another only mentions.
func (b *builder) checkNamed(names []project.Name) {
	for _, name := range names {
		if b.pending[name.V] == nil {
			b.missing(codeMetric, "metric", name, b.metricNames(""))
		}
	}
}

// missing reports a name that is declared nowhere.
func (b *builder) missing(code diag.Code, what string, name project.Name, known []string) {
	if !b.incomplete() {
		b.bag.Add(unknown(code, what, name.V, name.Span, known))
	}
}

// metricNames are the names of all metrics but one.
func (b *builder) metricNames(except string) []string {
	var names []string
	for _, decl := range b.Project.Metrics {
		if decl.Name.V != except {
			names = append(names, decl.Name.V)
		}
	}
	return names
}

func (b *builder) ratio(decl *project.Metric) *Ratio {
	numerator, denominator := b.input(decl, decl.Numerator), b.input(decl, decl.Denominator)
	if numerator == nil || denominator == nil {
		return nil
	}
	return &Ratio{Numerator: numerator, Denominator: denominator}
}

func (b *builder) derived(decl *project.Metric) *Derived {
	names := &aliases{b: b, open: len(decl.Inputs) == 0 || b.incomplete()}
	d := &Derived{}
	for _, in := range decl.Inputs {
		input := b.input(decl, in)
		names.add(in)
		if input == nil {
			names.open = true
			continue
		}
		d.Inputs = append(d.Inputs, input)
	}
	before := b.bag.Errors()
	d.Expr = b.expression(decl.Expr, names)
	if names.open || b.bag.Errors() > before {
		return nil
	}
	return d
}

// aliases are what a derived metric's expression may name.
type aliases struct {
	b     *builder
	known []string
	open  bool // one of them has a mistake, and may have been meant for any name
}

func (a *aliases) add(in *project.MetricInput) {
	name := in.Alias
	if !name.IsSet() {
		name = in.Metric
	}
	a.known = append(a.known, name.V)
}

func (a *aliases) Name(name string, _ bool, at diag.Span) rel.Expr {
	if slices.Contains(a.known, name) {
		return &rel.Col{Name: name, T: rel.Float, At: at}
	}
	if a.open {
		return expr.Unresolved(at)
	}
	d := diag.Diagnostic{Code: codeMetric, Span: at, Message: fmt.Sprintf("`%s` is no input of this metric", name),
		Hint: diag.Suggest(name, a.known)}
	if p := a.b.pending[name]; p != nil {
		d.Hint = "add it to `input_metrics:`"
		d.Notes = []diag.Note{{Message: "the metric is declared here", Span: p.decl.Name.Span}}
	}
	a.b.bag.Add(d)
	return expr.Unresolved(at)
}

func (a *aliases) Property(p *expr.Property) rel.Expr {
	a.b.bag.Errorf(p.Span, codeMetric, "a derived metric computes with its inputs alone; put conditions into `filter:`")
	return expr.Unresolved(p.Span)
}

var thresholdOps = map[string]rel.Func{"gt": rel.Gt, "gte": rel.Ge, "lt": rel.Lt, "lte": rel.Le}

func (b *builder) threshold(decl *project.Metric) *Threshold {
	in := b.input(decl, decl.Input)
	op, ok := thresholdOps[decl.Op.V]
	if in == nil || !ok {
		return nil
	}
	if !b.checkTotal(decl, in) {
		return nil
	}
	from, ok := b.clock(decl, in)
	if !ok {
		return nil
	}
	return &Threshold{Input: in, Op: op, Value: decl.Threshold.V, From: from}
}
