package stats

import "math"

// A ClusterGroup is the clusters of one size in one arm, seen by the totals of their units. A histogram of these is all that a
// cluster design needs of the warehouse.
type ClusterGroup struct {
	Size float64 // units a cluster
	Sums Moments // of the clusters' totals, Sums.N the number of clusters; a single one has no covariances
}

// A ClusterComparison is the difference of two arms' means over units when clusters of units were randomised.
type ClusterComparison struct {
	// Estimate has the CR2 standard error, unbiased where units are alike, with Satterthwaite's degrees of freedom (Bell and
	// McCaffrey 2002; Pustejovsky and Tipton 2018). It holds with few clusters too.
	Estimate
	// SECR0 is the sandwich without correction; SECR1 has the factor √(G/(G−1)); SECR1S Stata's, for G clusters of N units in
	// all.
	SECR0, SECR1, SECR1S float64
	// Delta treats each arm's mean as a ratio of cluster sums (Deng, Knoblich and Lu 2018, section 3): the same as CR1 arm by
	// arm, with G−2 degrees of freedom. For many clusters.
	Delta Estimate
	// ClusterMeans compares the means of clusters, every cluster alike, by Welch's t: another quantity when sizes matter.
	ClusterMeans Estimate
}

// CompareClusters estimates the difference from each arm's clusters, of one quantity. It needs two clusters an arm.
func CompareClusters(control, variant []ClusterGroup, alpha float64) (ClusterComparison, error) {
	c, err := sumClusters(control)
	if err != nil {
		return ClusterComparison{}, err
	}
	v, err := sumClusters(variant)
	if err != nil {
		return ClusterComparison{}, err
	}
	effect := v.mean - c.mean
	clusters, units := c.clusters+v.clusters, c.units+v.units
	sandwich := c.sandwich + v.sandwich
	test := FixedTest{Alpha: alpha}
	result := ClusterComparison{
		SECR0:  math.Sqrt(sandwich),
		SECR1:  math.Sqrt(sandwich * clusters / (clusters - 1)),
		SECR1S: math.Sqrt(sandwich * clusters / (clusters - 1) * (units - 1) / (units - 2)),
	}
	satterthwaite := (c.trace + v.trace) * (c.trace + v.trace) / (c.squares + v.squares)
	if result.Estimate, err = test.Estimate(Effect{effect, math.Sqrt(c.corrected + v.corrected)}, satterthwaite); err != nil {
		return result, err
	}
	arms, _ := appendMeans(nil, []Moments{clusteredMean(control), clusteredMean(variant)})
	if err := firstError(arms[0].Undefined, arms[1].Undefined); err != nil {
		return result, err
	}
	delta := Effect{effect, math.Sqrt(arms[0].Variance + arms[1].Variance)}
	if result.Delta, err = test.Estimate(delta, clusters-2); err != nil {
		return result, err
	}
	result.ClusterMeans, err = test.Difference(MeanArm(c.means), MeanArm(v.means))
	return result, err
}

// clusterSums are what one arm's clusters add up to.
type clusterSums struct {
	clusters, units, mean float64
	// sandwich is Σe²/N² with e = S − ȳ·n, corrected is Σe²/(N²(1−n/N)).
	sandwich, corrected float64
	// trace is tr P and squares Σ P² of the matrix whose ratio gives Satterthwaite's degrees of freedom.
	trace, squares float64
	means          Sample // of the clusters' own means
}

func sumClusters(groups []ClusterGroup) (clusterSums, error) {
	var s clusterSums
	total := 0.0
	for i, g := range groups {
		if err := g.check(i, 1); err != nil {
			return s, err
		}
		if err := g.checkTotals(i); err != nil {
			return s, err
		}
		s.clusters += float64(g.Sums.N)
		s.units += float64(g.Sums.N) * g.Size
		total += float64(g.Sums.N) * g.Sums.Mean[0]
	}
	if s.clusters < 2 {
		return s, tooFewClusters(int64(s.clusters))
	}
	s.mean = total / s.units
	s.spread(groups)
	return s, nil
}

// spread fills what depends on the arm's mean and size.
func (s *clusterSums) spread(groups []ClusterGroup) {
	var means CentralSums
	sumQ, sumQ2 := 0.0, 0.0 // of q = n²/(N²(N−n)), the part of P that pairs of clusters share
	for _, g := range groups {
		count, share := float64(g.Sums.N), g.Size/s.units
		error, sums := g.Sums.Mean[0]-s.mean*g.Size, g.Sums.central()
		squares := (sums.m2(0) + count*error*error) / (s.units * s.units)
		s.sandwich += squares
		s.corrected += squares / (1 - share)
		own := g.Size / (s.units * s.units) // P of a cluster with itself
		q := own * share / (1 - share)
		s.trace += count * own
		s.squares += count * own * own
		sumQ, sumQ2 = sumQ+count*q, sumQ2+count*q*q
		means = means.Merge(CentralSums{N: sums.N, Mean: []float64{sums.Mean[0] / g.Size}, Co: []float64{sums.m2(0) / (g.Size * g.Size)}})
	}
	s.squares += sumQ*sumQ - sumQ2
	s.means = means.Moments().Sample(0)
}

// Squares are the sum over the clusters of products of two quantities' totals about their means; of one quantity, M2.
func (g ClusterGroup) Squares(i, j int) float64 {
	sums := g.Sums.central()
	return sums.Co[PairIndex(i, j, len(sums.Mean))]
}

// check refuses groups that are not of clusters seen by k quantities.
func (g ClusterGroup) check(i, k int) error {
	if g.Sums.N < 1 || len(g.Sums.Mean) != k || len(g.Sums.Cov) != k*(k+1)/2 {
		return undefined(InvalidInput, "group %d: %d clusters, totals of %d quantities; give at least 1, and %d",
			i, g.Sums.N, len(g.Sums.Mean), k)
	}
	return checkPositive("a cluster's size", g.Size)
}

// checkTotals refuses totals that no clusters could have.
func (g ClusterGroup) checkTotals(i int) error {
	squares := g.Squares(0, 0)
	if !(squares >= 0) {
		return undefined(InvalidInput, "group %d: a sum of squares of %v; give one not below 0", i, squares)
	}
	return firstError(checkFinite("a cluster's sum", g.Sums.Mean[0]), checkFinite("a sum of squares", squares))
}

func tooFewClusters(n int64) error {
	return undefined(InsufficientData, "%d clusters in an arm; an error needs at least 2", n)
}
