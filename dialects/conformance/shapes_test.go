package conformance

import (
	"assay/compiler/rel"
	"assay/internal/diag"
)

// weekly is a KPI: completed orders by week.
func weekly() *rel.Aggregate {
	completed := rel.NewFilter(orders, call(rel.Eq, of(orders, "status"), "completed"))
	week := as("week", timed(rel.DateTrunc, rel.Week, of(orders, "ordered_at")))
	return rel.NewAggregate(completed, []rel.Named{week},
		[]rel.Named{as("revenue", agg(rel.Sum, of(orders, "amount"))), as("orders", agg(rel.CountRows))})
}

func grouped() map[string]rel.Relation {
	kpi := weekly()
	many := rel.NewFilter(kpi, call(rel.And, call(rel.Gt, of(kpi, "revenue"), 1), call(rel.IsNotNull, of(kpi, "week"))))
	mean := call(rel.Div, of(kpi, "revenue"), of(kpi, "orders"))
	status := []rel.Named{as("status", of(orders, "status"))}
	none := rel.NewFilter(orders, rel.Bool(false))
	count := []rel.Named{as("n", agg(rel.CountRows))}
	return map[string]rel.Relation{
		"filter_group_sort":   sorted(kpi, "week"),
		"having_limit":        rel.NewLimit(rel.NewSort(many, down(of(many, "revenue"))), 1),
		"formula_over_groups": sorted(rel.NewProject(kpi, as("week", of(kpi, "week")), as("aov", mean)), "week"),
		"group_dropped":       sorted(rel.NewProject(kpi, keep(kpi, "revenue")...), "revenue"),
		"distinct":            sorted(rel.NewAggregate(orders, status, nil), "status"),
		"empty_groups":        rel.NewAggregate(none, status, count),
		"row_count":           rel.NewAggregate(rel.NewProject(orders), nil, count),
	}
}

// plansOf are the plans under names that no column of orders has.
var plansOf = rel.NewProject(plans, as("plan_user", of(plans, "user_id")), as("plan", of(plans, "plan")),
	as("valid_from", of(plans, "valid_from")), as("valid_to", of(plans, "valid_to")))

func onUser(right string) []rel.Equal {
	return []rel.Equal{{Left: of(orders, "user_id"), Right: right}}
}

func joins() map[string]rel.Relation {
	atOrder := of(orders, "ordered_at")
	show := func(r rel.Relation, names ...string) rel.Relation {
		names = append([]string{"order_id"}, names...)
		return sorted(rel.NewProject(r, keep(r, names...)...), "order_id")
	}
	pro := rel.NewFilter(plansOf, call(rel.Eq, of(plansOf, "plan"), "pro"))
	flagged := rel.NewProject(pro, append(keep(pro, "plan_user", "valid_from", "valid_to"), as("is_pro", true))...)
	three := rel.NewFilter(orders, call(rel.Lt, of(orders, "order_id"), 4))
	totals := rel.NewAggregate(orders, nil, []rel.Named{as("total", agg(rel.Sum, of(orders, "amount")))})
	of1 := rel.NewJoin(rel.Inner, orders, totals, nil, nil)
	share := as("share", call(rel.Div, of(of1, "amount"), of(of1, "total")))
	return map[string]rel.Relation{
		"join_at_moment":      show(rel.NewJoin(rel.Left, orders, plansOf, onUser("plan_user"), atOrder), "plan"),
		"join_of_filtered":    show(rel.NewJoin(rel.Left, three, pro, onUser("plan_user"), atOrder), "plan"),
		"join_of_computed":    show(rel.NewJoin(rel.Left, orders, flagged, onUser("plan_user"), atOrder), "is_pro"),
		"join_of_one_row":     sorted(rel.NewProject(of1, as("order_id", of(of1, "order_id")), share), "order_id"),
		"left_join_of_no_row": show(rel.NewJoin(rel.Left, orders, rel.NewFilter(totals, rel.Bool(false)), nil, nil), "total"),
		"join_twice":          show(rel.NewJoin(rel.Inner, withFirstPlan(), firstPlan("v", "p2"), onUser("v"), nil), "p1", "p2"),
	}
}

// firstPlan is a user's first plan, by a row number.
func firstPlan(user, plan string) rel.Relation {
	nth := rel.NewOver(rel.RowNumber, nil, []rel.Expr{of(plansOf, "plan_user")}, []rel.SortKey{key(of(plansOf, "valid_from"))}, nil)
	numbered := rel.NewWindow(plansOf, as("nth", nth))
	first := rel.NewFilter(numbered, call(rel.Eq, of(numbered, "nth"), 1))
	return rel.NewProject(first, as(user, of(first, "plan_user")), as(plan, of(first, "plan")))
}

func withFirstPlan() rel.Relation {
	return rel.NewJoin(rel.Inner, orders, firstPlan("u", "p1"), onUser("u"), nil)
}

