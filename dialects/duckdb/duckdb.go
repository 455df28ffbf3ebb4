// Package duckdb is DuckDB's SQL, as of 1.5.
package duckdb

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is DuckDB's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "duckdb"
	syntax(&d.Syntax)
	functions(&d.Functions)

	// As an item of FROM, whose arguments must be constants: in the list of columns it takes six times as long.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(generate_series AS $type) AS $column\nFROM generate_series($from, $to, $interval)"
	// A name is a byte then, where it is hashed, compared and stored: one pass over ten experiments takes a sixth less.
	d.Clauses[dialects.WithDomain] = "* REPLACE (CAST($column AS ENUM ($values)) AS $column)"
	return d
}

func syntax(s *dialects.Syntax) {
	// Names never differ by case, with or without quotes.
	s.Unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	s.Fold = func(name string) string { return name }
	// 1.5 alone is a decimal; the cast is folded when the query is planned.
	s.Float = func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) + "::DOUBLE" }
	s.Placeholder = func(n int) string { return "$" + strconv.Itoa(n) }
	s.File = file
	s.Types[rel.Float] = "double"
	// Not the widest: what has 38 digits loses its fraction where it meets another scale, in a CASE or a UNION.
	s.Types[rel.Decimal] = "decimal(28, 9)"
	s.Intervals = [rel.Units]string{
		rel.Millisecond: "INTERVAL '1 millisecond'", rel.Second: "INTERVAL '1 second'", rel.Minute: "INTERVAL '1 minute'",
		rel.Hour: "INTERVAL '1 hour'", rel.Day: "INTERVAL '1 day'", rel.Week: "INTERVAL '7 day'",
		rel.Month: "INTERVAL '1 month'", rel.Quarter: "INTERVAL '3 month'", rel.Year: "INTERVAL '1 year'",
	}
}

func functions(f *dialects.Functions) {
	// The division of any two numbers is one of floats.
	f.Funcs[rel.Div] = func(op dialects.Operation) dialects.Spelling {
		return dialects.Spelling{Template: "$1 / " + op.Nonzero(2), Level: dialects.LevelProduct}
	}
	// A result without a real or finite value is NaN or infinite.
	f.Funcs[rel.Power] = dialects.Call("CASE WHEN isfinite(power($1, $2)) THEN power($1, $2) END")
	// trim(x) takes other kinds of space too.
	f.Funcs[rel.Trim] = dialects.Call("trim($1, ' ')")
	f.Funcs[rel.DatePart] = dialects.Call("extract($part FROM $1)")
	// Elapsed, where date_diff counts the boundaries that were crossed.
	f.Funcs[rel.DateDiff] = dialects.Call("date_sub('$unit', $1, $2)")
	f.Funcs[rel.Hash60] = dialects.Call("CAST('0x' || substring(md5($1), 1, 15) AS $integer)")

	f.Funcs[rel.Eq], f.Funcs[rel.Ne] = afterTruncating(f.Funcs[rel.Eq]), afterTruncating(f.Funcs[rel.Ne])

	// Of rows that few of the conditions hold for, as those of many metrics are, CASE takes a fifth longer.
	for _, agg := range []rel.AggFunc{rel.Sum, rel.Count, rel.CountRows} {
		f.Aggs[agg] = dialects.Filtered(f.Aggs[agg])
	}
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("approx_count_distinct($1)")
	f.Aggs[rel.ApproxPercentile] = dialects.Call("approx_quantile(CAST($1 AS double), CAST($2 AS real))")
	f.Aggs[rel.Avg] = dialects.Call("avg($1)")
	f.Aggs[rel.VarSamp] = dialects.Call("var_samp($1)")
	f.Aggs[rel.CovarSamp] = dialects.Call("covar_samp($1, $2)")
	f.Aggs[rel.First] = dialects.Call("first($1$order)$filter")

	f.Cast = cast
}

// afterTruncating keeps the optimizer of 1.5.5 from deciding that a truncated time differs from a constant in the middle of a
// unit, which it does without asking whether the time is NULL (mended in the release after).
func afterTruncating(form dialects.Form) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		s := form(op)
		for i, arg := range op.Args {
			if call, ok := arg.(*rel.Call); ok && call.Func == rel.DateTrunc && call.T == rel.Timestamp {
				place := "$" + strconv.Itoa(i+1)
				s.Template = strings.Replace(s.Template, place, place+" + INTERVAL '0 day'", 1)
			}
		}
		return s
	}
}

// cast rounds halves away from zero, where DuckDB goes to the even number, and gives a whole float no fraction in text.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Float && op.Type == rel.Integer:
		template = "CAST(round($1) AS $type)"
	case from == rel.Float && op.Type == rel.Text:
		template = "regexp_replace(CAST($1 AS $type), '\\.0$', '')"
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}

// file is the reader that the file's name asks for, seen through compression.
func file(literal string, options []dialects.FileOption) string {
	name := strings.ToLower(strings.TrimSuffix(strings.Trim(literal, "'"), ".gz"))
	reader := "read_csv"
	switch path.Ext(strings.TrimSuffix(name, ".zst")) {
	case ".parquet":
		reader = "read_parquet"
	case ".json", ".jsonl", ".ndjson":
		reader = "read_json"
	}
	args := []string{literal}
	for _, o := range options {
		args = append(args, o.Name+" = "+o.Value)
	}
	return reader + "(" + strings.Join(args, ", ") + ")"
}
