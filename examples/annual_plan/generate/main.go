// Command generate writes the annual plan example's data: the first week of a test on a pricing page, in which the new order of
// the plans happens to look much better than it is.
package main

//go:generate go run . ../data

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"assay/examples/internal/synth"
)

const visitors = 2400

// An offer is what visitors see first, the share of them who subscribe, and of those who take the annual plan.
type offer struct {
	variant               string
	subscribing, annually float64
}

var offers = []offer{{"monthly_first", 0.19, 0.30}, {"annual_first", 0.20, 0.33}}

// start is a midnight in New York.
var start = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)

func main() {
	r := rand.New(rand.NewPCG(2026, 22))
	flags := [][]string{{"visitor_id", "seen_at", "variant", "device"}}
	subscriptions := [][]string{{"visitor_id", "started_at", "plan", "price"}}
	for i := range visitors {
		id, seen, o := fmt.Sprintf("p%04d", i), start.Add(time.Duration(r.Float64()*7*24*float64(time.Hour))), offers[r.IntN(2)]
		device := synth.Pick(r, []string{"phone", "computer", "television"}, []float64{60, 30, 10})
		flags = append(flags, []string{id, moment(seen), o.variant, device})
		if r.Float64() < o.subscribing {
			plan, price := "monthly", 12.99
			if r.Float64() < o.annually {
				plan, price = "annual", 119.00
			}
			started := seen.Add(time.Duration(r.ExpFloat64() * 20 * float64(time.Minute)))
			subscriptions = append(subscriptions, []string{id, moment(started), plan, strconv.FormatFloat(price, 'f', 2, 64)})
		}
	}
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "flags.csv"), flags)
	synth.Write(filepath.Join(dir, "subscriptions.csv"), subscriptions)
}

func moment(t time.Time) string { return t.Format(time.DateTime) }
