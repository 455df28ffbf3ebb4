package expr_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"assay/compiler/expr"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// byType lists the columns of the test's table that have a type.
func byType(t rel.Type) []string {
	var names []string
	for name, of := range table {
		if of == t {
			names = append(names, name)
		}
	}
	return names
}

var someText = rapid.StringOf(rapid.RuneFrom([]rune("ab '\"\\%_;-{}ü\n")))

// literals draws a constant of a type.
func literals(t *rapid.T, of rel.Type) rel.Expr {
	switch of {
	case rel.Boolean:
		return rel.Bool(rapid.Bool().Draw(t, "bool"))
	case rel.Integer:
		return rel.Int(rapid.Int64Range(-1<<62, 1<<62).Draw(t, "int"))
	case rel.Float:
		return rel.Float64(rapid.Float64Range(-1e300, 1e300).Draw(t, "float"))
	case rel.Decimal:
		return &rel.Lit{Value: rapid.StringMatching(`-?[1-9]{1,20}\.[0-9]{1,9}`).Draw(t, "decimal"), T: rel.Decimal}
	case rel.Date:
		return rel.DateLit(time.Unix(86400*rapid.Int64Range(0, 30000).Draw(t, "day"), 0).UTC())
	case rel.Timestamp:
		return rel.TimestampLit(time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "second"), 0))
	default:
		return rel.String(someText.Draw(t, "text"))
	}
}

// expressions draws an expression of a type, as the parser would build it: AND in AND and || in || are one call.
func expressions(t *rapid.T, of rel.Type, depth int) rel.Expr {
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		if names := byType(of); len(names) > 0 && rapid.Bool().Draw(t, "column") {
			return &rel.Col{Name: names[rapid.IntRange(0, len(names)-1).Draw(t, "name")%len(names)], T: of}
		}
		return literals(t, of)
	}
	sub := func(of rel.Type) rel.Expr { return expressions(t, of, depth-1) }
	makers := append([]func() rel.Expr{
		func() rel.Expr { return rel.NewCase(sub(of), rel.When{Cond: sub(rel.Boolean), Then: sub(of)}) },
		func() rel.Expr { return &rel.Cast{X: sub(rel.Text), T: of} },
		func() rel.Expr { return rel.NewCall(rel.Coalesce, sub(of), sub(of)) },
		func() rel.Expr { return rel.NewCall(rel.Greatest, sub(of), sub(of), sub(of)) },
	}, makersOf(of, sub)...)
	return rapid.SampledFrom(makers).Draw(t, "maker")()
}

func makersOf(of rel.Type, sub func(rel.Type) rel.Expr) []func() rel.Expr {
	call := func(f rel.Func, args ...rel.Type) func() rel.Expr {
		return func() rel.Expr {
			built := make([]rel.Expr, len(args))
			for i, a := range args {
				built[i] = sub(a)
			}
			return rel.NewCall(f, built...)
		}
	}
	switch of {
	case rel.Boolean:
		return []func() rel.Expr{
			func() rel.Expr { return flat(rel.And, sub(of), sub(of)) }, func() rel.Expr { return flat(rel.Or, sub(of), sub(of)) },
			call(rel.Not, of), call(rel.Eq, rel.Text, rel.Text), call(rel.Lt, rel.Integer, rel.Float),
			call(rel.IsNull, rel.Date), call(rel.IsNotNull, of), call(rel.IsNotDistinct, rel.Timestamp, rel.Timestamp),
			call(rel.In, rel.Integer, rel.Integer, rel.Integer), call(rel.Like, rel.Text, rel.Text),
			call(rel.StartsWith, rel.Text, rel.Text), call(rel.Ge, rel.Date, rel.Timestamp),
		}
	case rel.Integer:
		return []func() rel.Expr{
			call(rel.Add, of, of), call(rel.Sub, of, of), call(rel.Mul, of, of), call(rel.Mod, of, of), call(rel.Length, rel.Text),
			func() rel.Expr { return rel.NewPartCall(rel.PartMonth, sub(rel.Date)) },
			func() rel.Expr { return rel.NewTimeCall(rel.DateDiff, rel.Day, sub(rel.Date), sub(rel.Timestamp)) },
		}
	case rel.Float:
		return []func() rel.Expr{
			call(rel.Div, rel.Integer, of), call(rel.Sqrt, of), call(rel.Power, of, rel.Decimal), call(rel.Abs, of),
			func() rel.Expr { return rel.NewCall(rel.Neg, rel.NewCall(rel.Ln, sub(of))) },
		}
	case rel.Text:
		return []func() rel.Expr{
			func() rel.Expr { return flat(rel.Concat, sub(of), sub(of)) },
			call(rel.Lower, of), call(rel.Substring, of, rel.Integer, rel.Integer), call(rel.Replace, of, of, of),
		}
	case rel.Timestamp:
		return []func() rel.Expr{
			func() rel.Expr { return rel.NewTimeCall(rel.DateTrunc, rel.Week, sub(of)) },
			func() rel.Expr { return rel.NewTimeCall(rel.DateAdd, rel.Hour, sub(of), sub(rel.Integer)) },
		}
	default:
		return nil
	}
}

