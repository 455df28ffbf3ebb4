// Command generate writes the onboarding example's data: an app in which a short tour brings more new users to their third
// lesson than the full one, and no tour costs support tickets.
package main

//go:generate go run . ../data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"assay/examples/internal/synth"
)

// A group of the split: lessons and tickets are means of a user.
type group struct {
	name             string
	lessons, tickets float64
}

var groups = []group{
	{"full_tour", 2.6, 0.16},
	{"short_tour", 3.0, 0.15},
	{"no_tour", 2.55, 0.24},
}

func main() {
	r := rand.New(rand.NewPCG(2026, 3))
	split := [][]string{{"user_id", "group", "platform"}}
	week := [][]string{{"user_id", "language", "lessons", "minutes", "subscribed", "tickets"}}
	for i := range 6000 {
		id, g := fmt.Sprintf("n%04d", i), groups[r.IntN(len(groups))]
		split = append(split, []string{id, g.name, synth.Pick(r, []string{"ios", "android"}, []float64{60, 40})})
		if r.Float64() < 0.97 { // the others never opened the app again
			week = append(week, firstWeek(r, id, g))
		}
	}
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "split.csv"), split)
	synth.Write(filepath.Join(dir, "first_week.csv"), week)
}

func firstWeek(r *rand.Rand, id string, g group) []string {
	lessons := synth.Poisson(r, g.lessons*math.Exp(0.5*r.NormFloat64()-0.125))
	minutes := float64(lessons) * (6 + 2*r.Float64())
	subscribed := r.Float64() < 0.02+0.02*float64(lessons)
	return []string{
		id,
		synth.Pick(r, []string{"spanish", "french", "japanese"}, []float64{50, 30, 20}),
		strconv.Itoa(lessons),
		strconv.FormatFloat(minutes, 'f', 1, 64),
		strconv.FormatBool(subscribed),
		strconv.Itoa(synth.Poisson(r, g.tickets)),
	}
}
