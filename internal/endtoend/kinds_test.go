package endtoend

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The kinds of metric, on data small enough to work out by hand: ten units an arm exposed at the start, and one of control that came
// a day before the end.

const kindsAsOf = "2026-01-25"

func kindsTables() []table {
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, variant text, country text",
		[]string{"user_id", "exposed_at", "variant", "country"}, nil}
	for user := 1; user <= 20; user++ {
		variant := "control"
		if user > 10 {
			variant = "treatment"
		}
		exposures.rows = append(exposures.rows, []any{user, day(5, 0), variant, country(user)})
	}
	exposures.rows = append(exposures.rows, []any{21, day(24, 12), "control", country(21)})
	events := table{"events", "user_id integer, happened_at timestamp, kind text, amount double precision, code text",
		[]string{"user_id", "happened_at", "kind", "amount", "code"}, nil}
	events.rows = append(events.rows, purchases()...)
	events.rows = append(events.rows, visits()...)
	events.rows = append(events.rows, plays()...)
	events.rows = append(events.rows, pings(0, 1)...)
	events.rows = append(events.rows, pings(10, 2)...)
	events.rows = append(events.rows, funnelEvents()...)
	events.rows = append(events.rows, conversions()...)
	carts := table{"carts", "user_id integer, filled_at timestamp, items integer", []string{"user_id", "filled_at", "items"}, nil}
	for _, cart := range []struct{ user, day, hour int }{{1, 6, 1}, {2, 9, 0}, {3, 9, 0}, {4, 6, 0}, {5, 6, 5}, {6, 8, 0}, {8, 7, 0},
		{11, 6, 1}, {12, 6, 1}, {13, 6, 2}} {
		carts.rows = append(carts.rows, []any{cart.user, day(cart.day, cart.hour), 1})
	}
	carts.rows = append(carts.rows, []any{7, day(6, 0), 0}) // empty: the step's filter leaves it out
	events.rows = append(events.rows, scores()...)
	return []table{exposures, events, carts, people()}
}

func day(d, hour int) time.Time { return time.Date(2026, 1, d, hour, 0, 0, 0, time.UTC) }

func country(user int) any {
	if user%2 == 1 {
		return "DE"
	}
	return nil
}

func purchases() [][]any {
	return [][]any{
		{1, day(4, 0), "buy", 99.0, "z"}, // before exposure
		{1, day(6, 0), "buy", 5.0, "a"}, {1, day(7, 0), "buy", 7.0, "a"},
		{1, day(8, 0), "buy", 9.0, "b"}, {1, day(8, 0), "buy", 4.0, "b"}, {1, day(9, 0), "buy", nil, nil},
		{2, day(6, 0), "buy", nil, nil}, {2, day(7, 0), "buy", 3.0, nil},
		{11, day(6, 0), "buy", 10.0, "a"}, {12, day(6, 0), "buy", 20.0, nil}, {12, day(9, 0), "buy", 22.0, nil},
	}
}

func visits() [][]any {
	return [][]any{
		{1, day(12, 0), "visit", nil, nil}, {2, day(19, 0), "visit", 1.0, nil}, {3, day(11, 23), "visit", 1.0, nil},
		{4, day(13, 0), "visit", 1.0, nil}, {4, day(14, 0), "visit", 1.0, nil},
		{11, day(15, 0), "visit", 1.0, nil}, {12, day(15, 0), "visit", 1.0, nil}, {13, day(15, 0), "visit", 1.0, nil},
		{14, day(15, 0), "visit", 1.0, nil}, {21, day(24, 13), "visit", 1.0, nil},
	}
}

func plays() [][]any {
	rows := [][]any{{21, day(24, 13), "play", 11.0, nil}}
	for i := 1; i <= 10; i++ {
		rows = append(rows, []any{i, day(6, 0), "play", float64(i), nil}, []any{10 + i, day(6, 0), "play", float64(i), nil},
			[]any{10 + i, day(7, 0), "play", float64(i), nil})
	}
	return rows
}

