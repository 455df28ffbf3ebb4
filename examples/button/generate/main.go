// Command generate writes the button example's data: 2,700 visitors of a shop, of whom a few more buy behind the green button than
// behind the orange one, by chance alone: the colour changes nothing.
package main

//go:generate go run . ../data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"assay/examples/internal/synth"
)

const (
	visitors = 2700
	buying   = 0.11 // the share of visitors who buy, whatever the button's colour
)

// start is a midnight in Berlin.
var start = time.Date(2026, 2, 1, 23, 0, 0, 0, time.UTC)

func main() {
	r := rand.New(rand.NewPCG(2026, 29))
	exposures := [][]string{{"user_id", "seen_at", "variant", "country"}}
	purchases := [][]string{{"user_id", "bought_at", "amount"}}
	for i := range visitors {
		id, seen := fmt.Sprintf("v%04d", i), start.Add(time.Duration(r.Float64()*14*24*float64(time.Hour)))
		country := synth.Pick(r, []string{"DE", "FR", "AT", "NL"}, []float64{50, 20, 15, 15})
		exposures = append(exposures, []string{id, moment(seen), []string{"orange", "green"}[i%2], country})
		if r.Float64() < buying {
			later := time.Duration(r.ExpFloat64() * 8 * float64(time.Hour))
			amount := math.Exp(3.4 + 0.5*r.NormFloat64())
			purchases = append(purchases, []string{id, moment(seen.Add(later)), strconv.FormatFloat(amount, 'f', 2, 64)})
		}
	}
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "exposures.csv"), exposures)
	synth.Write(filepath.Join(dir, "purchases.csv"), purchases)
}

func moment(t time.Time) string { return t.Format(time.DateTime) }
