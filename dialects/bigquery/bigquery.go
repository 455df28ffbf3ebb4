// Package bigquery is BigQuery's GoogleSQL.
package bigquery

import (
	"fmt"
	"regexp"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is BigQuery's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "bigquery"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)

	// There is no mask of several groups: the sets come apart.
	d.Clauses[dialects.GroupingSets], d.Clauses[dialects.GroupingMask] = "", ""
	d.Clauses[dialects.ValueRow] = "STRUCT($cells)"
	d.Clauses[dialects.ValueRows] = "UNNEST(ARRAY<STRUCT<$definitions>>[\n$rows\n$indent]) AS $alias"
	// What is counted are boundaries, of which there are as many as whole units or one more.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(moment AS $type) AS $column\nFROM (\n" +
		"  SELECT\n    datetime_add($from, INTERVAL step $unit) AS moment\n" +
		"  FROM UNNEST(generate_array(0, datetime_diff($to, $from, $unit) + 1)) AS step\n" +
		") AS moments\nWHERE moment <= $to"
	// Bound to a session or script.
	d.Statements[dialects.Stage] = "CREATE TEMP TABLE $table AS\n$query"
	return d
}

func syntax(s *dialects.Syntax) {
	// Names of columns never differ by case.
	s.Unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	s.Fold = func(name string) string { return name }
	s.Reserve(`assert_rows_modified contains cube define enum escape exclude following groups hash if ignore lookup merge new no nulls
		over preceding proto recursive respect rollup treat unbounded`)
	// A backslash is the only escape, and no literal spans lines.
	escape := strings.NewReplacer(`\`, `\\`, "`", "\\`", `'`, `\'`, "\n", `\n`, "\r", `\r`)
	s.Quote = func(name string) string { return "`" + escape.Replace(name) + "`" }
	s.Text = func(text string) string { return "'" + escape.Replace(text) + "'" }
	// 1.5 alone is a float.
	s.Decimal = "NUMERIC '$1'"
	// A timestamp is an instant here; what has no zone is a datetime.
	s.Timestamp = "DATETIME '$1'"
	s.Types = [rel.Types]string{
		rel.Boolean: "bool", rel.Integer: "int64", rel.Decimal: "numeric", rel.Float: "float64", rel.Text: "string",
		rel.Date: "date", rel.Timestamp: "datetime", rel.TimestampTZ: "timestamp",
	}
	// week is the one of another calendar, in which Sunday has the number 1.
	s.Parts[rel.PartWeek], s.Parts[rel.PartDayOfWeek], s.Parts[rel.PartDayOfYear] = "isoweek", "dayofweek", "dayofyear"
	s.EquiJoins = true
}

func functions(f *dialects.Functions) {
	f.Funcs[rel.Like] = dialects.LikeEscaped(`replace($2, '\\', '\\\\')`)
	f.Funcs[rel.Round] = dialects.RoundWhole
	// NULL if any argument is.
	f.Funcs[rel.Greatest] = ignoringNulls("greatest")
	f.Funcs[rel.Least] = ignoringNulls("least")
	// trim(x) takes other kinds of space too.
	f.Funcs[rel.Trim] = dialects.Call("trim($1, ' ')")
	f.Funcs[rel.Substring] = dialects.Substring("substr")
	f.Funcs[rel.Hash60] = dialects.Call("CAST(concat('0x', substr(to_hex(md5($1)), 1, 15)) AS $integer)")
	f.Cast = cast
}

// ignoringNulls puts the arguments together two by two: where one of two is NULL, the other is left.
func ignoringNulls(function string) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		template := "$1"
		for n := 2; n <= len(op.Args); n++ {
			template = fmt.Sprintf("coalesce(%s(%s, $%d), %s, $%d)", function, template, n, template, n)
		}
		return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
	}
}

func times(f *dialects.Functions) {
	f.Funcs[rel.DateTrunc] = truncate
	f.Funcs[rel.DatePart] = part
	f.Funcs[rel.DateAdd] = dialects.AddUnits("datetime_add($1, INTERVAL $2 $unit)")
	// Boundaries are counted.
	f.Funcs[rel.DateDiff] = dialects.DiffMicroseconds("datetime_diff($2, $1, microsecond)")
	const toUTC, toZone = "datetime(timestamp($1, $2))", "datetime(timestamp($1), $2)"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "datetime_add($1, INTERVAL $hours hour)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
	f.Funcs[rel.FromTZ] = dialects.Call("datetime($1)")
}

// truncate takes the week that starts on Monday: week starts on Sunday.
func truncate(op dialects.Operation) dialects.Spelling {
	unit := "$unit"
	if op.Unit == rel.Week {
		unit = "isoweek"
	}
	if op.Type == rel.Date {
		return dialects.Spelling{Template: "date_trunc($1, " + unit + ")", Level: dialects.LevelAtom}
	}
	return dialects.Spelling{Template: "datetime_trunc(" + op.As(1, rel.Timestamp) + ", " + unit + ")", Level: dialects.LevelAtom}
}

// part numbers days of the week from Monday.
func part(op dialects.Operation) dialects.Spelling {
	if op.Part == rel.PartDayOfWeek {
		return dialects.Spelling{Template: "mod(extract($part FROM $1) + 5, 7) + 1", Level: dialects.LevelSum}
	}
	return dialects.Spelling{Template: "extract($part FROM $1)", Level: dialects.LevelAtom}
}

func aggregates(f *dialects.Functions) {
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("approx_count_distinct($1)")
	f.Aggs[rel.BoolOr] = dialects.Call("logical_or($1)")
	// Exact percentiles are window functions alone: ranks take their place.
	f.Aggs[rel.PercentileCont], f.Aggs[rel.PercentileDisc] = nil, nil
	// any_value may be NULL though there are values.
	f.Aggs[rel.AnyValue] = dialects.MinOfAny("logical_or($1)")
}

// cast makes numbers of booleans by way of int64, and gives no zeros after a number's or a moment's last digit.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Boolean && (op.Type == rel.Float || op.Type == rel.Decimal):
		template = "CAST(CAST($1 AS int64) AS $type)"
	case from == rel.Float && op.Type == rel.Text:
		template = `regexp_replace(CAST($1 AS $type), '\\.0$', '')`
	case from == rel.Timestamp && op.Type == rel.Text:
		template = `regexp_replace(CAST($1 AS $type), '(\\.[0-9]*[1-9])0+$', '\\1')`
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