// pings are ten events of three units.
func pings(after int, scale float64) [][]any {
	var rows [][]any
	for i, unit := range []int{1, 1, 1, 2, 2, 3, 3, 3, 3, 3} {
		rows = append(rows, []any{after + unit, day(6, i), "ping", scale * float64(i+1), nil})
	}
	return append(rows, []any{after + 3, day(6, 0), "ping", nil, nil})
}

// funnelEvents are looks and payments, with a cart between:
//
//	1 all in order           2 cart three days late      3 two looks, the second in time   4 cart before the look
//	5 all at one instant     6 cart just too late        7 payment alone                   8 payment just too late
//	11 a look between cart and payment     12 all backwards     13 payment between look and cart
func funnelEvents() [][]any {
	var rows [][]any
	add := func(kind string, user, d, hour int) { rows = append(rows, []any{user, day(d, hour), kind, nil, nil}) }
	for user, days := range map[int][]int{1: {6}, 2: {6}, 3: {6, 8}, 4: {7}, 6: {6}, 8: {6}, 11: {6}, 13: {6}} {
		for _, d := range days {
			add("look", user, d, 0)
		}
	}
	add("look", 5, 6, 5)
	add("look", 11, 6, 2)
	add("look", 12, 6, 2)
	for _, pay := range []struct{ user, day, hour int }{{1, 6, 2}, {2, 9, 1}, {3, 12, 0}, {5, 6, 5}, {7, 6, 0}, {8, 11, 0}, {11, 6, 3},
		{12, 6, 0}, {13, 6, 1}} {
		add("pay", pay.user, pay.day, pay.hour)
	}
	return rows
}

// conversions are offers and sales; an offer counts for three days after exposure, and a sale within two days of one.
func conversions() [][]any {
	return [][]any{
		{1, day(6, 0), "offer", nil, "x"}, {1, day(7, 0), "sale", nil, "x"}, {1, day(7, 1), "sale", nil, "y"},
		{2, day(6, 0), "offer", nil, "x"}, {2, day(7, 0), "offer", nil, nil}, {2, day(8, 0), "sale", nil, "x"},
		{3, day(6, 0), "sale", nil, "x"}, {3, day(7, 0), "offer", nil, "x"}, // the wrong way round
		{4, day(4, 0), "offer", nil, "x"}, {4, day(5, 1), "sale", nil, "x"}, // an offer before exposure
		{5, day(6, 0), "sale", nil, "x"}, {5, day(6, 0), "offer", nil, "x"}, // at one instant
		{6, day(7, 23), "offer", nil, nil}, {6, day(9, 22), "sale", nil, nil}, // a sale after the window's end
		{7, day(8, 0), "offer", nil, "x"}, {7, day(8, 1), "sale", nil, "x"}, // an offer after it
		{11, day(6, 0), "offer", nil, "x"}, {11, day(6, 5), "sale", nil, "x"},
	}
}

// people have an age, but for one, and one of three plans.
func people() table {
	t := table{"users", "user_id integer, age integer, plan text", []string{"user_id", "age", "plan"}, nil}
	for user := 1; user <= 21; user++ {
		age := any(20 + user*user%17)
		if user == 9 {
			age = nil
		}
		t.rows = append(t.rows, []any{user, age, []string{"free", "plus", "pro"}[user*7%3]})
	}
	return t
}

// scores after exposure depend on practice before it, in which not everyone has.
func scores() [][]any {
	var rows [][]any
	for user := 1; user <= 21; user++ {
		practice := float64(user * 5 % 7)
		if user%4 != 0 {
			rows = append(rows, []any{user, day(3, user%24), "practice", practice, nil})
		}
		rows = append(rows, []any{user, day(24, 14), "score", 3*practice + float64(user*user%5), nil})
	}
	return rows
}

// z is the normal quantile of the 95% protocol.
const z = 1.959963984540054

