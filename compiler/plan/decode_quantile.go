package plan

import (
	"math"
	"slices"

	"assay/stats"
)

// quantile gives each arm of each slice its ranks, and where it is over events the moments of units' counts.
func (d *decoder) quantile(o *ObservedMetric, e *estimator) error {
	o.Quantile = &Quantile{P: e.quantile.at, Confidence: d.experiment.Protocol.Confidence, Clustered: e.quantile.events != nil}
	i := slices.IndexFunc(d.cohort.ranks, func(r *ranks) bool { _, has := r.uses[e]; return has })
	step, cols := d.cohort.ranks[i].step, d.cohort.ranks[i].uses[e]
	rows, err := d.records(step.Name)
	if err != nil {
		return err
	}
	at := o.places()
	for _, r := range rows {
		if arm := at[armKey{d.dimensionAt(r), r.text(sliceValue), r.text("variant")}]; arm != nil {
			cols.read(r, arm)
		}
	}
	return nil
}

// An armKey is a slice with one of its variants.
type armKey struct{ dimension, value, variant string }

// places are the arms of all slices.
func (o *ObservedMetric) places() map[armKey]*Arm {
	all := map[armKey]*Arm{}
	for _, s := range o.Slices {
		for i := range s.Arms {
			all[armKey{s.Dimension, s.Value, s.Arms[i].Variant}] = &s.Arms[i]
		}
	}
	return all
}

// dimensionAt is the dimension that a row's slice is of.
func (d *decoder) dimensionAt(r record) string {
	if set := r.integer(sliceSet); set > 0 {
		return d.cohort.cohort.dimensions[set-1].name
	}
	return Overall
}

func (cols rankColumns) read(r record, arm *Arm) {
	if n := r.integer(cols.n); n > 0 {
		if cols.reconciled != "" {
			arm.Total = r.pointer(cols.reconciled)
		}
		arm.Ranks = &Ranks{N: n, Low: r.number(cols.low), Point: r.number(cols.point), High: r.number(cols.high)}
	}
	if cols.clusters != nil {
		arm.Moments = cols.clusters.moments(r)
	}
}

func (cols *clusterColumns) moments(r record) stats.Moments {
	m := stats.NewMoments(r.integer(cols.units), len(cols.means))
	for i, column := range cols.means {
		if mean := r.number(column); !math.IsNaN(mean) {
			m.Mean[i] = mean
		}
	}
	for _, p := range cols.pairs {
		m.SetCovar(p.pair.I, p.pair.J, r.number(p.column))
	}
	return m
}
