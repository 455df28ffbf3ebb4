package endtoend

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Companies that were assigned with all their users, and the answers worked out from their rows: by the units as the log's rows
// make them, and by clusters' sums of each unit's linearised value.

const (
	clustersAsOf = "2026-01-20"
	noCompany    = ""
)

type exposure struct {
	user            int
	company         string // noCompany is NULL
	at              time.Time
	variant, device string // device "" is NULL
	region          string
}

type order struct {
	user   int
	at     time.Time
	amount float64
}

var arms = []string{"control", "treatment", "wide"}

// clusterLog is thirty companies of one to five users, and what logs do beside.
func clusterLog() ([]exposure, []order) {
	r := rand.New(rand.NewPCG(3, 5))
	var log []exposure
	var orders []order
	user := 0
	expose := func(company, variant, region string, at time.Time) int {
		user++
		device := []string{"phone", "phone", "desk", ""}[r.IntN(4)]
		log = append(log, exposure{user, company, at, variant, device, region})
		for range r.IntN(5) {
			taste := float64(len(company)+int(company[len(company)-1])%7) * 5
			orders = append(orders, order{user, day(1, 0).Add(time.Duration(r.IntN(19*24)) * time.Hour), math.Round(taste + 40*r.Float64())})
		}
		return user
	}
	for c := range 30 {
		company, began := fmt.Sprintf("c%02d", c), 5+r.IntN(10)
		for range 1 + r.IntN(5) {
			expose(company, arms[c%3], []string{"north", "south"}[c/3%2], day(began, r.IntN(100)))
		}
	}
	again := func(user int, company, variant string, at time.Time) {
		log = append(log, exposure{user, company, at, variant, "phone", "east"})
	}
	for _, variant := range []string{"control", "treatment", "treatment"} { // a company in two variants, the first of them control
		expose("mixed", variant, "north", day(6, len(log)))
	}
	expose("beta", "preview", "north", day(6, 0))             // undeclared
	traveller := expose("c00", "control", "north", day(7, 0)) // sees the variant of another company
	again(traveller, "c01", "treatment", day(8, 0))           //
	mover := expose("c03", "control", "south", day(15, 0))    // sees the same variant in another company
	again(mover, "c06", "control", day(16, 0))                //
	late := expose("c04", "treatment", "south", day(17, 1))   // its earlier row names no company
	again(late, noCompany, "treatment", day(17, 0))           //
	nobody := expose("c05", "wide", "south", day(6, 0))       // its only row names no company
	log[len(log)-1].company = noCompany                       //
	again(nobody, noCompany, "wide", day(9, 0))               //
	expose("c06", "control", "north", day(16, 0))             // a device that one arm has
	log[len(log)-1].device = "tv"                             //
	expose("c07", "treatment", "east", day(16, 0))            // of another region than its company's first
	return log, orders
}

func clusterTables(log []exposure, orders []order) []table {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	exposed := table{"exposures", "user_id integer, company text, exposed_at timestamp, variant text, device text, region text",
		[]string{"user_id", "company", "exposed_at", "variant", "device", "region"}, nil}
	for _, e := range log {
		exposed.rows = append(exposed.rows, []any{e.user, null(e.company), e.at, e.variant, null(e.device), e.region})
	}
	ordered := table{"orders", "user_id integer, ordered_at timestamp, amount double precision",
		[]string{"user_id", "ordered_at", "amount"}, nil}
	for _, o := range orders {
		ordered.rows = append(ordered.rows, []any{o.user, o.at, o.amount})
	}
	return []table{exposed, ordered}
}

// A member is a unit of the experiment, as the design says.
type member struct {
	exposure
	phase  int
	orders []order
}

// enrol makes units of rows: each in the cluster of its first row, which has the first variant and region of all its rows. With
// keep, units seen in several variants stay in their clusters' first.
func enrol(log []exposure, orders []order, keep bool) []member {
	rows := slices.DeleteFunc(slices.Clone(log), func(e exposure) bool { return e.company == noCompany })
	slices.SortStableFunc(rows, func(a, b exposure) int { return a.at.Compare(b.at) })
	first := func(is func(exposure) bool) exposure { return rows[slices.IndexFunc(rows, is)] }
	single := func(is func(exposure) bool) bool {
		variant := first(is).variant
		return !slices.ContainsFunc(rows, func(e exposure) bool { return is(e) && e.variant != variant })
	}
	var members []member
	seen := map[int]bool{}
	for _, row := range rows {
		ofUser := func(e exposure) bool { return e.user == row.user }
		ofCompany := func(e exposure) bool { return e.company == row.company }
		if seen[row.user] || !keep && !(single(ofUser) && single(ofCompany)) {
			seen[row.user] = true
			continue
		}
		seen[row.user] = true
		began := first(ofCompany)
		m := member{exposure: row}
		m.variant, m.region = began.variant, began.region
		if !began.at.Before(day(12, 0)) {
			m.phase = 1
		}
		for _, o := range orders {
			if o.user == row.user {
				m.orders = append(m.orders, o)
			}
		}
		if slices.Contains(arms, m.variant) {
			members = append(members, m)
		}
	}
	return members
}

