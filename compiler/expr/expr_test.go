package expr_test

import (
	"fmt"
	"strings"
	"testing"

	"assay/compiler/expr"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// columns resolves names by a table of types; a property becomes a column of its call's name.
type columns struct {
	types map[string]rel.Type
	bag   *diag.Bag
}

func (c columns) Name(name string, _ bool, at diag.Span) rel.Expr {
	t, ok := c.types[name]
	if !ok {
		c.bag.Errorf(at, "column", "no column `%s`", name)
		return expr.Unresolved(at)
	}
	return &rel.Col{Name: name, T: t, At: at}
}

func (c columns) Property(p *expr.Property) rel.Expr {
	name := p.Name.Value
	for _, more := range []diag.Text{p.Grain, p.Part} {
		if !more.IsZero() {
			name += "__" + more.Value
		}
	}
	return &rel.Col{Name: name, At: p.Span}
}

var table = map[string]rel.Type{
	"a": rel.Boolean, "b": rel.Boolean, "c": rel.Boolean, "i": rel.Integer, "j": rel.Integer, "x": rel.Float, "y": rel.Float,
	"d": rel.Decimal, "s": rel.Text, "t": rel.Text, "day": rel.Date, "at": rel.Timestamp, "u": rel.Unknown,
	"Minutes Watched": rel.Integer, "order": rel.Text,
}

// inFile gives text the places it has as the only content of a file.
func inFile(text string) diag.Text {
	var places []diag.Position
	line, col := 1, 1
	for i, r := range text + "\x00" {
		size := len(string(r))
		if i == len(text) {
			size = 1
		}
		for range size {
			places = append(places, diag.Position{Line: line, Col: col})
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	span := diag.Span{File: "f", Start: places[0], End: places[len(text)]}
	return diag.NewText(text, span, places[:len(text)+1])
}

func parse(text string) (rel.Expr, []diag.Diagnostic) {
	bag := &diag.Bag{}
	x, _ := expr.Parse(inFile(text), columns{table, bag}, bag)
	return x, bag.Sorted()
}

func TestMeaning(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a", `"a"`},
		{"a or b and c", `("a" OR ("b" AND "c"))`},
		{"a and b and c", `("a" AND "b" AND "c")`},
		{"not a = b", `(NOT ("a" = "b"))`},
		{"not a and b", `((NOT "a") AND "b")`},
		{"not a is null", `(NOT ("a" IS NULL))`},
		{"i = j is null", `(("i" = "j") IS NULL)`},
		{"s || t = 'ab'", `(("s" || "t") = 'ab')`},
		{"s || t || 'c'", `("s" || "t" || 'c')`},
		{"i + 2 * j - 1", `(("i" + (2 * "j")) - 1)`},
		{"i - j - 1", `(("i" - "j") - 1)`},
		{"- i * j", `((- "i") * "j")`},
		{"i - -1", `("i" - -1)`},
		{"not not a", `(NOT (NOT "a"))`},
		{"not s like t or a", `((NOT ("s" LIKE "t")) OR "a")`},
		{"not i between 1 + j and 2 * j and a", `((NOT (("i" >= (1 + "j")) AND ("i" <= (2 * "j")))) AND "a")`},
		{"i = 1 and not j = 2 or a is null", `((("i" = 1) AND (NOT ("j" = 2))) OR ("a" IS NULL))`},
		{"i * - j / x", `(("i" * (- "j")) / "x")`},
		{"s || t like 'a' || '%'", `(("s" || "t") LIKE ('a' || '%'))`},
		{"i % 2 = 1", `(("i" % 2) = 1)`},
		{"i <> 1 and j != 2", `(("i" <> 1) AND ("j" <> 2))`},
		{"i between 1 and 2 or a", `((("i" >= 1) AND ("i" <= 2)) OR "a")`},
		{"i not between 1 and 2", `(NOT (("i" >= 1) AND ("i" <= 2)))`},
		{"s in ('a', 'b')", `("s" IN ('a', 'b'))`},
		{"s not in ('a')", `(NOT ("s" IN ('a')))`},
		{`s like 'a\_%'`, `("s" LIKE 'a\_%')`},
		{"s not like 'it''s'", `(NOT ("s" LIKE 'it''s'))`},
		{"s is distinct from t", `(NOT ("s" IS NOT DISTINCT FROM "t"))`},
		{"s is not distinct from null", `("s" IS NOT DISTINCT FROM NULL)`},
		{"a is true", `("a" IS NOT DISTINCT FROM TRUE)`},
		{"a is not false", `(NOT ("a" IS NOT DISTINCT FROM FALSE))`},
		{`"Minutes Watched" > 10`, `("Minutes Watched" > 10)`},
		{`"order" = 'x'`, `("order" = 'x')`},
		{"case when a then 1 when b then 2 else 0 end", `CASE WHEN "a" THEN 1 WHEN "b" THEN 2 ELSE 0 END`},
		{"case s when 'x' then 1.5 end", `CASE WHEN ("s" = 'x') THEN 1.5 END`},
		{"cast(s as decimal(18, 2))", `CAST("s" AS decimal)`},
		{"cast(coalesce(s, 'a') as double precision) / 2", `(CAST(coalesce("s", 'a') AS float) / 2)`},
		{"date_trunc('week', at)", `date_trunc('week', "at")`},
		{"extract(year from at) = 2026", `(EXTRACT(year FROM "at") = 2026)`},
		{"dateadd(day, 7, day) > date '2026-01-01'", `(date_add('day', 7, "day") > DATE '2026-01-01')`},
		{"at >= '2026-01-01'", `("at" >= TIMESTAMP '2026-01-01 00:00:00')`},
		{"day between '2026-01-01' and '2026-02-01'", `(("day" >= DATE '2026-01-01') AND ("day" <= DATE '2026-02-01'))`},
		{"substring(s from 2 for 3)", `substring("s", 2, 3)`},
		{"{{ Dimension('user__plan') }} = 'pro'", `("user__plan" = 'pro')`},
		{"{{ TimeDimension('metric_time', 'week') }} >= '2026-01-05'", `("metric_time__week" >= '2026-01-05')`},
		{"{{ Dimension('metric_time').grain(\"month\").date_part('year') }} = 1", `("metric_time__month__year" = 1)`},
		{"i = 1e3 and x > .5", `(("i" = 1e+03) AND ("x" > .5))`},
	} {
		x, problems := parse(c.text)
		if len(problems) > 0 {
			t.Errorf("%s: %v", c.text, problems)
		} else if got := ansi(x); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"s = 'abc", "5-9 this text has no closing quote | close it with '; a quote inside is written ''"},
		{"a -- b", "3-5 a comment inside an expression"},
		{"a;", "2-3 an expression does not end in `;`"},
		{"(a or b", "1-2 this parenthesis is never closed"},
		{"a or b)", "7-8 this parenthesis closes nothing"},
		{"a or", "3-5 the expression ends before it is complete"},
		{"s ilike 'a%'", "3-8 `ilike` is not expected here | write LOWER(x) LIKE 'pattern'"},
		{"i::text", "2-4 `::` is not portable | write CAST(x AS type)"},
		{"1 < i < 3", "7-8 `<` is not expected here"},
		{"orders.amount", "7-8 columns are named without their table"},
		{"`a`", "1-2 names are not written in backquotes"},
		{"i == 1", "3-5 `==` is no operator | write ="},
		{"i > 2026-01-05", "5-15 a date without quotes is a subtraction | write '2026-01-05'"},
		{"coalesec(i, 0)", "1-9 `coalesec` is no function known here | did you mean `coalesce`?"},
		{"sum(x)", "1-4 `sum` is no function known here | an aggregate is the metric's `agg:`"},
		{"abs(s)", "5-6 abs takes a number, and this is text"},
		{"round(x, i)", "10-11 "},
		{"i = 's'", "5-8 =: integer and text do not go together"},
		{"a and s", "7-8 and takes a condition, and this is text"},
		{"nope > 1 and alos", "1-5 no column `nope`"},
		{"date_trunc('wek', at)", "12-17 `wek` is not a unit of time | did you mean `week`?"},
		{"cast(s as uuid)", "11-15 `uuid` is no type to cast to"},
		{"at > 'yesterday'", "6-17 `yesterday` is no timestamp"},
		{"coalesce(i j)", "12-13 `j` is not expected here"},
		{"i, j", "1-5 one expression is expected here, and these are several"},
		{strings.Repeat("(", 250) + "a" + strings.Repeat(")", 250), "1-502 parentheses nest too deep"},
		{"i in (j, 2) + 1", "13-14 `+` is not expected here"},
		{"", "1-1 an expression is expected here"},
		{"{{ Dimension(user__plan) }} = 'a'", "14-24 `user__plan` stands without quotes | write 'user__plan'"},
		{"{{ Dimensoin('a') }}", "4-13 `Dimensoin` is no call known here | did you mean `Dimension`?"},
		{"{{ Dimension('a') = 1 }}", "19-20 nothing may follow the call"},
		{"12abc", "1-6 `12abc` is neither a number nor a name"},
		{"end > 1", "1-4 `end` is not expected here | a column of that name is written \"end\""},
		{"i is j", "6-7 `j` is not expected here"},
		{"a not regexp b", "7-13 `regexp` is not expected here"},
		{"select 1", "8-9 `1` is not expected here"},
	} {
		_, problems := parse(c.text)
		if len(problems) == 0 {
			t.Errorf("%q is accepted", c.text)
			continue
		}
		d := problems[0]
		got := fmt.Sprintf("%d-%d %s | %s", d.Span.Start.Col, d.Span.End.Col, d.Message, d.Hint)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}
