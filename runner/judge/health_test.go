package judge

import (
	"errors"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/rel"
	"assay/stats"
)

func assign(o *plan.Observed, counts ...int64) {
	for i, n := range counts {
		o.Exposures.Variants[i].Assigned, o.Exposures.Variants[i].Analysed = n, n
	}
}

// Published counts: cookie_cats (two arms, χ² 6.9024049496, p 0.0086079878), hillstrom (three, 0.20253125, p 0.903692957).
func TestSampleRatioOfPublishedExperiments(t *testing.T) {
	cats := standard()
	assign(cats, 44700, 45489)
	hillstrom := standard()
	hillstrom.Experiment.Variants = []model.Variant{
		{Name: "control", Share: 1.0 / 3}, {Name: "treatment", Share: 1.0 / 3}, {Name: "womens", Share: 1.0 / 3}}
	hillstrom.Exposures.Variants = append(hillstrom.Exposures.Variants, plan.VariantCount{Variant: "womens", Declared: true})
	assign(hillstrom, 21306, 21307, 21387)
	strict := standard()
	assign(strict, 44700, 45489)
	strict.Experiment.Protocol.SRMThreshold = 0.01
	for name, c := range map[string]struct {
		observed *plan.Observed
		chi2, p  float64
		status   HealthStatus
	}{
		"cookie_cats at 0.001": {cats, 6.9024049496, 0.0086079878, Pass},
		"cookie_cats at 0.01":  {strict, 6.9024049496, 0.0086079878, Fail},
		"hillstrom":            {hillstrom, 0.20253125, 0.903692957, Pass},
	} {
		t.Run(name, func(t *testing.T) {
			row := find(t, Experiment(thisRun, c.observed), "sample_ratio", "")
			closeTo(t, "chi2", *row.Value, c.chi2)
			closeTo(t, "p", *row.PValue, c.p)
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
		})
	}
}

func TestHealthOfUnits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*plan.Observed)
		check  string
		status HealthStatus
		value  float64
		advice string
	}{
		"nobody":        {func(o *plan.Observed) { assign(o, 0, 0) }, "no_assignments", Fail, 0, "key: checkout"},
		"not yet":       {startLater, "no_assignments", Warn, 2000, "starts at 2026-01-20"},
		"one in two":    {func(o *plan.Observed) { o.Exposures.Multiple = 1 }, "multiple_exposures", Warn, 1, "left out"},
		"many in two":   {func(o *plan.Observed) { o.Exposures.Multiple = 30 }, "multiple_exposures", Fail, 30, "left out"},
		"first counts":  {firstCounts, "multiple_exposures", Warn, 20, "seen first"},
		"of all seen":   {ofAllSeen, "multiple_exposures", Warn, 25, "left out"},
		"none in two":   {func(*plan.Observed) {}, "multiple_exposures", Pass, 0, ""},
		"undeclared":    {undeclared, "undeclared_variants", Warn, 5, "(beta)"},
		"null":          {func(o *plan.Observed) { o.Exposures.NullRows = 3 }, "null_units", Warn, 3, "3 rows"},
		"too short":     {minimumDays(15), "minimum_runtime", Warn, 14, "14 of the 15"},
		"long enough":   {minimumDays(14), "minimum_runtime", Pass, 14, ""},
		"too few":       {tooFew, "minimum_units", Warn, 990, "treatment has 990 of the 1000"},
		"lopsided":      {func(o *plan.Observed) { assign(o, 1000, 800) }, "sample_ratio", Fail, 22 + 2.0/9, "treatment 44.44%"},
		"nobody's arm":  {func(o *plan.Observed) { o.Experiment.Variants[1].Share = 0 }, "sample_ratio", Fail, 0, "asked for 0%"},
		"property":      {func(o *plan.Observed) { sliceBy(o, nil) }, "attribute_today", Warn, 0, "user__plan is"},
		"by population": {chosen, "attribute_today", Warn, 0, "user__plan is"},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard()
			c.change(o)
			row := find(t, Experiment(thisRun, o), c.check, "")
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
			if row.Value != nil {
				closeTo(t, "value", *row.Value, c.value)
			}
			expectAdvice(t, row, c.advice)
		})
	}
}

