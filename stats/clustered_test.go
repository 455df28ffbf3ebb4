package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// drawClustered are units of k quantities in clusters.
func drawClustered(t *rapid.T, k int) [][][]float64 {
	row := rapid.SliceOfN(rapid.Float64Range(-3, 3), k, k)
	return rapid.SliceOfN(rapid.SliceOfN(row, 1, 4), 3, 9).Draw(t, "clusters")
}

// clusteredMoments are the moments of units, and the histogram of their clusters.
func clusteredMoments(clusters [][][]float64) Moments {
	var units [][]float64
	var groups []Moments
	for _, c := range clusters {
		sum := make([]float64, len(c[0]))
		for _, unit := range c {
			for i, x := range unit {
				sum[i] += x
			}
		}
		units = append(units, c...)
		groups = append(groups, Moments{Clusters: []ClusterGroup{{float64(len(c)), momentsOf([][]float64{sum})}}})
	}
	m := momentsOf(units)
	m.Clusters = mergeGroups(groups)
	return m
}

// each gives every unit the quantities that f makes of its own.
func each(clusters [][][]float64, f func(unit []float64) []float64) [][][]float64 {
	out := make([][][]float64, len(clusters))
	for i, c := range clusters {
		for _, unit := range c {
			out[i] = append(out[i], f(unit))
		}
	}
	return out
}

// The mean of clustered units has the cluster delta method's error, its degrees of freedom those of Welch over clusters.
func TestMeanOfClustersIsTheDeltaMethods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		control, variant := clusteredMoments(drawClustered(t, 1)), clusteredMoments(drawClustered(t, 1))
		want, err := CompareClusters(control.Clusters, variant.Clusters, 0.05)
		if err != nil {
			t.Skip(err)
		}
		arms, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{control, variant})
		got := must(FixedTest{Alpha: 0.05}.Difference(arms[0], arms[1]))
		closeTo(t, "effect", got.Value, want.Delta.Value, 1e-9)
		closeTo(t, "standard error", got.SE, want.Delta.SE, 1e-9)
		if most := float64(arms[0].Clusters + arms[1].Clusters - 2); got.DF > most+1e-9 {
			t.Fatalf("%v degrees of freedom of at most %v", got.DF, most)
		}
	})
}

// Clusters of one unit are units.
func TestClustersOfOneUnitAreUnits(t *testing.T) {
	quotient := func(m []float64) (float64, []float64, error) {
		return m[0] * m[1], []float64{m[1], m[0]}, nil
	}
	metrics := []Metric{
		{Shape: Shape{Kind: KindMean, Covariates: 2}},
		{Shape: Shape{Kind: KindRatio, Covariates: 1}},
		{Shape: Shape{Kind: KindFunction, Arguments: 2}, Function: quotient},
	}
	rapid.Check(t, func(t *rapid.T) {
		metric := rapid.SampledFrom(metrics).Draw(t, "metric")
		var alone, clustered []Moments
		for range 2 {
			var units [][][]float64
			for _, row := range drawRows(t, metric.Quantities(), 3, 5) {
				units = append(units, [][]float64{row})
			}
			m := clusteredMoments(units)
			clustered = append(clustered, m)
			m.Clusters = nil
			alone = append(alone, m)
		}
		want, _ := metric.Arms(nil, alone)
		got, _ := metric.Arms(nil, clustered)
		for i := range want {
			if want[i].Undefined != nil || got[i].Undefined != nil {
				t.Skip(want[i].Undefined, got[i].Undefined)
			}
			closeTo(t, "adjusted", got[i].Adjusted, want[i].Adjusted, 1e-7)
			closeTo(t, "variance", got[i].Variance, want[i].Variance, 1e-7)
			if got[i].df() != want[i].df() {
				t.Fatalf("%v degrees of freedom, want %v", got[i].df(), want[i].df())
			}
		}
	})
}

// A ratio is a mean of clustered values: its error is that of the mean of what linearisation leaves of each unit.
func TestRatioOfClustersIsLinearised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := each(drawClustered(t, 2), func(u []float64) []float64 { return []float64{u[0], u[1] + 5, u[0] - 0.3*(u[1]+5)} })
		m := clusteredMoments(units)
		ratio := RatioArm(m)
		linear := clusteredMoments(each(units, func(u []float64) []float64 { return []float64{(u[0] - ratio.Value*u[1]) / m.Mean[1]} }))
		arms, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{linear})
		closeTo(t, "variance", ratio.Variance, arms[0].Variance, 1e-9)
	})
}