func TestKinds(t *testing.T) {
	played := math.Hypot((9-3)/(2*z), (18-4)/(2*z))
	// Of ten events, five are at or below the median: three of three, two of two, none of five. About a half each that is 1.5, 1,
	// −2.5, whose variance is 4.75; of the share, 4.75/3 over the square of 10/3; were events independent, 0.25/10.
	design := 4.75 / 3 / (10. / 3 * 10. / 3) / (0.25 / 10)
	pinged := math.Hypot((9-2)/(2*z), 2*(9-2)/(2*z)) * math.Sqrt(design)
	want := map[string]map[string]any{
		"first_amount": {"n_control": 2, "n_variant": 2, "value_control": 4.0, "value_variant": 15.0},
		"last_amount":  {"n_control": 2, "n_variant": 2, "value_control": 3.5, "value_variant": 16.0},
		"codes":        {"n_control": 11, "n_variant": 10, "value_control": 2.0 / 11, "value_variant": 0.1},
		"returned":     {"n_control": 10, "n_variant": 10, "value_control": 0.2, "value_variant": 0.4, "total_control": 2.0},
		"stayed":       {"n_control": 10, "n_variant": 10, "value_control": 0.1, "value_variant": 0.4},
		"median_played": {"n_control": 11, "n_variant": 10, "value_control": 6.0, "value_variant": 10.0, "effect": 4.0,
			"effect_se": played, "total_control": nil},
		"most_played": {"n_control": 11, "n_variant": 10, "value_control": 11.0, "value_variant": 20.0,
			"status": "undefined", "p_value": nil},
		"median_flat": {"n_control": 11, "value_control": 0.0, "effect": nil, "status": "undefined"},
		"ping": {"n_control": 3, "n_variant": 3, "value_control": 5.5, "value_variant": 11.0, "effect": 5.5,
			"effect_se": pinged},
		"ping_value":  {"n_control": 3, "n_variant": 3, "value_control": 5.0, "value_variant": 10.0, "effect_se": pinged},
		"slow_ping":   {"n_control": 3, "n_variant": 3, "value_control": 9.1, "value_variant": 18.2, "status": "undefined"},
		"whole_pings": {"n_control": 3, "value_control": 5.5},
	}
	want["sold"] = map[string]any{"n_control": 11, "value_control": 5.0 / 6, "total_control": 5.0, "value_variant": 1.0}
	want["same_sold"] = map[string]any{"n_control": 11, "value_control": 2.0 / 11, "value_variant": 0.1}
	for metric, reach := range map[string][2][3]float64{
		"bought":   {{7, 4, 3}, {3, 2, 1}},
		"strictly": {{7, 6, 5}, {3, 1, 0}},
		"anyhow":   {{7, 2, 2}, {3, 3, 3}},
	} {
		for i, step := range []string{"/look", "/cart", "/pay"} {
			want[metric+step] = map[string]any{"value_control": reach[0][i] / 11, "value_variant": reach[1][i] / 10, "p_adjusted": nil}
		}
		want[metric] = map[string]any{"n_control": 11, "value_control": reach[0][2] / 11, "value_variant": reach[1][2] / 10}
	}
	engines := []string{"duckdb", "postgres"}
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "kinds", kindsTables())
			s.assay(t, "run", "--as-of", kindsAsOf)
			results := s.results(t)
			for metric, columns := range want {
				name, step, _ := strings.Cut(metric, "/")
				key := "kinds/" + name + "/treatment/overall/all"
				if step != "" {
					key += "/" + step
				}
				row := results[key]
				for column, value := range columns {
					if !same(number(value), number(row[column])) {
						t.Errorf("%s %s is %v, want %v; %v", metric, column, row[column], value, row["warnings"])
					}
				}
			}
			metrics := []string{"ping", "ping_value", "slow_ping", "codes", "first_amount", "last_amount"}
			for _, r := range s.query(t, "--metrics", strings.Join(metrics, ","), "--experiment", "kinds", "--as-of", kindsAsOf) {
				want := map[string]string{"control": "5.5 5 9.1 2 5 4", "treatment": "11 10 18.2 1 10 22"}[r["variant"]]
				var values []string
				for _, metric := range metrics {
					values = append(values, r[metric])
				}
				if got := strings.Join(values, " "); got != want {
					t.Errorf("as a query of %s: %s, want %s", r["variant"], got, want)
				}
			}
			var sold []string
			for _, r := range s.query(t, "--metrics", "sold,same_sold,ping", "--experiment", "kinds", "--as-of", kindsAsOf) {
				sold = append(sold, r["variant"], r["sold"], r["same_sold"], r["ping"])
			}
			if got := strings.Join(sold, " "); got != "control 0.8333333333333334 2 5.5 treatment 1 1 11" {
				t.Errorf("conversions as a query: %s", got)
			}
			slice := results["kinds/median_played/treatment/country/DE"]
			if got := fmt.Sprint(slice["n_control"], slice["value_control"], slice["n_variant"], slice["value_variant"]); got != "6 5 5 10" {
				t.Errorf("median_played in DE: %s", got)
			}
			slice = results["kinds/ping/treatment/country/DE"] // 1, 2, 3 and 6 … 10
			if got := fmt.Sprint(slice["n_control"], slice["value_control"], slice["n_variant"], slice["value_variant"]); got != "2 6.5 2 13" {
				t.Errorf("ping in DE: %s", got)
			}
		})
	}
}