func expectAdvice(t *testing.T, row HealthRow, want string) {
	t.Helper()
	switch {
	case row.Status == Pass && row.Advice != nil:
		t.Errorf("advice %q on what passed", *row.Advice)
	case row.Status != Pass && (row.Advice == nil || !strings.Contains(*row.Advice, want)):
		t.Errorf("advice %v does not say %q", row.Advice, want)
	}
}

func startLater(o *plan.Observed) { o.Experiment.Start = day(20) }

func minimumDays(days int64) func(*plan.Observed) {
	return func(o *plan.Observed) { o.Experiment.Protocol.MinimumDays = days }
}

// ofAllSeen has more than one unit in a hundred of those declared in two variants, and fewer of all.
func ofAllSeen(o *plan.Observed) {
	o.Exposures.Multiple = 25
	o.Exposures.Variants = append(o.Exposures.Variants, plan.VariantCount{Variant: "beta", Assigned: 1000})
}

func firstCounts(o *plan.Observed) {
	o.Experiment.Exposures, o.Exposures.Multiple = model.FirstExposure, 20
}

func undeclared(o *plan.Observed) {
	o.Exposures.Undeclared = 5
	o.Exposures.Variants = append(o.Exposures.Variants, plan.VariantCount{Variant: "beta", Assigned: 5})
}

func tooFew(o *plan.Observed) {
	assign(o, 1000, 990)
	o.Experiment.Protocol.MinimumUnits = 1000
}

func planOfUser(validity *rel.Validity) *model.Ref {
	users := &model.Table{Name: "users", Validity: validity}
	return &model.Ref{Name: "user__plan", Path: []model.Hop{{To: &model.Entity{Name: "user", Table: users}}}}
}

func sliceBy(o *plan.Observed, validity *rel.Validity) {
	o.Experiment.Dimensions = []*model.UnitDimension{{Name: "country"}, {Name: "user__plan", Ref: planOfUser(validity)}}
}

func chosen(o *plan.Observed) {
	sliceBy(o, nil)
	o.Experiment.Population = &model.Predicate{Refs: []*model.Ref{planOfUser(nil)}}
}

func TestAttributesWithHistoryPass(t *testing.T) {
	o := standard()
	sliceBy(o, &rel.Validity{From: "from", To: "to"})
	if has(Experiment(thisRun, o), "attribute_today") {
		t.Error("warned of a property whose history is known")
	}
}

// The split is as designed in all, and was not on the way: looking daily finds it.
func TestSequentialSampleRatioRemembers(t *testing.T) {
	o := standard()
	o.Exposures.Entering = []plan.DailyUnits{
		{Variant: "control", Day: day(1), Units: 700}, {Variant: "treatment", Day: day(1), Units: 300},
		{Variant: "control", Day: day(2), Units: 300}, {Variant: "treatment", Day: day(2), Units: 700},
	}
	report := Experiment(thisRun, o)
	if row := find(t, report, "sample_ratio", ""); row.Status != Pass {
		t.Errorf("sample_ratio: %s, want pass", row.Status)
	}
	row := find(t, report, "sample_ratio_sequential", "")
	if row.Status != Fail || *row.PValue >= 0.001 {
		t.Errorf("sample_ratio_sequential: %s with p %v, want fail", row.Status, *row.PValue)
	}
}

func TestHealthOfMetrics(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*plan.ObservedMetric)
		check  string
		status HealthStatus
		value  float64
	}{
		"data":          {func(*plan.ObservedMetric) {}, "metric_without_data", Pass, 0},
		"no data":       {noData, "metric_without_data", Warn, 0},
		"reconciles":    {func(m *plan.ObservedMetric) { totals(m, 5000, 5500*(1+1e-10)) }, "reconciliation", Pass, 1e-10},
		"does not":      {func(m *plan.ObservedMetric) { totals(m, 5000, 5499) }, "reconciliation", Fail, 1.0 / 5500},
		"some caps":     {func(m *plan.ObservedMetric) { capped(m, 60) }, "capped_share", Pass, 0.03},
		"many caps":     {func(m *plan.ObservedMetric) { capped(m, 120) }, "capped_share", Warn, 0.06},
		"grown by half": {func(m *plan.ObservedMetric) { m.Slices[0].Arms[0].Moments.N = 500 }, "metric_sample_ratio", Fail, 500.0 / 3},
		"by day":        {byDay, "day_grain", Warn, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
			c.change(m)
			row := find(t, Experiment(thisRun, standard(m)), c.check, "orders")
			if row.Status != c.status {
				t.Errorf("status %s, want %s", row.Status, c.status)
			}
			if row.Value != nil && (*row.Value-c.value)/c.value > 1e-6 {
				t.Errorf("value %v, want %v", *row.Value, c.value)
			}
			expectAdvice(t, row, "orders")
		})
	}
}

