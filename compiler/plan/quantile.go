package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/stats"
)

// A quantile is the value at a fraction of sorted values, and the two values that bracket it. All three are found by their rank
// within an experiment's variant and slice, from values that the run has stored.
type quantile struct {
	at     float64
	values string  // the column it is a quantile of
	events *events // nil: the values are units' totals
}

// unitQuantile is the value whose rank is at least at·n among units' totals.
func (b *builder) unitQuantile(t *ask.Quantile) *estimator {
	total := b.plain(b.measure("", part{term: t.Total}, b.since))
	return &estimator{
		shape: stats.Shape{Kind: stats.KindQuantile}, quantities: []*column{total}, quantile: &quantile{at: t.Q, values: total.name},
	}
}

// A ranks is one fetched statement: for each experiment, variant and slice the values at the ranks that quantiles read.
type ranks struct {
	step *rel.Step
	uses map[*estimator]rankColumns
}

// rankColumns tell which columns hold a quantile: the number of values, and three of them.
type rankColumns struct {
	n, low, point, high string
	reconciled          string          // what a KPI query answers; "" where none is compared
	clusters            *clusterColumns // of a quantile over events
}

// perQuantile is the number of aggregates that each quantile of units' totals fetches.
const perQuantile = 4

// rankUnits adds the steps `unit_ranks`: the quantiles of units' totals.
func (c *cohort) rankUnits() []*ranks {
	var quantiles []*estimator
	for _, e := range c.estimators {
		if e.quantile != nil && e.quantile.events == nil {
			quantiles = append(quantiles, e)
		}
	}
	var all []*ranks
	for some := range slices.Chunk(quantiles, mostAggregates/perQuantile) {
		values := c.sliced(rel.NewRef(c.readings), valuesOf(some)...)
		brackets, uses := c.bracketed(values, some)
		step := c.program.add(rel.Fetched, "unit_ranks", "Quantiles of units' totals, each with the values that bracket it", brackets)
		all = append(all, &ranks{step: step, uses: uses})
	}
	return all
}

// valuesOf are the columns that quantiles are of, each once.
func valuesOf(quantiles []*estimator) []string {
	var names []string
	for _, e := range quantiles {
		if !slices.Contains(names, e.quantile.values) {
			names = append(names, e.quantile.values)
		}
	}
	return names
}

// sliceValue is a slice's value of the dimension whose place slice_set has; All in the whole.
const sliceValue = "slice_value"

// slicedBy are the columns of a sliced relation that say whose row it is.
var slicedBy = []string{"experiment", "variant", sliceSet, sliceValue}

// sliced is the rows of a relation once for the whole and once for each dimension.
func (c *cohort) sliced(in rel.Relation, columns ...string) rel.Relation {
	s := in.Schema()
	slice := func(set int, value rel.Expr) rel.Relation {
		cols := append(passed(s, "experiment", "variant"),
			rel.Named{Name: sliceSet, X: rel.Int(int64(set))}, rel.Named{Name: sliceValue, X: value})
		return rel.NewProject(in, append(cols, passed(s, columns...)...)...)
	}
	all := []rel.Relation{slice(0, rel.String(All))}
	for i, d := range c.dimensions {
		all = append(all, slice(i+1, s.Col(d.column)))
	}
	if len(all) == 1 {
		return all[0]
	}
	return rel.NewUnion(all...)
}

