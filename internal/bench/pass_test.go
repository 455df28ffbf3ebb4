//go:build unix

package bench

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"assay/compiler"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	dialect "assay/dialects/duckdb"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/duckdb"
)

var events = flag.Int("events", 4_000_000, "rows of the fact table; a tenth as many units")

// A measure is one of the benchmark's metrics: what a row adds, and which rows.
type measure struct{ name, expr, filter string }

var measures = []measure{
	{"revenue", "amount", "kind = 'purchase'"},
	{"purchases", "1", "kind = 'purchase'"},
	{"views", "1", "kind = 'view'"},
	{"clicks", "1", "kind = 'click'"},
	{"refunded", "amount", "kind = 'refund'"},
	{"carts", "1", "kind = 'cart'"},
	{"cart_value", "amount", "kind = 'cart'"},
	{"searches", "1", "kind = 'search'"},
	{"big_purchases", "1", "kind = 'purchase' and amount > 50"},
}

// shared is how many of the programme's experiments each unit is in.
const shared = 2

// tables are exposures over two weeks, the same units' places in a programme of ten, what plan each is on for half a month, and events over six weeks, most of them of
// kinds that metrics count.
func tables(events int) []string {
	return []string{
		fmt.Sprintf(`CREATE TABLE exposures AS SELECT range AS user_id,
			TIMESTAMP '2026-01-15' + INTERVAL 1 SECOND * (hash(range) %% 1200000) AS exposed_at,
			CASE WHEN hash(range + 7) %% 2 = 0 THEN 'control' ELSE 'treatment' END AS variant,
			['US', 'DE', 'FR', 'GB', 'IN'][1 + (hash(range + 3) %% 5)::INT] AS country,
			['web', 'ios', 'android'][1 + (hash(range + 5) %% 3)::INT] AS platform FROM range(%d)`, events/10),
		fmt.Sprintf(`CREATE TABLE enrolments AS SELECT exposures.*, 'x' || ((hash(user_id) + 5 * place) %% 10) AS experiment
			FROM exposures, range(%d) AS places(place)`, shared),
		`CREATE TABLE plans AS SELECT user_id AS subscriber, ['free', 'pro', 'team'][1 + (hash(user_id + place) % 3)::INT] AS plan,
			TIMESTAMP '2026-01-01' + INTERVAL 15 DAY * place AS valid_from,
			CASE WHEN place < 2 THEN TIMESTAMP '2026-01-01' + INTERVAL 15 DAY * (place + 1) END AS valid_to FROM exposures, range(3) AS places(place)`,
		fmt.Sprintf(`CREATE TABLE events AS SELECT (hash(range) %% %d)::BIGINT AS user_id,
			TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * (hash(range + 1) %% 3900000) AS happened_at,
			['purchase', 'view', 'click', 'refund', 'cart', 'search', 'view', 'view', 'view', 'scroll'][1 + (hash(range + 2) %% 10)::INT] AS kind,
			((hash(range + 9) %% 10000) / 100)::DOUBLE AS amount FROM range(%d)`, events/10, events),
	}
}

// definitions are the benchmark's project: the experiments of a log, with or without slices.
func definitions(log string, experiments int, dimensions string) fstest.MapFS {
	var m, e strings.Builder
	m.WriteString(`models:
  - name: events
    relation: events
    agg_time_dimension: happened_at
    columns:
      - {name: user_id, entity: {type: foreign, name: user}}
      - {name: happened_at, dimension: {type: time}}
    metrics:
`)
	var names []string
	for _, x := range measures {
		agg := "{name: %s, type: simple, agg: sum, expr: %s, filter: \"%s\"}"
		fmt.Fprintf(&m, "      - "+agg+"\n", x.name, x.expr, x.filter)
		names = append(names, x.name)
	}
	fmt.Fprintf(&e, `assignments:
  - name: exposures
    relation: exposures
    entity: user
    columns: {unit: user_id, time: exposed_at, variant: variant}
    dimensions: [country, platform]
  - name: enrolments
    relation: enrolments
    entity: user
    columns: {unit: user_id, time: exposed_at, experiment: experiment, variant: variant}
protocols:
  - {name: adjusted, statistics: {method: fixed, cuped: {lookback: 14 days}}}
experiments:
`)
	for i := range experiments {
		fmt.Fprintf(&e, "  - {name: x%d, assignments: %s, start: 2026-01-15, end: 2026-02-15, protocol: adjusted, variants: [control, treatment],"+
			" metrics: {primary: %s, secondary: [%s]}, dimensions: [%s]}\n", i, log, names[0], strings.Join(names[1:], ", "), dimensions)
	}
	return fstest.MapFS{
		"assay_project.yml":   {Data: []byte("name: bench\nprofile: bench\n")},
		"models/events.yml":   {Data: []byte(m.String())},
		"experiments/all.yml": {Data: []byte(e.String())},
		"catalog.json":        {Data: []byte(catalog)},
	}
}