func serial() map[string]rel.Relation {
	weeks := rel.NewSeries("week", rel.Week, day("2026-01-05"), day("2026-01-26"))
	inFortnight := call(rel.And,
		call(rel.Lt, of(orders, "ordered_at"), timed(rel.DateAdd, rel.Week, of(weeks, "week"), 1)),
		call(rel.Ge, of(orders, "ordered_at"), timed(rel.DateAdd, rel.Day, of(weeks, "week"), -7)))
	trailing := rel.NewExpand(rel.Left, weeks, orders, inFortnight, "order_id")
	revenue := rel.NewAggregate(trailing, keep(trailing, "week"), []rel.Named{as("revenue", agg(rel.Sum, of(trailing, "amount")))})
	return map[string]rel.Relation{
		"trailing_window":   sorted(revenue, "week"),
		"series":            sorted(weeks, "week"),
		"series_by_hour":    rel.NewSeries("hour", rel.Hour, ts("2026-01-05 22:30:00"), ts("2026-01-06 01:00:00")),
		"series_by_quarter": sorted(rel.NewSeries("quarter", rel.Quarter, day("2025-11-15"), day("2026-06-30")), "quarter"),
	}
}

// named are columns that take the name of another, or of a word of SQL.
func named() map[string]rel.Relation {
	upper := rel.NewProject(orders, as("status", call(rel.Upper, of(orders, "status"))), as("ordered_at", of(orders, "ordered_at")))
	open := rel.NewFilter(upper, call(rel.Ne, of(upper, "status"), "CANCELLED"))
	latest := rel.NewAggregate(open, keep(open, "status"), []rel.Named{as("ordered_at", agg(rel.Max, of(upper, "ordered_at")))})

	shifted := rel.NewProject(orders, as("order_id", of(orders, "order_id")), as("amount", call(rel.Add, of(orders, "amount"), 1.0)))
	square := as("amount", call(rel.Mul, of(shifted, "amount"), of(shifted, "amount")))
	squared := rel.NewProject(shifted, as("order_id", of(shifted, "order_id")), square)
	large := rel.NewFilter(squared, call(rel.Gt, of(squared, "amount"), 2.0))

	words := rel.NewAggregate(orders, []rel.Named{as("select", of(orders, "order"))},
		[]rel.Named{as(`a "quoted" name`, agg(rel.Max, of(orders, "Unit Price"))), as("Group", agg(rel.CountRows))})
	return map[string]rel.Relation{
		"alias_of_a_column": sorted(latest, "status"),
		"alias_of_an_alias": rel.NewSort(large, down(of(large, "amount"))),
		"words_as_names":    sorted(words, "select"),
	}
}

func sliced() map[string]rel.Relation {
	count := []rel.Named{as("n", agg(rel.CountRows))}
	sets := rel.NewGroupingSets(orders, keep(orders, "user_id", "status"), [][]int{{0, 1}, {1}, {}}, "slice", count)
	large := []rel.Named{as("large", call(rel.Gt, of(orders, "amount"), 5.0))}
	return map[string]rel.Relation{
		"grouping_sets":                sorted(sets, "slice", "user_id", "status"),
		"grouping_sets_of_expressions": sorted(rel.NewGroupingSets(orders, large, [][]int{{0}, {}}, "slice", count), "slice", "large"),
	}
}

func unions() map[string]rel.Relation {
	all := rel.NewProject(orders, as("part", "all"), as("label", of(orders, "status")), as("x", of(orders, "amount")))
	one := rel.NewLimit(rel.NewProject(orders, as("part", "none"), as("label", noText), as("x", noFloat)), 1)
	none := rel.NewValues([]rel.Column{column("part", rel.Text), column("label", rel.Text), column("x", rel.Float)}, nil)
	both := rel.NewUnion(all, rel.NewUnion(one, none))
	sums := rel.NewAggregate(both, keep(both, "part"), []rel.Named{as("x", agg(rel.Sum, of(both, "x")))})
	return map[string]rel.Relation{
		"union":         sorted(both, "part", "label", "x"),
		"union_grouped": sorted(sums, "part"),
	}
}

