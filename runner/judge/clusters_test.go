package judge

import (
	"math"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// inClusters is an arm whose units are in clusters of equal size, whose totals have the given mean and spread.
func inClusters(variant string, clusters int64, size, mean, sd float64) plan.Arm {
	totals := stats.NewMoments(clusters, 1)
	totals.Mean[0] = mean
	totals.SetCovar(0, 0, sd*sd)
	a := arm(variant, clusters*int64(size), mean/size, 1)
	a.Clusters, a.Moments.Clusters = clusters, []stats.ClusterGroup{{Size: size, Sums: totals}}
	return a
}

// byCompany is the standard experiment on companies, so many in each arm.
func byCompany(control, treatment int64, metrics ...*plan.ObservedMetric) *plan.Observed {
	o := standard(metrics...)
	for i, n := range []int64{control, treatment} {
		v := o.Exposures.Variants[i]
		v.Assigned, v.Entered, v.Analysed = n, n, n
		o.Exposures.Clusters = append(o.Exposures.Clusters, v)
	}
	return o
}

// Twenty clusters an arm of ten units each: totals vary by 4 about 50 and 60, so that a mean errs by 4/(10·√20).
func TestUnitsInClusters(t *testing.T) {
	m := metric("orders", model.Primary, inClusters("control", 20, 10, 50, 4), inClusters("treatment", 20, 10, 60, 4))
	report := Experiment(thisRun, byCompany(20, 20, m))
	row := report.Results[0]
	se := 0.4 / math.Sqrt(20)
	near(t, "n", ptr(float64(*row.NControl)), 200, 12)
	near(t, "value", row.ValueVariant, 6, 12)
	near(t, "se", row.EffectSE, se*math.Sqrt2, 12)
	near(t, "sd", row.SDControl, se*math.Sqrt(200), 12)
	const t38 = 2.0243941639119702 // qt(0.975, 38): degrees of freedom are of clusters
	near(t, "half width", ptr(*row.EffectHigh-*row.Effect), t38*se*math.Sqrt2, 9)
	want := map[string]float64{"clusters": 20, "mean": 50, "m2": 19 * 16}
	for _, r := range report.Moments {
		if r.Stat == "size" && r.Variant == "control" {
			if *r.A != "10" || *r.Value != want[*r.B] {
				t.Errorf("%s clusters: %s is %v", *r.A, *r.B, *r.Value)
			}
			delete(want, *r.B)
		}
	}
	if len(want) > 0 {
		t.Errorf("no row of %v", want)
	}
	if got := report.Experiment.Variants[1].Clusters; got != 20 {
		t.Errorf("%d clusters of the variant", got)
	}
}

// A cluster by itself has a value and no error.
func TestOneClusterAnArm(t *testing.T) {
	m := metric("orders", model.Primary, inClusters("control", 1, 10, 50, 0), inClusters("treatment", 1, 10, 60, 0))
	row := only(t, byCompany(1, 1, m))
	if row.Status != Undefined || *row.ValueControl != 5 || row.Effect != nil || row.Warnings[0].Code != string(stats.InsufficientData) {
		t.Errorf("%+v", row)
	}
}

// 70 companies against 30 are not halves (χ² 16), though their users are.
func TestSampleRatioOfClusters(t *testing.T) {
	o := byCompany(70, 30)
	row := find(t, Experiment(thisRun, o), "sample_ratio", "")
	near(t, "χ²", row.Value, 16, 12)
	expectAdvice(t, row, "Clusters are split control 70.00%")
	for d := 1; d <= 10; d++ {
		o.Exposures.Entering = append(o.Exposures.Entering, plan.DailyUnits{Variant: "control", Day: day(d), Units: 100, Clusters: 700},
			plan.DailyUnits{Variant: "treatment", Day: day(d), Units: 100, Clusters: 300})
	}
	if row = find(t, Experiment(thisRun, o), "sample_ratio_sequential", ""); row.Status != Fail {
		t.Errorf("sequential: %s", row.Status)
	}
}

// Checks of the units that are left in count clusters too: those with a unit in a slice, with one that a metric counts, with one that
// triggered.
func TestClustersThatAreLeft(t *testing.T) {
	m := metric("orders", model.Primary, inClusters("control", 70, 2, 50, 4), inClusters("treatment", 30, 2, 60, 4))
	for i := range m.Slices[0].Arms {
		m.Slices[0].Arms[i].Units += 50
	}
	o := byCompany(100, 100, m)
	o.Experiment.Dimensions = []*model.UnitDimension{{Name: "country"}}
	o.Exposures.Slices = []plan.SliceCount{{Dimension: "country", Value: "DE", Randomised: []int64{30, 70}}}
	o.Experiment.Trigger = &model.Trigger{}
	o.Exposures.Clusters[0].Analysed, o.Exposures.Clusters[1].Analysed = 48, 52
	report := Experiment(thisRun, o)
	near(t, "slice", find(t, report, "sample_ratio_dimension", "").Value, 16, 12)
	near(t, "metric", find(t, report, "metric_sample_ratio", "orders").Value, 16, 12)
	near(t, "trigger", find(t, report, "trigger_rate", "").PValue, 0.5716076, 5) // χ² 0.32 of 48 and 52 of 100
}

// What is missing comes with new clusters, at their pace.
func TestDaysLeftOfClusters(t *testing.T) {
	m := metric("orders", model.Primary, inClusters("control", 50, 10, 50, 4), inClusters("treatment", 50, 10, 51, 4))
	m.Use.Settings.MDE = ptr(0.01)
	o := byCompany(50, 50, m)
	o.Experiment.End, o.AsOf = day(29), day(11)
	for d := 1; d <= 10; d++ {
		o.Exposures.Daily = append(o.Exposures.Daily, plan.DailyUnits{Variant: "control", Day: day(d), Units: 1000, Clusters: 10})
	}
	row := only(t, o)
	near(t, "days_left", row.DaysLeft, 100*(1 / *row.Progress - 1)/10, 9)
}
