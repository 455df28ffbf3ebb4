package plan

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// Decode gives the meaning of what the fetched steps returned, by step name, as of an instant. A step that the engine refused is
// absent from rows and named in failed: the metrics that need it fail, the others do not. An experiment whose units could not be
// had is an error.
func (l *Layout) Decode(asOf time.Time, rows map[string]Rows, failed map[string]error) ([]*Observed, error) {
	fetched := &archive{rows, failed, map[string]map[string][]record{}}
	var all []*Observed
	for _, c := range l.cohorts {
		for _, e := range c.cohort.experiments {
			d := &decoder{layout: l, cohort: c, experiment: e, asOf: asOf, fetched: fetched}
			observed, err := d.observe()
			if err != nil {
				return nil, err
			}
			all = append(all, observed)
		}
	}
	return all, nil
}

// A decoder reads what came back of one experiment.
type decoder struct {
	layout     *Layout
	cohort     *cohortLayout
	experiment *model.Experiment
	asOf       time.Time
	fetched    *archive
}

// records are a step's rows of the decoder's experiment.
func (d *decoder) records(step string) ([]record, error) {
	return d.fetched.of(d.experiment.Name, step, "experiment")
}

func (d *decoder) observe() (*Observed, error) {
	exposures, err := d.exposures()
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", d.experiment.Name, err)
	}
	o := &Observed{Experiment: d.experiment, AsOf: d.asOf, Exposures: exposures}
	for _, m := range d.cohort.moments {
		for _, u := range m.uses {
			if u.estimator.use.Experiment == d.experiment {
				o.Metrics = append(o.Metrics, d.metric(m, u))
			}
		}
	}
	return o, nil
}

// failure is why a metric could not be computed: the first refused step it needs.
func (d *decoder) failure(use Use) error {
	for _, step := range slices.Sorted(maps.Keys(d.fetched.failed)) {
		if slices.Contains(d.layout.Metrics[step], use) {
			return d.fetched.failed[step]
		}
	}
	return nil
}

func (d *decoder) metric(m *moments, u *useColumns) *ObservedMetric {
	e := u.estimator
	o := &ObservedMetric{Use: e.use.Metric, Shape: e.shape, Labels: e.labels, Formula: e.formula}
	if o.Failed = d.failure(Use{d.experiment.Name, e.use.Metric.Name}); o.Failed != nil {
		return o
	}
	if o.Failed = d.constants(o, e); o.Failed != nil {
		return o
	}
	rows, err := d.records(m.step.Name)
	if err != nil {
		o.Failed = err
		return o
	}
	if o.Slices, o.Failed = d.slices(rows, u); o.Failed != nil {
		return o
	}
	o.Facts = d.facts(e)
	if o.Daily, o.Failed = d.daily(o, e); o.Failed != nil {
		return o
	}
	if cuped := o.Use.Settings.CUPED; cuped != nil && cuped.Choose {
		o.choose()
	}
	for _, step := range u.steps {
		of := &ObservedMetric{Use: o.Use, Step: step.estimator.step, Shape: step.estimator.shape, Labels: step.estimator.labels}
		of.Slices, of.Failed = d.slices(rows, step)
		o.Steps = append(o.Steps, of)
	}
	if e.quantile != nil {
		o.Failed = d.quantile(o, e)
		return o
	}
	if totals, err := d.totals(e); err != nil {
		o.Failed = err
	} else {
		o.reconcile(totals)
	}
	return o
}

// constants are the caps and centres that were used.
func (d *decoder) constants(o *ObservedMetric, e *estimator) error {
	first := e.quantities[0]
	if first.rule != nil && first.rule.fixed {
		o.CapLower, o.CapUpper = first.rule.lower, first.rule.upper
	} else if first.rule != nil {
		caps, err := d.constant(d.cohort.caps.Name, "caps_experiment")
		if err != nil {
			return err
		}
		o.CapLower, o.CapUpper = caps.pointer(first.lowerColumn()), caps.pointer(first.upperColumn())
	}
	for i, target := range map[int]*float64{2: &o.Centre, 5: &o.CentreBefore} {
		if i < len(e.quantities) && e.quantities[i].centre != nil {
			centres, err := d.constant(d.cohort.centres.Name, "centres_experiment")
			if err != nil {
				return err
			}
			*target = centres.number(e.quantities[i].centre.name)
		}
	}
	return nil
}

// constant is the one row of an experiment; an empty one where it has no units.
func (d *decoder) constant(step, experimentColumn string) (record, error) {
	rows, err := d.fetched.of(d.experiment.Name, step, experimentColumn)
	if err != nil || len(rows) == 0 {
		return record{}, err
	}
	return rows[0], nil
}

// A sliceKey is a dimension with one of its values.
type sliceKey struct{ dimension, value string }

// slices are the whole and each value of the experiment's dimensions, with the clusters that their units are in.
func (d *decoder) slices(rows []record, u *useColumns) ([]Slice, error) {
	clusters, err := d.clustersOf(u.estimator)
	if err != nil {
		return nil, err
	}
	all := []Slice{d.emptySlice(Overall, All, u.estimator)}
	at := map[sliceKey]int{{Overall, All}: 0}
	for _, r := range rows {
		dimension, value, asked := d.sliceOf(r)
		if !asked {
			continue
		}
		i, seen := at[sliceKey{dimension, value}]
		if !seen {
			i = len(all)
			at[sliceKey{dimension, value}] = i
			all = append(all, d.emptySlice(dimension, value, u.estimator))
		}
		arm := u.arm(r)
		arm.Moments.Clusters = clusters[d.cellOf(r)]
		d.add(&all[i], d.stratumOf(r), arm)
	}
	slices.SortStableFunc(all, func(a, b Slice) int {
		return cmp.Or(d.dimensionRank(a.Dimension)-d.dimensionRank(b.Dimension), cmp.Compare(a.Value, b.Value))
	})
	return all, nil
}