// bracketed is one row for each experiment, variant and slice: the quantiles of its values.
func (c *cohort) bracketed(values rel.Relation, quantiles []*estimator) (rel.Relation, map[*estimator]rankColumns) {
	ranked := c.ranked(values, valuesOf(quantiles))
	s := ranked.Schema()
	uses := map[*estimator]rankColumns{}
	var aggs []rel.Named
	for _, e := range quantiles {
		q, name := e.quantile, e.use.Metric.Name
		cols := rankColumns{n: c.columns.give(name + "_values"), low: c.columns.give(name + "_low"),
			point: c.columns.give(name + "_point"), high: c.columns.give(name + "_high")}
		if e.use.Metric.Role == model.Primary && q.events != nil {
			cols.reconciled = c.columns.give(name + "_reconciled")
			aggs = append(aggs, rel.Named{Name: cols.reconciled, X: rel.NewAgg(q.events.percentile(), s.Col(q.values), rel.Float64(q.at))})
		}
		uses[e] = cols
		x, n := s.Col(q.values), rel.ToType(s.Col(countColumn(q.values)), rel.Float)
		half := rel.NewCall(rel.Mul, s.Col(bracketWidth),
			rel.NewCall(rel.Sqrt, rel.NewCall(rel.Div, rel.Float64(q.at*(1-q.at)), n)))
		at := func(p rel.Expr) rel.Expr {
			return rel.NewAgg(rel.Max, x).Filtered(rel.NewCall(rel.Eq, s.Col(rankColumn(q.values)), rankAt(n, p)))
		}
		aggs = append(aggs,
			rel.Named{Name: cols.n, X: rel.NewAgg(rel.Count, x)},
			rel.Named{Name: cols.low, X: at(rel.NewCall(rel.Sub, rel.Float64(q.at), half))},
			rel.Named{Name: cols.point, X: q.point(x, at(rel.Float64(q.at)))},
			rel.Named{Name: cols.high, X: at(rel.NewCall(rel.Add, rel.Float64(q.at), half))})
	}
	return rel.NewAggregate(ranked, passed(s, slicedBy...), aggs), uses
}

// point is the quantile itself: the value at its rank, or between two values.
func (q *quantile) point(x, atRank rel.Expr) rel.Expr {
	if q.events != nil && !q.events.discrete {
		return rel.NewAgg(q.events.percentile(), x, rel.Float64(q.at))
	}
	return atRank
}

// percentile is the percentile's own type.
func (e *events) percentile() rel.AggFunc {
	if e.discrete {
		return rel.PercentileDisc
	}
	return rel.PercentileCont
}

// rankAt is ⌈n·p⌉ within 1…n, for a product that is whole but for the rounding of p: the rank that stats.RanksOf gives.
func rankAt(n, p rel.Expr) rel.Expr {
	const belowOne = 1 - 1e-14
	rank := rel.NewCall(rel.Ceil, rel.NewCall(rel.Mul, rel.NewCall(rel.Mul, n, p), rel.Float64(belowOne)))
	return rel.NewCall(rel.Greatest, rel.Float64(1), rel.NewCall(rel.Least, n, rank))
}

func rankColumn(values string) string  { return values + "_rank" }
func countColumn(values string) string { return values + "_of" }

// ranked adds to each row the rank of its values, and how many there are; a NULL is behind them all. It adds how wide a bracket its
// experiment's protocol asks for.
func (c *cohort) ranked(in rel.Relation, values []string) rel.Relation {
	s := in.Schema()
	var by []rel.Expr
	for _, name := range slicedBy {
		by = append(by, s.Col(name))
	}
	var cols []rel.Named
	for _, name := range values {
		x := s.Col(name)
		cols = append(cols,
			rel.Named{Name: rankColumn(name), X: rel.NewOver(rel.RowNumber, nil, by, []rel.SortKey{{X: x}}, nil)},
			rel.Named{Name: countColumn(name), X: rel.NewOver(rel.WindowCount, []rel.Expr{x}, by, nil, nil)})
	}
	return rel.NewJoin(rel.Inner, rel.NewWindow(in, cols...), c.brackets(),
		[]rel.Equal{{Left: experiment, Right: bracketExperiment}}, nil)
}

// Columns of the relation of brackets' widths.
const (
	bracketExperiment = "bracket_experiment"
	bracketWidth      = "bracket_z"
)

// brackets is how many standard errors of a rank lie between a quantile and either end of its bracket, by experiment.
func (c *cohort) brackets() rel.Relation {
	var rows [][]rel.Expr
	for _, e := range c.experiments {
		rows = append(rows, []rel.Expr{rel.String(e.Name), rel.Float64(bracketOf(e.Protocol))})
	}
	return rel.NewValues([]rel.Column{{Name: bracketExperiment, Type: rel.Text}, {Name: bracketWidth, Type: rel.Float}}, rows,
		rel.Key{Columns: []string{bracketExperiment}})
}

// bracketOf is twice the half-width of the bracket of one value's median, whose standard error is a half; 0, which is no bracket,
// for a confidence that is none.
func bracketOf(p *model.Protocol) float64 {
	ranks, err := stats.RanksOf(1, 0.5, 1-p.Confidence)
	if err != nil {
		return 0
	}
	return 2 * (ranks.PHigh - ranks.P)
}