func noData(m *plan.ObservedMetric) {
	m.Slices[0].Arms = []plan.Arm{arm("control", 1000, 0, 0), arm("treatment", 1000, 0, 0)}
}

func totals(m *plan.ObservedMetric, values ...float64) {
	for i := range values {
		m.Slices[0].Arms[i].Total = &values[i]
	}
}

func capped(m *plan.ObservedMetric, units int64) {
	m.CapUpper = ptr(20.0)
	m.Slices[0].Arms[0].Capped = units
	totals(m, 1, 1)
}

func byDay(m *plan.ObservedMetric) {
	refunds := &model.Metric{Spec: &model.Simple{Time: &model.Dimension{Granularity: rel.Day}}}
	m.Use.Metric.Spec = &model.Derived{Inputs: []*model.Input{{Metric: refunds}}}
}

func TestCappedMetricsDoNotReconcile(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	capped(m, 10)
	if has(Experiment(thisRun, standard(m)), "reconciliation") {
		t.Error("capped values were compared with uncapped totals")
	}
}

func TestRatiosReconcileByTheirQuotient(t *testing.T) {
	m := metric("aov", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	m.Shape, m.Labels = stats.Shape{Kind: stats.KindRatio}, []string{"numerator", "denominator", "residual"}
	for i := range m.Slices[0].Arms {
		moments := stats.NewMoments(1000, 3)
		copy(moments.Mean, []float64{6, 2, 0})
		m.Slices[0].Arms[i].Moments = moments
	}
	totals(m, 3, 3)
	if row := find(t, Experiment(thisRun, standard(m)), "reconciliation", "aov"); row.Status != Pass || *row.Value != 0 {
		t.Errorf("%s with %v, want pass with 0", row.Status, *row.Value)
	}
}

func TestDraftHasNeitherResultsNorFurtherHealth(t *testing.T) {
	o := standard(metric("orders", model.Primary, arm("control", 0, 0, 0), arm("treatment", 0, 0, 0)))
	o.Experiment.Start = day(20)
	report := Experiment(thisRun, o)
	if len(report.Health) != 1 || len(report.Results) != 0 || len(report.Moments) != 0 || report.Err != nil {
		t.Errorf("a draft has %d health rows, %d results, %d moments, error %v",
			len(report.Health), len(report.Results), len(report.Moments), report.Err)
	}
}

func TestErrorPolicyRefusesResults(t *testing.T) {
	o := standard(metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2)))
	o.Experiment.Exposures, o.Exposures.Multiple = model.RefuseMultiple, 1
	report := Experiment(thisRun, o)
	if len(report.Results) != 0 || report.Err == nil || find(t, report, "multiple_exposures", "").Status != Fail {
		t.Errorf("%d results, error %v", len(report.Results), report.Err)
	}
}

func TestRefusedMetricIsNamed(t *testing.T) {
	m := metric("orders", model.Primary)
	m.Slices, m.Failed = nil, errors.New("no such column")
	if err := Experiment(thisRun, standard(m)).Err; err == nil || !strings.Contains(err.Error(), "metric orders: no such column") {
		t.Errorf("error %v", err)
	}
}

func TestAdviceCountsOne(t *testing.T) {
	o := standard(open("orders", model.Primary))
	o.Exposures.Multiple, o.Exposures.Undeclared, o.Exposures.NullRows = 1, 1, 1
	report := Experiment(thisRun, o)
	for check, begins := range map[string]string{
		"multiple_exposures": "1 unit seen in", "undeclared_variants": "1 unit seen in", "null_units": "1 row of",
	} {
		if advice := *find(t, report, check, "").Advice; !strings.HasPrefix(advice, begins) {
			t.Errorf("%s: %s", check, advice)
		}
	}
}
