package report

import (
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/runner/judge"
	"assay/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at the difference\n%s", path, got)
	}
}

func render(t *testing.T, o *plan.Observed, options Options) string {
	t.Helper()
	var out strings.Builder
	if err := Terminal(&out, judge.Experiment(judge.Run{ID: "1", Zone: time.UTC}, o), options); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wrote[T any](v T) project.Value[T] {
	return project.Value[T]{V: v, Span: diag.Span{File: "project.yml"}}
}

func ptr[T any](v T) *T { return &v }

func day(month time.Month, n int) time.Time { return time.Date(2026, month, n, 0, 0, 0, 0, time.UTC) }

// checkout is an experiment from 5 January to 2 February, 2026, in two arms unless more are named.
func checkout(asOf time.Time, variants ...string) *plan.Observed {
	if len(variants) == 0 {
		variants = []string{"control", "treatment"}
	}
	o := &plan.Observed{AsOf: asOf, Experiment: &model.Experiment{
		Name: "checkout_redesign", Key: "checkout_redesign", Control: variants[0],
		Decl: &project.Experiment{
			Hypothesis: wrote("Fewer fields in checkout raise completed orders, and do not make people call support."),
		},
		Start: day(1, 5), End: day(2, 2), ObserveUntil: day(2, 2),
		Exposures: model.ExcludeMultiple,
		Protocol: &model.Protocol{Name: "standard", Method: "sequential", Confidence: 0.95, Correction: "none", Tuning: 10000,
			Power: 0.8, SRMThreshold: 0.001, MinimumDays: 14, MinimumUnits: 500, Decision: model.DefaultDecision()},
	}}
	for _, v := range variants {
		o.Experiment.Variants = append(o.Experiment.Variants, model.Variant{Name: v, Share: 1 / float64(len(variants))})
	}
	return o
}

// enrol puts units into the variants, evenly over the days so far.
func enrol(o *plan.Observed, units ...int64) *plan.Observed {
	days := int64(o.AsOf.Sub(o.Experiment.Start) / (24 * time.Hour))
	for i, v := range o.Experiment.Variants {
		o.Exposures.Variants = append(o.Exposures.Variants,
			plan.VariantCount{Variant: v.Name, Declared: true, Assigned: units[i], Analysed: units[i]})
		for d := range days {
			o.Exposures.Daily = append(o.Exposures.Daily,
				plan.DailyUnits{Variant: v.Name, Day: o.Experiment.Start.AddDate(0, 0, int(d)), Units: units[i] / days})
		}
	}
	o.Exposures.Entering = o.Exposures.Daily // all are of the population
	return o
}

// A sample is what one arm's units show of a metric.
type sample struct{ mean, sd float64 }

func proportion(p float64) sample { return sample{p, math.Sqrt(p * (1 - p))} }

// measure adds a metric to the experiment, its units those of the experiment.
func measure(o *plan.Observed, role model.Role, name string, decl project.Metric, samples ...sample) *plan.ObservedMetric {
	decl.Name = wrote(name)
	if decl.Type.V == "" {
		decl.Type = wrote(project.Simple)
	}
	m := &plan.ObservedMetric{
		Use:    &model.MetricUse{Name: name, Role: role, Metric: &model.Metric{Name: name, Decl: &decl, Spec: &model.Simple{}}},
		Shape:  stats.Shape{Kind: stats.KindMean},
		Labels: []string{"value"},
	}
	counts := make([]int64, len(samples))
	for i := range samples {
		counts[i] = o.Exposures.Variants[i].Analysed
	}
	addSlice(o, m, plan.Overall, plan.All, counts, samples...)
	o.Metrics = append(o.Metrics, m)
	o.Experiment.Metrics = append(o.Experiment.Metrics, m.Use)
	return m
}

func addSlice(o *plan.Observed, m *plan.ObservedMetric, dimension, value string, counts []int64, samples ...sample) {
	slice := plan.Slice{Dimension: dimension, Value: value}
	for i, s := range samples {
		moments := stats.NewMoments(counts[i], 1)
		moments.Mean[0] = s.mean
		moments.SetCovar(0, 0, s.sd*s.sd)
		slice.Arms = append(slice.Arms, plan.Arm{Variant: o.Experiment.Variants[i].Name, Units: counts[i], Moments: moments})
	}
	m.Slices = append(m.Slices, slice)
}

var (
	more    = project.Metric{DesiredChange: wrote(project.Increase)}
	ordered = project.Metric{Type: wrote(project.Threshold), Label: wrote("Ordered"), DesiredChange: wrote(project.Increase)}
	money   = project.Metric{Unit: wrote("USD"), DesiredChange: wrote(project.Increase)}
	less    = project.Metric{DesiredChange: wrote(project.Decrease)}
	either  = project.Metric{DesiredChange: wrote(project.None)}
	fewer   = project.Metric{Type: wrote(project.Threshold), DesiredChange: wrote(project.Decrease)}
)

// shipped is what an experiment looks like that worked, with the usual blemishes.
func shipped(asOf time.Time) *plan.Observed {
	o := enrol(checkout(asOf), 20143, 19988)
	m := measure(o, model.Primary, "ordered", ordered, proportion(0.2144), proportion(0.2313))
	m.Use.Settings.MDE = ptr(0.05)
	addSlice(o, m, "country", "DE", []int64{12100, 11950}, proportion(0.221), proportion(0.239))
	addSlice(o, m, "country", "FR", []int64{8000, 8030}, proportion(0.204), proportion(0.2199))
	addSlice(o, m, "country", plan.NoValue, []int64{43, 8}, proportion(0.2), proportion(0.1))
	o.Experiment.Dimensions = []*model.UnitDimension{{Name: "country"}}
	o.Exposures.Slices = []plan.SliceCount{{Dimension: "country", Value: plan.NoValue, Randomised: []int64{43, 8}},
		{Dimension: "country", Value: "DE", Randomised: []int64{12100, 11950}}, {Dimension: "country", Value: "FR", Randomised: []int64{8000, 8030}}}
	g := measure(o, model.Guardrail, "contacted_support", fewer, proportion(0.0521), proportion(0.0513))
	g.Use.Margin = ptr(0.25)
	measure(o, model.Guardrail, "refunds_per_order", less, sample{0.031, 0.18}, sample{0.0316, 0.19})
	measure(o, model.Secondary, "revenue", money, sample{12.31, 41.2}, sample{12.74, 42})
	measure(o, model.Secondary, "orders", more, sample{0.3011, 0.81}, sample{0.3123, 0.84})
	measure(o, model.Explore, "page_views_before_checkout", either, sample{5.41, 3.2}, sample{4.92, 3.1})
	o.Exposures.Multiple = 12
	return o
}

// tours has three arms, labels, one look and a correction.
func tours() *plan.Observed {
	o := enrol(checkout(day(2, 2), "full", "short", "none"), 6000, 6050, 5950)
	o.Experiment.Name = "onboarding_tour"
	for i, label := range []string{"Full tour", "Short tour", "No tour"} {
		o.Experiment.Variants[i].Label = label
	}
	o.Experiment.Protocol.Method, o.Experiment.Protocol.Correction = "fixed", "holm"
	activated := ordered
	activated.Label = wrote("Third lesson reached")
	measure(o, model.Primary, "activated", activated, proportion(0.31), proportion(0.339), proportion(0.327))
	measure(o, model.Secondary, "lessons", more, sample{4.1, 5}, sample{4.4, 5.1}, sample{3.9, 5})
	g := measure(o, model.Guardrail, "tickets", less, sample{0.09, 0.33}, sample{0.084, 0.32}, sample{0.131, 0.4})
	g.Use.Margin = ptr(0.2)
	return o
}

func lopsided() *plan.Observed {
	o := enrol(checkout(day(2, 2)), 10000, 9400)
	measure(o, model.Primary, "ordered", ordered, proportion(0.21), proportion(0.24))
	return o
}

// companies were assigned, and their users counted.
func companies() *plan.Observed {
	o := enrol(checkout(day(2, 2)), 9000, 8100)
	m := measure(o, model.Primary, "ordered", ordered, proportion(0.21), proportion(0.24))
	for i, n := range []int64{300, 270} {
		counts := o.Exposures.Variants[i]
		counts.Assigned, counts.Entered, counts.Analysed = n, n, n
		o.Exposures.Clusters = append(o.Exposures.Clusters, counts)
		totals, moments := stats.NewMoments(n, 1), &m.Slices[0].Arms[i].Moments
		totals.Mean[0] = 30 * moments.Mean[0]
		totals.SetCovar(0, 0, 25)
		moments.Clusters = []stats.ClusterGroup{{Size: 30, Sums: totals}}
	}
	return o
}

// incomplete has a metric that the warehouse refused and others without an answer.
func incomplete() *plan.Observed {
	o := enrol(checkout(day(1, 7)), 410, 402)
	measure(o, model.Primary, "refunded", project.Metric{Label: wrote("Refunded")}, sample{0, 0}, sample{0, 0})
	m := measure(o, model.Secondary, "revenue", money)
	m.Slices, m.Failed = nil, errors.New("metrics/shop.yml:12:11: column `amuont` does not exist in `orders`")
	measure(o, model.Secondary, "profit", money, sample{0.02, 4}, sample{0.31, 4})
	return o
}

func draft() *plan.Observed { return enrol(checkout(day(1, 1)), 0, 0) }

func empty() *plan.Observed {
	o := enrol(checkout(day(1, 9)), 0, 0)
	measure(o, model.Primary, "ordered", ordered, sample{}, sample{})
	return o
}

func refused() *plan.Observed {
	o := shipped(day(2, 2))
	o.Experiment.Exposures = model.RefuseMultiple
	return o
}

func decided() *plan.Observed {
	o := shipped(day(2, 10))
	o.Experiment.Decl.Decision = &project.DecisionRecord{Status: wrote("shipped"), Date: wrote(project.Moment{Time: day(2, 3)})}
	return o
}

func settled() *plan.Observed {
	o := enrol(checkout(day(2, 2)), 2000143, 1999988)
	o.Experiment.Protocol.Method = "fixed"
	m := measure(o, model.Primary, "ordered", ordered, proportion(0.2144), proportion(0.2145))
	m.Use.Settings.MDE = ptr(0.02)
	return o
}

// method is the half-way page under another method, with further confidences.
func method(name string) *plan.Observed {
	o := running()
	p := o.Experiment.Protocol
	p.Method, p.Show, p.Prior = name, []float64{0.8, 0.9}, model.Prior{SD: 0.05}
	p.Looks, p.Spending = 3, "obrien_fleming"
	return o
}

// phased began with few units in its variant, both of whose names are long.
func phased() *plan.Observed {
	o := shipped(day(2, 2))
	variants := o.Experiment.Variants
	variants[0].Label, variants[1].Label = "Checkout of three pages", "Checkout of one page"
	for _, p := range []struct {
		from    string
		control float64
	}{{"2026-01-05", 0.9}, {"2026-01-09", 0.5}} {
		o.Experiment.Phases = append(o.Experiment.Phases, model.Phase{Name: p.from, Variants: []model.Variant{
			{Name: "control", Share: p.control}, {Name: "treatment", Share: 1 - p.control}}})
	}
	return o
}

func oneSided() *plan.Observed {
	o := shipped(day(2, 2))
	o.Experiment.Protocol.Method, o.Experiment.Protocol.Sides = "fixed", "one"
	o.Metrics = slices.DeleteFunc(o.Metrics, func(m *plan.ObservedMetric) bool { return m.Use.Role == model.Explore })
	return o
}

// twoControls has a second control, which differs from the first, and slices that differ from each other.
func twoControls() *plan.Observed {
	o := enrol(checkout(day(2, 2), "control", "control_b", "treatment"), 9000, 9000, 9000)
	o.Experiment.Controls = []string{"control_b"}
	m := measure(o, model.Primary, "ordered", ordered, proportion(0.21), proportion(0.23), proportion(0.25))
	addSlice(o, m, "country", "DE", []int64{4500, 4500, 4500}, proportion(0.21), proportion(0.22), proportion(0.3))
	addSlice(o, m, "country", "FR", []int64{4500, 4500, 4500}, proportion(0.21), proportion(0.24), proportion(0.2))
	return o
}

func TestTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		observed *plan.Observed
		options  Options
	}{
		"ended":      {shipped(day(2, 2)), Options{}},
		"running":    {running(), Options{}},
		"early":      {early(), Options{}},
		"three_arms": {tours(), Options{Width: 100}},
		"lopsided":   {lopsided(), Options{}},
		"companies":  {companies(), Options{}},
		"incomplete": {incomplete(), Options{}},
		"draft":      {draft(), Options{}},
		"empty":      {empty(), Options{}},
		"refused":    {refused(), Options{}},
		"decided":    {decided(), Options{}},
		"settled":    {settled(), Options{}},
		"narrow":     {shipped(day(2, 2)), Options{Width: 72, ASCII: true}},
		"coloured":   {shipped(day(2, 2)), Options{Colour: true}},
		"bayesian":   {method("bayesian"), Options{}},
		"looks":      {method("group_sequential"), Options{}},
		"one_sided":  {oneSided(), Options{}},
		"controls":   {twoControls(), Options{}},
		"phases":     {phased(), Options{}},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, render(t, c.observed, c.options)) })
	}
}

