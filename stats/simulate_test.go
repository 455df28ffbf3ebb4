package stats

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Simulated experiments are held to binomial bands: a rate passes unless a method that kept its promise would show one so far off
// in less than one of 10,000 studies. Seeds are fixed.

var (
	updateRates = flag.Bool("update", false, "write the measured rates to testdata/rates.md")
	simulations = flag.Int("simulations", 1, "how many times as many experiments to simulate as the suite does")
)

// A promise is what a method says of a rate.
type promise string

const (
	is      promise = "is"
	atMost  promise = "at most"
	atLeast promise = "at least"
)

// A rate is the share of simulated experiments in which something happened, and what was promised of it.
type rate struct {
	metric, method, of string
	promise            promise
	nominal            float64
	hits, runs         int64
}

// count is one more experiment, in which it happened or not.
func (r *rate) count(happened bool) {
	r.runs++
	if happened {
		r.hits++
	}
}

// kept is whether the rate is one that a kept promise may show.
func (r rate) kept() bool {
	const rare = 1e-4
	few := 1 - binomialAtLeast(r.hits+1, r.runs, r.nominal)
	many := binomialAtLeast(r.hits, r.runs, r.nominal)
	switch r.promise {
	case atMost:
		return many > rare
	case atLeast:
		return few > rare
	default:
		return many > rare/2 && few > rare/2
	}
}

// binomialAtLeast is P(Binomial(n, p) ≥ k) for any k.
func binomialAtLeast(k, n int64, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n:
		return 0
	}
	return atLeastSuccesses(k, n, p)
}

func (r rate) String() string {
	return fmt.Sprintf("| %s | %s | %s | %s %.3g | %.4f | %d |",
		r.metric, r.method, r.of, r.promise, r.nominal, float64(r.hits)/float64(r.runs), r.runs)
}

// A study simulates a number of experiments and gives its rates.
type study struct {
	name string
	run  func(rng *rand.Rand, runs int) []rate
	runs int
}

var studies []study

// simulated adds a study with the number of experiments that the suite simulates.
func simulated(name string, runs int, run func(rng *rand.Rand, runs int) []rate) bool {
	studies = append(studies, study{name, run, runs})
	return true
}

// seeded is a source that depends on the study's name alone.
func seeded(name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	return rand.New(rand.NewPCG(hash.Sum64(), 20))
}

func TestSimulation(t *testing.T) {
	slices.SortFunc(studies, func(a, b study) int { return cmp.Compare(a.name, b.name) })
	var table strings.Builder
	table.WriteString("| metric | method | rate of | promised | measured | experiments |\n|---|---|---|---|---|---|\n")
	for _, s := range studies {
		t.Run(s.name, func(t *testing.T) {
			for _, r := range s.run(seeded(s.name), s.runs**simulations) {
				fmt.Fprintln(&table, r)
				if !r.kept() {
					t.Error(r)
				}
			}
		})
	}
	if *updateRates {
		writeRates(t, table.String())
	}
}

func writeRates(t *testing.T, table string) {
	path := filepath.Join("testdata", "rates.md")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
}
