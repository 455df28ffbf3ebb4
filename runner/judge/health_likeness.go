package judge

import (
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// likeness is a row for each metric with the smallest p-value of its tests that arms are alike. All tests of the check share its
// error rate.
func (e evidence) likeness(check string, alpha float64, otherwise HealthStatus, testsOf func(c contest) []stats.Test) []HealthRow {
	count := 0
	rows := e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		row := HealthRow{CheckName: check}
		for _, test := range testsOf(e.whole(m)) {
			if !test.Defined {
				continue
			}
			if count++; row.PValue == nil || test.P < *row.PValue {
				row.PValue = &test.P
			}
		}
		if row.PValue == nil {
			return nil
		}
		return []HealthRow{row}
	})
	threshold := alpha / float64(max(count, 1))
	for i := range rows {
		rows[i].Threshold, rows[i].Status = &threshold, passIf(*rows[i].PValue >= threshold, otherwise)
	}
	return rows
}

// whole is the contest of a metric's over all units.
func (e evidence) whole(m *plan.ObservedMetric) contest {
	i := slices.IndexFunc(e.contests, func(c contest) bool { return c.metric == m && c.isWhole() })
	return e.contests[i]
}

// preExposureBalance tests whether the metrics differed between variants before there was anything to differ by.
func (e evidence) preExposureBalance() []HealthRow {
	fixed := stats.Inference{Method: stats.Fixed, Alpha: alphaOf(e.Observed.Experiment.Protocol.Confidence)}
	rows := e.likeness("pre_exposure_balance", e.Observed.Experiment.Protocol.SRMThreshold, Warn, func(c contest) []stats.Test {
		var tests []stats.Test
		for _, before := range earlier(c.metric) {
			control := before(c.moments(e.Observed.Experiment.Control))
			for _, v := range e.variants() {
				tests = append(tests, testOf(fixed.Compare(stats.KindMean, control, before(c.moments(v.Name)))))
			}
		}
		return tests
	})
	for i, row := range rows {
		rows[i] = row.advise("The variants differed in %s before their units were exposed, by more than chance gives. Look for what "+
			"parted them: an earlier experiment with the same split, or an assignment that came late.", *row.Metric)
	}
	return rows
}

// moments of a variant; an absent one has no means either.
func (c contest) moments(variant string) stats.Moments {
	moments := c.slice.Arms[c.arm(variant)].Moments
	if moments.N == 0 {
		return stats.NewMoments(0, c.metric.Shape.Quantities())
	}
	return moments
}

// testOf a comparison; undefined where there is none.
func testOf(c stats.Comparison, err error) stats.Test {
	if err != nil {
		return stats.Test{}
	}
	return c.Effect.Test
}

// earlier are estimates of an arm before exposure, from the covariates that the metric's moments hold.
func earlier(m *plan.ObservedMetric) []func(stats.Moments) stats.Arm {
	if m.Shape.Kind == stats.KindRatio && m.Shape.Covariates > 0 {
		return []func(stats.Moments) stats.Arm{func(of stats.Moments) stats.Arm { return stats.RatioArm(of.Select(3, 4, 5)) }}
	}
	var estimates []func(stats.Moments) stats.Arm
	for i, label := range m.Labels {
		if strings.HasPrefix(label, "pre:") {
			estimates = append(estimates, func(of stats.Moments) stats.Arm {
				arms, _ := stats.Metric{Shape: stats.Shape{Kind: stats.KindMean}}.Arms(nil, []stats.Moments{of.Select(i)})
				return arms[0]
			})
		}
	}
	return estimates
}

// controlDifference holds every further control against the baseline: they are the same product, so that only chance may part
// them, to either side. Where the method has no test, the fixed one serves.
func (e evidence) controlDifference() []HealthRow {
	x := e.Observed.Experiment
	alpha := alphaOf(x.Protocol.Confidence)
	rows := e.likeness("control_difference", alpha, Fail, func(c contest) []stats.Test {
		in := e.inference(c.metric.Use, stats.TwoSided, alpha)
		if in.Method == stats.Bayesian {
			in.Method = stats.Fixed
		}
		var tests []stats.Test
		for _, control := range x.Controls {
			if c.metric.Use.Role != model.Explore {
				baseline, other, err := c.pair(c.arm(x.Control), c.arm(control))
				if err == nil {
					tests = append(tests, testOf(in.Compare(c.metric.Shape.Kind, baseline, other)))
				}
			}
		}
		return tests
	})
	for i, row := range rows {
		rows[i] = row.advise("%s differs between controls, which are the same product. What parts them parts the variants too: find it "+
			"before you believe any difference.", *row.Metric)
	}
	return rows
}
