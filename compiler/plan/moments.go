package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/stats"
)

// mostAggregates is how many aggregates one statement fetches: Postgres stops at 1,664 columns, Redshift at 1,600.
const mostAggregates = 500

// A moments is one fetched statement: for each experiment, variant and slice the moments of some uses.
type moments struct {
	step *rel.Step
	aggs []rel.Named
	uses []*useColumns
	keys map[string]string // the column of each aggregate, by its format
}

// useColumns tells which columns hold a use's moments.
type useColumns struct {
	estimator *estimator
	n         string
	means     []string // by quantity
	pairs     []pairColumn
	capped    string // "" where nothing is capped
	steps     []*useColumns
}

type pairColumn struct {
	pair   stats.Pair
	column string
}

// unitsColumn counts a slice's units, whichever of them a metric counts.
const unitsColumn = "units"

// summarise adds the steps `moments`: all that leaves the warehouse of the metrics.
func (c *cohort) summarise() []*moments {
	c.readings = c.program.add(rel.Inline, "measured", "What estimators read of each unit", c.measure())
	all := packed(c.estimators, c.countedMoments, (*moments).add)
	if all == nil {
		all = append(all, c.countedMoments())
	}
	for _, m := range all {
		m.step = c.program.add(rel.Fetched, "moments", "Moments by variant and slice: all that leaves the warehouse",
			c.grouped(rel.NewRef(c.readings), c.arms(), m.aggs))
	}
	return all
}

// packed are statements that hold what add asks of estimators, none with many more aggregates than engines allow.
func packed(estimators []*estimator, empty func() *moments, add func(*moments, *estimator) *useColumns) []*moments {
	var all []*moments
	for _, e := range estimators {
		if len(all) == 0 || len(all[len(all)-1].aggs) >= mostAggregates {
			all = append(all, empty())
		}
		last := all[len(all)-1]
		last.uses = append(last.uses, add(last, e))
	}
	return all
}

func noMoments() *moments { return &moments{keys: map[string]string{}} }

// unitMoments count units.
func unitMoments() *moments {
	m := noMoments()
	m.aggs = []rel.Named{{Name: unitsColumn, X: rel.NewAgg(rel.CountRows)}}
	return m
}

// countedMoments count a slice's units, and its clusters where there are any.
func (c *cohort) countedMoments() *moments {
	m := unitMoments()
	m.aggs = append(m.aggs, c.countClusters(c.readings.Relation.Schema(), nil)...)
	return m
}

// column is the name of an aggregate, computed once.
func (m *moments) column(name string, x rel.Expr) string {
	key := rel.Format(x)
	if known, ok := m.keys[key]; ok {
		return known
	}
	taken := newNames(reserved...)
	for _, a := range m.aggs {
		taken.give(a.Name)
	}
	name = taken.give(name)
	m.keys[key] = name
	m.aggs = append(m.aggs, rel.Named{Name: name, X: x})
	return name
}

// add adds what an estimator reads: its columns, and how many units were capped.
func (m *moments) add(e *estimator) *useColumns {
	u := m.columns(e)
	if e.quantities[0].rule != nil {
		flag := &rel.Col{Name: e.quantities[0].flagColumn(), T: rel.Boolean}
		u.capped = m.column(e.quantities[0].name+"_capped", rel.NewAgg(rel.Sum, flag))
	}
	return u
}

// columns adds the moments of an estimator and its steps.
func (m *moments) columns(e *estimator) *useColumns {
	u := &useColumns{estimator: e}
	value := func(i int) rel.Expr { return &rel.Col{Name: e.quantities[i].name, T: rel.Float} }
	name := func(i int) string { return e.quantities[i].name }
	u.n = m.column(name(0)+"_n", rel.NewAgg(rel.Count, value(0)))
	for i := range e.shape.Quantities() {
		u.means = append(u.means, m.column(name(i)+"_mean", rel.NewAgg(rel.Avg, value(i))))
	}
	for _, p := range e.shape.Pairs() {
		x := rel.NewAgg(rel.VarSamp, value(p.I))
		label := name(p.I) + "_var"
		if p.I != p.J {
			x, label = rel.NewAgg(rel.CovarSamp, value(p.I), value(p.J)), name(p.I)+"_"+name(p.J)+"_cov"
		}
		u.pairs = append(u.pairs, pairColumn{p, m.column(label, x)})
	}
	for _, step := range e.steps {
		u.steps = append(u.steps, m.columns(step))
	}
	return u
}

const sliceSet = "slice_set"

// grouped aggregates units by columns, and again within each dimension.
func (c *cohort) grouped(in rel.Relation, by []string, aggs []rel.Named) rel.Relation {
	groups := passed(in.Schema(), by...)
	if len(c.dimensions) == 0 {
		return rel.NewAggregate(in, groups, aggs)
	}
	whole := allOf(groups)
	sets := [][]int{whole}
	for _, d := range c.dimensions {
		sets = append(sets, append(slices.Clone(whole), len(groups)))
		groups = append(groups, passed(in.Schema(), d.column)...)
	}
	return rel.NewGroupingSets(in, groups, sets, sliceSet, aggs)
}

// allOf is the grouping set of all groups.
func allOf(groups []rel.Named) []int {
	var set []int
	for i := range groups {
		set = append(set, i)
	}
	return set
}

// totals is one fetched statement: what a KPI query answers over the rows of a source that an experiment counts, to be compared
// with n · mean.
type totals struct {
	step    *rel.Step
	columns []*factColumn
}

// reconcile adds a step for each source that a primary metric sums: its totals by variant, before any zero-filling.
func (c *cohort) reconcile() []*totals {
	var all []*totals
	for _, s := range c.sources {
		t := &totals{}
		var aggs []rel.Named
		for _, e := range c.estimators {
			for _, col := range e.reconciled() {
				if col.source == s && !slices.Contains(t.columns, col) {
					t.columns = append(t.columns, col)
					aggs = append(aggs, rel.Named{Name: col.name, X: e.total(col)})
				}
			}
		}
		if aggs == nil {
			continue
		}
		facts := rel.NewRef(c.unitFacts)
		t.step = c.program.add(rel.Fetched, s.table.Name+"_totals", "Totals by variant, to reconcile with n times the mean",
			rel.NewAggregate(facts, passed(facts.Schema(), "experiment", "variant"), aggs))
		all = append(all, t)
	}
	return all
}

// reconciled are the columns whose totals a run compares: of primary metrics without caps.
func (e *estimator) reconciled() []*factColumn {
	s := e.use.Metric.Settings
	if e.use.Experiment.Rehearses != nil || e.use.Metric.Role != model.Primary || s.Winsorize != nil || s.Cap != nil {
		return nil
	}
	return e.additive
}

func (e *estimator) total(col *factColumn) rel.Expr {
	sum := rel.NewAgg(rel.Sum, &rel.Col{Name: col.name})
	if col.stretch.matures() {
		return sum.Filtered(&rel.Col{Name: col.stretch.completeColumn(), T: rel.Boolean})
	}
	return sum
}
