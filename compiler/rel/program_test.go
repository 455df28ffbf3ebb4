package rel

import (
	"slices"
	"strings"
	"testing"
	"time"

	"assay/internal/diag"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func TestEqualFormatsAreEqualExpressions(t *testing.T) {
	distinct := []Expr{
		Int(1), Float64(1), String("1"), Bool(true), &Lit{Value: "1", T: Decimal}, String("true"), Null(Integer), Null(Text),
		fact("id"), NewCol(Column{"id + 1", Integer}), NewCall(Add, fact("id"), Int(1)), String("id"), NewCol(Column{"1", Integer}),
		DateLit(noon), TimestampLit(noon), String("date '2026-01-05T12:00:00Z'"),
		NewCall(Add, NewCall(Add, fact("id"), Int(1)), Int(2)), NewCall(Add, fact("id"), NewCall(Add, Int(1), Int(2))),
		NewAgg(Sum, fact("id")), NewAgg(Sum, fact("id")).Filtered(Bool(true)), NewAgg(Count, fact("id")),
		NewFirst(fact("id"), SortKey{X: fact("at")}), NewFirst(fact("id"), SortKey{X: fact("at"), Desc: true}),
		NewTimeCall(DateTrunc, Day, fact("at")), NewTimeCall(DateTrunc, Week, fact("at")),
		NewPartCall(PartDay, fact("at")), NewPartCall(PartWeek, fact("at")),
		NewCase(nil, When{Bool(true), Int(1)}), NewCase(Int(2), When{Bool(true), Int(1)}),
		ToType(fact("id"), Text), ToType(fact("id"), Float), &Verbatim{SQL: "id"}, &Verbatim{SQL: "id", T: Text}, &Param{Name: AsOf},
		NewOver(WindowSum, []Expr{fact("id")}, nil, nil, nil), NewOver(WindowSum, []Expr{fact("id")}, []Expr{fact("at")}, nil, nil),
		NewOver(WindowSum, []Expr{fact("id")}, nil, []SortKey{{X: fact("at")}}, nil),
		NewOver(WindowSum, []Expr{fact("id")}, nil, []SortKey{{X: fact("at")}}, &Frame{Preceding: 1}),
	}
	seen := map[string]int{}
	for i, x := range distinct {
		if j, twice := seen[Format(x)]; twice {
			t.Errorf("%#v and %#v are both %s", distinct[j], x, Format(x))
		}
		seen[Format(x)] = i
		same := Rewrite(x, func(e Expr) Expr { return e })
		if !Same(x, same) || same.Type() != x.Type() {
			t.Errorf("%s, rewritten to itself, is %s", Format(x), Format(same))
		}
	}
}

func TestRewriteReachesEverything(t *testing.T) {
	where := NewCall(Gt, fact("id"), Int(1))
	first := NewFirst(fact("id"), SortKey{X: fact("id")}).Filtered(where)
	window := NewOver(WindowSum, []Expr{fact("id")}, []Expr{fact("id")}, []SortKey{{X: fact("id")}}, nil)
	inCase := NewCase(fact("id"), When{NewCall(Gt, fact("id"), Int(1)), ToType(fact("id"), Integer)})
	for _, x := range []Expr{first, window, inCase, NewCall(Coalesce, first, fact("id"))} {
		renamed := Rewrite(x, func(e Expr) Expr {
			if c, ok := e.(*Col); ok {
				return &Col{Name: c.Name + "2", T: c.T}
			}
			return e
		})
		if names := FreeColumns(renamed); !slices.Equal(names, []string{"id2"}) {
			t.Errorf("%s reads %v", Format(renamed), names)
		}
		if names := FreeColumns(x); !slices.Equal(names, []string{"id"}) {
			t.Errorf("the original of %s reads %v", Format(x), names)
		}
	}
}

func TestAndAll(t *testing.T) {
	a, b := NewCall(Gt, fact("id"), Int(1)), NewCall(IsNull, fact("at"))
	if AndAll(nil, nil) != nil || AndAll(a) != Expr(a) {
		t.Error("nothing, or one condition, gets an AND")
	}
	if got := Format(AndAll(a, nil, NewCall(And, b, a))); got != "((id > 1) and is null(at))" {
		t.Error(got)
	}
	sum := NewAgg(Sum, fact("amount")).Filtered(a)
	if got := Format(sum.Filtered(b)); got != "sum(amount) where ((id > 1) and is null(at))" {
		t.Error(got)
	}
	if got := Format(sum); got != "sum(amount) where (id > 1)" {
		t.Errorf("filtering changed the original to %s", got)
	}
}

func TestCheck(t *testing.T) {
	step := func(name string, r Relation) *Step { return &Step{Name: name, Relation: r} }
	a := step("a", facts)
	b := step("b", NewRef(a))
	raw := NewRaw(`select x from "Units" -- or units`, Schema{Columns: []Column{{"x", Integer}}}, diag.Span{})
	own := NewProject(facts, Named{"x", &Verbatim{Texts: []DialectSQL{{"duckdb", "(select max(x) from other)"}}, T: Integer}})
	fetched := &Step{Name: "out", Kind: Fetched, Relation: NewRef(a)}
	for _, c := range []struct {
		steps []*Step
		want  string
	}{
		{[]*Step{a, b}, ""},
		{[]*Step{b, a}, "step b reads a, which is not an earlier step"},
		{[]*Step{a, step("A", facts)}, `two steps "A"`},
		{[]*Step{a, step("", facts)}, "without a name"},
		{[]*Step{a, step("Facts", NewRef(a))}, "step Facts takes a name that the user's SQL in step a may mean"},
		{[]*Step{step("units", facts), step("r", raw)}, "step units takes a name that the user's SQL in step r may mean"},
		{[]*Step{step("other", facts), step("o", own)}, "step other takes a name that the user's SQL in step o may mean"},
		{[]*Step{a, fetched, step("c", NewRef(fetched))}, "step c reads out, which is not an earlier step with rows"},
	} {
		err := (&Program{Steps: c.steps}).Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	var names Names
	names.Reserve(Mentions(`WITH Units AS (SELECT "Größe$1" FROM a.b) SELECT 'it''s units_2'`)...)
	for _, c := range []struct{ base, want string }{
		{"units", "units_3"}, {"UNITS", "UNITS_4"}, {"b", "b_2"}, {"größe$1", "größe$1_2"}, {"free", "free"}, {"free", "free_2"},
	} {
		if got := names.Take(c.base); got != c.want {
			t.Errorf("%s becomes %s, want %s", c.base, got, c.want)
		}
	}
}

func TestBind(t *testing.T) {
	a := &Step{Name: "a", Relation: NewFilter(facts, NewCall(Lt, fact("at"), &Param{Name: AsOf}))}
	b := &Step{Name: "b", Kind: Fetched, Relation: NewJoin(Inner, NewProject(NewRef(a), Named{"me", fact("id")}), NewRef(a),
		[]Equal{{Left: NewCol(Column{"me", Integer}), Right: "id"}}, nil)}
	p := &Program{Steps: []*Step{a, b}}
	before := p.Dump()
	bound := p.Bind(map[ParamName]*Lit{AsOf: TimestampLit(noon)})
	if err := bound.Check(); err != nil {
		t.Error(err)
	}
	if want := strings.ReplaceAll(before, ":as_of", "timestamp '2026-01-05T12:00:00Z'"); bound.Dump() != want || p.Dump() != before {
		t.Error(bound.Dump())
	}
}

func TestTablesCoverEveryFunction(t *testing.T) {
	for f := NoAgg + 1; int(f) < Aggs; f++ {
		if strings.Contains(f.String(), "(") {
			t.Errorf("aggregate %d has no name", f)
		}
	}
	for f := NoFunc + 1; int(f) < Funcs; f++ {
		if strings.Contains(f.String(), "(") || signatures[f].result == nil {
			t.Errorf("function %d has no name or no signature", f)
		}
	}
}

func TestDump(t *testing.T) {
	joined := NewJoin(Left, facts, plans, []Equal{{Left: fact("user_id"), Right: "plan_user"}}, fact("at"))
	groups := []Named{{"plan", joined.Schema().Col("plan")}, {"status", fact("status")}}
	sets := NewGroupingSets(joined, groups, [][]int{{0, 1}, {0}, {}}, "slice", []Named{{"n", NewAgg(CountRows)}})
	p := &Program{Steps: []*Step{{Name: "sums", Kind: Staged, Relation: sets, Comment: "Orders by plan"}}}
	const want = `staged sums: Orders by plan
  aggregate
    plan = plan
    status = status
    slice 0: (plan, status)
    slice 1: (plan)
    slice 2: ()
    ->
    n = count_rows()
    left join
      user_id = plan_user
      at at
      scan facts
      scan plans
  : plan text
  : status text
  : slice integer
  : n integer
  key (plan, status, slice)
`
	if got := p.Dump(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestScansAreCountedThroughInlineSteps(t *testing.T) {
	units := &Step{Name: "units", Kind: Staged, Relation: facts}
	both := &Step{Name: "both", Relation: NewUnion(NewRef(units), NewRef(units))}
	p := &Program{Steps: []*Step{units, both, {Name: "n", Kind: Fetched, Relation: NewRef(both)}, {Name: "m", Kind: Fetched, Relation: NewRef(both)}}}
	table := facts.Table.name()
	if got := p.Scans()[table]; got != 1 {
		t.Errorf("%d scans of what is stored, want 1", got)
	}
	if got := p.Inlined().Scans()[table]; got != 4 {
		t.Errorf("%d scans of what is not, want 4", got)
	}
}
