package stats

import "slices"

// clusters is the number of clusters that the units are in; 0 where units are independent.
func (m Moments) clusters() int64 {
	var n int64
	for _, g := range m.Clusters {
		n += g.Sums.N
	}
	return n
}

// Randomised is the number of what was: clusters, or else units.
func (m Moments) Randomised() int64 {
	if m.Clusters != nil {
		return m.clusters()
	}
	return m.N
}

// independent is the moments of independent units whose means would err as these do, those of units in clusters: n times the
// covariances G/(G−1)·Σ e·e'/n² of means that are ratios of clusters' sums, e = S − x̄·size (Deng, Knoblich and Lu 2018, section
// 3; CR1 arm by arm). Moments of units that are independent are themselves.
func (m Moments) independent() (Moments, error) {
	if m.Clusters == nil {
		return m, nil
	}
	k := len(m.Mean)
	if len(m.Cov) != k*(k+1)/2 {
		return m, m.checkSize(k)
	}
	for i, g := range m.Clusters {
		if err := g.check(i, k); err != nil {
			return m, err
		}
	}
	clusters := float64(m.clusters())
	if clusters < 2 {
		return m, tooFewClusters(m.clusters())
	}
	out := Moments{N: m.N, Mean: m.Mean, Cov: make([]float64, len(m.Cov)), Clusters: m.Clusters}
	mean := meansOf(m.Clusters, k)
	for _, g := range m.Clusters {
		g.addErrors(out, mean)
	}
	for i := range k {
		for j := i; j < k; j++ {
			out.SetCovar(i, j, out.Covar(i, j)*clusters/(clusters-1)/float64(m.N))
			if m.Var(i) == 0 || m.Var(j) == 0 {
				out.SetCovar(i, j, 0) // what all units have alike, clusters have alike: the rest is rounding
			}
		}
	}
	return out, nil
}

// clusteredMean is the mean of one quantity over units of which only the clusters are known.
func clusteredMean(groups []ClusterGroup) Moments {
	m := NewMoments(0, 1)
	for _, g := range groups {
		m.N += g.Sums.N * int64(g.Size)
	}
	m.Mean, m.Clusters = meansOf(groups, 1), groups
	return m
}

// meansOf are the means of k quantities over the units of all groups: those about which the totals' errors cancel to the last digit.
func meansOf(groups []ClusterGroup, k int) []float64 {
	units, mean := 0.0, make([]float64, k)
	for _, g := range groups {
		units += float64(g.Sums.N) * g.Size
		for i := range mean {
			mean[i] += (g.Sums.Mean[i]/g.Size - mean[i]) * float64(g.Sums.N) * g.Size / units
		}
	}
	return mean
}

// addErrors adds the group's Σ e·e' about the arm's means to covariances.
func (g ClusterGroup) addErrors(to Moments, mean []float64) {
	k, within := len(mean), g.Sums.central()
	off := func(i int) float64 { return g.Sums.Mean[i] - mean[i]*g.Size }
	for i := range k {
		for j := i; j < k; j++ {
			at := PairIndex(i, j, k)
			to.Cov[at] += within.Co[at] + float64(g.Sums.N)*off(i)*off(j)
		}
	}
}

// mergeGroups are the clusters of disjoint sets of an arm's units, by size.
func mergeGroups(parts []Moments) []ClusterGroup {
	var all []ClusterGroup
	for _, part := range parts {
		for _, g := range part.Clusters {
			i := slices.IndexFunc(all, func(known ClusterGroup) bool { return known.Size == g.Size })
			if i < 0 {
				all = append(all, g)
			} else {
				all[i].Sums = MergeMoments(all[i].Sums, g.Sums)
			}
		}
	}
	return all
}