// TestFirstEvents holds metrics per unit in queries to what an experiment finds of the same units: those that the events which start
// their clocks expose.
func TestFirstEvents(t *testing.T) {
	shared := []string{"returned", "stayed", "bought", "strictly", "anyhow"}
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "kinds", kindsTables())
			s.assay(t, "run", "--as-of", kindsAsOf)
			results := s.results(t)
			asked := []string{"--as-of", kindsAsOf, "--metrics", strings.Join(shared, ",") + ",bought_again,bought_by_stayers"}
			arms := s.query(t, append(asked, "--group-by", "variant")...)
			for _, metric := range shared {
				want := results["kinds/"+metric+"/treatment/overall/all"]
				for i, value := range []any{want["value_control"], want["value_variant"]} {
					if got, err := strconv.ParseFloat(arms[i][metric], 64); err != nil || !close(got, value.(float64)) {
						t.Errorf("%s of %s is %s, want %v", metric, arms[i]["variant"], arms[i][metric], value)
					}
				}
			}
			for i, want := range []string{"0.18181818181818182 1.8181818181818181", "0.1 0.25"} {
				if got := arms[i]["bought_again"] + " " + arms[i]["bought_by_stayers"]; got != want {
					t.Errorf("%s: %s, want %s", arms[i]["variant"], got, want)
				}
			}
			// The unit that came later is by itself, and not there when that day is not asked for.
			last := s.query(t, append(asked, "--group-by", "metric_time__day", "--start-time", "2026-01-24")...)
			if len(last) != 1 || last[0]["metric_time__day"] != "2026-01-24T00:00:00" || last[0]["returned"] != "" || last[0]["bought"] != "0" {
				t.Errorf("of the last day: %v", last)
			}
			german := s.query(t, append(asked, "--where", "country = 'DE' and variant = 'control'")...)
			if len(german) != 1 || german[0]["returned"] != "0.2" || german[0]["bought"] != "0.5" {
				t.Errorf("in DE: %v", german)
			}
		})
	}
}

// number makes counts comparable with floats.
func number(x any) any {
	switch v := x.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	default:
		return x
	}
}

// TestPercentilesReconcile: what ranks find is what the engine's own percentile of the same events is.
func TestPercentilesReconcile(t *testing.T) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "kinds", kindsTables())
			s.assay(t, "run", "--as-of", kindsAsOf)
			status := map[any]any{}
			for _, row := range s.records(t, "SELECT metric, status FROM assay_experiment_health WHERE check_name = 'reconciliation'") {
				status[row["metric"]] = row["status"]
			}
			for _, metric := range []string{"ping", "ping_value"} {
				if status[metric] != "pass" {
					t.Errorf("%s: %v", metric, status[metric])
				}
			}
		})
	}
}
