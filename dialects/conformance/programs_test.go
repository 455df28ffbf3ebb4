package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/internal/diag"
)

// setup makes the user's own tables: words as names of columns, names that need quotes, a table and a view that a step's name
// could capture.
var setup = []string{
	`CREATE TABLE orders (order_id int, user_id int, amount double precision, status varchar, ordered_at timestamp, "order" int, "Unit Price" int)`,
	`INSERT INTO orders VALUES
		(1, 1, 10.5, 'completed', '2026-01-05 10:00:00', 7, 1), (2, 1, 20, 'cancelled', '2026-01-06 00:00:00', 8, 2),
		(3, 2, 5, 'completed', '2026-01-12 23:59:59', 9, 3), (4, NULL, 1, NULL, NULL, NULL, NULL), (5, 3, 0, 'it''s \n', '2026-01-19', 1, 4)`,
	`CREATE TABLE plans (user_id int, plan varchar, valid_from timestamp, valid_to timestamp)`,
	`INSERT INTO plans VALUES
		(1, 'free', '2025-01-01', '2026-01-06'), (1, 'pro', '2026-01-06', NULL), (2, 'Team', '2025-01-01', '2026-01-12'),
		(3, NULL, '2026-01-01', NULL)`,
	`CREATE TABLE units (a int)`,
	`INSERT INTO units VALUES (42)`,
	`CREATE VIEW seen_units AS SELECT a FROM units`,
}

func table(name string) rel.Table { return rel.Table{Parts: []rel.TablePart{{Name: name}}} }

func column(name string, t rel.Type) rel.Column { return rel.Column{Name: name, Type: t} }

var orders = rel.NewScan(table("orders"), rel.Schema{
	Columns: []rel.Column{
		column("order_id", rel.Integer), column("user_id", rel.Integer), column("amount", rel.Float), column("status", rel.Text),
		column("ordered_at", rel.Timestamp), column("order", rel.Integer), column("Unit Price", rel.Integer),
	},
	Keys: []rel.Key{{Columns: []string{"order_id"}}},
}, diag.Span{})

var plans = rel.NewScan(table("plans"), rel.Schema{
	Columns: []rel.Column{
		column("user_id", rel.Integer), column("plan", rel.Text), column("valid_from", rel.Timestamp),
		column("valid_to", rel.Timestamp),
	},
	Keys: []rel.Key{{Columns: []string{"user_id"}, Validity: &rel.Validity{From: "valid_from", To: "valid_to"}}},
}, diag.Span{})

var weeks = rel.NewSeries("week", rel.Week, day("2026-01-05"), day("2026-01-26"))

func of(r rel.Relation, name string) *rel.Col { return r.Schema().Col(name) }

func as(name string, x any) rel.Named { return rel.Named{Name: name, X: expr(x)} }

func key(x rel.Expr) rel.SortKey { return rel.SortKey{X: x} }

func down(x rel.Expr) rel.SortKey { return rel.SortKey{X: x, Desc: true} }

// sorted is r in the order of its columns.
func sorted(r rel.Relation, names ...string) rel.Relation {
	var keys []rel.SortKey
	for _, name := range names {
		keys = append(keys, key(of(r, name)))
	}
	return rel.NewSort(r, keys...)
}

func fetched(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Kind: rel.Fetched, Relation: r, Comment: comment}
}

func inline(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Relation: r, Comment: comment}
}

func staged(name string, r rel.Relation, comment string) *rel.Step {
	return &rel.Step{Name: name, Kind: rel.Staged, Relation: r, Comment: comment}
}

func one(r rel.Relation) []*rel.Step { return []*rel.Step{fetched("result", r, "")} }

