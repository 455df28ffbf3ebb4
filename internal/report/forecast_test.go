package report

import (
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/runner/judge"
	"assay/stats"
)

// foretold is a forecast of four weeks of an experiment of three arms, from April on for four weeks.
func foretold() *judge.Forecast {
	x := &model.Experiment{
		Name: "checkout_redesign", Start: day(time.April, 6), End: day(time.May, 4), Control: "control",
		Decl:     &project.Experiment{Name: wrote("checkout_redesign"), Entry: &project.Trigger{Model: wrote("page_views")}},
		Protocol: &model.Protocol{Name: "standard", Method: "group_sequential", Confidence: 0.95, MinimumDays: 14},
		Variants: []model.Variant{{Name: "control"}, {Name: "short"}, {Name: "long"}},
	}
	use := func(name, label string, role model.Role) *model.MetricUse {
		decl := &project.Metric{Name: wrote(name)}
		if label != "" {
			decl.Label = wrote(label)
		}
		return &model.MetricUse{Name: name, Role: role, Metric: &model.Metric{Name: name, Decl: decl}}
	}
	f := &judge.Forecast{Experiment: x, AsOf: day(time.March, 30), Basis: judge.FromEntry, Power: 0.8}
	points := func(first float64) []judge.Point {
		var all []judge.Point
		for week := range 4 {
			lift := first / float64(week+1)
			all = append(all, judge.Point{Days: 7 * (week + 1), Control: int64(1000 * (week + 1)), LiftSE: lift, Detectable: &lift})
		}
		return all
	}
	for week := range 4 {
		f.Entered = append(f.Entered, judge.Entered{Days: 7 * (week + 1), Units: int64(4000 * (week + 1))})
	}
	orders, revenue, speed := use("orders", "Users who ordered", model.Primary), use("revenue", "", model.Secondary), use("speed", "", model.Guardrail)
	speed.Margin = ptr(0.03)
	waiting := points(0.4)
	waiting[0] = judge.Point{Days: 7, Undefined: &stats.Error{Reason: stats.InsufficientData, Detail: "0 count in an arm"}}
	f.Curves = []judge.Curve{
		{Use: orders, Variant: "short", Asked: ptr(0.05), Points: points(0.12), Longest: true,
			Needs: []judge.Need{{Lift: 0.05, Days: ptr(40), Beyond: true}, {Lift: 0.1, Days: ptr(9)}}},
		{Use: orders, Variant: "long", Asked: ptr(0.05), Points: points(0.1), Needs: []judge.Need{{Lift: 0.05, Days: ptr(21)}, {Lift: 0.1, Days: ptr(1)}}},
		{Use: revenue, Variant: "short", Points: waiting},
		{Use: revenue, Variant: "long", Points: waiting},
		{Use: speed, Variant: "short", Asked: speed.Margin, Points: points(0.02), Needs: []judge.Need{{Lift: 0.03}}},
	}
	f.Decisions = []judge.Odds{{Days: 28, Looks: 4, PerTest: 0.9, Nothing: judge.Chances{Ship: 0.004, Draws: 20000, Error: 0.0004},
		Asked: &judge.Chances{Ship: 0.52, Draws: 20000, Error: 0.0035}, Harmed: &judge.Chances{Ship: 0.012}}}
	return f
}

// underWay is the same experiment after twelve days.
func underWay() *judge.Forecast {
	f := foretold()
	f.Basis, f.AsOf = judge.FromOwnData, day(time.April, 18)
	f.Entered = []judge.Entered{{Days: 12, Units: 6800}}
	for i := range f.Curves {
		c := &f.Curves[i]
		c.Points = c.Points[1:2]
		c.Points[0].Days, c.Points[0].Power = 12, ptr(0.31)
	}
	f.Curves[0].Progress, f.Curves[4].Progress = ptr(0.42), ptr(1.3)
	f.Curves[1].Needs[0].Days = ptr(11)
	f.Progress, f.DaysToGo = ptr(0.42), ptr(28)
	return f
}

func foresee(t *testing.T, f *judge.Forecast, o Options) string {
	t.Helper()
	var out strings.Builder
	if err := Forecast(&out, f, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestForecast(t *testing.T) {
	golden(t, "forecast", foresee(t, foretold(), Options{}))
	golden(t, "forecast_narrow", foresee(t, foretold(), Options{Width: 72, ASCII: true}))
	golden(t, "forecast_coloured", foresee(t, foretold(), Options{Colour: true}))
	golden(t, "forecast_under_way", foresee(t, underWay(), Options{}))
	open := foretold()
	open.Basis, open.Experiment.Start = judge.FromAssignments, time.Time{}
	open.Curves[0].Needs, open.Curves[0].Asked, open.Decisions = nil, nil, nil
	golden(t, "forecast_open", foresee(t, open, Options{}))
}

// TestForecastFits: no line is wider than the page, however many weeks there are.
func TestForecastFits(t *testing.T) {
	f := foretold()
	for week := 4; week < 52; week++ {
		f.Entered = append(f.Entered, judge.Entered{Days: 7 * (week + 1), Units: int64(4000 * (week + 1))})
		for i := range f.Curves {
			f.Curves[i].Points = append(f.Curves[i].Points, judge.Point{Days: 7 * (week + 1), Detectable: ptr(0.01)})
		}
	}
	for _, width := range []int{72, 90, 120, 200} {
		for _, line := range strings.Split(foresee(t, f, Options{Width: width}), "\n") {
			if text.StringWidthWithoutEscSequences(line) > width {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
	}
}
