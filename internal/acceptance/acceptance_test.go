// Package acceptance runs real experiments, each with the figures that others published of it, through the whole product.
package acceptance

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"assay/internal/agree"
	"assay/internal/cli"
	"assay/internal/enginetest"
	"assay/stats"
)

// A figure is a number that someone published, and how many of its digits they and we should share.
type figure struct {
	experiment, metric, variant, column string
	want, within                        float64 // within is relative
}

const (
	exact = 1e-9
	// A normal interval where ours is Welch's t, p(1−p)/n where ours is the sample variance: at tens of thousands of units they
	// share four digits of an interval's end.
	wald = 5e-4
	// In a slice of some hundreds their ends are as near as this share of the interval's width.
	waldOfSlice = 2e-3
	// Published CUPED takes its slope over both arms pooled, ours within them.
	pooledSlope = 2e-5
	// The digits that a figure of these was printed with.
	sevenDigits, eightDigits = 5e-7, 5e-8
)

// datasets is the folder that ASSAY_DATASETS names; the test is skipped where it is absent.
func datasets(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ASSAY_DATASETS")
	if dir == "" {
		dir = "../../../shared/datasets"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no datasets (set ASSAY_DATASETS): %v", err)
	}
	return dir
}

// TestEnginesAgree runs the experiments on every engine at hand, those of many rows where these can be loaded in seconds.
func TestEnginesAgree(t *testing.T) {
	t.Setenv("ASSAY_DATASETS", datasets(t))
	every := []string{"duckdb", "postgres", "clickhouse", "trino", "databricks"}
	for project, names := range map[string][]string{
		"nsw_job_training": every, "eppo_demo_clustered": every, "hillstrom": every[:3], "charitable_giving_2007": every[:3],
		"cookie_cats": every[:3], "udacity_landing_page": every[:3],
	} {
		var engines []enginetest.Engine
		for _, name := range names {
			engines = append(engines, enginetest.Named(name))
		}
		t.Run(project, func(t *testing.T) { agree.OnEngines(t, filepath.Join("testdata", project), engines) })
	}
}

