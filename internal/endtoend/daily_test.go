package endtoend

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// The days of an experiment in Berlin, over the night in which its clocks go forward. Nobody is in two variants, so that what was
// known on a day is what a run as of its end says.

func dailyTables() []table {
	r := rand.New(rand.NewPCG(3, 5))
	within := func(from time.Time, days float64) time.Time {
		return from.Add(time.Duration(r.Float64() * days * 24 * float64(time.Hour))).Truncate(time.Second)
	}
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, flag text, variant text, stratum text",
		[]string{"user_id", "exposed_at", "flag", "variant", "stratum"}, nil}
	orders := table{"orders", "order_id integer, user_id integer, ordered_at timestamp, amount double precision",
		[]string{"order_id", "user_id", "ordered_at", "amount"}, nil}
	visits := table{"visits", "user_id integer, visited_at timestamp", []string{"user_id", "visited_at"}, nil}
	refunds := table{"refunds", "user_id integer, refunded_on date, amount double precision",
		[]string{"user_id", "refunded_on", "amount"}, nil}
	weighings := table{"weighings", "user_id integer, weighed_at timestamp, weight double precision",
		[]string{"user_id", "weighed_at", "weight"}, nil}
	start := time.Date(2026, 3, 19, 23, 0, 0, 0, time.UTC) // midnight in Berlin
	for user := range 300 {
		variant, exposed := []string{"control", "treatment"}[r.IntN(2)], within(start, 13.9)
		exposures.rows = append(exposures.rows, []any{user, exposed, "open", variant, []any{"new", "old", nil}[r.IntN(3)]})
		weighings.rows = append(weighings.rows, []any{user, exposed, 1e9 + 2*r.Float64() - 1})
		if user%10 == 0 {
			exposures.rows = append(exposures.rows, []any{user, within(start, 13.9), "other", variant, nil})
		}
		for range r.IntN(8) {
			orders.rows = append(orders.rows, []any{len(orders.rows), user, within(start.AddDate(0, 0, -14), 34), float64(r.IntN(5000)) / 100})
		}
		for range r.IntN(12) {
			visits.rows = append(visits.rows, []any{user, within(start.AddDate(0, 0, -14), 34)})
		}
		for range r.IntN(4) {
			refunds.rows = append(refunds.rows, []any{user, within(start.AddDate(0, 0, -5), 25).Truncate(24 * time.Hour), float64(r.IntN(2000)) / 100})
		}
	}
	for stranger := range 40 {
		orders.rows = append(orders.rows, []any{len(orders.rows), 1000 + stranger, within(start.AddDate(0, 0, -14), 34), 100.0})
	}
	return []table{exposures, orders, visits, refunds, weighings}
}

// records are the rows of a query by column.
func (s *shop) records(t *testing.T, query string) []map[string]any {
	t.Helper()
	var all []map[string]any
	t.Run("read", func(t *testing.T) {
		rows, err := s.connect(t).Query(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, values := range rows.Values {
			r := map[string]any{}
			for i, name := range rows.Columns {
				r[name] = values[i]
			}
			all = append(all, r)
		}
	})
	return all
}

// cumulative names the columns of a day as result rows have them.
var cumulative = map[string]string{
	"n": "n_variant", "cumulative_value": "value_variant", "cumulative_effect": "effect",
	"cumulative_effect_low": "effect_low", "cumulative_effect_high": "effect_high",
	"cumulative_lift": "lift", "cumulative_lift_low": "lift_low", "cumulative_lift_high": "lift_high",
}

// TestDaysAreRunsOfTheirEnd compares what the last run says of a day with what a run said at the day's end.
func TestDaysAreRunsOfTheirEnd(t *testing.T) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "daily", dailyTables())
			for _, asOf := range []string{"2026-03-24", "2026-03-30", "2026-04-03", "2026-04-08"} {
				s.assay(t, "run", "--as-of", asOf)
			}
			then, now := map[string]map[string]any{}, map[string]map[string]any{}
			for _, r := range s.records(t, "SELECT * FROM assay_experiment_results ORDER BY as_of") {
				seen := r["as_of"].(time.Time).Add(-time.Second).Format(time.DateOnly)
				metric := fmt.Sprint(r["experiment"], "/", r["metric"], "/", r["variant"])
				then[metric+"/"+seen], now[metric] = r, r
			}
			compared, last := map[string]int{}, map[string]map[string]any{}
			for _, day := range s.records(t, "SELECT * FROM assay_experiment_daily_latest WHERE axis = 'date' ORDER BY day") {
				metric := fmt.Sprint(day["experiment"], "/", day["metric"], "/", day["variant"])
				last[metric] = day
				r := then[metric+"/"+day["date"].(time.Time).Format(time.DateOnly)]
				// Metrics that were undefined then left the others a level of their own, and a run caps at the quantiles that it knows.
				if r == nil || day["metric"] == "winsorized" || !same(r["alpha"], now[metric]["alpha"]) {
					continue
				}
				compared[metric]++
				agree(t, day, r)
			}
			for metric, r := range now {
				if r["role"] == "secondary" || r["metric"] == "buyers" {
					if last[metric] != nil {
						t.Errorf("%s has days", metric)
					}
					continue
				}
				if agree(t, last[metric], r); compared[metric] < 2 && r["metric"] != "winsorized" {
					t.Errorf("%s: %d days compared", metric, compared[metric])
				}
			}
		})
	}
}

