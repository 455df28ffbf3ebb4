package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/internal/golden"
)

// shop builds testdata/shop/project.txtar, in which nothing is wrong.
func shop(t *testing.T) *model.Model {
	t.Helper()
	return build(t, golden.Read(t, "testdata/shop/project.txtar").Project(""))
}

func build(t *testing.T, files fstest.MapFS) *model.Model {
	t.Helper()
	p, bag := read(files)
	m := model.Build(p, bag)
	if bag.HasErrors() {
		t.Fatal(golden.Printed(t, files, bag))
	}
	return m
}

func table(t *testing.T, m *model.Model, name string) *model.Table {
	t.Helper()
	found, ok := m.Table(name)
	if !ok {
		t.Fatalf("no table %s", name)
	}
	return found
}

func way(hops []model.Hop) string {
	var parts []string
	for _, h := range hops {
		from := "unit"
		if h.From != nil {
			from = h.From.Table.Name + "." + h.From.Name
		}
		parts = append(parts, from+" → "+h.To.Table.Name+"."+h.To.Name)
	}
	return strings.Join(parts, ", ")
}

func TestRef(t *testing.T) {
	m := shop(t)
	for _, c := range []struct{ table, name, want string }{
		{"orders", "status", "status at  text"},
		{"orders", "order__status", "order__status at  text"},
		{"orders", "metric_time", "metric_time__day at  timestamp"},
		{"orders", "metric_time__week", "metric_time__week at  timestamp"},
		{"orders", "TimeDimension('metric_time', 'month')", "metric_time__month at  timestamp"},
		{"orders", "TimeDimension('metric_time').date_part('dow')", "metric_time__extract_dow at  integer"},
		{"orders", "Dimension('order__ordered_at').grain('year')", "order__ordered_at__year at  timestamp"},
		{"orders", "user__plan", "user__plan at orders.user → users.user unknown"},
		{"orders", "Dimension('plan', entity_path=['user'])", "user__plan at orders.user → users.user unknown"},
		{"orders", "user__company__industry",
			"user__company__industry at orders.user → users.user, users.company → companies.company text"},
		{"orders", "user", "user at  text"},
		{"orders", "company", "company at orders.user → users.user unknown"},
		{"items", "user__plan", "order__user__plan at items.order → orders.order, orders.user → users.user unknown"},
		{"items", "order__user__plan", "order__user__plan at items.order → orders.order, orders.user → users.user unknown"},
		{"items", "order__status", "order__status at items.order → orders.order text"},
		{"items", "sold_on__month", "sold_on__month at  date"},
	} {
		at := table(t, m, c.table)
		bag := &diag.Bag{}
		r := m.Ref(at, at.Time, diag.PlainText(c.name), bag)
		if r == nil {
			t.Errorf("%s from %s: %v", c.name, c.table, bag.Sorted())
			continue
		}
		if got := fmt.Sprintf("%s at %s %s", r.Name, way(r.Path), r.Type()); got != c.want {
			t.Errorf("%s from %s\n got %s\nwant %s", c.name, c.table, got, c.want)
		}
	}
}

func TestUnitPath(t *testing.T) {
	m := shop(t)
	for _, c := range []struct{ table, entity, want string }{
		{"orders", "user", "user "},
		{"users", "user", "user "},
		{"items", "user", "user items.order → orders.order"},
		{"items", "company", "company items.order → orders.order, orders.user → users.user"},
		{"companies", "user", "`companies` holds no entity `user`, and no entity of it leads to one"},
	} {
		hops, entity, err := m.UnitPath(table(t, m, c.table), c.entity)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = entity.Name + " " + way(hops)
		}
		if got != c.want {
			t.Errorf("from %s to %s\n got %s\nwant %s", c.table, c.entity, got, c.want)
		}
	}
}

