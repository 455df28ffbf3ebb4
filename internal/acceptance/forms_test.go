package acceptance

import (
	"database/sql"
	"slices"
	"strconv"
	"testing"

	"assay/stats"
)

// Published figures are often of another estimator than a run's: a pooled z test of proportions, a classical least squares fit, a
// slope over both arms. What a run stores is enough for these: its moments give the figure in its published form, to its digits.

// arms are the moments that a run has stored of an experiment's control and a variant.
func arms(t *testing.T, db *sql.DB, experiment, metric, variant string) (control, treated stats.Moments) {
	t.Helper()
	return storedMoments(t, db, experiment, metric, "control"), storedMoments(t, db, experiment, metric, variant)
}

// storedMoments are those of an arm: its value first, then its covariates by name.
func storedMoments(t *testing.T, db *sql.DB, experiment, metric, variant string) stats.Moments {
	t.Helper()
	const from = ` FROM assay_experiment_moments_latest
		WHERE experiment = ? AND metric = ? AND variant = ? AND dimension = 'overall' AND stratum IS NULL`
	n := number(t, db, `SELECT value`+from+` AND stat = 'n'`, experiment, metric, variant)
	names := []string{"value"}
	means := map[string]float64{}
	each(t, db, func(row *sql.Rows) error {
		var name string
		var mean float64
		err := row.Scan(&name, &mean)
		if means[name] = mean; name != "value" {
			names = append(names, name)
		}
		return err
	}, `SELECT a, value`+from+` AND stat = 'mean' ORDER BY a`, experiment, metric, variant)
	m := stats.NewMoments(int64(n), len(names))
	for i, name := range names {
		m.Mean[i] = means[name]
	}
	each(t, db, func(row *sql.Rows) error {
		var a, b string
		var covariance float64
		err := row.Scan(&a, &b, &covariance)
		m.SetCovar(slices.Index(names, a), slices.Index(names, b), covariance)
		return err
	}, `SELECT a, b, value`+from+` AND stat = 'cov'`, experiment, metric, variant)
	return m
}

// storedClusters are an arm's clusters by their size, as a run has stored them.
func storedClusters(t *testing.T, db *sql.DB, experiment, metric, variant string) []stats.ClusterGroup {
	t.Helper()
	var groups []stats.ClusterGroup
	each(t, db, func(row *sql.Rows) error {
		var size string
		var clusters, mean, squares float64
		if err := row.Scan(&size, &clusters, &mean, &squares); err != nil {
			return err
		}
		units, err := strconv.ParseFloat(size, 64)
		sums := stats.CentralSums{N: int64(clusters), Mean: []float64{mean}, Co: []float64{squares}}
		groups = append(groups, stats.ClusterGroup{Size: units, Sums: sums.Moments()})
		return err
	}, `SELECT a, max(value) FILTER (b = 'clusters'), max(value) FILTER (b = 'mean'), max(value) FILTER (b = 'm2')
		FROM assay_experiment_moments_latest
		WHERE experiment = ? AND metric = ? AND variant = ? AND dimension = 'overall' AND stat = 'size' GROUP BY a`,
		experiment, metric, variant)
	return groups
}

func each(t *testing.T, db *sql.DB, scan func(*sql.Rows) error, query string, args ...any) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// printed compares a number with a published one, of which the given relative error is less than half a printed digit.
func printed(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	figure{metric: what, want: want, within: within}.check(t, got)
}

// pooledZ is the z test of two proportions with one variance over both, from totals that a run has written.
func pooledZ(t *testing.T, db *sql.DB, experiment, metric, variant string) stats.Estimate {
	t.Helper()
	count := func(column string) int64 {
		return int64(number(t, db, `SELECT round(`+column+`) FROM assay_experiment_results_latest
			WHERE experiment = ? AND metric = ? AND variant = ? AND dimension = 'overall' AND decides`, experiment, metric, variant))
	}
	estimate, err := stats.PooledProportions(
		stats.Successes{Successes: count("total_control"), Trials: count("n_control")},
		stats.Successes{Successes: count("total_variant"), Trials: count("n_variant")}, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	return estimate
}

// leastSquares is the classical fit of the metric on treatment and its covariates.
func leastSquares(t *testing.T, db *sql.DB, experiment, metric, variant string) stats.ANCOVA {
	t.Helper()
	control, treated := arms(t, db, experiment, metric, variant)
	kept := stats.IndependentCovariates(control, treated)
	fit, err := stats.RegressCommon(control.KeepCovariates(kept), treated.KeepCovariates(kept), 0.05)
	if err != nil {
		t.Fatal(err)
	}
	return fit
}

// cupedOverBoth is CUPED with one slope over the units of both arms.
func cupedOverBoth(t *testing.T, db *sql.DB, experiment, metric, variant string) (slope float64, e stats.Estimate) {
	t.Helper()
	adjusted := stats.CUPED(stats.PooledTotal, both(arms(t, db, experiment, metric, variant))...)
	e, err := stats.FixedTest{Alpha: 0.05}.Difference(adjusted.Arms[0], adjusted.Arms[1])
	if err != nil {
		t.Fatal(err)
	}
	return adjusted.Slopes[0][0], e
}

func both(control, treated stats.Moments) []stats.Moments { return []stats.Moments{control, treated} }
