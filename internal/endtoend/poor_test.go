package endtoend

import (
	"fmt"
	"strings"
	"testing"
)

// poorTables are the logs of experiments that went wrong, each in a way of its own, and of one that did not: ten units an arm with an
// order each, treatment's of amounts that differ from control's.
func poorTables() []table {
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, flag text, variant text",
		[]string{"user_id", "exposed_at", "flag", "variant"}, nil}
	orders := table{"orders", "user_id integer, ordered_at timestamp, amount double precision",
		[]string{"user_id", "ordered_at", "amount"}, nil}
	user := 0
	enter := func(flag, variant string, units int) {
		for range units {
			user++
			exposures.rows = append(exposures.rows, []any{user, day(6, 0), flag, variant})
			orders.rows = append(orders.rows, []any{user, day(7, 0), float64(1 + user%13)})
		}
	}
	enter("settings", "control", 10)
	enter("settings", "treatment", 10)
	enter("one_arm", "treatment", 15)
	enter("one_each", "control", 1)
	enter("one_each", "treatment", 1)
	enter("unweighted", "control", 10)
	enter("unweighted", "treatment", 10)
	enter("unweighted", "none", 10)
	return []table{exposures, orders}
}

// poorAnswers are what people read instead of a number.
var poorAnswers = []string{
	"never_mature has no answer with treatment: it counts 0 units of control and 0 units of treatment, and a comparison takes 2 of each; " +
		"a unit counts once the whole of its window has passed.",
	"capped_below has no answer with treatment: neither arm varies, so nothing can be tested",
	"100% of the units are capped, so that capped_below no longer measures what its name says.",
	"revenue has no answer with treatment: it counts 0 units of control and 15 units of treatment",
	"revenue has no answer with treatment: it counts 1 unit of control and 1 unit of treatment",
	"no_assignments: No unit is in the experiment. Compare `key: nobody`, the variants' values and the start",
	"It has not started: nothing is counted before 2027-01-05.",
	"none 33.33% (asked for 0%), and not as designed.",
}

// TestPoorExperiments has what cannot be answered: each time a result says why, and the other metrics and experiments go on.
func TestPoorExperiments(t *testing.T) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "poor", poorTables())
			said := strings.Join(strings.Fields(s.assay(t, "run", "--as-of", "2026-01-20")), " ")
			for _, sentence := range poorAnswers {
				if !strings.Contains(said, sentence) {
					t.Errorf("nobody is told: %s", sentence)
				}
			}
			results := s.results(t)
			for key, want := range map[string]map[string]any{
				"settings/revenue/treatment":        {"status": "ok", "n_control": 10, "n_variant": 10},
				"settings/never_mature/treatment":   {"status": "undefined", "n_control": 0, "n_variant": 0, "value_control": nil},
				"settings/capped_below/treatment":   {"status": "undefined", "value_control": 0.5, "share_capped": 1.0, "p_value": nil},
				"settings/typical_orders/treatment": {"status": "undefined", "value_control": 1.0, "value_variant": 1.0, "p_value": nil},
				"one_arm/revenue/treatment":         {"status": "undefined", "n_control": 0, "n_variant": 15, "value_control": nil},
				"one_each/revenue/treatment":        {"status": "undefined", "n_control": 1, "n_variant": 1, "effect_se": nil},
				"unweighted/revenue/treatment":      {"status": "ok", "n_control": 10, "n_variant": 10},
				"unweighted/revenue/none":           {"status": "ok", "n_variant": 10},
				"pages/orders/treatment":            {"status": "ok", "n_control": 50000, "n_variant": 50000},
			} {
				s.tells(t, results, key+"/overall/all", want)
			}
			s.manySlices(t, results)
			for check, status := range map[string]string{"nobody/no_assignments": "fail", "to_come/no_assignments": "warn",
				"one_arm/sample_ratio": "fail", "unweighted/sample_ratio": "fail", "settings/sample_ratio": "pass"} {
				experiment, name, _ := strings.Cut(check, "/")
				rows := s.records(t, fmt.Sprintf(
					"SELECT status FROM assay_experiment_health WHERE experiment = '%s' AND check_name = '%s'", experiment, name))
				if len(rows) != 1 || rows[0]["status"] != status {
					t.Errorf("%s: %v, want %s", check, rows, status)
				}
			}
		})
	}
}

// tells holds a row to what is wanted of it; one that is undefined gives its reason.
func (s *shop) tells(t *testing.T, results map[string]map[string]any, key string, want map[string]any) {
	t.Helper()
	row := results[key]
	for column, value := range want {
		if !same(number(row[column]), number(value)) {
			t.Errorf("%s, %s: %v, want %v", key, column, row[column], value)
		}
	}
	if row["status"] == "undefined" && row["warnings"] == "[]" {
		t.Errorf("%s: no reason", key)
	}
}

// manySlices: of a dimension with 100,000 values 50 stand by themselves, and the others are one.
func (s *shop) manySlices(t *testing.T, results map[string]map[string]any) {
	t.Helper()
	units := map[string]float64{}
	for key, row := range results {
		if page, ok := strings.CutPrefix(key, "pages/orders/treatment/page/"); ok {
			units[page] = number(row["n_control"]).(float64) + number(row["n_variant"]).(float64)
		}
	}
	if len(units) != 51 || units["(other)"] != 99950 {
		t.Errorf("%d slices, %v units of others", len(units), units["(other)"])
	}
}