// catalog holds the types that a run reads in the warehouse.
const catalog = `{
	"models": {"events": [{"name": "user_id", "type": "BIGINT"}, {"name": "happened_at", "type": "TIMESTAMP"},
		{"name": "kind", "type": "VARCHAR"}, {"name": "amount", "type": "DOUBLE"}]},
	"assignments": {
		"exposures": [{"name": "user_id", "type": "BIGINT"}, {"name": "exposed_at", "type": "TIMESTAMP"}, {"name": "variant", "type": "VARCHAR"},
			{"name": "country", "type": "VARCHAR"}, {"name": "platform", "type": "VARCHAR"}],
		"enrolments": [{"name": "user_id", "type": "BIGINT"}, {"name": "exposed_at", "type": "TIMESTAMP"}, {"name": "variant", "type": "VARCHAR"},
			{"name": "experiment", "type": "VARCHAR"}]}
}`

// exposedByHand are the units of the log, each as first exposed, with what tells faults. What ties is taken for granted.
func exposedByHand(dimensions []string) string {
	var lowest strings.Builder
	for _, d := range dimensions {
		fmt.Fprintf(&lowest, "min(%[1]s) AS %[1]s, ", d)
	}
	return fmt.Sprintf(`SELECT user_id, arg_min(variant, exposed_at) AS variant, min(exposed_at) AS exposed_at, max(exposed_at) AS last_exposed_at,
		%smin(variant) <> max(variant) AS multiple
	FROM exposures WHERE exposed_at >= TIMESTAMP '2026-01-15' AND exposed_at < TIMESTAMP '2026-02-15' GROUP BY user_id`, &lowest)
}

// valuesByHand are what someone who knows the engine writes: one pass over the facts, covariates from the same scan, rows counted where
// ones would be summed, conditions in FILTER, which the engine computes faster than CASE.
func valuesByHand(exposed string, dimensions []string) string {
	var sums []string
	values := slices.Clone(dimensions)
	for _, x := range measures {
		aggregate := "sum(" + x.expr + ") FILTER (WHERE %s AND %s)"
		if x.expr == "1" {
			aggregate = "nullif(count(*) FILTER (WHERE %s AND %s), 0)"
		}
		sums = append(sums, fmt.Sprintf(aggregate, x.filter, "since")+" AS "+x.name, fmt.Sprintf(aggregate, x.filter, "before")+" AS "+x.name+"_before")
		values = append(values, fmt.Sprintf(
			"coalesce(%[1]s, 0)::DOUBLE AS %[1]s, coalesce(%[1]s_before, 0)::DOUBLE AS %[1]s_before, (%[1]s_before IS NULL)::INT::DOUBLE AS %[1]s_missing", x.name))
	}
	return fmt.Sprintf(`WITH units AS (SELECT * FROM (%s) WHERE NOT multiple),
	facts AS (
		SELECT user_id, %s, max(happened_at) AS newest FROM (
			SELECT user_id, kind, amount, happened_at, happened_at >= exposed_at AS since,
				happened_at < exposed_at AND happened_at >= exposed_at - INTERVAL 14 DAY AS before
			FROM events JOIN units USING (user_id)
			WHERE happened_at >= TIMESTAMP '2026-01-01' AND happened_at < TIMESTAMP '2026-02-15'
				AND kind IN ('purchase', 'view', 'click', 'refund', 'cart', 'search'))
		GROUP BY user_id)
	SELECT user_id, variant, exposed_at, newest, %s FROM units LEFT JOIN facts USING (user_id)`,
		exposed, strings.Join(sums, ", "), strings.Join(values, ", "))
}

