// Package synth helps the examples to make their data: the same on every machine, from a fixed seed.
package synth

import (
	"encoding/csv"
	"log"
	"math"
	"math/rand/v2"
	"os"
)

// Write writes a CSV file: a header and its rows.
func Write(path string, rows [][]string) {
	file, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	w := csv.NewWriter(file)
	if err := w.WriteAll(rows); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}

// Pick returns one of the names with probability proportional to its weight.
func Pick(r *rand.Rand, names []string, weights []float64) string {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := r.Float64() * total
	for i, w := range weights {
		if at -= w; at < 0 {
			return names[i]
		}
	}
	return names[len(names)-1]
}

// Poisson draws a count of the given mean by multiplying uniforms (Knuth 1969, section 3.4.1); for means of a few dozen at most.
func Poisson(r *rand.Rand, mean float64) int {
	limit, product, count := math.Exp(-mean), r.Float64(), 0
	for product > limit {
		product *= r.Float64()
		count++
	}
	return count
}
