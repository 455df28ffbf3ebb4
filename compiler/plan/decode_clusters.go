package plan

import (
	"slices"

	"assay/stats"
)

// A cell is what one row of moments is of.
type cell struct{ dimension, value, variant, phase, stratum string }

func (d *decoder) cellOf(r record) cell {
	dimension, value, _ := d.sliceOf(r)
	at := d.stratumOf(r)
	return cell{dimension, value, r.text("variant"), at.Phase, at.Stratum}
}

// clustersOf are the clusters' totals that an estimator reads, by cell; nil where units were randomised by themselves.
func (d *decoder) clustersOf(e *estimator) (map[cell][]stats.ClusterGroup, error) {
	if !d.experiment.Clustered() {
		return nil, nil
	}
	m, u := d.cohort.clustersOf(e)
	rows, err := d.records(m.step.Name)
	if err != nil {
		return nil, err
	}
	all := map[cell][]stats.ClusterGroup{}
	for _, r := range rows {
		at := d.cellOf(r)
		all[at] = append(all[at], stats.ClusterGroup{Size: r.number(clusterSize), Sums: u.moments(r)})
	}
	return all, nil
}

// clustersOf is the statement with an estimator's totals, and its columns there.
func (c *cohortLayout) clustersOf(e *estimator) (*moments, *useColumns) {
	for _, m := range c.clusters {
		for _, u := range m.uses {
			for _, part := range slices.Concat([]*useColumns{u}, u.steps) {
				if part.estimator == e {
					return m, part
				}
			}
		}
	}
	panic("an estimator of clustered units without their clusters")
}