// momentsByHand are all that leaves the warehouse of units' values, of the whole and by each dimension.
func momentsByHand(values string, dimensions []string) string {
	groupings, moments := []string{"(variant)"}, []string(nil)
	for _, d := range dimensions {
		groupings = append(groupings, "(variant, "+d+")")
	}
	for _, x := range measures {
		moments = append(moments, momentsOf(x.name))
	}
	return fmt.Sprintf("SELECT variant, count(*), %s FROM %s GROUP BY GROUPING SETS (%s)",
		strings.Join(moments, ", "), values, strings.Join(groupings, ", "))
}

// momentsOf are those of a metric with its covariates.
func momentsOf(metric string) string {
	return fmt.Sprintf(`count(%[1]s), avg(%[1]s), avg(%[1]s_before), avg(%[1]s_missing), var_samp(%[1]s), var_samp(%[1]s_before),
		var_samp(%[1]s_missing), covar_samp(%[1]s, %[1]s_before), covar_samp(%[1]s, %[1]s_missing), covar_samp(%[1]s_before, %[1]s_missing)`, metric)
}

// onePassByHand is the one query that gives the same moments and no more, and stores nothing.
func onePassByHand(dimensions ...string) []string {
	return []string{momentsByHand("("+valuesByHand(exposedByHand(dimensions), dimensions)+")", dimensions)}
}

// allByHand gives all that a run fetches: the moments, the primary metric by day along dates and days since exposure, and what is
// checked. What is read twice is stored. Revenue by day takes scans of its own, which read few columns and a tenth of the rows. A row
// holds from its day until the unit's next, so that no unit has a row for a day on which nothing happened.
func allByHand(dimensions ...string) []string {
	const byDay = `CREATE OR REPLACE TEMP TABLE hand_days AS
		SELECT *, sum(alone) OVER of_unit AS so_far, lead(day) OVER of_unit AS next FROM (
			SELECT user_id, day, sum(amount) AS alone FROM (
				SELECT user_id, exposed_at::DATE AS day, NULL AS amount FROM hand_values
				UNION ALL SELECT user_id, happened_at::DATE, amount FROM events JOIN hand_values USING (user_id)
				WHERE kind = 'purchase' AND happened_at >= exposed_at AND happened_at < TIMESTAMP '2026-02-15')
			GROUP BY user_id, day)
		WINDOW of_unit AS (PARTITION BY user_id ORDER BY day)`
	along := func(axis string) string {
		return fmt.Sprintf(`SELECT variant, first_day, until_day, count(*), avg(alone), var_samp(alone), %s FROM (
			SELECT variant, %s, coalesce(alone, 0) AS alone, coalesce(so_far, 0) AS revenue, revenue_before, revenue_missing
			FROM hand_days JOIN hand_values USING (user_id)) GROUP BY ALL`, momentsOf("revenue"), axis)
	}
	return []string{
		"CREATE OR REPLACE TEMP TABLE hand_units AS " + exposedByHand(dimensions),
		"CREATE OR REPLACE TEMP TABLE hand_values AS " + valuesByHand("FROM hand_units", dimensions),
		momentsByHand("hand_values", dimensions),
		byDay,
		along("day AS first_day, next AS until_day"),
		along("date_diff('day', exposed_at, day) AS first_day, date_diff('day', exposed_at, least(next, DATE '2026-02-15')) AS until_day"),
		"SELECT variant, exposed_at::DATE, count(*), count(*) FILTER (WHERE multiple), max(last_exposed_at) FROM hand_units GROUP BY ALL",
		"SELECT count(*) FROM exposures WHERE user_id IS NULL OR variant IS NULL OR exposed_at IS NULL",
		"SELECT variant, exposed_at::DATE, count(*) FROM hand_values GROUP BY ALL",
		"SELECT variant, count(*), count(newest), max(newest), sum(revenue) FROM hand_values GROUP BY ALL",
		"SELECT happened_at::DATE, sum(amount) FROM events WHERE kind = 'purchase' GROUP BY ALL",
	}
}

const scan = "SELECT count(*), sum(amount), max(happened_at), max(kind), max(user_id) FROM events"

