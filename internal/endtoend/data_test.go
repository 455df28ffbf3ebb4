package endtoend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"assay/compiler/rel"
	"assay/runner"
)

// The shop's data: small, the same at each run, with what logs have in truth: users seen twice, users of two experiments, orders
// before exposure, plans that change, refunds known by day.

const users = 500

var opening = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)

type table struct {
	name, columns string
	names         []string
	rows          [][]any
}

// loaded is the table as a session appends it.
func (t table) loaded() runner.Table {
	table := runner.Table{Name: t.name, Rows: t.rows}
	for _, name := range t.names {
		table.Columns = append(table.Columns, rel.Column{Name: name})
	}
	return table
}

func shopTables() []table {
	r := rand.New(rand.NewPCG(7, 11))
	within := func(from time.Time, days float64) time.Time {
		return from.Add(time.Duration(r.Float64() * days * 24 * float64(time.Hour))).Truncate(time.Second)
	}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, flag text, variant text, country text",
		[]string{"user_id", "exposed_at", "flag", "variant", "country"}, nil}
	orders := table{"orders", "order_id integer, user_id integer, ordered_at timestamp, status text, amount double precision",
		[]string{"order_id", "user_id", "ordered_at", "status", "amount"}, nil}
	views := table{"page_views", "user_id integer, viewed_at timestamp", []string{"user_id", "viewed_at"}, nil}
	plans := table{"users", "user_id integer, plan text, plan_from timestamp, plan_to timestamp",
		[]string{"user_id", "plan", "plan_from", "plan_to"}, nil}
	refunds := table{"refunds", "order_id integer, refunded_on date, amount double precision",
		[]string{"order_id", "refunded_on", "amount"}, nil}
	units := table{"units", "unit_id integer, points integer, noted_at timestamp", []string{"unit_id", "points", "noted_at"}, nil}

	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for user := range users {
		country := any(pick("DE", "FR", "US"))
		if r.IntN(12) == 0 {
			country = nil
		}
		exposures.rows = append(exposures.rows, []any{user, within(start, 25), "checkout", pick("control", "treatment"), country})
		if r.IntN(2) == 0 {
			exposures.rows = append(exposures.rows, []any{user, within(start, 25), "banner", pick("control", "wide", "tall", "tall"), country})
		}
		if r.IntN(15) == 0 {
			exposures.rows = append(exposures.rows, []any{user, within(start, 25), "checkout", pick("control", "treatment", "preview"), country})
		}
		changed := within(opening, 60)
		plans.rows = append(plans.rows, []any{user, "free", opening.AddDate(-1, 0, 0), changed}, []any{user, pick("plus", "pro"), changed, nil})
		for range r.IntN(12) {
			order := len(orders.rows)
			at := within(opening, 90)
			amount := float64(r.IntN(20000)) / 100
			orders.rows = append(orders.rows, []any{order, user, at, pick("completed", "completed", "cancelled"), amount})
			if r.IntN(6) == 0 {
				refunds.rows = append(refunds.rows, []any{order, at.AddDate(0, 0, r.IntN(10)).Truncate(24 * time.Hour), amount / 2})
			}
		}
		for range r.IntN(20) {
			views.rows = append(views.rows, []any{user, within(opening, 90)})
		}
		units.rows = append(units.rows, []any{user, r.IntN(50), within(opening, 90)})
	}
	return []table{exposures, orders, views, plans, refunds, units}
}

// fill creates tables.
func fill(t *testing.T, s runner.Session, schema string, tables []table) {
	t.Helper()
	ctx := context.Background()
	for _, table := range tables {
		if _, err := s.Exec(ctx, fmt.Sprintf("CREATE TABLE %s (%s)", table.name, table.columns)); err != nil {
			t.Fatal(err)
		}
		if err := s.Append(ctx, schema, table.loaded()); err != nil {
			t.Fatal(table.name, err)
		}
	}
}
