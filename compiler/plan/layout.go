package plan

import (
	"slices"

	"assay/compiler/rel"
)

// A Compiled program: steps for an engine, and the meaning of what they return.
type Compiled struct {
	Program *rel.Program
	Layout  *Layout
}

// Layout maps every fetched statement and column to what it is: experiment, metric, moment. No one parses column names.
type Layout struct {
	// Metrics lists, for each step, the metrics that cannot be computed without it, so that one refused statement fails only these.
	Metrics map[string][]Use
	cohorts []*cohortLayout
}

// A Use names a metric of an experiment.
type Use struct{ Experiment, Metric string }

// A cohortLayout is the fetched steps of one cohort.
type cohortLayout struct {
	cohort        *cohort
	exposures     *rel.Step
	daily         *rel.Step
	analysed      *rel.Step
	slices        *rel.Step
	caps, centres *rel.Step // nil where there are none
	moments       []*moments
	clusters      []*moments // of clusters' totals, by size
	clustersDaily *rel.Step  // nil without clusters
	ranks         []*ranks
	totals        []*totals
	axes          []*axis
	found         []*found
	shared        *rel.Step // nil without a layer
}

// dependOn fills Metrics: a use needs its statement of moments, the scans of its facts, and every step these read.
func (l *Layout) dependOn(p *rel.Program) {
	for _, c := range l.cohorts {
		for _, m := range slices.Concat(c.moments, c.clusters) {
			for _, u := range m.uses {
				l.use(u.estimator.named(), m.step, c.cohort.scans(u.estimator))
			}
		}
		for _, r := range c.ranks {
			for e := range r.uses {
				l.use(e.named(), r.step, c.cohort.scans(e))
			}
		}
		for _, a := range c.axes {
			for _, m := range a.metrics {
				for _, e := range []*estimator{m.soFar, m.alone} {
					statement, _ := a.find(e)
					l.use(m.of.named(), statement.step, c.cohort.scans(m.of))
				}
			}
		}
	}
}

// use records that a metric needs a step and all that leads to it, but of the scans of facts only its own.
func (l *Layout) use(metric Use, step *rel.Step, own []*rel.Step) {
	if slices.Contains(l.Metrics[step.Name], metric) {
		return
	}
	l.Metrics[step.Name] = append(l.Metrics[step.Name], metric)
	for _, in := range rel.References(step.Relation) {
		if !l.isScan(in) || slices.Contains(own, in) {
			l.use(metric, in, own)
		}
	}
}

// isScan reports whether a step holds what facts give each unit: some metrics' need, and no other's.
func (l *Layout) isScan(step *rel.Step) bool {
	return slices.ContainsFunc(l.cohorts, func(c *cohortLayout) bool {
		return slices.ContainsFunc(c.cohort.sources, func(s *source) bool { return s.step == step || s.days == step }) ||
			slices.ContainsFunc(c.cohort.sequences, func(s *sequence) bool { return s.step == step })
	})
}

func (e *estimator) named() Use { return Use{e.use.Experiment.Name, e.use.Metric.Name} }

// scans are the steps of facts that an estimator's quantities read.
func (c *cohort) scans(e *estimator) []*rel.Step {
	var all []*rel.Step
	for _, col := range e.facts {
		for _, step := range []*rel.Step{col.source.step, col.source.days} {
			if step != nil && !slices.Contains(all, step) {
				all = append(all, step)
			}
		}
	}
	for _, s := range c.sequences {
		if slices.ContainsFunc(s.rows, func(col *factColumn) bool { return slices.Contains(e.facts, col) }) {
			all = append(all, s.step)
		}
	}
	return all
}
