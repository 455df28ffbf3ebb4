package stats

import (
	"testing"

	"pgregory.net/rapid"
)

// totals are clusters of a size with the mean of their totals and the sum of squares about it.
func totals(size float64, clusters int64, mean, m2 float64) ClusterGroup {
	return ClusterGroup{size, Moments{N: clusters, Mean: []float64{mean}, Cov: []float64{m2 / float64(clusters-1)}}}
}

// Clusters of one size may be given one by one, or as a group.
func TestGroupedClustersAreTheirSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var single, grouped []ClusterGroup
		for size := 1.0; size <= 3; size++ {
			sums := drawRows(t, 1, 2, 2)
			for _, s := range sums {
				single = append(single, totals(size, 1, s[0], 0))
			}
			grouped = append(grouped, ClusterGroup{size, momentsOf(sums)})
		}
		other := []ClusterGroup{totals(2, 9, 1, 3), totals(4, 7, 2, 5)}
		a, errA := CompareClusters(other, single, 0.05)
		b, errB := CompareClusters(other, grouped, 0.05)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		closeTo(t, "CR2", b.SE, a.SE, 1e-9)
		closeTo(t, "degrees of freedom", b.DF, a.DF, 1e-6)
		closeTo(t, "cluster means", b.ClusterMeans.SE, a.ClusterMeans.SE, 1e-9)
	})
}