// agree wants a day and a result to be the same to 1e-9, of what is 1e9 ± 1 to what its floats hold.
func agree(t *testing.T, day, result map[string]any) {
	t.Helper()
	for column, of := range cumulative {
		x, isFloat := day[column].(float64)
		y, too := result[of].(float64)
		if heavy := strings.HasSuffix(fmt.Sprint(day["metric"]), "weight"); heavy && isFloat && too && math.Abs(x-y) <= 1e-6 {
			continue
		}
		if !same(day[column], result[of]) {
			t.Errorf("%s %s on %s, %s: %v, and %v in a result", day["experiment"], day["metric"], day["date"], column, day[column], result[of])
		}
	}
}

// An act is something a shopper did: its day in Berlin, since 1970.
type act struct {
	day    int
	at     time.Time
	amount float64
}

type shopper struct {
	variant        string
	exposed        act
	orders, visits []act
}

var berlin, _ = time.LoadLocation("Europe/Berlin")

func actAt(at time.Time, amount float64) act {
	y, m, d := at.In(berlin).Date()
	return act{int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400), at, amount}
}

// shoppers are what the tables' rows tell of those who were exposed.
func shoppers(tables []table) []*shopper {
	byID := map[any]*shopper{}
	var all []*shopper
	for _, row := range tables[0].rows {
		if row[2] != "open" {
			continue
		}
		s := &shopper{variant: row[3].(string), exposed: actAt(row[1].(time.Time), 0)}
		all, byID[row[0]] = append(all, s), s
	}
	for _, row := range tables[1].rows {
		if s := byID[row[1]]; s != nil {
			s.orders = append(s.orders, actAt(row[2].(time.Time), row[3].(float64)))
		}
	}
	for _, row := range tables[2].rows {
		s := byID[row[0]]
		s.visits = append(s.visits, actAt(row[1].(time.Time), 1))
	}
	return all
}

// sum is of the acts on some days, of their hours between two durations after exposure.
func (s *shopper) sum(acts []act, from, to int, after, before time.Duration) (sum float64) {
	for _, a := range acts {
		if since := a.at.Sub(s.exposed.at); from <= a.day && a.day <= to && since >= after && since < before {
			sum += a.amount
		}
	}
	return sum
}

const (
	aDay    = 24 * time.Hour
	forever = 1000 * aDay
)

// A dayMeasure is a metric by hand: a shopper's numerator and denominator over some days, and the day that those since exposure end before.
type dayMeasure struct {
	parts  func(s *shopper, from, to int) (num, den float64)
	counts func(s *shopper) bool
	closed int
}

func yes(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}

var dayMeasures = func() map[string]dayMeasure {
	end, asOf := actAt(time.Date(2026, 4, 2, 22, 0, 0, 0, time.UTC), 0).day, actAt(time.Date(2026, 4, 7, 22, 0, 0, 0, time.UTC), 0).day
	everyone := func(*shopper) bool { return true }
	return map[string]dayMeasure{
		"open/revenue": {func(s *shopper, from, to int) (float64, float64) {
			return s.sum(s.orders, from, min(to, end-1), 0, forever), 1
		}, everyone, end},
		"open/spent_little": {func(s *shopper, from, to int) (float64, float64) {
			return yes(s.sum(s.orders, from, min(to, end-1), 0, forever) < 30), 1
		}, everyone, end},
		"open/order_value": {func(s *shopper, from, to int) (num, den float64) {
			for _, o := range s.orders {
				num, den = num+s.sum([]act{o}, from, min(to, end-1), 0, forever), den+yes(from <= o.day && o.day <= min(to, end-1) && !o.at.Before(s.exposed.at))
			}
			return num, den
		}, everyone, end},
		"windowed/first_days": {func(s *shopper, from, to int) (float64, float64) {
			return s.sum(s.orders, from, to, 0, 3*aDay), 1
		}, everyone, asOf},
		"windowed/came_back": {func(s *shopper, from, to int) (float64, float64) {
			return yes(s.sum(s.visits, from, to, aDay, 4*aDay) > 0), 1
		}, func(s *shopper) bool {
			return !s.exposed.at.Add(4 * aDay).After(time.Date(2026, 4, 7, 22, 0, 0, 0, time.UTC))
		}, asOf},
	}
}()