func TestExpressions(t *testing.T) {
	m := shop(t)
	orders := table(t, m, "orders")
	for _, c := range []struct{ text, want string }{
		{"status = 'paid'", "(status = 'paid')"},
		{"is_large", "(amount > 100)"},
		{"AMOUNT > 1", "(amount > 1)"},
		{"ordered_at >= '2026-01-01'", "(to_zone(from_tz(ordered_at), 'Europe/Rome') >= timestamp '2026-01-01T00:00:00Z')"},
		{"{{ Dimension('user__plan') }} = 'pro' or {{ Dimension('user__plan') }} is null",
			"((user__plan = 'pro') or is null(user__plan))"},
	} {
		bag := &diag.Bag{}
		p := m.Filter(orders, diag.PlainText(c.text), bag)
		if p == nil {
			t.Errorf("%s: %v", c.text, bag.Sorted())
			continue
		}
		if got := rel.Format(p.Expr); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
		if len(p.Refs) > 1 {
			t.Errorf("%s has %d references", c.text, len(p.Refs))
		}
	}
}

func TestTimesAreAsStored(t *testing.T) {
	m := shop(t)
	orders := table(t, m, "orders")
	if x, ok := orders.Time.Expr.(*rel.Col); !ok || x.Name != "ordered_at" || x.T != rel.TimestampTZ {
		t.Errorf("the time of orders is %s", rel.Format(orders.Time.Expr))
	}
	if orders.Zone.String() != "Europe/Rome" || orders.Time.Granularity != rel.Second {
		t.Errorf("orders are known by %s in %s", orders.Time.Granularity, orders.Zone)
	}
	if sold := table(t, m, "items").Time; sold.Granularity != rel.Day {
		t.Errorf("items are known by %s", sold.Granularity)
	}
}