// programs are the shapes of queries, each with its golden file: the plan, the SQL of each dialect and the rows.
func programs() map[string][]*rel.Step {
	plansOf := rel.NewProject(plans, as("plan_user", of(plans, "user_id")), as("plan", of(plans, "plan")),
		as("valid_from", of(plans, "valid_from")), as("valid_to", of(plans, "valid_to")))
	all := map[string][]*rel.Step{}
	add := func(name string, steps ...*rel.Step) { all[name] = steps }

	week := rel.NewTimeCall(rel.DateTrunc, rel.Week, of(orders, "ordered_at"))
	completed := call(rel.Eq, of(orders, "status"), "completed")
	weekly := rel.NewAggregate(rel.NewFilter(orders, completed), []rel.Named{as("week", week)},
		[]rel.Named{as("revenue", agg(rel.Sum, of(orders, "amount"))), as("orders", agg(rel.CountRows))})
	add("filter_group_sort", one(sorted(weekly, "week"))...)
	add("having_limit", one(rel.NewLimit(rel.NewSort(rel.NewFilter(weekly,
		call(rel.And, call(rel.Gt, of(weekly, "revenue"), 1), call(rel.IsNotNull, of(weekly, "week")))), down(of(weekly, "revenue"))), 1))...)
	ratio := rel.NewProject(weekly, as("week", of(weekly, "week")),
		as("aov", call(rel.Div, of(weekly, "revenue"), of(weekly, "orders"))))
	add("formula_over_groups", one(sorted(ratio, "week"))...)
	add("group_dropped", one(rel.NewSort(rel.NewProject(weekly, as("revenue", of(weekly, "revenue"))), key(of(weekly, "revenue"))))...)

	joined := rel.NewJoin(rel.Left, orders, plansOf, []rel.Equal{{Left: of(orders, "user_id"), Right: "plan_user"}}, of(orders, "ordered_at"))
	add("join_at_moment", one(sorted(rel.NewProject(joined, keep(joined, "order_id", "plan")...), "order_id"))...)
	pro := rel.NewFilter(plansOf, call(rel.Eq, of(plansOf, "plan"), "pro"))
	onlyPro := rel.NewJoin(rel.Left, rel.NewFilter(orders, call(rel.Lt, of(orders, "order_id"), 4)), pro,
		[]rel.Equal{{Left: of(orders, "user_id"), Right: "plan_user"}}, of(orders, "ordered_at"))
	add("join_of_filtered", one(sorted(rel.NewProject(onlyPro, keep(onlyPro, "order_id", "plan")...), "order_id"))...)
	flagged := rel.NewProject(pro, as("plan_user", of(pro, "plan_user")), as("valid_from", of(pro, "valid_from")),
		as("valid_to", of(pro, "valid_to")), as("is_pro", true))
	withFlag := rel.NewJoin(rel.Left, orders, flagged, []rel.Equal{{Left: of(orders, "user_id"), Right: "plan_user"}}, of(orders, "ordered_at"))
	add("join_of_computed", one(sorted(rel.NewProject(withFlag, keep(withFlag, "order_id", "is_pro")...), "order_id"))...)
	totals := rel.NewAggregate(orders, nil, []rel.Named{as("total", agg(rel.Sum, of(orders, "amount")))})
	share := rel.NewJoin(rel.Inner, orders, totals, nil, nil)
	add("join_of_one_row", one(sorted(rel.NewProject(share, as("order_id", of(share, "order_id")),
		as("share", call(rel.Div, of(share, "amount"), of(share, "total")))), "order_id"))...)
	noTotal := rel.NewJoin(rel.Left, orders, rel.NewFilter(totals, rel.Bool(false)), nil, nil)
	add("left_join_of_no_row", one(sorted(rel.NewProject(noTotal, keep(noTotal, "order_id", "total")...), "order_id"))...)
	firstPlan := rel.NewWindow(plansOf, as("nth", rel.NewOver(rel.RowNumber, nil, []rel.Expr{of(plansOf, "plan_user")},
		[]rel.SortKey{key(of(plansOf, "valid_from"))}, nil)))
	first := rel.NewFilter(firstPlan, call(rel.Eq, of(firstPlan, "nth"), 1))
	twice := rel.NewJoin(rel.Inner, rel.NewJoin(rel.Inner, orders, rel.NewProject(first, as("u", of(first, "plan_user")), as("p1", of(first, "plan"))),
		[]rel.Equal{{Left: of(orders, "user_id"), Right: "u"}}, nil), rel.NewProject(first, as("v", of(first, "plan_user")), as("p2", of(first, "plan"))),
		[]rel.Equal{{Left: of(orders, "user_id"), Right: "v"}}, nil)
	add("join_twice", one(sorted(rel.NewProject(twice, keep(twice, "order_id", "p1", "p2")...), "order_id"))...)

	trailing := rel.NewExpand(rel.Left, weeks, orders, call(rel.And,
		call(rel.Lt, of(orders, "ordered_at"), timed(rel.DateAdd, rel.Week, of(weeks, "week"), 1)),
		call(rel.Ge, of(orders, "ordered_at"), timed(rel.DateAdd, rel.Day, of(weeks, "week"), -7))), "order_id")
	add("trailing_window", one(sorted(rel.NewAggregate(trailing, []rel.Named{as("week", of(trailing, "week"))},
		[]rel.Named{as("revenue", agg(rel.Sum, of(trailing, "amount")))}), "week"))...)
	add("series", one(sorted(weeks, "week"))...)
	add("series_by_hour", one(sorted(rel.NewSeries("hour", rel.Hour, ts("2026-01-05 22:30:00"), ts("2026-01-06 01:00:00")), "hour"))...)
	add("series_by_quarter", one(sorted(rel.NewSeries("quarter", rel.Quarter, day("2025-11-30"), day("2026-06-30")), "quarter"))...)

	status := []rel.Named{as("status", of(orders, "status"))}
	add("distinct", one(sorted(rel.NewAggregate(orders, status, nil), "status"))...)
	upper := rel.NewProject(orders, as("status", call(rel.Upper, of(orders, "status"))), as("ordered_at", of(orders, "ordered_at")))
	add("alias_of_a_column", one(sorted(rel.NewAggregate(rel.NewFilter(upper, call(rel.Ne, of(upper, "status"), "CANCELLED")),
		[]rel.Named{as("status", of(upper, "status"))}, []rel.Named{as("ordered_at", agg(rel.Max, of(upper, "ordered_at")))}), "status"))...)
	shifted := rel.NewProject(orders, as("order_id", of(orders, "order_id")), as("amount", call(rel.Add, of(orders, "amount"), 1.0)))
	again := rel.NewProject(shifted, as("order_id", of(shifted, "order_id")), as("amount", call(rel.Mul, of(shifted, "amount"), of(shifted, "amount"))))
	add("alias_of_an_alias", one(rel.NewSort(rel.NewFilter(again, call(rel.Gt, of(again, "amount"), 2.0)), down(of(again, "amount"))))...)
	add("words_as_names", one(sorted(rel.NewAggregate(orders, []rel.Named{as("select", of(orders, "order"))},
		[]rel.Named{as(`a "quoted" name`, agg(rel.Max, of(orders, "Unit Price"))), as("Group", agg(rel.CountRows))}), "select"))...)

	users := []rel.Named{as("user_id", of(orders, "user_id")), as("status", of(orders, "status"))}
	sets := rel.NewGroupingSets(orders, users, [][]int{{0, 1}, {1}, {}}, "slice", []rel.Named{as("n", agg(rel.CountRows))})
	add("grouping_sets", one(sorted(sets, "slice", "user_id", "status"))...)
	bySize := []rel.Named{as("large", call(rel.Gt, of(orders, "amount"), 5.0))}
	setsOf := rel.NewGroupingSets(orders, bySize, [][]int{{0}, {}}, "slice", []rel.Named{as("n", agg(rel.CountRows))})
	add("grouping_sets_of_expressions", one(sorted(setsOf, "slice", "large"))...)

	byStatus := rel.NewProject(orders, as("part", "all"), as("label", of(orders, "status")), as("x", of(orders, "amount")))
	none := rel.NewProject(orders, as("part", "none"), as("label", rel.Null(rel.Text)), as("x", rel.Null(rel.Float)))
	both := rel.NewUnion(byStatus, rel.NewUnion(rel.NewLimit(none, 1), rel.NewValues([]rel.Column{column("part", rel.Text), column("label", rel.Text), column("x", rel.Float)}, nil)))
	add("union", one(sorted(both, "part", "label", "x"))...)
	add("union_grouped", one(sorted(rel.NewAggregate(both, []rel.Named{as("part", of(both, "part"))}, []rel.Named{as("x", agg(rel.Sum, of(both, "x")))}), "part"))...)

	nulls := rel.NewValues([]rel.Column{column("k", rel.Integer), column("label", rel.Text), column("since", rel.Date)},
		[][]rel.Expr{{expr(1), noText, rel.Null(rel.Date)}, {noInt, expr(""), day("2026-01-01")}, {expr(3), expr(`'"\`), noTime}})
	add("values", one(sorted(nulls, "k"))...)
	add("nulls_last_descending", one(rel.NewSort(nulls, down(of(nulls, "label")), down(of(nulls, "k"))))...)
	add("sort_by_expression", one(rel.NewSort(nulls, down(call(rel.Neg, of(nulls, "k")))))...)
	add("no_rows", one(rel.NewValues([]rel.Column{column("k", rel.Integer), column("label", rel.Text)}, nil))...)
	add("empty_groups", one(rel.NewAggregate(rel.NewFilter(orders, rel.Bool(false)), status, []rel.Named{as("n", agg(rel.CountRows))}))...)

	raw := rel.NewRaw("WITH units AS (SELECT a + 1 AS a FROM units)\nSELECT a, 'two\nlines' AS b FROM units -- the end", rel.Schema{
		Columns: []rel.Column{column("a", rel.Integer), column("b", rel.Text)}}, diag.Span{})
	rawStep := inline("own_sql", raw, "The user's own")
	mine := inline("exposed", rel.NewProject(orders, keep(orders, "user_id", "amount")...), "Ours, which no SQL of\nthe user's reads")
	stored := staged("totals", rel.NewAggregate(rel.NewRef(mine), []rel.Named{as("user_id", of(mine.Relation, "user_id"))},
		[]rel.Named{as("amount", agg(rel.Sum, of(mine.Relation, "amount")))}), "A row a user")
	viewed := rel.NewScan(table("seen_units"), rel.Schema{Columns: []rel.Column{column("a", rel.Integer)}}, diag.Span{})
	lookup := rel.NewAggregate(viewed, nil, []rel.Named{as("seen", agg(rel.Max, of(viewed, "a")))})
	ownRow := rel.NewAggregate(rel.NewRef(rawStep), nil, []rel.Named{as("a", agg(rel.Max, of(raw, "a"))), as("b", agg(rel.Max, of(raw, "b")))})
	read := rel.NewJoin(rel.Inner, rel.NewJoin(rel.Inner, rel.NewRef(stored), ownRow, nil, nil), lookup, nil, nil)
	add("steps", mine, rawStep, stored,
		fetched("users", sorted(rel.NewProject(read, keep(read, "user_id", "amount", "a", "b", "seen")...), "user_id"), "What is read"),
		fetched("again", rel.NewAggregate(rel.NewRef(stored), nil, []rel.Named{as("n", agg(rel.CountRows))}), ""))
	// The stored step is called as the table that a user's view reads, which no text of the program mentions.
	captured := staged("units", rel.NewValues([]rel.Column{column("a", rel.Integer)}, [][]rel.Expr{{expr(7)}}), "Not the user's")
	add("step_named_as_a_table", captured, fetched("result", rel.NewJoin(rel.Inner, rel.NewRef(captured),
		rel.NewProject(lookup, as("seen", of(lookup, "seen"))), nil, nil), ""))

	own := &rel.Verbatim{Texts: []rel.DialectSQL{{Dialect: "postgres", SQL: "amount::int % 2 -- odd"}}, SQL: "CAST(amount AS int) % 2", T: rel.Integer}
	odd := rel.NewProject(orders, as("order_id", of(orders, "order_id")), as("user_id", of(orders, "user_id")), as("odd", own))
	oddOf := rel.NewJoin(rel.Inner, odd, rel.NewProject(first, as("u", of(first, "plan_user")), as("plan", of(first, "plan"))),
		[]rel.Equal{{Left: of(odd, "user_id"), Right: "u"}}, nil)
	add("own_expression", one(sorted(rel.NewProject(oddOf, keep(oddOf, "order_id", "odd", "plan")...), "order_id"))...)
	add("row_count", one(rel.NewAggregate(rel.NewProject(orders), nil, []rel.Named{as("n", agg(rel.CountRows))}))...)
	asOf := rel.NewFilter(orders, call(rel.Lt, of(orders, "ordered_at"), &rel.Param{Name: rel.AsOf}))
	add("parameter", fetched("result", sorted(rel.NewProject(asOf, as("order_id", of(asOf, "order_id")),
		as("run", call(rel.Eq, &rel.Param{Name: rel.AsOf}, &rel.Param{Name: rel.AsOf}))), "order_id"), ""))
	return all
}

var asOf = map[rel.ParamName]*rel.Lit{rel.AsOf: ts("2026-01-06 00:00:00")}

func TestPrograms(t *testing.T) {
	results := map[string]map[string]string{}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			e := openers[d](t)
			for _, sql := range setup {
				if err := e.exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			for name, steps := range programs() {
				got, err := e.run((&rel.Program{Steps: steps}).Bind(asOf))
				if err != nil {
					t.Errorf("%s: %s", name, err)
					continue
				}
				if results[name] == nil {
					results[name] = map[string]string{}
				}
				results[name][d.Name] = rowsText(got)
			}
		})
	}
	for name, steps := range programs() {
		t.Run(name, func(t *testing.T) {
			rows := results[name][all[0].Name]
			for engine, other := range results[name] {
				if other != rows {
					t.Errorf("%s answers\n%s%s answers\n%s", all[0].Name, rows, engine, other)
				}
			}
			golden(t, name, archive(t, &rel.Program{Steps: steps}, rows)...)
		})
	}
}

func archive(t *testing.T, p *rel.Program, rows string) []txtar.File {
	files := []txtar.File{{Name: "plan", Data: []byte(p.Dump())}}
	for _, d := range all {
		statements, err := dialects.Print(d, p)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for i, s := range statements {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(strings.TrimSuffix(s.SQL, "\n") + ";\n")
			if len(s.Params) > 0 {
				fmt.Fprintf(&b, "-- bound: %v\n", s.Params)
			}
		}
		files = append(files, txtar.File{Name: d.Name + ".sql", Data: []byte(b.String())})
	}
	return append(files, txtar.File{Name: "rows", Data: []byte(rows)})
}

func rowsText(results map[string][][]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(results)) {
		fmt.Fprintf(&b, "%s:\n", name)
		for _, row := range results[name] {
			b.WriteString("  " + strings.Join(row, " | ") + "\n")
		}
	}
	return b.String()
}