// values are of the orders that counts keeps.
func (m member) values(counts func(order) bool) (n, sum, largest float64) {
	for _, o := range m.orders {
		if counts(o) {
			n, sum, largest = n+1, sum+o.amount, math.Max(largest, o.amount)
		}
	}
	return n, sum, largest
}

func (m member) since(o order) bool { return !o.at.Before(m.at) && o.at.Before(day(20, 0)) }
func (m member) before(o order) bool {
	return o.at.Before(m.at) && !o.at.Before(m.at.AddDate(0, 0, -30))
}

// A measure is the numbers of a member, nil where it does not count, and the metric as a function of their means with its gradient.
type measure struct {
	of    func(m member) []float64
	value func(means []float64) (float64, []float64)
}

func meanOf(of func(m member) []float64) measure {
	return measure{of, func(means []float64) (float64, []float64) { return means[0], []float64{1} }}
}

func quotient(means []float64) (float64, []float64) {
	return means[0] / means[1], []float64{1 / means[1], -means[0] / means[1] / means[1]}
}

func measures() map[string]measure {
	one := func(f func(n, sum, largest float64) float64) func(m member) []float64 {
		return func(m member) []float64 { return []float64{f(m.values(m.since))} }
	}
	both := func(m member) []float64 {
		n, sum, _ := m.values(m.since)
		return []float64{sum, n}
	}
	return map[string]measure{
		"orders":            meanOf(one(func(n, _, _ float64) float64 { return n })),
		"revenue":           meanOf(one(func(_, sum, _ float64) float64 { return sum })),
		"revenue_capped":    meanOf(one(func(_, sum, _ float64) float64 { return math.Min(sum, 60) })),
		"level":             meanOf(one(func(n, sum, _ float64) float64 { return sum + 1e9*n })),
		"buyers":            meanOf(one(func(n, _, _ float64) float64 { return flag(n >= 2) })),
		"path":              meanOf(one(func(_, _, largest float64) float64 { return flag(largest > 60) })),
		"order_value":       {both, quotient},
		"revenue_per_order": {both, quotient},
		"bent": {both, func(m []float64) (float64, []float64) {
			return m[0] / (1 + m[1]), []float64{1 / (1 + m[1]), -m[0] / (1 + m[1]) / (1 + m[1])}
		}},
		"largest": meanOf(func(m member) []float64 {
			n, _, largest := m.values(m.since)
			if n == 0 {
				return nil
			}
			return []float64{largest}
		}),
		"early_orders": meanOf(func(m member) []float64 {
			if m.at.AddDate(0, 0, 5).After(day(20, 0)) {
				return nil
			}
			n, _, _ := m.values(func(o order) bool { return m.since(o) && o.at.Before(m.at.AddDate(0, 0, 5)) })
			return []float64{n}
		}),
	}
}

// afterLargeOrder counts orders from the first above 40 on; a member without one is not in.
func afterLargeOrder() measure {
	return meanOf(func(m member) []float64 {
		from := day(20, 0)
		for _, o := range m.orders {
			if m.since(o) && o.amount > 40 && o.at.Before(from) {
				from = o.at
			}
		}
		if from.Equal(day(20, 0)) {
			return nil
		}
		n, _, _ := m.values(func(o order) bool { return m.since(o) && !o.at.Before(from) })
		return []float64{n}
	})
}

// An estimated arm: by hand.
type estimated struct {
	n, clusters     int
	value, variance float64
}