var asOf = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// warehouse is a session on a database in memory that holds the tables.
func warehouse(t testing.TB, events int) runner.Session {
	t.Helper()
	w, err := duckdb.Open(runner.Output{Name: "bench", Fields: map[string]any{"path": ":memory:"}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	session, err := w.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	for _, statement := range tables(events) {
		if _, err := session.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return session
}

// programs are one for all of the experiments, and one for each alone.
func programs(b *testing.B, files fstest.MapFS) (together *plan.Compiled, each []*plan.Compiled) {
	b.Helper()
	m, bag := compiler.Load(project.Options{Dir: "/bench", FS: files})
	compile := func(experiments []*model.Experiment) *plan.Compiled {
		compiled, err := compiler.Experiments(m, experiments, bag)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range bag.Sorted() {
			if d.Severity == diag.Error {
				b.Fatal(d)
			}
		}
		return compiled
	}
	together = compile(m.Experiments)
	for _, e := range m.Experiments {
		each = append(each, compile([]*model.Experiment{e}))
	}
	return together, each
}

func execute(b *testing.B, s runner.Session, compiled *plan.Compiled) time.Duration {
	b.Helper()
	script, err := runner.NewScript(dialect.Dialect, runner.SessionTables{}, compiled.Program, "", runner.Binds{rel.AsOf: asOf})
	if err != nil {
		b.Fatal(err)
	}
	before := processor(b)
	execution, err := runner.Execute(context.Background(), s, script, runner.Observer{})
	took := processor(b) - before
	if err != nil || len(execution.Failed) > 0 {
		b.Fatal(err, execution.Failed)
	}
	var rows int
	for _, r := range execution.Rows {
		rows += len(r.Values)
	}
	b.ReportMetric(float64(rows), "rows-fetched")
	return took
}

func query(b *testing.B, s runner.Session, statements ...string) time.Duration {
	b.Helper()
	before := processor(b)
	for _, sql := range statements {
		if _, err := s.Query(context.Background(), sql); err != nil {
			b.Fatalf("%v\n%s", err, sql)
		}
	}
	return processor(b) - before
}

// processor is the time that all cores have spent on this process, the engine among it: unlike the time on the wall it is much the
// same on a machine that others use too.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkOnePass compares a run of nine adjusted metrics, whole and by two dimensions, each time in turn, with a bare scan and with
// two ways by hand: one query that gives the same moments and no more, and all that the run fetches.
func BenchmarkOnePass(b *testing.B) {
	s := warehouse(b, *events)
	together, _ := programs(b, definitions("exposures", 1, ""))
	dimensions := []string{"country", "platform"}
	sliced, _ := programs(b, definitions("exposures", 1, strings.Join(dimensions, ", ")))
	var floor, ours, oursSliced, onePass, onePassSliced, all, allSliced least
	for b.Loop() {
		floor.see(query(b, s, scan))
		onePass.see(query(b, s, onePassByHand()...))
		all.see(query(b, s, allByHand()...))
		ours.see(execute(b, s, together))
		onePassSliced.see(query(b, s, onePassByHand(dimensions...)...))
		allSliced.see(query(b, s, allByHand(dimensions...)...))
		oursSliced.see(execute(b, s, sliced))
	}
	b.ReportMetric(ours.over(all), "x-by-hand")
	b.ReportMetric(oursSliced.over(allSliced), "x-sliced-by-hand")
	b.ReportMetric(ours.over(onePass), "x-moments-by-hand")
	b.ReportMetric(oursSliced.over(onePassSliced), "x-sliced-moments-by-hand")
	b.ReportMetric(ours.over(floor), "x-scan")
	b.ReportMetric(ours.perSecond(*events), "rows/s")
	b.ReportMetric(floor.perSecond(*events), "rows/s-scan")
	b.ReportMetric(oursSliced.over(ours), "x-with-slices")
	b.ReportMetric(goMemory(), "MB-beside-engine")
}

// BenchmarkProgramme compares ten experiments in one pass with ten passes, over a log in which each unit is in some of them.
func BenchmarkProgramme(b *testing.B) {
	s := warehouse(b, *events)
	together, each := programs(b, definitions("enrolments", 10, ""))
	var one, ten least
	for b.Loop() {
		one.see(execute(b, s, together))
		var sum time.Duration
		for _, alone := range each {
			sum += execute(b, s, alone)
		}
		ten.see(sum)
	}
	b.ReportMetric(one.over(ten), "x-ten-passes")
}
