package template

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the data anew")

// TestData keeps the data what the generator makes, and small.
func TestData(t *testing.T) {
	total := 0
	for name, want := range generate() {
		path := "data/" + name
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes; run with -update", path)
		}
		total += len(got)
	}
	if total > 150_000 {
		t.Errorf("the data take %d bytes", total)
	}
}

const users = 1200

var start = time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)

// A shop collects rows of its tables. Each user orders at a rate of their own, before and after exposure; treatment raises the
// rate, and leaves the size of an order alone.
type shop struct {
	*rand.Rand
	users, exposures, orders, tickets bytes.Buffer
	orderID, ticketID                 int
}

func generate() map[string][]byte {
	s := &shop{Rand: rand.New(rand.NewPCG(20260202, 7))}
	s.users.WriteString("user_id,country,plan,signed_up_on\n")
	s.exposures.WriteString("user_id,exposed_at,variant\n")
	s.orders.WriteString("order_id,user_id,ordered_at,status,amount,is_test\n")
	s.tickets.WriteString("ticket_id,user_id,opened_at\n")
	for user := 1; user <= users; user++ {
		s.user(user)
	}
	return map[string][]byte{
		"users.csv": s.users.Bytes(), "exposures.csv": s.exposures.Bytes(), "orders.csv": s.orders.Bytes(), "tickets.csv": s.tickets.Bytes(),
	}
}

func (s *shop) user(user int) {
	const fortnight = 14 * 24 * time.Hour
	plan, keenness := "free", 0.36
	if s.Float64() < 0.3 {
		plan, keenness = "pro", 0.75
	}
	keenness *= math.Exp(0.6 * s.NormFloat64())
	signedUp := start.AddDate(0, 0, -30-s.IntN(600))
	fmt.Fprintf(&s.users, "%d,%s,%s,%s\n", user, s.country(), plan, signedUp.Format(time.DateOnly))

	// Visitors come throughout the experiment, most of them early: those who visit often are seen first.
	exposed := start.Add(time.Duration(s.Float64() * s.Float64() * 27 * float64(24*time.Hour)))
	variant, effect := "control", 1.0
	if s.IntN(2) == 1 {
		variant, effect = "treatment", 1.3
	}
	fmt.Fprintf(&s.exposures, "%d,%s,%s\n", user, minute(exposed), variant)

	s.ordersOf(user, exposed.Add(-2*fortnight), 2*fortnight, keenness)
	s.ordersOf(user, exposed, fortnight, keenness*effect)
	for range s.poisson(0.08) {
		s.ticketID++
		fmt.Fprintf(&s.tickets, "%d,%d,%s\n", s.ticketID, user, minute(exposed.Add(s.within(fortnight))))
	}
}

func (s *shop) ordersOf(user int, from time.Time, span time.Duration, rate float64) {
	for range s.poisson(rate) {
		s.orderID++
		status := "completed"
		if s.Float64() < 0.06 {
			status = "cancelled"
		}
		amount := 38 * math.Exp(0.4*s.NormFloat64())
		fmt.Fprintf(&s.orders, "%d,%d,%s,%s,%.2f,%t\n", s.orderID, user, minute(from.Add(s.within(span))), status, amount, s.Float64() < 0.01)
	}
}

func (s *shop) country() string {
	return []string{"US", "US", "US", "GB", "GB", "DE", "FR"}[s.IntN(7)]
}

func (s *shop) within(span time.Duration) time.Duration {
	return time.Duration(s.Float64() * float64(span))
}

// poisson counts arrivals until they take longer than the rate allows.
func (s *shop) poisson(rate float64) int {
	count := 0
	for at := s.ExpFloat64(); at < rate; at += s.ExpFloat64() {
		count++
	}
	return count
}

func minute(t time.Time) string { return t.Format("2006-01-02 15:04") }
