// Package clickhouse is ClickHouse's SQL, as of 25.8.
package clickhouse

import (
	"regexp"
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is ClickHouse's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "clickhouse"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)
	windows(&d.Functions)

	// unit counts boundaries, of which there are as many as whole units or one more.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(moment AS $type) AS $column\nFROM (\n" +
		"  SELECT\n    date_add($unit, arrayJoin(range(toUInt64(greatest(date_diff('$unit', $from, $to) + 2, 0)))), $from) AS moment\n" +
		") AS moments\nWHERE moment <= $to"
	d.Statements[dialects.CreateSchema] = "CREATE DATABASE IF NOT EXISTS $schema"
	// A table has an engine; rows are in no order, since results are read whole.
	d.Statements[dialects.CreateTable] = "CREATE TABLE IF NOT EXISTS $table ($columns) ENGINE = MergeTree ORDER BY tuple()"
	d.Statements[dialects.StageInto] = "CREATE TABLE $table ENGINE = MergeTree ORDER BY tuple() AS\n$query"
	d.Statements[dialects.Replace] = "CREATE OR REPLACE TABLE $table ENGINE = MergeTree ORDER BY tuple() AS\n$query"
	// UPDATE wants a table made for it; without the setting it is done some time later.
	d.Statements[dialects.Update] = "ALTER TABLE $table UPDATE $set WHERE $where SETTINGS mutations_sync = 2"
	return d
}