// TestDaysByHand holds a day's own facts, and days since exposure, to loops over the rows.
func TestDaysByHand(t *testing.T) {
	tables := dailyTables()
	everyone := shoppers(tables)
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "daily", tables)
			s.assay(t, "run", "--as-of", "2026-04-08")
			held := map[string]int{}
			for _, day := range s.records(t, "SELECT * FROM assay_experiment_daily_latest") {
				name := fmt.Sprint(day["experiment"], "/", day["metric"])
				m, known := dayMeasures[name]
				if !known || name == "windowed/came_back" && day["axis"] == "date" { // counts once its days are over
					continue
				}
				held[fmt.Sprint(name, " by ", day["axis"])]++
				n, alone, soFar := m.on(everyone, day)
				for column, want := range map[string]any{"n": n, "value": alone, "cumulative_value": soFar} {
					if !same(number(day[column]), want) {
						t.Errorf("%s of %s, %s %v, %s: %v, want %v", name, day["variant"], day["axis"], day["day"], column, day[column], want)
					}
				}
			}
			for name, least := range map[string]int{"open/revenue by date": 28, "open/revenue by since_exposure": 28,
				"windowed/first_days by date": 34, "windowed/first_days by since_exposure": 8, "windowed/came_back by since_exposure": 10} {
				if held[name] != least {
					t.Errorf("%s: %d rows, want %d", name, held[name], least)
				}
			}
		})
	}
}

// on is a day's row by hand: units, the metric of the day, and the metric so far.
func (m dayMeasure) on(everyone []*shopper, day map[string]any) (n float64, alone, soFar any) {
	var num, den, numSoFar, denSoFar float64
	for _, s := range everyone {
		on, in := s.exposed.day+int(day["day"].(int64)), true
		if date, dated := day["date"].(time.Time); dated {
			on = int(date.Unix() / 86400)
			in = s.exposed.day <= on
		} else {
			in = on < m.closed
		}
		if s.variant != day["variant"] || !in || !m.counts(s) {
			continue
		}
		n++
		x, y := m.parts(s, on, on)
		xs, ys := m.parts(s, 0, on)
		num, den, numSoFar, denSoFar = num+x, den+y, numSoFar+xs, denSoFar+ys
	}
	return n, dividedBy(num, den), dividedBy(numSoFar, denSoFar)
}

// dividedBy is nothing where there is nothing to divide by.
func dividedBy(x, y float64) any {
	if y == 0 {
		return nil
	}
	return x / y
}

// TestFoundByHand holds what a run finds in its tables to loops over their rows: how new they are, of how many units they have a row,
// which share of everybody's the experiment's is, and who is in another experiment too.
func TestFoundByHand(t *testing.T) {
	tables := dailyTables()
	everyone := shoppers(tables)
	until := time.Date(2026, 3, 27, 23, 0, 0, 0, time.UTC)
	var newest time.Time
	var units, buying, ours, all float64
	first, last := math.MaxInt, actAt(until.Add(-1), 0).day
	for _, s := range everyone {
		if !s.exposed.at.Before(until) {
			continue
		}
		units, first = units+1, min(first, s.exposed.day)
		ours += s.sum(s.orders, 0, last, 0, forever)
		bought := false
		for _, o := range s.orders {
			if o.at.Before(until) {
				bought = true
				if o.at.After(newest) {
					newest = o.at
				}
			}
		}
		buying += yes(bought)
	}
	for _, row := range tables[1].rows {
		if a := actAt(row[2].(time.Time), row[3].(float64)); first <= a.day && a.day <= last {
			all += a.amount
		}
	}
	both := 0.0
	for _, row := range tables[0].rows {
		if row[2] == "other" && row[1].(time.Time).Before(until) && everyone[row[0].(int)].exposed.at.Before(until) {
			both++
		}
	}
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "daily", tables)
			s.assay(t, "run", "--as-of", "2026-03-28", "--select", "experiment:open")
			want := map[string]float64{"join_rate/revenue": buying / units, "layer_overlap/other": both,
				"fact_freshness/revenue": until.Sub(newest).Hours()}
			for _, row := range s.records(t, "SELECT * FROM assay_experiment_health") {
				for _, of := range []any{row["metric"], row["slice"]} {
					value, known := want[fmt.Sprint(row["check_name"], "/", of)]
					if known && !same(row["value"], value) {
						t.Errorf("%s of %s: %v, want %v", row["check_name"], of, row["value"], value)
					}
					delete(want, fmt.Sprint(row["check_name"], "/", of))
				}
			}
			if len(want) > 0 {
				t.Error("no rows of", want)
			}
			r := s.results(t)["open/revenue/treatment/overall/all"]
			lift, _ := r["lift"].(float64)
			if !same(r["coverage"], ours/all) || !same(r["global_lift"], lift*ours/all) {
				t.Errorf("coverage %v, want %v; global lift %v", r["coverage"], ours/all, r["global_lift"])
			}
			if r := s.results(t)["open/orders_per_visit/treatment/overall/all"]; r["coverage"] != nil {
				t.Errorf("a ratio covers %v", r["coverage"])
			}
		})
	}
}

// TestOneScanByDay counts scans where days are read too, and the log of an experiment of the same layer.
func TestOneScanByDay(t *testing.T) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "daily", dailyTables())
			// Visits are read as facts, and once more for the trigger.
			s.wantScans(t, map[string]int{"orders": 1, "visits": 2, "refunds": 1, "weighings": 1, "exposures": 1})
		})
	}
}
