// Package snowflake is Snowflake's SQL.
package snowflake

import (
	"regexp"
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is Snowflake's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "snowflake"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)

	d.Clauses[dialects.GroupingSets] = "GROUPING SETS ($named)"
	// datediff counts boundaries, of which there are as many as whole units or one more.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(moment AS $type) AS $column\nFROM (\n" +
		"  SELECT\n    dateadd($unit, CAST(steps.value AS integer), $from) AS moment\n" +
		"  FROM TABLE(flatten(array_generate_range(0, datediff($unit, $from, $to) + 2))) AS steps\n" +
		") AS moments\nWHERE moment <= $to"
	return d
}

func syntax(s *dialects.Syntax) {
	// A name without quotes is in upper case. What is written in one case means that; in both, it keeps them by quotes.
	s.Unquoted = regexp.MustCompile(`^([a-z_][a-z0-9_$]*|[A-Z_][A-Z0-9_$]*)$`)
	// No others, since quotes would keep a column in lower case that is there in upper case.
	s.Reserved = map[string]bool{}
	s.Reserve(`account all alter and any as asc at between by case cast check column connect connection constraint create cross current
		current_date current_time current_timestamp current_user database delete desc distinct drop else exists false following for
		from full grant group gscluster having ilike in increment inner insert intersect into is issue join lateral left like
		localtime localtimestamp minus natural not null of on or order organization qualify regexp revoke right rlike row rows
		sample schema select set some start table tablesample then to trigger true try_cast union unique update using values view
		when whenever where with`)
	// A backslash escapes.
	escape := strings.NewReplacer(`\`, `\\`, `'`, `''`)
	s.Text = func(text string) string { return "'" + escape.Replace(text) + "'" }
	// 1.5 alone is an exact number.
	s.Float = func(v float64) string { return strconv.FormatFloat(v, 'E', -1, 64) + "::float" }
	// What timestamp means is the account's choice.
	s.Timestamp = "'$1'::timestamp_ntz"
	s.Types[rel.Integer] = "number(38, 0)"
	s.Types[rel.Decimal] = "number(38, 9)"
	s.Types[rel.Float] = "float"
	s.Types[rel.Timestamp], s.Types[rel.TimestampTZ] = "timestamp_ntz", "timestamp_tz"
	// week and dayofweek follow the session's settings.
	s.Parts[rel.PartWeek], s.Parts[rel.PartDayOfWeek], s.Parts[rel.PartDayOfYear] = "weekiso", "dayofweekiso", "dayofyear"
}

func functions(f *dialects.Functions) {
	f.Funcs[rel.Round] = dialects.RoundWhole
	// The plain ones are NULL if any argument is.
	f.Funcs[rel.Greatest] = dialects.Call("greatest_ignore_nulls($*)")
	f.Funcs[rel.Least] = dialects.Call("least_ignore_nulls($*)")
	f.Funcs[rel.Replace] = dialects.ReplaceSome
	f.Funcs[rel.StartsWith] = dialects.Call("startswith($*)")
	f.Funcs[rel.Hash60] = dialects.Call("bitshiftright(md5_number_upper64($1), 4)")
	f.Cast = cast
}

func times(f *dialects.Functions) {
	f.Funcs[rel.DateTrunc] = truncate(f.Funcs[rel.DateTrunc])
	f.Funcs[rel.DatePart] = dialects.Call("date_part($part, $1)")
	f.Funcs[rel.DateAdd] = dialects.AddUnits("dateadd($unit, $2, $1)")
	f.Funcs[rel.DateDiff] = dialects.DiffMicroseconds("datediff(microsecond, $1, $2)")
	const toUTC, toZone = "convert_timezone($2, 'UTC', $1)", "convert_timezone('UTC', $2, $1)"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "dateadd(hour, $hours, $1)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
	f.Funcs[rel.FromTZ] = dialects.Call("CAST(convert_timezone('UTC', $1) AS $timestamp)")
}

// truncate finds Monday by the number of the day, since weeks start where the session says.
func truncate(form dialects.Form) dialects.Form {
	monday := dialects.AddUnits("dateadd(day, 1 - dayofweekiso($1), date_trunc(day, $1))")
	return func(op dialects.Operation) dialects.Spelling {
		if op.Unit == rel.Week {
			return monday(op)
		}
		return form(op)
	}
}

func aggregates(f *dialects.Functions) {
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("approx_count_distinct($1)")
	f.Aggs[rel.BoolOr] = dialects.Call("boolor_agg($1)")
	// In which arithmetic it finds its place is not said, and 0.07 · 100 is more than 7 in floats: ranks take its place.
	f.Aggs[rel.PercentileDisc] = nil
	// any_value may be NULL though there are values.
	f.Aggs[rel.AnyValue] = dialects.MinOfAny("boolor_agg($1)")
}

// cast writes dates and moments in one form, whatever the session's, and makes floats of booleans by way of integers.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Boolean && (op.Type == rel.Float || op.Type == rel.Decimal):
		template = "CAST(CAST($1 AS integer) AS $type)"
	case from == rel.Date && op.Type == rel.Text:
		template = "to_char($1, 'YYYY-MM-DD')"
	case from == rel.Timestamp && op.Type == rel.Text:
		template = `regexp_replace(to_char($1, 'YYYY-MM-DD HH24:MI:SS.FF6'), '\\.?0+$', '')`
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