func syntax(s *dialects.Syntax) {
	// Names differ by case, with or without quotes.
	s.Unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	s.Fold = func(name string) string { return name }
	// A backslash escapes, in names and in literals.
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`)
	s.Quote = func(name string) string { return `"` + escape.Replace(name) + `"` }
	s.Text = func(text string) string { return "'" + escape.Replace(text) + "'" }
	// What stands in the SELECT's list is known by its name everywhere else, before a column of that name.
	s.Qualified = true
	s.EquiJoins = true
	// Without these a row that a left join did not find, or a group that a set lacks, is 0 or '' and not NULL.
	s.Settings = "SETTINGS join_use_nulls = 1, group_by_use_nulls = 1, session_timezone = 'UTC'\n"
	// 1.5 alone is a float; and no type has NULL by itself.
	s.Decimal = "toDecimal128('$1', 9)"
	s.Date = "toDate32('$1')"
	s.Timestamp = "toDateTime64('$1', 6, 'UTC')"
	s.Parts = [rel.Parts]string{
		rel.PartYear: "toYear", rel.PartQuarter: "toQuarter", rel.PartMonth: "toMonth", rel.PartWeek: "toISOWeek",
		rel.PartDay: "toDayOfMonth", rel.PartDayOfWeek: "toDayOfWeek", rel.PartDayOfYear: "toDayOfYear", rel.PartHour: "toHour",
		rel.PartMinute: "toMinute", rel.PartSecond: "toSecond",
	}
	s.Types = [rel.Types]string{
		rel.Boolean: "Nullable(Bool)", rel.Integer: "Nullable(Int64)", rel.Decimal: "Nullable(Decimal(38, 9))",
		rel.Float: "Nullable(Float64)", rel.Text: "Nullable(String)", rel.Date: "Nullable(Date32)",
		rel.Timestamp: "Nullable(DateTime64(6, 'UTC'))", rel.TimestampTZ: "Nullable(DateTime64(6, 'Etc/UTC'))",
	}
}

func functions(f *dialects.Functions) {
	// NULL in a list is a value that equals nothing.
	f.Funcs[rel.In] = in
	f.Funcs[rel.Like] = dialects.LikeEscaped(`replaceAll($2, '\\', '\\\\')`)
	f.Funcs[rel.Div] = func(op dialects.Operation) dialects.Spelling {
		// Floats, unless one is a decimal.
		return dialects.Spelling{Template: op.As(1, rel.Float) + " / " + op.Nonzero(2), Level: dialects.LevelProduct}
	}
	f.Funcs[rel.Mod] = func(op dialects.Operation) dialects.Spelling { // of a decimal it wants two of them
		return dialects.Call("modulo(" + op.As(1, op.Type) + ", nullif(" + op.As(2, op.Type) + ", 0))")(op)
	}
	// A float's goes to the even number of two.
	f.Funcs[rel.Round] = dialects.RoundHalves
	// The others know ASCII alone, or count bytes.
	f.Funcs[rel.Lower] = dialects.Call("lowerUTF8($1)")
	f.Funcs[rel.Upper] = dialects.Call("upperUTF8($1)")
	f.Funcs[rel.Length] = dialects.Call("toInt64(lengthUTF8($1))")
	f.Funcs[rel.Substring] = substring(f.Funcs[rel.Substring])
	f.Funcs[rel.StartsWith] = dialects.Call("startsWith($1, $2)")
	f.Funcs[rel.Hash60] = dialects.Call("toInt64(bitShiftRight(reinterpretAsUInt64(reverse(substring(MD5($1), 1, 8))), 4))")
	f.Cast = cast
}

// substring is form in characters; a type that is written out would not be nullable.
func substring(form dialects.Form) dialects.Form {
	inCharacters := strings.NewReplacer("substring(", "substringUTF8(", "AS integer)", "AS $integer)")
	return func(op dialects.Operation) dialects.Spelling {
		s := form(op)
		s.Template = inCharacters.Replace(s.Template)
		return s
	}
}

func in(op dialects.Operation) dialects.Spelling {
	places := make([]string, len(op.Args)-1)
	constant := true
	for i, arg := range op.Args[1:] {
		lit, ok := arg.(*rel.Lit)
		constant = constant && ok && lit.Value != nil
		places[i] = "$1 = $" + strconv.Itoa(i+2)
	}
	if constant {
		return dialects.Spelling{Template: "$1 IN ($2*)", Level: dialects.LevelCompare}
	}
	return dialects.Spelling{Template: strings.Join(places, " OR "), Level: dialects.LevelOr}
}

// cast rounds halves away from zero, where ClickHouse cuts off; and gives no zeros after a moment's last digit.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Float && op.Type == rel.Integer:
		template = "CAST(" + dialects.RoundHalves(dialects.Operation{Args: op.Args, Type: rel.Float}).Template + " AS $type)"
	case from == rel.Decimal && op.Type == rel.Integer:
		template = "CAST(round($1) AS $type)"
	case from == rel.Boolean && op.Type == rel.Text: // a comparison is a number
		template = "CAST(CAST($1 AS $boolean) AS $type)"
	case from == rel.Timestamp && op.Type == rel.Text:
		template = `replaceRegexpOne(CAST($1 AS $type), '\\.?0+$', '')`
	}
	return dialects.Call(template)(op)
}

func times(f *dialects.Functions) {
	// What is truncated to days or more becomes a date.
	f.Funcs[rel.DateTrunc] = dialects.Call("CAST(date_trunc('$unit', $1) AS $type)")
	f.Funcs[rel.DatePart] = dialects.Call("toInt64($part($1))")
	f.Funcs[rel.DateAdd] = dialects.AddUnits("date_add($unit, $2, $1)")
	// date_diff counts boundaries.
	f.Funcs[rel.DateDiff] = dialects.DiffUnits("age('$unit', $1, $2)")
	const toUTC, toZone = "toTimezone(toDateTime64(toString($1), 6, $2), 'UTC')", "toDateTime64(toString(toTimezone($1, $2)), 6, 'UTC')"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "addHours($1, $hours)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
	f.Funcs[rel.FromTZ] = dialects.Call("CAST($1 AS $timestamp)")
}

// Where no row can be NULL, the aggregates without OrNull give 0 or NaN of no rows; and a number without a sign meets no others.
func aggregates(f *dialects.Functions) {
	f.Aggs[rel.Count] = dialects.Call("toInt64(count($1))")
	f.Aggs[rel.CountRows] = dialects.Call("toInt64(count(*))")
	f.Aggs[rel.CountDistinct] = dialects.Call("toInt64(uniqExact($1))")
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("toInt64(coalesce(uniqCombined64($1), 0))")
	f.Aggs[rel.Sum] = sum("sumOrNull($1)")
	f.Aggs[rel.Avg] = dialects.Call("avgOrNull($1)")
	f.Aggs[rel.Min] = dialects.Call("minOrNull($1)")
	f.Aggs[rel.Max] = dialects.Call("maxOrNull($1)")
	f.Aggs[rel.BoolOr] = dialects.Call("maxOrNull($1)")
	// varSamp and covarSamp subtract squares: at a mean of 1e9 nothing is left. Of one row these give an infinity.
	f.Aggs[rel.VarSamp] = dialects.Call("CASE WHEN count($1) > 1 THEN varSampStable($1) END")
	f.Aggs[rel.CovarSamp] = dialects.Call("CASE WHEN count($1 + $2) > 1 THEN covarSampStable($1, $2) END")
	f.Aggs[rel.PercentileCont] = func(op dialects.Operation) dialects.Spelling {
		return dialects.Call("quantileExactInclusiveOrNull(" + op.Fraction(2) + ")(" + op.As(1, rel.Float) + ")")(op)
	}
	// quantileExact takes another row where q · n is whole.
	f.Aggs[rel.PercentileDisc] = func(op dialects.Operation) dialects.Spelling {
		return dialects.Call("quantileExactWeightedOrNull(" + op.FractionBelow(2) + ")($1, 1)")(op)
	}
	f.Aggs[rel.AnyValue] = dialects.Call("anyOrNull($1)")
}

// sum of integers and booleans has a sign.
func sum(template string) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		if op.Type == rel.Integer {
			return dialects.Call("toInt64(" + template + ")")(op)
		}
		return dialects.Call(template)(op)
	}
}

func windows(f *dialects.Functions) {
	f.Windows[rel.RowNumber] = dialects.Call("toInt64(row_number()$over)")
	f.Windows[rel.WindowSum] = sum("sumOrNull($1)$over")
	f.Windows[rel.WindowCount] = dialects.Call("toInt64(count($1)$over)")
	// Beyond the partition the plain ones give their type's default, which is NULL for a nullable one alone.
	f.Windows[rel.Lag] = dialects.Call("lag(toNullable($1))$over")
	f.Windows[rel.Lead] = dialects.Call("lead(toNullable($1))$over")
	// The plain ones skip NULLs.
	f.Windows[rel.FirstValue] = dialects.Call("first_value($1) RESPECT NULLS$over")
	f.Windows[rel.LastValue] = dialects.Call("last_value($1) RESPECT NULLS$over")
}
