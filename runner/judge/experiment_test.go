package judge

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

func TestStatus(t *testing.T) {
	for name, c := range map[string]struct {
		asOf    time.Time
		change  func(*model.Experiment)
		want    Status
		running int64
	}{
		"before the start": {day(1).Add(-time.Second), func(*model.Experiment) {}, Draft, 0},
		"at the start":     {day(1), func(*model.Experiment) {}, Running, 0},
		"half-way":         {day(8), func(*model.Experiment) {}, Running, 7},
		"in the day":       {day(8).Add(-time.Second), func(*model.Experiment) {}, Running, 6},
		"at the end":       {day(15), func(*model.Experiment) {}, Ended, 14},
		"windows open":     {day(16), func(x *model.Experiment) { x.ObserveUntil = day(29) }, Observing, 14},
		"windows closed":   {day(29), func(x *model.Experiment) { x.ObserveUntil = day(29) }, Ended, 14},
		"no end":           {day(20), func(x *model.Experiment) { x.End = time.Time{} }, Running, 19},
		"decided early":    {day(10), func(x *model.Experiment) { x.Decl.Decision = &project.DecisionRecord{} }, Decided, 9},
	} {
		t.Run(name, func(t *testing.T) {
			o := standard()
			o.AsOf = c.asOf
			c.change(o.Experiment)
			row := Experiment(thisRun, o).Experiment
			if row.Status != c.want || *row.DaysRunning != c.running {
				t.Errorf("%s after %d days, want %s after %d", row.Status, *row.DaysRunning, c.want, c.running)
			}
		})
	}
}

// Days are the calendar's: the one that loses an hour counts like any other.
func TestDaysRunningOverAClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	o := standard()
	o.Experiment.Start = time.Date(2026, 3, 28, 0, 0, 0, 0, berlin).UTC()
	o.Experiment.End = time.Time{}
	o.AsOf = time.Date(2026, 3, 30, 0, 0, 0, 0, berlin).UTC() // 47 hours later
	run := thisRun
	run.Zone = berlin
	if days := *Experiment(run, o).Experiment.DaysRunning; days != 2 {
		t.Errorf("%d days, want 2", days)
	}
}

func TestExperimentRow(t *testing.T) {
	o := standard()
	o.Experiment.Variants[1].Label = "New checkout"
	o.Experiment.Decl.Tags = []project.Name{wrote("growth")}
	o.Experiment.Decl.Decision = &project.DecisionRecord{Status: wrote("shipped"), Date: wrote(project.Moment{Time: day(16)})}
	o.Exposures.Variants = append(o.Exposures.Variants, plan.VariantCount{Variant: "treatment ", Analysed: 7})
	got, err := json.Marshal(Experiment(thisRun, o).Experiment)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"run_id":"run-1","as_of":"2026-01-15T00:00:00Z","experiment":"checkout","hypothesis":"Fewer fields raise orders.",` +
		`"owner":null,"tags":["growth"],"epic":null,"protocol":"standard","layer":null,"status":"decided",` +
		`"start_at":"2026-01-01T00:00:00Z","end_at":"2026-01-15T00:00:00Z","observe_until":"2026-01-15T00:00:00Z","days_running":14,` +
		`"units":2000,"control":"control","variants":[{"variant":"control","weight":0.5,"units":1000},` +
		`{"variant":"treatment","label":"New checkout","weight":0.5,"units":1000}],"decision":"shipped","decided_on":"2026-01-16",` +
		`"definition_hash":"x1"}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// An experiment without a start, because nothing in it has a time, has run for no known number of days.
func TestExperimentWithoutTimes(t *testing.T) {
	o := standard()
	o.Experiment.Start, o.Experiment.End, o.Experiment.ObserveUntil = time.Time{}, time.Time{}, time.Time{}
	o.Experiment.Protocol.MinimumDays = 14
	report := Experiment(thisRun, o)
	if row := report.Experiment; row.DaysRunning != nil || row.StartAt != nil || row.Status != Running {
		t.Errorf("%+v", row)
	}
	if has(report, "minimum_runtime") {
		t.Error("a runtime was judged")
	}
}