// longWinded has names that no page has room for.
func longWinded() *plan.Observed {
	o := tours()
	o.Experiment.Name = strings.Repeat("onboarding_", 12)
	for i := range o.Experiment.Variants {
		o.Experiment.Variants[i].Label = strings.Repeat("a tour ", 8) + o.Experiment.Variants[i].Name
	}
	g := measure(o, model.Explore, strings.Repeat("times_support_was_called_", 3), less, sample{1, 2}, sample{1, 2}, sample{1, 0})
	addSlice(o, o.Metrics[0], "country", strings.Repeat("the united states of ", 5), []int64{9, 9, 9}, sample{1, 1}, sample{1, 1}, sample{0, 0})
	g.Use.Metric.Decl.Unit = wrote("calls a user and quarter")
	return o
}

// running is half-way, and cannot tell yet.
func running() *plan.Observed {
	o := enrol(checkout(day(1, 19)), 4012, 3988)
	m := measure(o, model.Primary, "ordered", ordered, proportion(0.2144), proportion(0.2213))
	m.Use.Settings.MDE = ptr(0.1)
	g := measure(o, model.Guardrail, "contacted_support", fewer, proportion(0.0521), proportion(0.0513))
	g.Use.Margin = ptr(0.25)
	measure(o, model.Secondary, "revenue", money, sample{12.31, 41.2}, sample{12.74, 42})
	return o
}

