package judge

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// hillstrom reads (spend, visit, history) of each customer by arm; the test is skipped where the published data are not at hand.
func hillstrom(t *testing.T) map[string][][3]float64 {
	t.Helper()
	folder := cmp.Or(os.Getenv("ASSAY_DATASETS"), "../../../shared/datasets")
	file, err := os.Open(filepath.Join(folder, "hillstrom", "hillstrom.csv.gz"))
	if err != nil {
		t.Skip("the hillstrom data are not here: ", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := make(map[string]int)
	for i, name := range rows[0] {
		at[name] = i
	}
	arms := make(map[string][][3]float64)
	for _, row := range rows[1:] {
		var unit [3]float64
		for i, name := range []string{"spend", "visit", "history"} {
			if unit[i], err = strconv.ParseFloat(row[at[name]], 64); err != nil {
				t.Fatal(err)
			}
		}
		arm := row[at["segment"]]
		arms[arm] = append(arms[arm], unit)
	}
	return arms
}

// momentsOf the given columns, by two passes over the units.
func momentsOf(units [][3]float64, columns ...int) stats.Moments {
	n := float64(len(units))
	m := stats.NewMoments(int64(len(units)), len(columns))
	for _, unit := range units {
		for i, c := range columns {
			m.Mean[i] += unit[c] / n
		}
	}
	for i, a := range columns {
		for j, b := range columns {
			sum := 0.0
			for _, unit := range units {
				sum += (unit[a] - m.Mean[i]) * (unit[b] - m.Mean[j])
			}
			m.SetCovar(i, j, sum/(n-1))
		}
	}
	return m
}

const spend, visit, history = 0, 1, 2

// mailed is the experiment of the given arms, against those without a mail.
func mailed(units map[string][][3]float64, correction string, variants []string, columns ...int) *plan.Observed {
	m := metric("outcome", model.Primary)
	m.Shape, m.Labels = stats.Shape{Kind: stats.KindMean, Covariates: len(columns) - 1}, []string{"value", "pre"}[:len(columns)]
	o := standard(m)
	x := o.Experiment
	x.Control, x.Variants, x.Protocol.Correction = "No E-Mail", nil, correction
	for _, v := range append([]string{"No E-Mail"}, variants...) {
		x.Variants = append(x.Variants, model.Variant{Name: v, Share: 1 / float64(len(variants)+1)})
		m.Slices[0].Arms = append(m.Slices[0].Arms,
			plan.Arm{Variant: v, Units: int64(len(units[v])), Moments: momentsOf(units[v], columns...)})
	}
	return o
}

// Spend by arm as published, Holm over the two comparisons.
func TestHillstromSpend(t *testing.T) {
	units := hillstrom(t)
	rows := Experiment(thisRun, mailed(units, "holm", []string{"Mens E-Mail", "Womens E-Mail"}, spend)).Results
	near(t, "mens", rows[0].ValueVariant, 1.422616511005773, 12)
	near(t, "control", rows[0].ValueControl, 0.6527893551112361, 12)
	near(t, "effect of mens", rows[0].Effect, 0.7698271558945368, 12)
	near(t, "p of mens", rows[0].PValue, 1.1638149682254823e-07, 9)
	near(t, "p of womens", rows[1].PValue, 0.0011293971023632501, 9)
	near(t, "holm of mens", rows[0].PAdjusted, 2.3276e-07, 4)
	near(t, "holm of womens", rows[1].PAdjusted, 0.0011294, 4)
}

// Adjusted for last year's spending, over the two compared arms.
func TestHillstromCUPED(t *testing.T) {
	units := hillstrom(t)
	for _, c := range []struct {
		arm        string
		outcome    int
		effect, se float64
		digits     float64
	}{
		{"Mens E-Mail", spend, 0.76743850, 0.14521504, 4},
		{"Womens E-Mail", spend, 0.42270092, 0.13030822, 4},
		{"Mens E-Mail", visit, 0.07641115, 0.00337836, 4},
	} {
		rows := Experiment(thisRun, mailed(units, "none", []string{c.arm}, c.outcome, history)).Results
		near(t, c.arm, rows[0].Effect, c.effect, c.digits)
		near(t, "se of "+c.arm, rows[0].EffectSE, c.se, c.digits)
	}
}
