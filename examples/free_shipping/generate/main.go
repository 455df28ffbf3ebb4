// Command generate writes the free shipping example's data: a bookshop whose customers order more often when shipping costs them
// nothing, and each order then earns so much less that the shop earns less in all.
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
	customers   = 6000
	shippingFee = 3.95
	parcelCost  = 3.60
)

// An offer is what customers pay for shipping, and how many orders they place in a fortnight.
type offer struct {
	variant     string
	fee, orders float64
}

var (
	offers = []offer{{"paid_shipping", shippingFee, 0.40}, {"free", 0, 0.50}}
	start  = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
)

func main() {
	r := rand.New(rand.NewPCG(2026, 6))
	flags := [][]string{{"customer_id", "seen_at", "variant", "device"}}
	orders := [][]string{{"order_id", "customer_id", "ordered_at", "paid", "books_cost", "parcel_cost"}}
	for i := range customers {
		id, seen, o := fmt.Sprintf("c%04d", i), start.Add(time.Duration(r.Float64()*27*24*float64(time.Hour))), offers[r.IntN(2)]
		flags = append(flags, []string{id, moment(seen), o.variant, synth.Pick(r, []string{"phone", "computer"}, []float64{55, 45})})
		for range synth.Poisson(r, o.orders) {
			at, books := seen.Add(time.Duration(r.Float64()*14*24*float64(time.Hour))), math.Exp(3.4+0.4*r.NormFloat64())
			orders = append(orders, []string{
				"o" + strconv.Itoa(len(orders)), id, moment(at), money(books + o.fee), money(0.72 * books), money(parcelCost),
			})
		}
	}
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "flags.csv"), flags)
	synth.Write(filepath.Join(dir, "orders.csv"), orders)
}

func moment(t time.Time) string { return t.Format(time.DateTime) }

func money(amount float64) string { return strconv.FormatFloat(amount, 'f', 2, 64) }