// estimate sums what linearisation leaves of each member over its cluster.
func (x measure) estimate(members []member) estimated {
	var counted []member
	var all [][]float64
	var means []float64
	for _, m := range members {
		if v := x.of(m); v != nil {
			counted, all = append(counted, m), append(all, v)
		}
	}
	n := float64(len(all))
	for _, v := range all {
		for i := range v {
			if means == nil {
				means = make([]float64, len(v))
			}
			means[i] += v[i] / n
		}
	}
	if means == nil {
		return estimated{}
	}
	value, gradient := x.value(means)
	sums := map[string]float64{}
	for k, v := range all {
		for i := range v {
			sums[counted[k].company] += gradient[i] * (v[i] - means[i])
		}
	}
	squares := 0.0
	for _, s := range sums {
		squares += s * s
	}
	g := float64(len(sums))
	return estimated{len(all), len(sums), value, squares / (n * n) * g / (g - 1)}
}

func of(members []member, keep func(member) bool) []member {
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool { return !keep(m) })
}

func inArm(variant string) func(member) bool {
	return func(m member) bool { return m.variant == variant }
}

// compareArms wants a result row to be the difference of two arms.
func compareArms(t *testing.T, key string, row map[string]any, control, variant estimated) {
	t.Helper()
	se2 := control.variance + variant.variance
	want := map[string]any{
		"n_control": float64(control.n), "n_variant": float64(variant.n), "value_control": control.value, "value_variant": variant.value,
		"effect": variant.value - control.value, "effect_se": math.Sqrt(se2), "status": "ok",
		"sd_control": math.Sqrt(float64(control.n) * control.variance), "sd_variant": math.Sqrt(float64(variant.n) * variant.variance),
	}
	for column, value := range want {
		w, isNumber := value.(float64)
		g, _ := number(row[column]).(float64)
		if isNumber && math.Abs(w-g) > 1e-6*math.Abs(w) || !isNumber && value != row[column] {
			t.Errorf("%s: %s is %v, want %v; %v", key, column, row[column], value, row["warnings"])
		}
	}
}

// adjustedMean is the mean less what the orders before explain, by the slope of units within arms.
func adjustedMean(members []member) measure {
	of := func(m member) []float64 {
		_, after, _ := m.values(m.since)
		n, before, _ := m.values(m.before)
		return []float64{after, before, flag(n == 0)}
	}
	var rows [][]float64
	var y []float64
	for _, m := range members {
		v := of(m)
		rows = append(rows, []float64{1, flag(m.variant == "treatment"), flag(m.variant == "wide"), v[1], v[2]})
		y = append(y, v[0])
	}
	slopes := leastSquares(rows, y)[3:]
	return measure{of, func(m []float64) (float64, []float64) {
		return m[0] - slopes[0]*m[1] - slopes[1]*m[2], []float64{1, -slopes[0], -slopes[1]}
	}}
}

// adjustedRatio is the ratio less the share of the ratio before that leaves the least variance.
func adjustedRatio(members []member) measure {
	of := func(m member) []float64 {
		n, after, _ := m.values(m.since)
		nBefore, before, _ := m.values(m.before)
		return []float64{after, n, before, nBefore}
	}
	less := func(theta float64) measure {
		return measure{of, func(m []float64) (float64, []float64) {
			now, g := quotient(m[:2])
			past, gPast := quotient(m[2:])
			return now - theta*past, []float64{g[0], g[1], -theta * gPast[0], -theta * gPast[1]}
		}}
	}
	covariance, variance := 0.0, 0.0 // of the ratios now and before: var(now ∓ past) = var(now) ∓ 2cov + var(past)
	for _, arm := range arms {
		in := slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m.variant != arm })
		minus, plus, now := less(1).estimate(in).variance, less(-1).estimate(in).variance, less(0).estimate(in).variance
		covariance += (plus - minus) / 4
		variance += (plus+minus)/2 - now
	}
	return less(covariance / variance)
}

// stratified is two arms weighted to one mix of phases and regions, those with fewer than two clusters of an arm merged with the next.
func (x measure) stratified(members []member, variant string) (control, treated estimated) {
	var strata [][]member
	thin := func(s []member) bool {
		return min(x.estimate(of(s, inArm("control"))).clusters, x.estimate(of(s, inArm(variant))).clusters) < 2
	}
	compared := of(members, func(m member) bool { return m.variant == "control" || m.variant == variant })
	for phase := range 2 {
		for _, region := range []string{"east", "north", "south"} {
			s := of(compared, func(m member) bool { return m.phase == phase && m.region == region })
			if last := len(strata) - 1; last >= 0 && thin(strata[last]) {
				strata[last] = append(strata[last], s...)
			} else {
				strata = append(strata, s)
			}
		}
	}
	if last := len(strata) - 1; thin(strata[last]) {
		strata = append(strata[:last-1], append(strata[last-1], strata[last]...))
	}
	for _, s := range strata {
		share := float64(len(s)) / float64(len(compared))
		for variant, arm := range map[string]*estimated{"control": &control, variant: &treated} {
			part := x.estimate(of(s, inArm(variant)))
			arm.n, arm.clusters = arm.n+part.n, arm.clusters+part.clusters
			arm.value += share * part.value
			arm.variance += share * share * part.variance
		}
	}
	return control, treated
}

