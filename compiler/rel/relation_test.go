package rel

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"assay/internal/diag"
)

var (
	facts = NewScan(Table{Parts: []TablePart{{Name: "facts"}}}, Schema{
		Columns: []Column{{"id", Integer}, {"user_id", Integer}, {"at", Timestamp}, {"amount", Float}, {"status", Text}},
		Keys:    []Key{{Columns: []string{"id"}}},
	}, diag.Span{})
	plans = NewScan(Table{Parts: []TablePart{{Name: "plans"}}}, Schema{
		Columns: []Column{{"plan_user", Integer}, {"plan", Text}, {"since", Timestamp}, {"until", Timestamp}},
		Keys:    []Key{{Columns: []string{"plan_user"}, Validity: &Validity{"since", "until"}}},
	}, diag.Span{})
	days = NewSeries("day", Day, DateLit(noon), DateLit(noon))
)

func fact(name string) *Col { return facts.Schema().Col(name) }

func keysOf(r Relation) string {
	var texts []string
	for _, k := range r.Schema().Keys {
		text := "(" + strings.Join(k.Columns, ", ") + ")"
		if k.Validity != nil {
			text += " while " + k.Validity.From + ".." + k.Validity.To
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func TestKeys(t *testing.T) {
	onUser := []Equal{{Left: fact("user_id"), Right: "plan_user"}}
	rowNumber := NewWindow(facts, Named{"nth", NewOver(RowNumber, nil, []Expr{fact("user_id")}, []SortKey{{X: fact("at")}}, nil)})
	users := []Named{{"user", fact("user_id")}}
	total := []Named{{"total", NewAgg(Sum, fact("amount"))}}
	for _, c := range []struct {
		name string
		r    Relation
		want string
	}{
		{"scan", facts, "(id)"},
		{"projection that renames", NewProject(facts, Named{"order", fact("id")}), "(order)"},
		{"projection that loses", NewProject(facts, Named{"id", NewCall(Neg, fact("id"))}), ""},
		{"validity lost", NewProject(plans, Named{"plan_user", plans.Schema().Col("plan_user")}), ""},
		{"filter", NewFilter(facts, NewCall(Gt, fact("amount"), Int(1))), "(id)"},
		{"filter on a constant", NewFilter(facts, NewCall(And, NewCall(Eq, fact("id"), Int(1)), Bool(true))), "()"},
		{"join", NewJoin(Left, facts, plans, onUser, fact("at")), "(id)"},
		{"expand", NewExpand(Inner, facts, days, Bool(true), "day"), "(id, day)"},
		{"groups", NewAggregate(facts, users, total), "(user)"},
		{"one row", NewAggregate(facts, nil, total), "()"},
		{"grouping sets", NewGroupingSets(facts, users, [][]int{{0}, {}}, "slice", total), "(user, slice)"},
		{"row number", rowNumber, "(id) (user_id, nth)"},
		{"first row", NewFilter(rowNumber, NewCall(Eq, rowNumber.Schema().Col("nth"), Int(1))), "(id) (user_id)"},
		{"union", NewUnion(facts, facts), ""},
		{"limit of a sort", NewLimit(NewSort(facts, SortKey{X: fact("at")}), 5), "(id)"},
		{"series", days, "(day)"},
		{"validity renamed", NewProject(plans, Named{"u", plans.Schema().Col("plan_user")}, Named{"a", plans.Schema().Col("since")},
			Named{"b", plans.Schema().Col("until")}), "(u) while a..b"},
	} {
		if got := keysOf(c.r); got != c.want {
			t.Errorf("%s: keys %s, want %s", c.name, got, c.want)
		}
	}
}

func TestJoinOfOneRow(t *testing.T) {
	total := NewAggregate(facts, nil, []Named{{"total", NewAgg(Sum, fact("amount"))}})
	if got := keysOf(NewJoin(Inner, facts, total, nil, nil)); got != "(id)" {
		t.Errorf("keys %s", got)
	}
}

func TestUnionWidensTypes(t *testing.T) {
	a := NewValues([]Column{{"x", Integer}, {"y", Text}}, nil)
	b := NewValues([]Column{{"x", Float}, {"y", Unknown}}, nil)
	if got := fmt.Sprint(NewUnion(a, b).Schema().Columns); got != "[{x float} {y unknown}]" {
		t.Error(got)
	}
}

func TestBrokenInvariants(t *testing.T) {
	onUser := []Equal{{Left: fact("user_id"), Right: "plan_user"}}
	total := NewAgg(Sum, fact("amount"))
	over := NewOver(RowNumber, nil, nil, []SortKey{{X: fact("at")}}, nil)
	for want, build := range map[string]func(){
		"no column missing among (id": func() { facts.Schema().Col("missing") },
		`two columns "ID"`: func() {
			NewProject(facts, Named{"id", fact("id")}, Named{"ID", fact("id")})
		},
		"user_id is integer, and is read as text": func() {
			NewFilter(facts, NewCall(Eq, NewCol(Column{"user_id", Text}), String("a")))
		},
		"a condition of type float":              func() { NewFilter(facts, fact("amount")) },
		"an aggregate where there are no groups": func() { NewProject(facts, Named{"t", total}) },
		"a window function outside a Window":     func() { NewProject(facts, Named{"n", over}) },
		"covers no key of its right side":        func() { NewJoin(Left, facts, plans, onUser, nil) },
		"a join on (plan) covers no key": func() {
			NewJoin(Left, facts, plans, []Equal{{Left: fact("status"), Right: "plan"}}, fact("at"))
		},
		"status = plan_user: text and integer": func() {
			NewJoin(Left, facts, plans, []Equal{{Left: fact("status"), Right: "plan_user"}}, fact("at"))
		},
		`two columns "id"`: func() {
			NewJoin(Inner, facts, NewLimit(facts, 1), []Equal{{Left: fact("id"), Right: "id"}}, nil)
		},
		"does not say by what it multiplies":  func() { NewExpand(Inner, facts, days, Bool(true)) },
		"x reads a row of a group: amount":    func() { NewAggregate(facts, nil, []Named{{"x", NewCall(Add, total, fact("amount"))}}) },
		"an aggregate where there are no gro": func() { NewAgg(Max, total) },
		"one grouping set twice": func() {
			NewGroupingSets(facts, []Named{{"a", fact("id")}, {"b", fact("at")}}, [][]int{{0, 1}, {1, 0}}, "slice", nil)
		},
		"a grouping set names group 3 of 1": func() { NewGroupingSets(facts, []Named{{"a", fact("id")}}, [][]int{{3}}, "slice", nil) },
		"a union of (day) and (id":          func() { NewUnion(days, facts) },
		"a row of 1 values for 2 columns":   func() { NewValues([]Column{{"a", Integer}, {"b", Text}}, [][]Expr{{Int(1)}}) },
		"a is integer, and a value is text": func() { NewValues([]Column{{"a", Integer}}, [][]Expr{{String("x")}}) },
		"a domain of b, which is no column": func() { NewValuesOf(Domain{"b", nil}, []Column{{"a", Text}}, nil) },
		"'y' is not in the domain of a":     func() { NewValuesOf(Domain{"a", nil}, []Column{{"a", Text}}, [][]Expr{{String("y")}}) },
		"a series of dates by hour":         func() { NewSeries("day", Hour, DateLit(noon), DateLit(noon)) },
		"first needs an order":              func() { NewAgg(First, fact("id")) },
		"row_number over rows without an":   func() { NewOver(RowNumber, nil, nil, nil, nil) },
		"lower takes text":                  func() { NewCall(Lower, fact("id")) },
		"date_trunc needs a unit or part":   func() { NewCall(DateTrunc, fact("at")) },
		"a case without a when":             func() { NewCase(nil) },
		"a table has either a name or a":    func() { NewScan(Table{}, Schema{}, diag.Span{}) },
		"a limit of -1 rows":                func() { NewLimit(facts, -1) },
	} {
		if got := invariantOf(build); !strings.Contains(got, want) {
			t.Errorf("%q breaks with %q", want, got)
		}
	}
}

func invariantOf(build func()) (message string) {
	defer func() {
		var broken *Invariant
		if err, ok := recover().(error); ok && errors.As(err, &broken) {
			message = broken.Error()
		}
	}()
	build()
	return "nothing"
}
