package cli

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// Kinds of nodes, as selectors and the manifest spell them.
const (
	kindModel      = "model"
	kindAssignment = "assignments"
	kindMetric     = "metric"
	kindProtocol   = "protocol"
	kindExperiment = "experiment"
	kindSavedQuery = "saved_query"
	kindUnitTest   = "unit_test"
)

// kinds are all of them, in the order of the pipeline.
var kinds = []string{kindModel, kindAssignment, kindMetric, kindProtocol, kindExperiment, kindSavedQuery, kindUnitTest}

// A node is a thing a project declares, and the things it needs.
type node struct {
	Kind, Name string
	Tags       []string
	At         diag.Span
	Decl       any // of package project; nil where nobody wrote it
	Needs      []*node
}

// id is unique in a project.
func (n *node) id() string { return n.Kind + "." + n.Name }

// A graph holds a project's nodes, each after what it needs.
type graph struct {
	model *model.Model
	nodes []*node
	byID  map[string]*node
}

func newGraph(m *model.Model) *graph {
	g := &graph{model: m, byID: map[string]*node{}}
	for _, t := range m.Tables {
		g.table(t)
	}
	for _, metric := range m.Metrics {
		g.metric(metric)
	}
	for _, e := range m.Experiments {
		g.experiment(e)
	}
	for _, q := range m.Queries {
		g.savedQuery(q)
	}
	for _, t := range m.Project.UnitTests {
		g.unitTest(t)
	}
	return g
}

// add makes the node unless there is one, in which case fill is not called.
func (g *graph) add(kind, name string, decl any, at diag.Span, fill func(*node)) *node {
	n := &node{Kind: kind, Name: name, Decl: decl, At: at}
	if known, ok := g.byID[n.id()]; ok {
		return known
	}
	g.byID[n.id()] = n
	fill(n)
	g.nodes = append(g.nodes, n)
	return n
}

func (n *node) needs(others ...*node) {
	for _, o := range others {
		if o != nil && !slices.Contains(n.Needs, o) {
			n.Needs = append(n.Needs, o)
		}
	}
}

func (g *graph) table(t *model.Table) *node {
	if t.Decl == nil {
		return nil
	}
	return g.add(kindModel, t.Name, t.Decl, t.Decl.Span, func(*node) {})
}

func (g *graph) metric(m *model.Metric) *node {
	return g.add(kindMetric, m.Name, m.Decl, m.Decl.Span, func(n *node) {
		n.Tags = names(m.Decl.Tags)
		if spec, simple := m.Spec.(*model.Simple); simple {
			n.needs(g.rows(spec)...)
		}
		for _, in := range model.Inputs(m) {
			n.needs(g.input(in.Metric)...)
		}
	})
}

// input is a metric that another uses, or the tables of rows that have no name.
func (g *graph) input(m *model.Metric) []*node {
	if m.Unnamed {
		return g.rows(m.Spec.(*model.Simple))
	}
	return []*node{g.metric(m)}
}

// rows are the tables that a simple metric reads.
func (g *graph) rows(s *model.Simple) []*node {
	tables := []*node{g.table(s.Table)}
	for _, p := range s.Filters {
		tables = append(tables, g.predicate(p)...)
	}
	return tables
}

// predicate is the tables whose properties a filter reads, besides its own.
func (g *graph) predicate(p *model.Predicate) []*node {
	if p == nil {
		return nil
	}
	var tables []*node
	for _, ref := range p.Refs {
		tables = append(tables, g.path(ref)...)
	}
	return tables
}

func (g *graph) path(ref *model.Ref) []*node {
	if ref == nil {
		return nil
	}
	var tables []*node
	for _, hop := range ref.Path {
		tables = append(tables, g.table(hop.To.Table))
	}
	return tables
}

func (g *graph) experiment(e *model.Experiment) *node {
	return g.add(kindExperiment, e.Name, e.Decl, e.Decl.Span, func(n *node) {
		n.Tags = names(e.Decl.Tags)
		for _, log := range e.Logs {
			n.needs(g.log(log))
		}
		if p := e.Protocol; p.Decl != nil {
			n.needs(g.add(kindProtocol, p.Name, p.Decl, p.Decl.Span, func(*node) {}))
		}
		for _, use := range e.Metrics {
			n.needs(g.metric(use.Metric))
			n.needs(g.towards(use.Metric, use.Unit)...)
			n.needs(g.covariates(use.Settings.CUPED)...)
		}
		if e.Entry != nil {
			n.needs(g.table(e.Entry.Table))
			n.needs(g.predicate(e.Entry.Table.Filter)...)
		}
		if t := e.Trigger; t != nil {
			n.needs(g.table(t.Table))
			n.needs(g.predicate(t.Filter)...)
			n.needs(g.toUnits(t.Table, e.Entity)...)
		}
		n.needs(g.predicate(e.Population)...)
		for _, d := range e.Dimensions {
			n.needs(g.path(d.Ref)...)
		}
	})
}

// covariates are the metrics and the tables that adjust a metric's effect.
func (g *graph) covariates(c *model.CUPED) []*node {
	if c == nil {
		return nil
	}
	var needed []*node
	for _, covariate := range c.Covariates {
		if covariate.Metric != nil {
			needed = append(needed, g.metric(covariate.Metric))
			needed = append(needed, g.towards(covariate.Metric, covariate.Unit)...)
		} else {
			needed = append(needed, g.path(covariate.Attribute.Ref)...)
		}
	}
	return needed
}

// towards are the tables between a metric's facts and units.
func (g *graph) towards(m *model.Metric, unit string) []*node {
	var tables []*node
	for _, leaf := range model.Leaves(m) {
		tables = append(tables, g.toUnits(leaf.Simple.Table, unit)...)
	}
	return tables
}

func (g *graph) toUnits(t *model.Table, unit string) []*node {
	hops, _, err := g.model.UnitPath(t, unit)
	if err != nil {
		return nil
	}
	return g.path(&model.Ref{Path: hops})
}

func (g *graph) log(l *model.Log) *node {
	return g.add(kindAssignment, l.Decl.Name.V, l.Decl, l.Decl.Span, func(n *node) { n.needs(g.table(l.Table)) })
}

func (g *graph) savedQuery(q *project.SavedQuery) *node {
	return g.add(kindSavedQuery, q.Name.V, q, q.Span, func(n *node) {
		n.Tags = names(q.Tags)
		for _, m := range q.Metrics {
			n.needs(g.byID[kindMetric+"."+m.V])
		}
	})
}

func (g *graph) unitTest(t *project.UnitTest) *node {
	return g.add(kindUnitTest, t.Name.V, t, t.Span, func(n *node) {
		n.needs(g.byID[kindMetric+"."+t.Metric.V], g.byID[kindExperiment+"."+t.Experiment.V])
		for _, given := range t.Given {
			n.needs(g.byID[kindModel+"."+given.Input.V], g.byID[kindAssignment+"."+given.Input.V])
		}
	})
}

func names(list []project.Name) []string {
	var values []string
	for _, n := range list {
		values = append(values, n.V)
	}
	return values
}
