// Package databricks is the SQL of Databricks, and of Spark as of 4.
package databricks

import (
	"regexp"
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is Databricks'.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "databricks"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)

	d.Clauses[dialects.GroupingSets] = "GROUPING SETS ($named)"
	// grouping takes one group.
	d.Clauses[dialects.GroupingMask] = "grouping_id($groups)"
	// What makes rows stands alone in a list of columns.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(moment AS $type) AS $column\nFROM (\n" +
		"  SELECT\n    explode(sequence($from, $to, $interval)) AS moment\n) AS moments"
	// Delta's tables have columns of any name only where names are not those of their files.
	const anyNames = " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
	d.Statements[dialects.StageInto] = "CREATE TABLE $table" + anyNames + " AS\n$query"
	d.Statements[dialects.CreateTable] += anyNames
	d.Statements[dialects.Replace] = "CREATE OR REPLACE TABLE $table" + anyNames + " AS\n$query"
	// No table is bound to a connection everywhere.
	d.Statements[dialects.Stage] = d.Statements[dialects.StageInto]
	// An error where the column is there.
	d.Statements[dialects.AddColumn] = "ALTER TABLE $table ADD COLUMN $column"
	return d
}

func syntax(s *dialects.Syntax) {
	// Names never differ by case, with or without quotes.
	s.Unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	s.Fold = strings.ToLower
	s.Reserve("minus rlike div")
	s.Quote = func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
	// A backslash escapes; two quotes end a literal and begin another.
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	s.Text = func(text string) string { return "'" + escape.Replace(text) + "'" }
	// 1.5 alone is a decimal.
	s.Float = func(v float64) string { return strconv.FormatFloat(v, 'E', -1, 64) + "D" }
	s.Types[rel.Float] = "double"
	s.Types[rel.Text] = "string"
	// An instant, which in a session of UTC is what its clock shows: functions of times give it, also for timestamp_ntz.
	s.Types[rel.TimestampTZ] = "timestamp"
	s.Parts[rel.PartDayOfWeek] = "dayofweek_iso"
}

func functions(f *dialects.Functions) {
	f.Funcs[rel.Like] = dialects.LikeEscaped(`replace($2, '\\', '\\\\')`)
	f.Funcs[rel.Round] = dialects.RoundWhole
	// Of a float they are integers.
	f.Funcs[rel.Floor] = dialects.Call("CAST(floor($1) AS $type)")
	f.Funcs[rel.Ceil] = dialects.Call("CAST(ceil($1) AS $type)")
	f.Funcs[rel.Greatest] = ofSeveral("greatest($*)")
	f.Funcs[rel.Least] = ofSeveral("least($*)")
	f.Funcs[rel.StartsWith] = dialects.Call("startswith($*)")
	f.Funcs[rel.Hash60] = dialects.Call("CAST(conv(substring(md5($1), 1, 15), 16, 10) AS $integer)")
	f.Cast = cast
}

// ofSeveral is a call that takes two arguments or more.
func ofSeveral(template string) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		if len(op.Args) == 1 {
			return dialects.Spelling{Template: "$1", Level: dialects.LevelAtom}
		}
		return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
	}
}

func times(f *dialects.Functions) {
	// Counts are of 32 bits.
	f.Funcs[rel.DateAdd] = dialects.AddUnits("timestampadd($unit, CAST($2 AS int), $1)")
	// Elapsed, where datediff counts boundaries.
	f.Funcs[rel.DateDiff] = dialects.DiffUnits("timestampdiff($unit, $1, $2)")
	const toUTC, toZone = "to_utc_timestamp($1, $2)", "from_utc_timestamp($1, $2)"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "timestampadd(hour, $hours, $1)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
	f.Funcs[rel.FromTZ] = dialects.Call("CAST($1 AS $timestamp)")
}

func aggregates(f *dialects.Functions) {
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("approx_count_distinct($1)")
	// Its place is computed in floats, where 0.07 · 100 is more than 7: ranks take its place.
	f.Aggs[rel.PercentileDisc] = nil
	f.Aggs[rel.AnyValue] = dialects.Call("any_value($1, TRUE)")
}

// cast rounds halves away from zero, where Spark cuts off, and gives a whole float no fraction in text.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case (from == rel.Float || from == rel.Decimal) && op.Type == rel.Integer:
		template = "CAST(round($1) AS $type)"
	case from == rel.Float && op.Type == rel.Text:
		template = `regexp_replace(CAST($1 AS $type), '\\.0$', '')`
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