func TestClusters(t *testing.T) {
	log, orders := clusterLog()
	members := enrol(log, orders, false)
	for _, engine := range []string{"duckdb", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := openProject(t, engine, "clusters", clusterTables(log, orders))
			s.assay(t, "run", "--as-of", clustersAsOf)
			results := s.results(t)
			t.Run("every kind of metric", func(t *testing.T) { everyKind(t, results, members) })
			t.Run("covariates", func(t *testing.T) { clusterCovariates(t, results, members) })
			t.Run("designs", func(t *testing.T) { clusterDesigns(t, results, log, orders) })
			t.Run("methods", func(t *testing.T) { clusterMethods(t, results) })
			t.Run("nasty", func(t *testing.T) { nastyClusters(t, results) })
			clusterHealth(t, s, members)
			clusterQuery(t, s, results)
			if engine == "postgres" { // DuckDB draws scans beside each other, where they cannot be counted
				t.Run("scans", func(t *testing.T) { // of each of four logs, of the facts, and of the trigger
					s.wantScans(t, map[string]int{"exposures": 4, "orders": 2})
				})
			}
		})
	}
}

func everyKind(t *testing.T, results map[string]map[string]any, members []member) {
	for metric, x := range measures() {
		for _, variant := range arms[1:] {
			key := "rollout/" + metric + "/" + variant + "/overall/all"
			compareArms(t, key, results[key], x.estimate(of(members, inArm("control"))), x.estimate(of(members, inArm(variant))))
			for device, slice := range map[string]string{"phone": "phone", "desk": "desk", "": "(none)"} {
				within := of(members, func(m member) bool { return m.device == device })
				key := "rollout/" + metric + "/" + variant + "/device/" + slice
				compareArms(t, key, results[key], x.estimate(of(within, inArm("control"))), x.estimate(of(within, inArm(variant))))
			}
		}
	}
	step := "rollout/path/treatment/overall/all/any"
	anyOrder := meanOf(func(m member) []float64 {
		n, _, _ := m.values(m.since)
		return []float64{flag(n > 0)}
	})
	compareArms(t, step, results[step], anyOrder.estimate(of(members, inArm("control"))), anyOrder.estimate(of(members, inArm("treatment"))))
}

func clusterCovariates(t *testing.T, results map[string]map[string]any, members []member) {
	for metric, x := range map[string]measure{"revenue_adjusted": adjustedMean(members), "value_adjusted": adjustedRatio(members)} {
		for _, variant := range arms[1:] {
			key := "rollout/" + metric + "/" + variant + "/overall/all"
			control, treated := x.estimate(of(members, inArm("control"))), x.estimate(of(members, inArm(variant)))
			for column, want := range map[string]float64{
				"effect": treated.value - control.value, "effect_se": math.Sqrt(control.variance + treated.variance),
			} {
				if got, _ := results[key][column].(float64); math.Abs(got-want) > 1e-6*math.Abs(want) {
					t.Errorf("%s %s is %v, want %v; %v", key, column, got, want, results[key]["warnings"])
				}
			}
		}
	}
}

func clusterDesigns(t *testing.T, results map[string]map[string]any, log []exposure, orders []order) {
	count, value := measures()["orders"], measures()["revenue_per_order"]
	kept, members := enrol(log, orders, true), enrol(log, orders, false)
	alone := slices.Clone(log)
	for i := range alone {
		alone[i].company = strconv.Itoa(alone[i].user)
	}
	users := enrol(alone, orders, false)
	for _, variant := range arms[1:] {
		key := "rollout_first/orders/" + variant + "/overall/all"
		compareArms(t, key, results[key], count.estimate(of(kept, inArm("control"))), count.estimate(of(kept, inArm(variant))))
		key = "triggered/orders/" + variant + "/overall/all"
		compareArms(t, key, results[key], afterLargeOrder().estimate(of(members, inArm("control"))),
			afterLargeOrder().estimate(of(members, inArm(variant))))
		key = "by_user/orders/" + variant + "/overall/all"
		compareArms(t, key, results[key], count.estimate(of(users, inArm("control"))), count.estimate(of(users, inArm(variant))))
		for metric, x := range map[string]measure{"orders": count, "revenue_per_order": value} {
			key := "ramped/" + metric + "/" + variant + "/overall/all"
			control, treated := x.stratified(members, variant)
			row := results[key]
			want := []float64{treated.value - control.value, math.Sqrt(control.variance + treated.variance)}
			for i, column := range []string{"effect", "effect_se"} {
				if got, _ := row[column].(float64); math.Abs(got-want[i]) > 1e-6*math.Abs(want[i]) {
					t.Errorf("%s %s is %v, want %v; %v", key, column, got, want[i], row["warnings"])
				}
			}
		}
	}
}

