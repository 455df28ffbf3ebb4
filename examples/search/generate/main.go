// Command generate writes the search example's data: fifteen weeks of a marketplace on which two experiments are planned, and the
// log of an earlier one.
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
	users = 4000
	weeks = 15 // of data
	stay  = 6  // weeks that a user does
)

var firstDay = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// A marketplace gathers the rows of each file.
type marketplace struct {
	rand                       *rand.Rand
	searches, purchases, flags [][]string
}

func main() {
	m := &marketplace{
		rand:      rand.New(rand.NewPCG(2026, 4)),
		searches:  [][]string{{"user_id", "searched_at", "surface", "milliseconds"}},
		purchases: [][]string{{"purchase_id", "user_id", "bought_at", "price"}},
		flags:     [][]string{{"user_id", "exposed_at", "flag", "variant"}},
	}
	for i := range users {
		m.live(fmt.Sprintf("u%04d", i), synth.Pick(m.rand, []string{"control", "wide"}, []float64{1, 1}))
	}
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "searches.csv"), m.searches)
	synth.Write(filepath.Join(dir, "purchases.csv"), m.purchases)
	synth.Write(filepath.Join(dir, "flags.csv"), m.flags)
}

// live is a user's stay: visits at a rate of their own, some searches in each, and now and then a purchase; from March on in a
// variant of an experiment on filters.
func (m *marketplace) live(user, variant string) {
	first := m.rand.IntN(7*(weeks+stay)) - 7*stay
	visits := 4 * math.Exp(0.7*m.rand.NormFloat64())
	taste, budget := 0.3*math.Exp(0.5*m.rand.NormFloat64()), math.Exp(3.2+0.3*m.rand.NormFloat64())
	for range synth.Poisson(m.rand, visits) {
		at := firstDay.AddDate(0, 0, first).Add(time.Duration(m.rand.IntN(7*stay*86400)) * time.Second)
		if at.Before(firstDay) || !at.Before(firstDay.AddDate(0, 0, 7*weeks)) {
			continue
		}
		m.visit(user, at, taste, budget)
		if at.Month() >= time.March {
			m.flags = append(m.flags, []string{user, at.Format(time.DateTime), "filters", variant})
		}
	}
}

func (m *marketplace) visit(user string, at time.Time, taste, budget float64) {
	surface := synth.Pick(m.rand, []string{"catalogue", "help"}, []float64{85, 15})
	for i := range 1 + synth.Poisson(m.rand, 0.5) {
		took := math.Exp(5.2 + 0.35*m.rand.NormFloat64())
		searched := at.Add(time.Duration(i) * time.Minute).Format(time.DateTime)
		m.searches = append(m.searches, []string{user, searched, surface, strconv.FormatFloat(took, 'f', 1, 64)})
	}
	if m.rand.Float64() < taste {
		price := budget * math.Exp(0.5*m.rand.NormFloat64())
		m.purchases = append(m.purchases, []string{"p" + strconv.Itoa(len(m.purchases)), user,
			at.Add(time.Hour).Format(time.DateTime), strconv.FormatFloat(price, 'f', 2, 64)})
	}
}