// add adds an arm to that of a slice, and to its stratum where the experiment has strata.
func (d *decoder) add(s *Slice, at Stratum, arm Arm) {
	i := slices.IndexFunc(s.Arms, func(a Arm) bool { return a.Variant == arm.Variant })
	if i < 0 || arm.Units == 0 {
		return
	}
	s.Arms[i] = s.Arms[i].plus(arm)
	if !d.stratified() {
		return
	}
	k := slices.IndexFunc(s.Strata, func(x Stratum) bool { return x.Phase == at.Phase && x.Stratum == at.Stratum })
	if k < 0 {
		at.Arms = d.emptyArms(len(arm.Moments.Mean))
		k = len(s.Strata)
		s.Strata = append(s.Strata, at)
	}
	s.Strata[k].Arms[i] = s.Strata[k].Arms[i].plus(arm)
	slices.SortStableFunc(s.Strata, func(a, b Stratum) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Stratum, b.Stratum))
	})
}

// plus is the arm with the units of another part of it.
func (a Arm) plus(b Arm) Arm {
	moments := b.Moments
	if a.Units > 0 {
		moments = stats.MergeMoments(a.Moments, b.Moments)
	}
	return Arm{Variant: a.Variant, Units: a.Units + b.Units, Clusters: a.Clusters + b.Clusters, Moments: moments,
		Capped: a.Capped + b.Capped}
}

// stratified reports whether the experiment's units are compared within phases or strata.
func (d *decoder) stratified() bool {
	return d.experiment.Phases != nil || slices.ContainsFunc(d.experiment.Logs, func(log *model.Log) bool { return log.Stratum != nil })
}

func (d *decoder) stratumOf(r record) Stratum {
	at := Stratum{Phase: r.text("phase")}
	if r.has("stratum") {
		at.Stratum = NoValue
		if r.value("stratum") != nil {
			at.Stratum = r.text("stratum")
		}
	}
	return at
}

// sliceOf tells which slice a row is; asked is false for a dimension that only other experiments slice by.
func (d *decoder) sliceOf(r record) (dimension, value string, asked bool) {
	set := int(r.integer(sliceSet))
	if set == 0 {
		return Overall, All, true
	}
	dim := d.cohort.cohort.dimensions[set-1]
	return dim.name, r.text(dim.column), slices.Contains(dim.users, d.experiment)
}

func (d *decoder) emptySlice(dimension, value string, e *estimator) Slice {
	return Slice{Dimension: dimension, Value: value, Arms: d.emptyArms(e.shape.Quantities())}
}

func (d *decoder) emptyArms(quantities int) []Arm {
	var arms []Arm
	for _, v := range d.experiment.Variants {
		arms = append(arms, Arm{Variant: v.Name, Moments: stats.NewMoments(0, quantities)})
	}
	return arms
}

func (u *useColumns) arm(r record) Arm {
	arm := Arm{Variant: r.text("variant"), Units: r.integer(unitsColumn), Clusters: r.integer(clustersColumn), Moments: u.moments(r)}
	if u.capped != "" {
		arm.Capped = r.integer(u.capped)
	}
	return arm
}

// moments are a row's of what it is a row for: units, or clusters.
func (u *useColumns) moments(r record) stats.Moments {
	m := stats.NewMoments(r.integer(u.n), len(u.means))
	for i, column := range u.means {
		if m.N > 0 {
			m.Mean[i] = r.number(column)
		}
	}
	for _, p := range u.pairs {
		m.SetCovar(p.pair.I, p.pair.J, r.number(p.column))
	}
	return m
}

// totals are, by variant, what a KPI query answers; nil where the metric is not reconciled.
func (d *decoder) totals(e *estimator) (map[string]float64, error) {
	columns := e.reconciled()
	if columns == nil {
		return nil, nil
	}
	parts := make([]map[string]float64, len(columns))
	for i, col := range columns {
		part, err := d.total(col)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	quotients := map[string]float64{}
	for variant, denominator := range parts[1] {
		if denominator != 0 {
			quotients[variant] = parts[0][variant] / denominator
		}
	}
	return quotients, nil
}

// total is a column's sum by variant; a variant without facts is absent, and its sum 0.
func (d *decoder) total(col *factColumn) (map[string]float64, error) {
	i := slices.IndexFunc(d.cohort.totals, func(t *totals) bool { return slices.Contains(t.columns, col) })
	rows, err := d.records(d.cohort.totals[i].step.Name)
	if err != nil {
		return nil, err
	}
	sums := map[string]float64{}
	for _, r := range rows {
		if v := r.number(col.name); !math.IsNaN(v) {
			sums[r.text("variant")] = v
		}
	}
	return sums, nil
}

// reconcile gives each arm of the whole its total; nil totals reconcile nothing.
func (o *ObservedMetric) reconcile(totals map[string]float64) {
	if totals == nil {
		return
	}
	for i := range o.Slices[0].Arms {
		arm := &o.Slices[0].Arms[i]
		total, known := totals[arm.Variant]
		if known || o.Shape.Kind == stats.KindMean {
			arm.Total = &total
		}
	}
}