// clusterMethods wants every method to read the same errors.
func clusterMethods(t *testing.T, results map[string]map[string]any) {
	for _, metric := range []string{"orders", "revenue_per_order", "bent"} {
		key := "/" + metric + "/treatment/overall/all"
		if want, got := results["rollout"+key]["effect_se"], results["watched"+key]["effect_se"]; !same(want, got) {
			t.Errorf("%s: watched %v, fixed %v", metric, got, want)
		}
		if believed := results["believed"+key]; believed["status"] != "ok" || believed["effect_low"] == nil {
			t.Errorf("%s: believed %v", metric, believed)
		}
	}
	all := results["rollout/revenue_all/treatment/overall/all"]
	if reduced, _ := all["variance_reduction"].(float64); all["status"] != "ok" || reduced == 0 {
		t.Errorf("by all covariates: %v", all)
	}
	plain, winsorized := results["rollout/revenue/wide/overall/all"], results["rollout/revenue_winsorized/wide/overall/all"]
	if w, _ := winsorized["effect_se"].(float64); !(w < plain["effect_se"].(float64)) || winsorized["share_capped"] == 0.0 {
		t.Errorf("winsorized: %v", winsorized)
	}
}

func nastyClusters(t *testing.T, results map[string]map[string]any) {
	lone := results["lone/orders/treatment/overall/all"]
	if lone["status"] != "undefined" || lone["value_variant"] == nil || lone["effect"] != nil || lone["sd_control"] != nil {
		t.Errorf("one cluster an arm: %v", lone)
	}
	empty := results["rollout/orders/treatment/device/tv"]
	if empty["status"] != "undefined" || number(empty["n_variant"]) != 0.0 || number(empty["n_control"]) != 1.0 {
		t.Errorf("a slice of one cluster: %v", empty)
	}
}

// clusterHealth wants the split of companies, not of users, and the log's faults counted.
func clusterHealth(t *testing.T, s *shop, members []member) {
	var counts [3]float64
	seen := map[string]bool{}
	for _, m := range members {
		if !seen[m.company] {
			counts[slices.Index(arms, m.variant)]++
		}
		seen[m.company] = true
	}
	expected, chi2 := float64(len(seen))/3, 0.0
	for _, n := range counts {
		chi2 += (n - expected) * (n - expected) / expected
	}
	want := map[string]float64{"sample_ratio": chi2, "multiple_exposures": 4, "null_units": 3, "undeclared_variants": 1}
	t.Run("health", func(t *testing.T) {
		rows, err := s.connect(t).Query(context.Background(),
			"SELECT check_name, value FROM assay_experiment_health WHERE experiment = 'rollout' AND metric IS NULL")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows.Values {
			check := row[0].(string)
			if value, asked := want[check]; asked && !same(row[1], value) {
				t.Errorf("%s is %v, want %v", check, row[1], value)
			}
			delete(want, check)
		}
		if len(want) > 0 {
			t.Errorf("without rows: %v", want)
		}
	})
}

// clusterQuery wants a query of the experiment to count what it counts.
func clusterQuery(t *testing.T, s *shop, results map[string]map[string]any) {
	records := s.query(t, "--metrics", "orders,revenue", "--experiment", "rollout", "--as-of", clustersAsOf)
	for _, r := range records {
		for _, metric := range []string{"orders", "revenue"} {
			want := results["rollout/"+metric+"/treatment/overall/all"]["total_control"]
			if r["variant"] != "control" {
				want = results["rollout/"+metric+"/"+r["variant"]+"/overall/all"]["total_variant"]
			}
			if got, err := strconv.ParseFloat(r[metric], 64); err != nil || !same(got, want) {
				t.Errorf("%s of %s is %s as a query, %v in the experiment", metric, r["variant"], r[metric], want)
			}
		}
	}
	if len(records) != len(arms) {
		t.Errorf("%d variants", len(records))
	}
}
