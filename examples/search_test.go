package examples

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The forecasts of the search example: what people read, and the numbers behind it by hand.

func TestSearch(t *testing.T) {
	dir := copied(t, "search")
	printed := assay(t, "power", "--project-dir", dir, "--as-of", "2026-04-20")
	holdGolden(t, "testdata/search.txt", printed)
	db := open(t, filepath.Join(dir, "target", "marketplace.duckdb"), dir)
	for _, days := range []int{21, 42, 70} {
		t.Run(fmt.Sprintf("%d days", days), func(t *testing.T) { holdForecast(t, db, days) })
	}
	t.Run("lifts are found as often as is told", func(t *testing.T) { findAsTold(t, db) })
}

// holdGolden compares a text with a file, or writes it there.
func holdGolden(t *testing.T, path, got string) {
	t.Helper()
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
		t.Errorf("%s differs (-update rewrites it):\n%s", path, got)
	}
}

// searchUnits is SQL for what each user brings to an experiment of so many days.
func searchUnits(t *testing.T, days int) string {
	return strings.ReplaceAll(byHand(t, "search_units.sql"), "{days}", fmt.Sprint(days))
}

// holdForecast compares a week of the experiment `ranking` with SQL and the textbook: two equal arms find
// (z_{α/2} + z_{80%})·σ·√(2/n) of their mean. The correction leaves 4% to the primary metric and ½% to either of the others. What CUPED
// leaves of a variance is 1 − R² of the regression on the revenue before and on there being none.
func holdForecast(t *testing.T, db *sql.DB, days int) {
	same(t, db, fmt.Sprintf(`
		SELECT metric, units, n_control, n_variant, round(detectable_lift, 5), value_control, sd_control, round(alpha, 9)
		FROM assay_power_latest WHERE experiment = 'ranking' AND days = %d AND metric IN ('buyers', 'average_price', 'revenue')
		ORDER BY metric`, days), `
		WITH units AS (`+searchUnits(t, days)+`),
		metrics AS (
			SELECT 'average_price' AS metric, count(*) AS n, sum(uncapped) / sum(purchases) AS value, 0.005 AS alpha,
				2.8070337683438 AS z,
				sqrt(var_samp(uncapped) + value * value * var_samp(purchases) - 2 * value * covar_samp(uncapped, purchases))
					/ avg(purchases) AS sd
			FROM units
			UNION ALL
			SELECT 'buyers', count(*), avg((purchases > 0)::INTEGER), 0.04, 2.0537489106318, stddev_samp((purchases > 0)::INTEGER)
			FROM units WHERE mature
			UNION ALL
			SELECT 'revenue', count(*), avg(revenue), 0.005, 2.8070337683438, sqrt(var_samp(revenue) * (1 - (
				corr(revenue, before) ** 2 + corr(revenue, unseen) ** 2
				- 2 * corr(revenue, before) * corr(revenue, unseen) * corr(before, unseen)
			) / (1 - corr(before, unseen) ** 2)))
			FROM units
		)
		SELECT metric, (SELECT count(*) FROM units), round(n / 2)::BIGINT, round(n / 2)::BIGINT,
			round((z + 0.84162123357291) * sd * sqrt(2 / round(n / 2)) / value, 5), value, sd, alpha::DOUBLE
		FROM metrics ORDER BY metric`)
}

// findAsTold draws experiments from the users of ten weeks, adds to each price of the variant the smallest effect that is found, and
// counts how often a test that shares nothing with ours finds it: 80% of times.
func findAsTold(t *testing.T, db *sql.DB) {
	users, _ := rows(t, db, "SELECT uncapped, purchases::DOUBLE FROM ("+searchUnits(t, 70)+") ORDER BY user_id")
	told, _ := rows(t, db, `SELECT detectable_effect, n_control FROM assay_power_latest
		WHERE experiment = 'ranking' AND metric = 'average_price' AND days = 70`)
	effect, n := told[0][0].(float64), int(told[0][1].(int64))
	random := rand.New(rand.NewPCG(7, 7))
	const experiments = 1500
	found := 0
	for range experiments {
		control, v := drawPrice(random, users, n, 0)
		variant, w := drawPrice(random, users, n, effect)
		if math.Abs(variant-control) > 2.8070337683438*math.Sqrt(v+w) {
			found++
		}
	}
	share, allowed := float64(found)/experiments, 4*math.Sqrt(0.8*0.2/experiments)
	if math.Abs(share-0.8) > allowed {
		t.Errorf("an effect of %.3f is found in %.1f%% of experiments, want 80%% ± %.1f", effect, 100*share, 100*allowed)
	}
}

// drawPrice is the average price over n users drawn with replacement, each of their prices raised, and its variance.
func drawPrice(random *rand.Rand, users [][]any, n int, raised float64) (price, variance float64) {
	var revenue, purchases []float64
	sumRevenue, sumPurchases := 0.0, 0.0
	for range n {
		user := users[random.IntN(len(users))]
		purchases = append(purchases, user[1].(float64))
		revenue = append(revenue, user[0].(float64)+raised*user[1].(float64))
		sumRevenue, sumPurchases = sumRevenue+revenue[len(revenue)-1], sumPurchases+purchases[len(purchases)-1]
	}
	price = sumRevenue / sumPurchases
	squares := 0.0
	for i := range revenue {
		squares += math.Pow(revenue[i]-price*purchases[i], 2)
	}
	return price, squares / (sumPurchases * sumPurchases)
}

func TestReadmeForecast(t *testing.T) {
	printed, err := os.ReadFile("testdata/search.txt")
	if err != nil {
		t.Fatal(err)
	}
	if shown := blocks(t, "text")[1]; !strings.Contains(string(printed), shown) {
		t.Errorf("the README shows another forecast than testdata/search.txt:\n%s", shown)
	}
}