// Covariates of clustered units are adjusted for by the slope over units; the error is that of the adjusted values' mean.
func TestCovariatesOfClusters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		control, variant := drawClustered(t, 2), drawClustered(t, 2)
		variants := []Moments{clusteredMoments(control), clusteredMoments(variant)}
		adjusted := CUPED(PooledWithin, variants...)
		slope := adjusted.Slopes[0][0]
		left := clusteredMoments(each(variant, func(u []float64) []float64 { return []float64{u[0] - slope*u[1]} }))
		arms, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{left})
		if arms[0].Undefined != nil || adjusted.Arms[1].Undefined != nil {
			t.Skip(arms[0].Undefined, adjusted.Arms[1].Undefined)
		}
		closeTo(t, "variance", adjusted.Arms[1].Variance, arms[0].Variance, 1e-9)
		if adjusted.Arms[1].Clusters != int64(len(variant)) {
			t.Fatalf("%d clusters of %d", adjusted.Arms[1].Clusters, len(variant))
		}
	})
}

// What no unit varies in, no cluster varies in.
func TestConstantOfClusters(t *testing.T) {
	m := Moments{N: 6, Mean: []float64{0.1}, Cov: []float64{0}, Clusters: []ClusterGroup{totals(2, 3, 0.20000000000000004, 1e-30)}}
	arms, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{m})
	if arms[0].Variance != 0 || arms[0].Undefined != nil {
		t.Errorf("%+v", arms[0])
	}
}

// Values far from 0 with a small spread keep some six digits, the last of their totals.
func TestClustersFarFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := drawClustered(t, 1)
		far := each(near, func(u []float64) []float64 { return []float64{u[0] + 1e9} })
		for i := range near {
			for j := range near[i] {
				near[i][j][0] = far[i][j][0] - 1e9 // exact: the digits that 1e9 leaves
			}
		}
		want, got := clusteredMoments(near), clusteredMoments(far)
		arms, _ := Metric{Shape: Shape{Kind: KindMean}}.Arms(nil, []Moments{want, got})
		closeTo(t, "variance", arms[1].Variance, arms[0].Variance, 1e-5*arms[0].Variance+1e-8)
	})
}

// Parts that share no cluster add up.
func TestMergingClusteredParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawClustered(t, 2), drawClustered(t, 2)
		whole, err := clusteredMoments(append(a, b...)).independent()
		merged, err2 := MergeMoments(clusteredMoments(a), clusteredMoments(b)).independent()
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for i := range whole.Cov {
			closeTo(t, "covariance", merged.Cov[i], whole.Cov[i], 1e-9)
		}
	})
}

// The adjusted effect is the coefficient of the treatment in the regression of units that cluster designs are reported by.
func TestCovariatesOfClustersAreRegressed(t *testing.T) {
	products := func(clusters [][][]float64, treated float64) []ClusterProducts {
		var all []ClusterProducts
		for _, c := range clusters {
			p := ClusterProducts{Rows: int64(len(c)), XX: mat.NewSymDense(3, nil), XY: make([]float64, 3)}
			for _, u := range c {
				row := mat.NewVecDense(3, []float64{1, treated, u[1]})
				p.XX.SymRankOne(p.XX, 1, row)
				floats.AddScaled(p.XY, u[0], row.RawVector().Data)
			}
			all = append(all, p)
		}
		return all
	}
	rapid.Check(t, func(t *rapid.T) {
		control, variant := drawClustered(t, 2), drawClustered(t, 2)
		fit, err := RegressClusters(append(products(control, 0), products(variant, 1)...))
		if err != nil {
			t.Skip(err)
		}
		arms, notes := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}.Arms(nil,
			[]Moments{clusteredMoments(control), clusteredMoments(variant)})
		if notes.Dropped != nil {
			t.Skip("the covariate does not vary")
		}
		closeTo(t, "effect", arms[1].Adjusted-arms[0].Adjusted, fit.Coefficients[1], 1e-6)
	})
}

// An arm of one cluster has no variance; its value is at the common mean of the covariates as it is where units are independent.
func TestOneClusterIsAdjusted(t *testing.T) {
	variants := [][][][]float64{
		{{{1, 1}, {3, 2}}, {{2, 4}}, {{5, 1}}},
		{{{2, 2}, {4, 3}}, {{1, 1}}, {{6, 2}}},
		{{{9, 7}, {11, 8}}},
	}
	var clustered, independent []Moments
	for _, clusters := range variants {
		m := clusteredMoments(clusters)
		clustered = append(clustered, m)
		m.Clusters = nil
		independent = append(independent, m)
	}
	metric := Metric{Shape: Shape{Kind: KindMean, Covariates: 1}}
	got, _ := metric.Arms(nil, clustered)
	want, _ := metric.Arms(nil, independent)
	if math.Abs(got[2].Adjusted-want[2].Adjusted) > 1e-12 {
		t.Errorf("adjusted to %v, want %v", got[2].Adjusted, want[2].Adjusted)
	}
}