// early is looked at after a few days under a method for one look.
func early() *plan.Observed {
	o := running()
	o.AsOf = day(1, 10)
	o.Experiment.Protocol.Method = "fixed"
	return o
}

// No line is wider than the page, in any state, at any width; and without Unicode none of ours remains.
func TestFit(t *testing.T) {
	pages := []*plan.Observed{shipped(day(2, 2)), running(), early(), tours(), lopsided(), incomplete(), draft(), refused(),
		longWinded()}
	for _, o := range pages {
		for width := minWidth; width <= 130; width += 7 {
			for _, line := range strings.Split(render(t, o, Options{Width: width, ASCII: true}), "\n") {
				if text.StringWidthWithoutEscSequences(line) > width {
					t.Errorf("wider than %d: %s", width, line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return r > 127 }) {
					t.Errorf("not ASCII: %s", line)
				}
			}
		}
	}
}

// forbidden is what a report must never say, whatever the numbers.
var forbidden = []string{"% chance", "% likely", "probability", "no effect.", "no effect:", "proves", "significant"}

func TestWordsClaimNoMoreThanTheMethod(t *testing.T) {
	for _, o := range []*plan.Observed{shipped(day(2, 2)), running(), early(), tours(), lopsided(), settled()} {
		page := strings.ToLower(render(t, o, Options{}))
		for _, words := range forbidden {
			if strings.Contains(page, words) {
				t.Errorf("the page says %q", words)
			}
		}
	}
}
