package endtoend

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// methodTables are 400 units, the odd ones of which are treated, and their amounts.
func methodTables() []table {
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, variant text",
		[]string{"user_id", "exposed_at", "variant"}, nil}
	events := table{"events", "user_id integer, happened_at timestamp, amount double precision, code integer",
		[]string{"user_id", "happened_at", "amount", "code"}, nil}
	r := rand.New(rand.NewPCG(3, 5))
	for user := range 400 {
		variant := []string{"control", "treatment"}[user%2]
		exposures.rows = append(exposures.rows, []any{user, day(5, 0), variant})
		for range 1 + r.IntN(5) {
			at := day(5, 0).Add(time.Duration(r.IntN(5*24*60)) * time.Minute)
			events.rows = append(events.rows, []any{user, at, 1 + 9*r.Float64() + float64(user%2), r.IntN(7)})
		}
	}
	return []table{exposures, events}
}

// The kinds of metric; the last few have no Bayesian answer.
var (
	means = []string{"total", "events", "codes", "about_codes", "large", "smallest", "largest", "typical", "earliest", "latest",
		"per_event", "margin", "returned", "reached", "path", "converted"}
	percentiles = []string{"median_amount", "slowest", "median_total"}
)

// judgements are results by method, metric and confidence.
type judgements map[string]map[string]any

func (j judgements) row(method, metric string, confidence float64) map[string]any {
	return j[fmt.Sprintf("%s/%s/%v", method, metric, confidence)]
}

// half is half the width of an interval, which holds its effect; the control's value is the same under every method, but for what the
// order of its sums makes of it.
func (j judgements) half(t *testing.T, method, metric string, confidence float64) float64 {
	t.Helper()
	row := j.row(method, metric, confidence)
	if row["status"] != "ok" || !same(row["value_control"], j.row("fixed", metric, 0.95)["value_control"]) {
		t.Errorf("%s of %s at %v: %v, %v", method, metric, confidence, row["status"], row["warnings"])
		return math.NaN()
	}
	effect, low, high := row["effect"].(float64), row["effect_low"].(float64), row["effect_high"].(float64)
	if !(low < effect && effect < high) || row["decides"] != (confidence == 0.95) {
		t.Errorf("%s of %s at %v: %v in %v to %v", method, metric, confidence, effect, low, high)
	}
	return (high - low) / 2
}

// TestEveryMethodOfEveryKind: each method answers for each kind of metric that it is defined for, at each confidence asked for.
func TestEveryMethodOfEveryKind(t *testing.T) {
	s := openProject(t, "duckdb", "methods", methodTables())
	s.assay(t, "run", "--as-of", "2026-01-15")
	j := judgements{}
	for _, row := range s.records(t, "SELECT * FROM assay_experiment_results WHERE dimension = 'overall' AND step IS NULL") {
		j[fmt.Sprintf("%v/%v/%v", row["experiment"], row["metric"], row["confidence"])] = row
	}
	if want := 3 * (5*len(means) + 4*len(percentiles)); len(j) != want {
		t.Errorf("%d results, want %d", len(j), want)
	}
	for _, metric := range append(slices.Clone(means), percentiles...) {
		for confidence, z := range map[float64]float64{0.8: 1.2815515655446004, 0.9: 1.6448536269514722, 0.95: 1.959963984540054} {
			j.checkFrequencies(t, metric, confidence, z)
		}
	}
	for _, metric := range means {
		j.checkBeliefs(t, metric)
	}
}

// checkFrequencies has fixed and sequential intervals follow from the error by their formulas (Welch 1947; Waudby-Smith et al. 2021,
// tightest at 10,000 units at the level that decides), and those of the other methods lie between.
func (j judgements) checkFrequencies(t *testing.T, metric string, confidence, z float64) {
	t.Helper()
	fixed, watched := j.half(t, "fixed", metric, confidence), j.half(t, "sequential", metric, confidence)
	row := j.row("fixed", metric, confidence)
	se, n := row["effect_se"].(float64), float64(row["n_control"].(int64)+row["n_variant"].(int64))
	if ratio := fixed / (z * se); ratio < 1-1e-9 || ratio > 1.02 { // Student's by its degrees of freedom
		t.Errorf("%s at %v: %v errors", metric, confidence, fixed/se)
	}
	const decides = 0.05
	alpha, nu := 1-confidence, 10000/(-2*math.Log(decides)+math.Log(1-2*math.Log(decides)))
	if want := se * math.Sqrt((n+nu)/n*math.Log((n+nu)/(nu*alpha*alpha))); math.Abs(watched-want) > 1e-6*want {
		t.Errorf("sequential, %s at %v: %v, want %v", metric, confidence, watched, want)
	}
	for _, method := range []string{"hybrid", "group_sequential"} {
		if between := j.half(t, method, metric, confidence); !(fixed < between && between < watched) {
			t.Errorf("%s, %s at %v: %v, not within %v to %v", method, metric, confidence, between, fixed, watched)
		}
	}
}

func (j judgements) checkBeliefs(t *testing.T, metric string) {
	t.Helper()
	row := j.row("bayesian", metric, 0.95)
	wide, middle, narrow := j.half(t, "bayesian", metric, 0.95), j.half(t, "bayesian", metric, 0.9), j.half(t, "bayesian", metric, 0.8)
	chance, _ := row["chance_to_win"].(float64)
	if !(narrow < middle && middle < wide) || chance <= 0 || chance >= 1 || row["p_value"] != nil {
		t.Errorf("bayesian, %s: %v, %v, %v; chance to win %v, p %v", metric, narrow, middle, wide, chance, row["p_value"])
	}
}
