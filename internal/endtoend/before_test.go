package endtoend

import (
	"reflect"
	"testing"
	"time"
)

// What adjustedTables hold besides what they always do.
const (
	nothingMore = iota
	moreBefore  // facts of the last second or day before assignment
	moreAfter   // facts of the treated from assignment on
)

// adjustedTables are 60 units assigned at various hours of a day, who trigger a day later and order after that. What may adjust
// their orders lies before assignment.
func adjustedTables(more int) []table {
	exposures := table{"exposures", "user_id integer, exposed_at timestamp, variant text",
		[]string{"user_id", "exposed_at", "variant"}, nil}
	orders := table{"orders", "user_id integer, ordered_at timestamp, amount double precision",
		[]string{"user_id", "ordered_at", "amount"}, nil}
	visits := table{"visits", "user_id integer, visited_at timestamp", []string{"user_id", "visited_at"}, nil}
	logins := table{"logins", "user_id integer, login_on date", []string{"user_id", "login_on"}, nil}
	views := table{"views", "user_id integer, viewed_at timestamp", []string{"user_id", "viewed_at"}, nil}
	users := table{"users", "user_id integer, plan text, age integer, valid_from timestamp, valid_to timestamp",
		[]string{"user_id", "plan", "age", "valid_from", "valid_to"}, nil}
	for user := range 60 {
		assigned := day(10, user%24)
		midnight := day(10, 0)
		exposures.rows = append(exposures.rows, []any{user, assigned, []string{"control", "treatment"}[user%2]})
		views.rows = append(views.rows, []any{user, assigned.Add(24 * time.Hour)})
		orders.rows = append(orders.rows, []any{user, day(13, 0), float64(user * user % 17)}, []any{user, day(8, 0), float64(user % 5)})
		visit := func(at time.Time) { visits.rows = append(visits.rows, []any{user, at}) }
		login := func(on time.Time) { logins.rows = append(logins.rows, []any{user, on}) }
		for i := range user % 4 {
			visit(day(5+i, 0))
			login(day(5+i, 0))
		}
		changed := assigned.Add(time.Second)
		users.rows = append(users.rows, []any{user, []string{"free", "pro"}[user/2%2], 20 + user*7%31, day(1, 0), changed})
		later := []any{user, "free", 30, changed, nil}
		switch {
		case more == moreBefore && user%3 == 0:
			visit(assigned.Add(-time.Second))
			login(midnight.AddDate(0, 0, -1))
			users.rows[len(users.rows)-1][1], users.rows[len(users.rows)-1][2] = "plus", 50
			orders.rows = append(orders.rows, []any{user, assigned.Add(-time.Second), float64(user)})
		case more == moreAfter && user%2 == 1:
			later = []any{user, "pro", 90, changed, nil}
			for i := range 5 {
				visit(assigned.Add(time.Duration(i) * time.Hour)) // the first at the instant of assignment
				login(midnight.AddDate(0, 0, i))
			}
		}
		users.rows = append(users.rows, later)
	}
	return []table{exposures, orders, visits, logins, views, users}
}

// TestCovariatesEndAtAssignment: what happens to the treated from their assignment on adjusts nothing, also where they are
// counted from a later trigger, where facts are known by day, and where an attribute changes. What happened just before does.
func TestCovariatesEndAtAssignment(t *testing.T) {
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			results := func(more int) map[string]map[string]any {
				s := openProject(t, engine, "before", adjustedTables(more))
				s.assay(t, "run", "--as-of", "2026-01-25")
				return s.results(t)
			}
			plain, before, treated := results(nothingMore), results(moreBefore), results(moreAfter)
			if len(plain) != 10 {
				t.Errorf("%d results", len(plain))
			}
			for key, row := range plain {
				if row["status"] != "ok" || row["variance_reduction"] == nil {
					t.Errorf("%s: %v, %v", key, row["status"], row["warnings"])
				}
				if !reflect.DeepEqual(treated[key], row) {
					t.Errorf("%s: the effect is %v, and with facts of after assignment %v", key, row["effect"], treated[key]["effect"])
				}
				if before[key]["effect"] == row["effect"] {
					t.Errorf("%s: facts of before assignment leave the effect at %v", key, row["effect"])
				}
			}
		})
	}
}