// results runs the project of testdata and opens the database of its result tables.
func results(t *testing.T, project string) *sql.DB {
	t.Helper()
	t.Setenv("ASSAY_DATASETS", datasets(t))
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", project))); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := cli.Run(context.Background(), []string{"run", "--project-dir", dir}, &out, &out); code != 0 {
		t.Fatalf("assay run exits %d:\n%s", code, out.String())
	}
	db, err := sql.Open("duckdb", filepath.Join(dir, "target", "results.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func compare(t *testing.T, db *sql.DB, figures []figure) {
	t.Helper()
	for _, f := range figures {
		got := number(t, db, `SELECT `+f.column+` FROM assay_experiment_results_latest
			WHERE experiment = ? AND metric = ? AND variant = ? AND dimension = 'overall' AND decides`, f.experiment, f.metric, f.variant)
		f.check(t, got)
	}
}

func (f figure) check(t *testing.T, got float64) {
	t.Helper()
	if math.Abs(got-f.want) > f.within*math.Abs(f.want) || math.IsNaN(got) {
		t.Errorf("%s %s %s %s: got %.12g, published %.12g", f.experiment, f.metric, f.variant, f.column, got, f.want)
	}
}

// health compares a check's value, p-value and status.
func health(t *testing.T, db *sql.DB, experiment, check, column string, want, within float64) {
	t.Helper()
	got := number(t, db, `SELECT `+column+` FROM assay_experiment_health_latest
		WHERE experiment = ? AND check_name = ? AND metric IS NULL AND dimension IS NULL`, experiment, check)
	figure{experiment: experiment, metric: check, column: column, want: want, within: within}.check(t, got)
}

func healthStatus(t *testing.T, db *sql.DB, experiment, check, want string) {
	t.Helper()
	var got string
	err := db.QueryRow(`SELECT status FROM assay_experiment_health_latest
		WHERE experiment = ? AND check_name = ? AND metric IS NULL AND dimension IS NULL`, experiment, check).Scan(&got)
	if err != nil || got != want {
		t.Errorf("%s %s: status %q (%v), want %q", experiment, check, got, err, want)
	}
}

func number(t *testing.T, db *sql.DB, query string, args ...any) float64 {
	t.Helper()
	var got float64
	if err := db.QueryRow(query, args...).Scan(&got); err != nil {
		t.Errorf("%v: %v", args, err)
		return math.NaN()
	}
	return got
}

// The MineThatData e-mail challenge (Hillstrom 2008). The published intervals of visit and conversion are Wald's and are compared
// as such.
func TestHillstrom(t *testing.T) {
	db := results(t, "hillstrom")
	compare(t, db, []figure{
		{"email", "spend", "mens", "value_control", 0.6527893551112361, exact},
		{"email", "spend", "mens", "value_variant", 1.422616511005773, exact},
		{"email", "spend", "mens", "effect", 0.7698271558945368, exact},
		{"email", "spend", "mens", "p_value", 1.1638149682254823e-07, 1e-6},
		{"email", "spend", "mens", "p_adjusted", 2.3276e-07, 1e-4},
		{"email", "spend", "womens", "value_variant", 1.0772015710478329, exact},
		{"email", "spend", "womens", "effect", 0.4244122159365967, exact},
		{"email", "spend", "womens", "p_value", 0.0011293971023632501, 1e-6},
		{"email", "spend", "womens", "p_adjusted", 0.0011294, 1e-4},
		{"email", "visit", "mens", "value_control", 0.10616727682343002, exact},
		{"email", "visit", "mens", "value_variant", 0.18275684047496127, exact},
		{"email", "visit", "mens", "effect", 0.07658956365153125, exact},
		{"email", "visit", "mens", "effect_low", 0.06995350121810838, wald},
		{"email", "visit", "mens", "effect_high", 0.08322562608495411, wald},
		{"email", "visit", "womens", "value_variant", 0.151400383410483, exact},
		{"email", "visit", "womens", "effect", 0.045233106587052985, exact},
		{"email", "visit", "womens", "effect_low", 0.03889382581264261, wald},
		{"email", "visit", "womens", "effect_high", 0.05157238736146336, wald},
		{"email", "conversion", "mens", "value_control", 0.005726086548390125, exact},
		{"email", "conversion", "mens", "effect", 0.006805006519615695, exact},
		{"email", "conversion", "mens", "effect_low", 0.005000171380452312, wald},
		{"email", "conversion", "mens", "effect_high", 0.008609841659078776, wald},
		{"email", "conversion", "mens", "value_variant", 0.01253109306800582, exact},
		{"email", "conversion", "womens", "value_variant", 0.008837144059475383, exact},
		{"email", "conversion", "womens", "effect", 0.003111057511085258, exact},
		{"email", "conversion", "womens", "effect_low", 0.0014986778214022343, wald},
		{"email", "conversion", "womens", "effect_high", 0.004723437200768281, wald},
		{"email", "spend", "mens", "n_control", 21306, exact},
		{"email", "spend", "mens", "n_variant", 21307, exact},
		{"email", "spend", "womens", "n_variant", 21387, exact},
		{"mens_adjusted", "spend_adjusted", "mens", "effect", 0.76743850, pooledSlope},
		{"mens_adjusted", "spend_adjusted", "mens", "effect_se", 0.14521504, sevenDigits},
		{"mens_adjusted", "visit_adjusted", "mens", "effect", 0.07641115, pooledSlope},
		{"mens_adjusted", "visit_adjusted", "mens", "effect_se", 0.00337836, 5e-6},
		{"womens_adjusted", "spend_adjusted", "womens", "effect", 0.42270092, pooledSlope},
		{"womens_adjusted", "spend_adjusted", "womens", "effect_se", 0.13030822, sevenDigits},
	})
	for metric, published := range map[string][2]float64{
		"visit":      {5.685165482802319e-112, 3.1824031593349214e-44},
		"conversion": {1.5232235005955425e-13, 0.00015710512910668448},
	} {
		printed(t, metric+" mens, pooled p", pooledZ(t, db, "email", metric, "mens").Test.P, published[0], exact)
		printed(t, metric+" womens, pooled p", pooledZ(t, db, "email", metric, "womens").Test.P, published[1], exact)
	}
	for _, f := range []struct {
		experiment, metric, variant string
		effect, se                  float64
	}{
		{"mens_adjusted", "spend_adjusted", "mens", 0.76743850, 0.14521504},
		{"mens_adjusted", "visit_adjusted", "mens", 0.07641115, 0.00337836},
		{"womens_adjusted", "spend_adjusted", "womens", 0.42270092, 0.13030822},
	} {
		_, got := cupedOverBoth(t, db, f.experiment, f.metric, f.variant)
		printed(t, f.metric+" "+f.variant+", one slope", got.Value, f.effect, eightDigits*2)
		printed(t, f.metric+" "+f.variant+", its error", got.SE, f.se, 2e-6)
	}
	segments(t, db)
	health(t, db, "email", "sample_ratio", "value", 0.20253125, exact)
	health(t, db, "email", "sample_ratio", "p_value", 0.903692957, 1e-8)
	health(t, db, "mens_adjusted", "undeclared_variants", "value", 21387, exact)
}

// segments compares the table that the second analysis published by segment (Rizzzyyy1/hillstrom-ab-testing-analysis at eb29c8e,
// outputs/tables/segment_treatment_effects.csv). Its intervals of spend are bootstrapped, which runs have none of.
func segments(t *testing.T, db *sql.DB) {
	t.Helper()
	file, err := os.Open("testdata/hillstrom_segments.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		published := map[string]float64{}
		for i, column := range lines[0][4:] {
			if want, err := strconv.ParseFloat(line[4+i], 64); err == nil {
				published[column] = want
			}
		}
		for column, want := range published {
			got := number(t, db, `SELECT `+column+` FROM assay_experiment_results_latest
				WHERE experiment = 'email' AND dimension = ? AND slice = ? AND variant = ? AND metric = ? AND decides`,
				line[0], line[1], line[2], line[3])
			within := exact * want
			if column == "effect_low" || column == "effect_high" {
				within = waldOfSlice * (published["effect_high"] - published["effect_low"])
			}
			if !(math.Abs(got-want) <= within) {
				t.Errorf("%v %s: got %v, published %v", line[:4], column, got, want)
			}
		}
	}
}

// Cookie Cats' gate at level 30 or 40. The published intervals are unpooled.
func TestCookieCats(t *testing.T) {
	db := results(t, "cookie_cats")
	compare(t, db, []figure{
		{"gate", "retention_1", "gate_40", "n_control", 44700, exact},
		{"gate", "retention_1", "gate_40", "n_variant", 45489, exact},
		{"gate", "retention_1", "gate_40", "total_control", 20034, exact},
		{"gate", "retention_1", "gate_40", "total_variant", 20119, exact},
		{"gate", "retention_1", "gate_40", "value_control", 0.448188, 1e-6},
		{"gate", "retention_1", "gate_40", "value_variant", 0.442283, 1e-6},
		{"gate", "retention_1", "gate_40", "effect", -0.0059051698, 1e-8},
		{"gate", "retention_1", "gate_40", "effect_low", -0.0123924, wald},
		{"gate", "retention_1", "gate_40", "effect_high", 0.0005821, 1e-3},
		{"gate", "retention_7", "gate_40", "total_control", 8502, exact},
		{"gate", "retention_7", "gate_40", "total_variant", 8279, exact},
		{"gate", "retention_7", "gate_40", "value_control", 0.190201, 2e-6},
		{"gate", "retention_7", "gate_40", "value_variant", 0.182000, 1e-6},
		{"gate", "retention_7", "gate_40", "effect", -0.0082012983, 1e-8},
		{"gate", "retention_7", "gate_40", "effect_low", -0.0132816, wald},
		{"gate", "retention_7", "gate_40", "effect_high", -0.0031210, wald},
		{"gate", "game_rounds", "gate_40", "value_control", 52.456264, 1e-7},
		{"gate", "game_rounds", "gate_40", "value_variant", 51.298776, 1e-7},
	})
	for metric, published := range map[string]struct{ z, p float64 }{
		"retention_1": {-1.7840862, 0.0744097}, "retention_7": {-3.1643589, 0.0015542},
	} {
		test := pooledZ(t, db, "gate", metric, "gate_40")
		printed(t, metric+", pooled z", test.Test.Statistic, published.z, eightDigits)
		printed(t, metric+", pooled p", test.Test.P, published.p, 5e-5)
	}
	most := number(t, db, `SELECT most_rounds FROM assay_players_seen`)
	printed(t, "rounds of the outlier", most, 49854, 0)
	health(t, db, "gate", "sample_ratio", "value", 6.9024049496, exact)
	health(t, db, "gate", "sample_ratio", "p_value", 0.0086079878, 1e-8)
	healthStatus(t, db, "gate", "sample_ratio", "pass")
	healthStatus(t, db, "gate_watched_closely", "sample_ratio", "fail")

	// One player of 49,854 rounds widens the interval of the plain mean; capped, they do not.
	plain := number(t, db, `SELECT effect_se FROM assay_experiment_results_latest WHERE metric = 'game_rounds'`)
	capped := number(t, db, `SELECT effect_se FROM assay_experiment_results_latest WHERE metric = 'game_rounds_winsorized'`)
	if capped > 0.8*plain {
		t.Errorf("winsorizing leaves a standard error of %g out of %g", capped, plain)
	}
}

// Matching gifts by direct mail (Karlan and List 2007, table 2A).
func TestCharitableGiving(t *testing.T) {
	db := results(t, "charitable_giving_2007")
	compare(t, db, []figure{
		{"matching", "gave", "match", "n_control", 16687, exact},
		{"matching", "gave", "match", "n_variant", 33396, exact},
		{"matching", "gave", "match", "value_control", 0.0178582130, 1e-8},
		{"matching", "gave", "match", "value_variant", 0.0220385676, 1e-8},
		{"matching", "gave", "match", "effect", 0.0041803550, 5e-7},
		{"matching", "gave", "match", "effect_low", 0.001627399, 1e-6},
		{"matching", "gave", "match", "effect_high", 0.006733310, 1e-6},
		{"matching", "gave", "match", "effect / effect_se", 3.2095, 2e-5},
		{"matching", "gave", "match", "p_value", 0.001331, 5e-4},
		{"matching_amounts", "dollars", "match", "value_control", 0.8132678, 1e-7},
		{"matching_amounts", "dollars", "match", "value_variant", 0.9651734, 1e-7},
		{"matching_amounts", "dollars", "match", "effect", 0.1519056, 1e-6},
		{"matching_amounts", "dollars", "match", "effect_low", -0.005019749, 1e-6},
		{"matching_amounts", "dollars", "match", "effect_high", 0.308830892, 1e-8},
		{"matching_amounts", "dollars", "match", "p_value", 0.05779, 1e-4},
		{"matching_amounts", "dollars", "match", "sd_control / sqrt(n_control)", 0.063, 1e-2},
		{"matching_amounts", "dollars", "match", "sd_variant / sqrt(n_variant)", 0.049, 1e-2},
		{"matching_amounts", "dollars_adjusted", "match", "effect", 0.1474067, 1e-6},
		{"matching", "gave", "match", "sd_control / sqrt(n_control)", 0.001, 5e-1},
		{"matching", "gave", "match", "sd_variant / sqrt(n_variant)", 0.001, 5e-1},
	})
	gave := leastSquares(t, db, "matching", "gave", "match")
	printed(t, "gave, least squares", gave.Value, 0.0041803550, 2e-7)
	printed(t, "gave, its error", gave.SE, 0.0013479, 5e-5)
	printed(t, "gave, its p", gave.Test.P, 0.0019274, 5e-5)
	printed(t, "dollars, its error", leastSquares(t, db, "matching_amounts", "dollars", "match").SE, 0.0825359, 1e-6)
	adjusted := leastSquares(t, db, "matching_amounts", "dollars_adjusted", "match")
	printed(t, "dollars adjusted, least squares", adjusted.Value, 0.1474067, sevenDigits)
	printed(t, "dollars adjusted, its error", adjusted.SE, 0.0823996, 1e-6)
}

// Udacity's landing page. The published interval is unpooled. A logit of the page alone is the difference in log odds, a derived
// metric; with the countries beside it the logit is no comparison of two arms.
func TestUdacityLandingPage(t *testing.T) {
	db := results(t, "udacity_landing_page")
	compare(t, db, []figure{
		{"landing_page", "converted", "treatment", "n_control", 145274, exact},
		{"landing_page", "converted", "treatment", "n_variant", 145310, exact},
		{"landing_page", "converted", "treatment", "total_control", 17489, exact},
		{"landing_page", "converted", "treatment", "total_variant", 17264, exact},
		{"landing_page", "converted", "treatment", "value_control", 0.1203863045, exact},
		{"landing_page", "converted", "treatment", "value_variant", 0.1188080655, exact},
		{"landing_page", "converted", "treatment", "effect", -0.0015782390, 1e-7},
		{"landing_page", "converted", "treatment", "effect_low", -0.0039378603, 1e-5},
		{"landing_page", "converted", "treatment", "effect_high", 0.0007813823, 5e-5},
		{"landing_page", "converted_log_odds", "treatment", "value_control", -1.988777, sevenDigits},
		{"landing_page", "converted_log_odds", "treatment", "effect", -0.014989, 5e-5},
		{"landing_page", "converted_log_odds", "treatment", "effect_se", 0.011434, 5e-5},
		{"landing_page", "converted_log_odds", "treatment", "p_value", 0.189886, 5e-5},
	})
	test := pooledZ(t, db, "landing_page", "converted", "treatment")
	printed(t, "pooled z", test.Test.Statistic, -1.3109241984, exact)
	printed(t, "pooled p", test.Test.P, 0.1898833745, exact)
	printed(t, "pooled p, one-sided", 1-test.Test.P/2, 0.9050583, eightDigits)
	health(t, db, "landing_page_with_faults", "multiple_exposures", "value", 1895, exact)
	health(t, db, "landing_page_by_page", "multiple_exposures", "value", 1998, exact)
	for country, want := range map[string]float64{"US": 203619, "UK": 72466, "CA": 14499} {
		users := number(t, db, `SELECT sum(n_control + n_variant) FROM assay_experiment_results_latest
			WHERE experiment = 'landing_page' AND metric = 'converted' AND dimension = 'user__country' AND slice = ?`, country)
		if users != want {
			t.Errorf("%v users of %s, want %v", users, country, want)
		}
	}
	for of, want := range map[[2]string]float64{{"control", "new_page"}: 1928, {"treatment", "old_page"}: 1965} {
		visits := number(t, db, `SELECT visits FROM assay_visits_by_page WHERE visit__group = ? AND visit__landing_page = ?`, of[0], of[1])
		printed(t, "visits of "+of[0]+" to "+of[1], visits, want, 0)
	}
	kpi := []figure{
		{metric: "users_seen", want: 290584},
		{metric: "visits", want: 294478},
		{metric: "visits_on_other_page", want: 3893},
		{metric: "conversion_rate", want: 0.1196591936, within: exact},
	}
	for _, f := range kpi {
		f.column = "query"
		f.check(t, number(t, db, `SELECT `+f.metric+` FROM assay_visits_as_logged`))
	}
}

// The job training programme of the National Supported Work demonstration (Dehejia and Wahba 1999).
func TestJobTraining(t *testing.T) {
	db := results(t, "nsw_job_training")
	compare(t, db, []figure{
		{"training", "earnings", "trained", "n_control", 260, exact},
		{"training", "earnings", "trained", "n_variant", 185, exact},
		{"training", "earnings", "trained", "effect", 1794.3423818501, exact},
		{"training", "earnings", "trained", "effect_se", 670.9965445, exact},
		{"training", "earnings_adjusted", "trained", "effect", 1672.2031236, exact},
		{"training", "earnings_after_1974", "trained", "effect", 1795.5514554, pooledSlope},
		{"training", "earnings_after_1974", "trained", "effect_se", 668.6628493, 1e-5},
		{"training", "earnings_after_1975", "trained", "effect", 1747.1339898, 2e-3}, // 445 workers: the two slopes are further apart
		{"training", "earnings_after_1975", "trained", "effect_se", 668.9619076, 1e-5},
	})
	printed(t, "least squares, its error", leastSquares(t, db, "training", "earnings", "trained").SE, 632.8533924, exact)
	printed(t, "adjusted, its error", leastSquares(t, db, "training", "earnings_adjusted", "trained").SE, 638.3966270, exact)
	for metric, published := range map[string]struct{ slope, effect, se float64 }{
		"earnings_after_1975": {0.1780465817, 1747.1339898, 668.9619076},
		"earnings_after_1974": {0.1055686700, 1795.5514554, 668.6628493},
	} {
		slope, got := cupedOverBoth(t, db, "training", metric, "trained")
		printed(t, metric+", slope", slope, published.slope, exact)
		printed(t, metric+", effect", got.Value, published.effect, exact)
		printed(t, metric+", error", got.SE, published.se, exact)
	}
}

// Eppo's clustered demonstration: companies assigned, users measured. The published error by company corrects for the number of
// clusters over both arms, ours arm by arm. The data are generated: the truth is known, and the intervals hold it.
func TestEppoDemoClustered(t *testing.T) {
	db := results(t, "eppo_demo_clustered")
	const correction = 4e-4
	compare(t, db, []figure{
		{"by_company", "sessions", "test", "value_control", 0.3089863, 2e-7},
		{"by_company", "sessions", "test", "value_variant", 0.3185414, 1e-7},
		{"by_company", "sessions", "test", "total_control + total_variant", 4726, exact},
		{"by_company", "sessions", "test", "effect", 0.0095551, 5e-6},
		{"by_company", "sessions", "test", "effect_se", 0.0090620, correction},
		{"by_user", "sessions", "test", "n_control + n_variant", 15045, exact},
	})
	printed(t, "by user, its error", leastSquares(t, db, "by_user", "sessions", "test").SE, 0.0091743, 5e-6)
	clusters, err := stats.CompareClusters(storedClusters(t, db, "by_company", "sessions", "control"),
		storedClusters(t, db, "by_company", "sessions", "test"), 0.05)
	if err != nil {
		t.Fatal(err)
	}
	printed(t, "by company, its error", clusters.SECR1S, 0.0090620, 5e-6)
	for metric, truth := range map[string]float64{"sessions": 0.015, "minutes": 0, "minutes_per_session": 0} {
		held := number(t, db, `SELECT CAST(? BETWEEN effect_low AND effect_high AS INTEGER) FROM assay_experiment_results_latest
			WHERE experiment = 'by_company' AND metric = ? AND dimension = 'overall'`, truth, metric)
		if held != 1 {
			t.Errorf("the interval of %s does not hold %v", metric, truth)
		}
	}
	health(t, db, "by_company", "no_assignments", "value", 15045, exact)
	companies := number(t, db, `SELECT sum(value) FROM assay_experiment_moments_latest
		WHERE experiment = 'by_company' AND metric = 'sessions' AND dimension = 'overall' AND stat = 'size' AND b = 'clusters'`)
	if companies != 1500 {
		t.Errorf("%v companies, want 1500", companies)
	}

	// Companies differ in how long their users watch, so that users by themselves seem to know more than they do.
	se := func(experiment string) float64 {
		return number(t, db, `SELECT effect_se FROM assay_experiment_results_latest
			WHERE experiment = ? AND metric = 'minutes_per_session' AND dimension = 'overall'`, experiment)
	}
	if company, user := se("by_company"), se("by_user"); company < 1.3*user {
		t.Errorf("minutes by company have a standard error of %g, by user of %g", company, user)
	}
}
