package judge

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// The experiments of a clothes shop (Liu, Cardoso, Couturier and McCoy 2021) are published as what leaves a warehouse: moments, a look
// every day or half day.

// asosRows are a file's rows by column; the test is skipped where the published data are not at hand.
func asosRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	folder := cmp.Or(os.Getenv("ASSAY_DATASETS"), "../../../shared/datasets")
	file, err := os.Open(filepath.Join(folder, "asos_digital_experiments", name))
	if err != nil {
		t.Skip("the ASOS data are not here: ", err)
	}
	defer file.Close()
	in := io.Reader(file)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

const asosLooks, asosPublished = "asos_digital_experiments_dataset.csv.gz", "published_final_summary.csv"

// numberIn is NaN where the data have none.
func numberIn(row map[string]string, column string) float64 {
	x, err := strconv.ParseFloat(row[column], 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

func stream(row map[string]string) string {
	return row["experiment_id"] + " " + row["variant_id"] + " " + row["metric_id"]
}

// lookAt is the result of one look under a method.
func lookAt(row map[string]string, method string) ResultRow {
	arm := func(variant, suffix string) plan.Arm {
		moments := stats.NewMoments(int64(numberIn(row, "count_"+suffix)), 1)
		moments.Mean[0] = numberIn(row, "mean_"+suffix)
		moments.SetCovar(0, 0, numberIn(row, "variance_"+suffix))
		return plan.Arm{Variant: variant, Units: moments.N, Moments: moments}
	}
	o := standard(metric("outcome", model.Primary, arm("control", "c"), arm("treatment", "t")))
	o.Experiment.Protocol.Method = method
	return Experiment(thisRun, o).Results[0]
}

func TestASOSLastLooks(t *testing.T) {
	last := make(map[string]map[string]string)
	for _, row := range asosRows(t, asosLooks) {
		if known := last[stream(row)]; known == nil || numberIn(row, "time_since_start") > numberIn(known, "time_since_start") {
			last[stream(row)] = row
		}
	}
	if len(last) != 396 {
		t.Errorf("%d streams, want 396", len(last))
	}
	significant := 0
	published := asosRows(t, asosPublished)
	for _, want := range published {
		name, got := stream(want), lookAt(last[stream(want)], "fixed")
		near(t, "effect of "+name, got.Effect, numberIn(want, "lift"), 10)
		near(t, "error of "+name, got.EffectSE, numberIn(want, "std_error"), 12)
		near(t, "lift of "+name, got.Lift, numberIn(want, "relative_lift"), 10)
		if p := numberIn(want, "p_value"); p > 0 { // of z, ours of t at a million degrees of freedom
			near(t, "p of "+name, got.PValue, p, 4)
		} else if *got.PValue > 1e-16 { // published as one less a number next to one
			t.Errorf("p of %s is %v, want nearly 0", name, *got.PValue)
		}
		if *got.PValue < 0.05 {
			significant++
		}
	}
	if len(published) != 94 || significant != 17 {
		t.Errorf("%d of %d significant, want 17 of 94", significant, len(published))
	}
}

// Whoever looked each day would have found an effect that the last look does not; a method that may be watched finds none.
func TestASOSPeeking(t *testing.T) {
	fixed, watched := false, false
	for _, row := range asosRows(t, asosLooks) {
		if stream(row) == "036afc 2 1" {
			fixed = fixed || *lookAt(row, "fixed").PValue < 0.05
			watched = watched || *lookAt(row, "sequential").PValue < 0.05
		}
	}
	if !fixed || watched {
		t.Errorf("an effect at some look: fixed %v, sequential %v; want true and false", fixed, watched)
	}
}

// A look without a variance has a value and no effect, and says why.
func TestASOSWithoutVariance(t *testing.T) {
	without := 0
	for _, row := range asosRows(t, asosLooks) {
		if row["variance_t"] != "" {
			continue
		}
		without++
		got := lookAt(row, "fixed")
		if got.Status != Undefined || got.Effect != nil || got.PValue != nil || len(got.Warnings) == 0 {
			t.Fatalf("%s: %+v", stream(row), got)
		}
	}
	if without != 779 {
		t.Errorf("%d looks without a variance, want 779", without)
	}
}