// flat joins calls of one function; || joins from the left alone.
func flat(f rel.Func, left, right rel.Expr) rel.Expr {
	var args []rel.Expr
	for i, x := range []rel.Expr{left, right} {
		if c, ok := x.(*rel.Call); ok && c.Func == f && (i == 0 || f != rel.Concat) {
			args = append(args, c.Args...)
		} else {
			args = append(args, x)
		}
	}
	return rel.NewCall(f, args...)
}

// TestRoundTrip spells random expressions and reads them again.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom([]rel.Type{rel.Boolean, rel.Integer, rel.Float, rel.Text, rel.Timestamp}).Draw(t, "type")
		want := expressions(t, of, 4)
		text := ansi(want)
		got, problems := parse(text)
		if len(problems) > 0 {
			t.Fatalf("%s\n%v", text, problems)
		}
		if !rel.Same(got, want) || got.Type() != want.Type() {
			t.Fatalf("%s\n got %s %s\nwant %s %s", text, got.Type(), rel.Format(got), want.Type(), rel.Format(want))
		}
	})
}

// FuzzParse holds that no text makes the parser panic, that what it reports lies in the text, and that what it accepts is well
// typed and means the same when spelt out.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a or b and not c", "case when a then 1 else 0 end", "cast(s as decimal(18, 2)) || 'x'", "{{ Dimension('user__plan') }} = 'pro'",
		"s in ('a', 'it''s') and at >= '2026-01-01'", `"Minutes Watched" between 1 and 2`, "extract(year from at) is not distinct from 1",
		"date_trunc('week', at) -- x", "i -+ 1", "((((", "a is not true", "substring(s from 1 for 2)", "_1 = _2", "é = 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bag := &diag.Bag{}
		x, ok := expr.Parse(inFile(text), columns{table, bag}, bag)
		if ok == bag.HasErrors() {
			t.Fatalf("ok is %v with %d errors", ok, bag.Errors())
		}
		lines := strings.Split(text, "\n")
		for _, d := range bag.Sorted() {
			checkSpan(t, lines, d.Span)
		}
		if !ok {
			return
		}
		checkSpan(t, lines, x.Span())
		if strings.Contains(text, "{{") {
			return // what a call names is no name of the table
		}
		again, problems := parse(ansi(x))
		if len(problems) > 0 || !rel.Same(again, x) {
			t.Fatalf("%q\nis %s\nread again as %s %v", text, rel.Format(x), rel.Format(again), problems)
		}
	})
}

func checkSpan(t *testing.T, lines []string, s diag.Span) {
	t.Helper()
	for _, p := range []diag.Position{s.Start, s.End} {
		if p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > utf8.RuneCountInString(lines[p.Line-1])+2 {
			t.Fatalf("%+v lies outside of the text", s)
		}
	}
}
