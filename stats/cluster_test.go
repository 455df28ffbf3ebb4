package stats

import (
	"testing"

	"pgregory.net/rapid"
)

// Clusters of one size may be given one by one, or as a group.
func TestGroupedClustersAreTheirSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var single, grouped []ClusterGroup
		for size := 1.0; size <= 3; size++ {
			sums := drawRows(t, 1, 2, 2)
			for _, s := range sums {
				single = append(single, ClusterGroup{Size: size, Clusters: 1, Mean: s[0]})
			}
			m := momentsOf(sums)
			grouped = append(grouped, ClusterGroup{size, m.N, m.Mean[0], m.Var(0) * float64(m.N-1)})
		}
		other := []ClusterGroup{{2, 9, 1, 3}, {4, 7, 2, 5}}
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