func TestLeaves(t *testing.T) {
	m := shop(t)
	metric, _ := m.Metric("paid_net_per_order")
	var got []string
	for _, leaf := range model.Leaves(metric) {
		var filters []string
		for _, f := range leaf.Filters {
			filters = append(filters, f.Value)
		}
		got = append(got, leaf.Metric.Name+": "+strings.Join(filters, " & "))
	}
	want := []string{"revenue: amount > 0 & status = 'paid'", "item_discounts: amount > 0", "orders: amount > 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGroupable(t *testing.T) {
	m := shop(t)
	names := func(metrics ...string) []string {
		var list []*model.Metric
		for _, name := range metrics {
			metric, ok := m.Metric(name)
			if !ok {
				t.Fatalf("no metric %s", name)
			}
			list = append(list, metric)
		}
		var names []string
		for _, p := range m.Groupable(list) {
			names = append(names, p.Name)
		}
		return names
	}
	alone := names("revenue")
	for _, want := range []string{"metric_time", "order__status", "user", "user__plan", "user__company__industry"} {
		if !slices.Contains(alone, want) {
			t.Errorf("revenue cannot be grouped by %s, only by %v", want, alone)
		}
	}
	both := names("item_discounts", "revenue")
	for _, want := range []string{"metric_time", "order", "order__status", "user__plan"} {
		if !slices.Contains(both, want) {
			t.Errorf("item_discounts and revenue cannot be grouped by %s, only by %v", want, both)
		}
	}
	if slices.Contains(both, "sold_on") {
		t.Error("revenue is grouped by the day an item was sold")
	}
}

// TestSettings holds the precedence: entry, metric, protocol, default.
func TestSettings(t *testing.T) {
	m := shop(t)
	e, ok := m.Experiment("checkout")
	if !ok {
		t.Fatal("no experiment")
	}
	var got []string
	for _, use := range e.Metrics {
		var settings []string
		for _, o := range use.Settings.Origins {
			settings = append(settings, fmt.Sprintf("%s %s (%s)", o.Setting, o.Value, o.Layer))
		}
		got = append(got, fmt.Sprintf("%s %s: %s", use.Role, use.Name, strings.Join(settings, ", ")))
	}
	want := []string{
		"primary revenue: window 0 days to 14 days (metric), mature true (experiment), winsorize upper 0.99 (protocol), " +
			"cuped 14 days before (metric), mde 2% (metric)",
		"primary capped: window 0 days to 7 days (experiment), mature false (default), cap upper 500 (experiment), " +
			"cuped false (experiment), mde 1% (experiment)",
		"secondary net: window from exposure to the end of the analysis (default), mature false (default), " +
			"winsorize none (default), cuped false (default), mde none (default)",
		"guardrail orders: window from exposure to the end of the analysis (default), mature false (default), " +
			"winsorize upper 0.99 (protocol), cuped 30 days before (protocol), mde none (default)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if first := e.Metrics[0].Settings; *first.WindowEnd != 14*24*time.Hour || first.CUPED.Lookback != 14*24*time.Hour {
		t.Errorf("lengths of settings: %+v", first)
	}
}

func TestExperiment(t *testing.T) {
	m := shop(t)
	e, _ := m.Experiment("checkout")
	if e.Entity != "user" || e.Control != "old" || e.Key != "checkout-1" || e.Decl.Owner.V != "growth" {
		t.Errorf("entity %s, control %s, key %s, owner %s", e.Entity, e.Control, e.Key, e.Decl.Owner.V)
	}
	want := []model.Variant{
		{Name: "old", Label: "Old", Value: "0", Share: 0.25}, {Name: "new", Label: "new", Value: "new", Share: 0.75},
	}
	if diff := cmp.Diff(want, e.Variants); diff != "" {
		t.Error(diff)
	}
	if until := time.Date(2026, 2, 15, 23, 0, 0, 0, time.UTC); !e.ObserveUntil.Equal(until) {
		t.Errorf("observed until %s, not %s", e.ObserveUntil, until)
	}
	var dimensions []string
	for _, d := range e.Dimensions {
		if d.Ref == nil {
			dimensions = append(dimensions, d.Name)
		} else {
			dimensions = append(dimensions, d.Name+" at "+way(d.Ref.Path))
		}
	}
	wanted := []string{"country", "user__plan at unit → users.user",
		"user__company__industry at unit → users.user, users.company → companies.company"}
	if diff := cmp.Diff(wanted, dimensions); diff != "" {
		t.Error(diff)
	}
	if got := rel.Format(e.Population.Expr); got != "((country = 'DE') and (user__plan <> 'staff'))" {
		t.Errorf("population is %s", got)
	}
	p := e.Protocol
	if p.Method != "fixed" || p.Confidence != 0.9 || p.Correction != "holm" || p.Tuning != 10000 || p.Power != 0.8 ||
		p.SRMThreshold != 0.001 || p.MinimumDays != 14 || p.Sides != "two" || e.Exposures != model.FirstExposure {
		t.Errorf("protocol: %+v, %s", p, e.Exposures)
	}
}

func TestDefaultProtocol(t *testing.T) {
	m := shop(t)
	e, _ := m.Experiment("plain")
	p := e.Protocol
	if p.Decl != nil || p.Method != "sequential" || p.Confidence != 0.95 || p.Correction != "none" || p.Tuning != 10000 ||
		p.Power != 0.8 || p.SRMThreshold != 0.001 || e.Exposures != model.ExcludeMultiple {
		t.Errorf("protocol: %+v, %s", p, e.Exposures)
	}
	log := e.Logs[0]
	if log.Table.Name != "users" || rel.Format(log.Table.Filter.Expr) != "(plan = 'pro')" || log.Time != nil {
		t.Errorf("assignments on a model: %s where %s", log.Table.Name, rel.Format(log.Table.Filter.Expr))
	}
	if users := table(t, m, "users"); users.Filter != nil {
		t.Error("the filter of the assignments became the model's")
	}
}

func TestVerbatim(t *testing.T) {
	m := shop(t)
	metric, _ := m.Metric("rounded")
	v, ok := metric.Spec.(*model.Simple).Expr.(*rel.Verbatim)
	if !ok {
		t.Fatal("not kept as written")
	}
	for dialect, want := range map[string]string{"duckdb": "amount::int", "postgres": "cast(amount as int)"} {
		if got, _ := v.For(dialect); got != want {
			t.Errorf("%s: %s", dialect, got)
		}
	}
}