func TestMetricAndExposureRows(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	m.Use.Metric.Decl.DesiredChange = project.Value[project.DesiredChange]{}
	o := standard(m)
	o.Exposures.Daily = []plan.DailyUnits{
		{Variant: "treatment", Day: day(2), Units: 5}, {Variant: "control", Day: day(3), Units: 4},
		{Variant: "control", Day: day(1), Units: 3}, {Variant: "other", Day: day(1), Units: 9},
	}
	report := Experiment(thisRun, o)
	if row := report.Metrics[0]; row.Metric != "orders" || row.DesiredChange != "none" || row.DefinitionHash != "m1" ||
		row.File != "project.yml" || row.Line != 1 || row.Label != nil {
		t.Errorf("%+v", row)
	}
	var got []string
	for _, row := range report.Exposures {
		got = append(got, fmt.Sprint(row.Variant, " ", row.Day, " ", row.Units, " ", row.CumulativeUnits))
	}
	want := "control 2026-01-01 3 3, control 2026-01-03 4 7, treatment 2026-01-02 5 5"
	if strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestMomentRows(t *testing.T) {
	m := metric("revenue", model.Primary, plan.Arm{}, plan.Arm{Variant: "treatment"})
	m.Shape, m.Labels = stats.Shape{Kind: stats.KindMean, Covariates: 1}, []string{"value", "pre:revenue"}
	moments := stats.NewMoments(1, 2)
	moments.Mean[0] = 10
	m.Slices[0].Arms[0] = plan.Arm{Variant: "control", Units: 1, Moments: moments}
	var got []string
	for _, row := range Experiment(thisRun, standard(m)).Moments {
		got = append(got, fmt.Sprint(row.Variant, " ", row.Stat, " ", text(row.A), " ", text(row.B), " ", number(row.Value)))
	}
	want := `control n - - 1, control mean value - 10, control mean pre:revenue - 0, control cov value value -, ` +
		`control cov value pre:revenue -, control cov pre:revenue pre:revenue -, treatment n - - 0`
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func number(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprint(*x)
}

// No two rows of a table agree on its key, no number is NaN or infinite, and every row names its run.
func TestRowsKeepTheirContract(t *testing.T) {
	m := metric("orders", model.Primary, arm("control", 1000, 5, 2), arm("treatment", 1000, 5.5, 2))
	one := arm("control", 1, 5, math.NaN())
	m.Slices = append(m.Slices,
		plan.Slice{Dimension: "country", Value: "DE", Arms: []plan.Arm{one, arm("treatment", 900, 5.5, 2)}},
		plan.Slice{Dimension: "country", Value: plan.NoValue, Arms: []plan.Arm{one, {Variant: "treatment"}}})
	explored := metric("clicks", model.Explore, arm("control", 1000, 0, 0), arm("treatment", 900, 0, 0))
	o := standard(m, explored)
	o.Experiment.Protocol.MinimumDays, o.Experiment.Protocol.MinimumUnits = 30, 5000
	chosen(o)
	byDay(explored)
	o.Exposures.Daily = []plan.DailyUnits{{Variant: "control", Day: day(1), Units: 3}, {Variant: "treatment", Day: day(1), Units: 3}}
	report := Experiment(thisRun, o)
	for table, rows := range map[string]any{"metrics": report.Metrics, "moments": report.Moments, "results": report.Results,
		"health": report.Health, "exposures": report.Exposures, "heterogeneity": report.Heterogeneity,
		"decisions": report.Decisions} {
		seen, all := make(map[string]bool), reflect.ValueOf(rows)
		for i := range all.Len() {
			key := keyOf(t, table, all.Index(i))
			if seen[key] {
				t.Errorf("%s: two rows of key %s", table, key)
			}
			seen[key] = true
		}
	}
}

func keyOf(t *testing.T, table string, row reflect.Value) string {
	var key []string
	for i := range row.NumField() {
		field, value := row.Type().Field(i), reflect.Indirect(row.Field(i))
		if field.Name == "RunID" && value.String() != "run-1" {
			t.Errorf("%s: a row without its run", table)
		}
		if value.IsValid() && value.Kind() == reflect.Float64 && (math.IsNaN(value.Float()) || math.IsInf(value.Float(), 0)) {
			t.Errorf("%s: %s is %v", table, field.Name, value.Float())
		}
		if field.Tag.Get("key") == "true" {
			key = append(key, fmt.Sprint(value))
		}
	}
	return strings.Join(key, "/")
}
