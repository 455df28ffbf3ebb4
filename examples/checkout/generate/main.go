// Command generate writes the checkout example's data: a shop whose new checkout raises the rate of orders by a fifth, and whose
// shipping banner does nothing.
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
	users       = 4000
	dailyOrders = 0.017 // of the median user
	checkout    = "checkout-redesign"
	banner      = "shipping-banner"
)

var (
	firstDay = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	start    = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	end      = time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2026, 2, 24, 0, 0, 0, 0, time.UTC)
)

// A shop gathers the rows of each file.
type shop struct {
	rand                                       *rand.Rand
	assignments, users, orders, refunds, views [][]string
}

// A user of the shop; taste is how much likelier than the median user they are to order.
type user struct {
	id, country, platform, plan string
	taste                       float64
	exposed                     time.Time
	treated                     bool
}

func main() {
	s := &shop{
		rand:        rand.New(rand.NewPCG(2026, 1)),
		assignments: [][]string{{"user_id", "exposed_at", "flag_key", "variant", "country", "platform"}},
		users:       [][]string{{"user_id", "plan", "plan_from", "plan_to"}},
		orders:      [][]string{{"order_id", "user_id", "ordered_at", "status", "amount", "is_test"}},
		refunds:     [][]string{{"refund_id", "order_id", "refunded_on", "amount"}},
		views:       [][]string{{"user_id", "viewed_at", "page", "clicks"}},
	}
	for i := range users {
		u := s.user(i)
		s.expose(u)
		s.subscribe(u)
		s.shop(u)
		s.browse(u)
	}
	s.faults()
	dir := os.Args[1]
	synth.Write(filepath.Join(dir, "assignments.csv"), s.assignments)
	synth.Write(filepath.Join(dir, "users.csv"), s.users)
	synth.Write(filepath.Join(dir, "orders.csv"), s.orders)
	synth.Write(filepath.Join(dir, "refunds.csv"), s.refunds)
	synth.Write(filepath.Join(dir, "page_views.csv"), s.views)
}

func (s *shop) user(i int) user {
	return user{
		id:       fmt.Sprintf("u%04d", i),
		country:  synth.Pick(s.rand, []string{"US", "DE", "GB", "FR"}, []float64{45, 20, 20, 15}),
		platform: synth.Pick(s.rand, []string{"web", "ios", "android"}, []float64{55, 30, 15}),
		plan:     synth.Pick(s.rand, []string{"free", "plus", "pro"}, []float64{70, 20, 10}),
		taste:    math.Exp(0.8 * s.rand.NormFloat64()),
		exposed:  s.between(start, end),
		treated:  s.rand.IntN(2) == 1,
	}
}

func (s *shop) between(from, to time.Time) time.Time {
	return from.Add(time.Duration(s.rand.Int64N(int64(to.Sub(from)/time.Second))) * time.Second)
}

func (s *shop) expose(u user) {
	s.assign(u, u.exposed, checkout, variant(u.treated, "treatment"))
	if s.rand.Float64() < 0.5 && u.exposed.After(start.AddDate(0, 0, 7)) {
		s.assign(u, u.exposed.Add(20*time.Second), banner, variant(s.rand.IntN(2) == 1, "banner"))
	}
}

func variant(treated bool, name string) string {
	if treated {
		return name
	}
	return "control"
}

func (s *shop) assign(u user, at time.Time, key, variant string) {
	s.assignments = append(s.assignments, []string{u.id, at.Format(time.DateTime), key, variant, u.country, u.platform})
}

// subscribe writes the user's plan; one in eight has changed it on a day of their own.
func (s *shop) subscribe(u user) {
	joined := s.between(firstDay.AddDate(-2, 0, 0), firstDay).Format(time.DateOnly)
	if s.rand.IntN(8) > 0 {
		s.users = append(s.users, []string{u.id, u.plan, joined, ""})
		return
	}
	changed := s.between(firstDay, lastDay).Format(time.DateOnly)
	s.users = append(s.users, []string{u.id, "free", joined, changed}, []string{u.id, "plus", changed, ""})
}

func (s *shop) shop(u user) {
	before := u.exposed.Sub(firstDay).Hours() / 24
	for range synth.Poisson(s.rand, u.taste*dailyOrders*before) {
		s.order(u, s.between(firstDay, u.exposed), 0.11)
	}
	rate, refunded := dailyOrders, 0.11
	if u.treated {
		rate, refunded = dailyOrders*1.25, 0.10
	}
	after := lastDay.Sub(u.exposed).Hours() / 24
	for range synth.Poisson(s.rand, u.taste*rate*after) {
		s.order(u, s.between(u.exposed, lastDay), refunded)
	}
}

func (s *shop) order(u user, at time.Time, refunded float64) {
	id := "o" + strconv.Itoa(len(s.orders))
	amount := math.Exp(3.6 + 0.6*s.rand.NormFloat64())
	status := synth.Pick(s.rand, []string{"completed", "cancelled"}, []float64{93, 7})
	s.orders = append(s.orders, []string{id, u.id, at.Format(time.DateTime), status, money(amount), "false"})
	day := at.AddDate(0, 0, 1+s.rand.IntN(6))
	if status == "completed" && s.rand.Float64() < refunded && day.Before(lastDay) {
		s.refunds = append(s.refunds, []string{"r" + strconv.Itoa(len(s.refunds)), id, day.Format(time.DateOnly), money(amount)})
	}
}

func money(amount float64) string { return strconv.FormatFloat(amount, 'f', 2, 64) }

func (s *shop) browse(u user) {
	for range synth.Poisson(s.rand, 2) {
		page := synth.Pick(s.rand, []string{"home", "product", "cart", "checkout"}, []float64{30, 40, 15, 15})
		at, clicks := s.between(u.exposed, lastDay), synth.Poisson(s.rand, 3)
		s.views = append(s.views, []string{u.id, at.Format(time.DateTime), page, strconv.Itoa(clicks)})
	}
}

// faults are what real logs hold: users seen in both variants, a variant that nobody declared, rows without a user, test orders.
func (s *shop) faults() {
	for i := range 9 {
		u := s.user(i * 401)
		s.assign(u, u.exposed, checkout, "control")
		s.assign(u, u.exposed, checkout, "treatment")
	}
	for range 3 {
		s.assign(user{}, s.between(start, end), checkout, "treatment")
	}
	for i := range 2 {
		preview := s.user(users + i)
		s.assign(preview, preview.exposed, checkout, "preview")
	}
	for i := range 20 {
		u, id := s.user(i*97), "t"+strconv.Itoa(i)
		s.orders = append(s.orders, []string{id, u.id, u.exposed.Format(time.DateTime), "completed", "9999.00", "true"})
	}
}
