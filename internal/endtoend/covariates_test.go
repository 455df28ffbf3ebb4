package endtoend

import (
	"math"
	"slices"
	"testing"
)

// TestCovariates holds the adjusted effect to the coefficient of treatment in a least squares fit of the units' rows: a metric of
// before and who has none, an age and whose is not known, two of three plans.
func TestCovariates(t *testing.T) {
	var rows [][]float64
	var y []float64
	for i, person := range people().rows {
		user := i + 1
		practice := float64(user * 5 % 7)
		row := []float64{1, flag(user > 10 && user <= 20), practice, flag(user%4 == 0), 0, flag(person[1] == nil),
			flag(person[2] == "plus"), flag(person[2] == "pro")}
		if user%4 == 0 {
			row[2] = 0
		}
		if age, known := person[1].(int); known {
			row[4] = float64(age)
		}
		rows, y = append(rows, row), append(y, 3*practice+float64(user*user%5))
	}
	want := leastSquares(rows, y)[1]
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "kinds", kindsTables())
			s.assay(t, "run", "--as-of", kindsAsOf)
			results := s.results(t)
			scored := results["kinds/scored/treatment/overall/all"]
			if !same(scored["effect"], want) {
				t.Errorf("the effect is %v, want %v; %v", scored["effect"], want, scored["warnings"])
			}
			if all := results["kinds/scored_all/treatment/overall/all"]; all["status"] != "ok" || all["variance_reduction"] == nil {
				t.Errorf("by all that is known: %v", all)
			}
			plain, adjusted := results["kinds/returned/treatment/overall/all"], results["kinds/returned_adjusted/treatment/overall/all"]
			if adjusted["value_variant"] != plain["value_variant"] || adjusted["effect"] == plain["effect"] || adjusted["variance_reduction"] == nil {
				t.Errorf("retention as it is %v, adjusted %v (%v)", plain["effect"], adjusted["effect"], adjusted["warnings"])
			}
		})
	}
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// leastSquares solves the normal equations by Gauss and Jordan, the largest pivot first.
func leastSquares(rows [][]float64, y []float64) []float64 {
	k := len(rows[0])
	system := make([][]float64, k)
	for i := range system {
		system[i] = make([]float64, k+1)
		for n, row := range rows {
			for j := range k {
				system[i][j] += row[i] * row[j]
			}
			system[i][k] += row[i] * y[n]
		}
	}
	for i := range system {
		pivot := slices.MaxFunc(system[i:], func(a, b []float64) int { return int(math.Copysign(1, math.Abs(a[i])-math.Abs(b[i]))) })
		at := i + slices.IndexFunc(system[i:], func(row []float64) bool { return &row[0] == &pivot[0] })
		system[i], system[at] = system[at], system[i]
		for j := range system {
			if factor := system[j][i] / system[i][i]; j != i {
				for l := i; l <= k; l++ {
					system[j][l] -= factor * system[i][l]
				}
			}
		}
	}
	solution := make([]float64, k)
	for i := range solution {
		solution[i] = system[i][k] / system[i][i]
	}
	return solution
}