func listed() map[string]rel.Relation {
	noDay := rel.Null(rel.Date)
	columns := []rel.Column{column("k", rel.Integer), column("label", rel.Text), column("since", rel.Date)}
	values := rel.NewValues(columns, [][]rel.Expr{
		{expr(1), noText, noDay}, {noInt, expr(""), day("2026-01-01")}, {expr(3), expr(`'"\`), noDay},
	})
	return map[string]rel.Relation{
		"values":                sorted(values, "k"),
		"nulls_last_descending": rel.NewSort(values, down(of(values, "label")), down(of(values, "k"))),
		"sort_by_expression":    rel.NewSort(values, down(call(rel.Neg, of(values, "k")))),
		"no_rows":               rel.NewValues(columns, nil),
	}
}

// domains are literal rows whose labels are of a domain, with such as are any text.
func domains() map[string]rel.Relation {
	columns := []rel.Column{column("k", rel.Integer), column("label", rel.Text)}
	domain := rel.Domain{Column: "label", Values: []string{"", "B", `a'"\`, "b"}}
	values := rel.NewValuesOf(domain, columns, [][]rel.Expr{{expr(1), expr("b")}, {expr(2), expr("")}, {expr(3), expr(`a'"\`)}})
	twice := rel.NewUnion(values, values)
	label := of(twice, "label")
	read := rel.NewProject(twice, append(keep(twice, "k", "label"), as("said", call(rel.Concat, label, expr("!"))),
		as("is_b", call(rel.Eq, label, expr("b"))),
		as("other", call(rel.Coalesce, call(rel.NullIf, label, expr("b")), expr("none"))))...)
	number := []rel.Named{as("n", agg(rel.CountRows)), as("least", agg(rel.Min, of(twice, "k")))}
	text := rel.NewValues(columns, [][]rel.Expr{{expr(4), expr("c")}, {expr(5), expr("b")}})
	met := rel.NewUnion(values, text)
	return map[string]rel.Relation{
		"domain":         sorted(read, "label", "k"),
		"domain_grouped": sorted(rel.NewAggregate(twice, keep(twice, "label"), number), "label"),
		"domain_meets":   sorted(rel.NewAggregate(met, keep(met, "label"), []rel.Named{as("n", agg(rel.CountRows))}), "label"),
	}
}

// own are a user's expression for each dialect, and a parameter.
func own() map[string]rel.Relation {
	odd := &rel.Verbatim{
		Texts: []rel.DialectSQL{
			{Dialect: "postgres", SQL: "amount::int % 2 -- odd"}, {Dialect: "bigquery", SQL: "mod(CAST(floor(amount) AS int), 2)"},
		},
		SQL: "CAST(floor(amount) AS int) % 2", T: rel.Integer,
	}
	left := rel.NewProject(orders, append(keep(orders, "order_id", "user_id"), as("odd", odd))...)
	joined := rel.NewJoin(rel.Inner, left, firstPlan("u", "plan"), onUser("u"), nil)
	asOf := &rel.Param{Name: rel.AsOf}
	before := rel.NewFilter(orders, call(rel.Lt, of(orders, "ordered_at"), asOf))
	run := append(keep(before, "order_id"), as("run", call(rel.Eq, asOf, asOf)))
	return map[string]rel.Relation{
		"own_expression": sorted(rel.NewProject(joined, keep(joined, "order_id", "odd", "plan")...), "order_id"),
		"parameter":      sorted(rel.NewProject(before, run...), "order_id"),
	}
}

// seen reads a view of the user's over the table units.
func seen() rel.Relation {
	view := rel.NewScan(table("seen_units"), rel.Schema{Columns: []rel.Column{column("a", rel.Integer)}}, diag.Span{})
	return rel.NewAggregate(view, nil, []rel.Named{as("seen", agg(rel.Max, of(view, "a")))})
}

// steps are inline and stored steps, read more than once, next to a user's own SELECT.
func steps() []*rel.Step {
	ownSQL := rel.NewRaw("WITH units AS (SELECT a + 1 AS a FROM units)\nSELECT a, 'two\nlines' AS b FROM units -- the end",
		rel.Schema{Columns: []rel.Column{column("a", rel.Integer), column("b", rel.Text)}}, diag.Span{})
	raw := inline("own_sql", ownSQL, "The user's own")
	amounts := rel.NewProject(orders, keep(orders, "user_id", "amount")...)
	exposed := inline("exposed", amounts, "Ours, which no SQL of\nthe user's reads")
	sum := []rel.Named{as("amount", agg(rel.Sum, of(exposed.Relation, "amount")))}
	totals := staged("totals", rel.NewAggregate(rel.NewRef(exposed), keep(exposed.Relation, "user_id"), sum), "A row a user")

	largest := []rel.Named{as("a", agg(rel.Max, of(ownSQL, "a"))), as("b", agg(rel.Max, of(ownSQL, "b")))}
	row := rel.NewAggregate(rel.NewRef(raw), nil, largest)
	all := rel.NewJoin(rel.Inner, rel.NewJoin(rel.Inner, rel.NewRef(totals), row, nil, nil), seen(), nil, nil)
	return []*rel.Step{
		exposed, raw, totals,
		fetched("users", sorted(rel.NewProject(all, keep(all, "user_id", "amount", "a", "b", "seen")...), "user_id"), "What is read"),
		fetched("again", rel.NewAggregate(rel.NewRef(totals), nil, []rel.Named{as("n", agg(rel.CountRows))}), ""),
	}
}

// capturing has a stored step called as the table that a user's view reads, which no text of the program mentions.
func capturing() []*rel.Step {
	units := staged("units", rel.NewValues([]rel.Column{column("a", rel.Integer)}, [][]rel.Expr{{expr(7)}}), "Not the user's")
	return []*rel.Step{units, fetched("result", rel.NewJoin(rel.Inner, rel.NewRef(units), seen(), nil, nil), "")}
}
