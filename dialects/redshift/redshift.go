// Package redshift is Amazon Redshift's SQL.
package redshift

import (
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is Redshift's. What it cannot be made to tell apart are texts that differ by blanks at their end.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "redshift"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)

	d.Clauses[dialects.GroupingSets] = "GROUPING SETS ($named)"
	// grouping takes one group.
	d.Clauses[dialects.GroupingMask] = "grouping_id($groups)"
	// VALUES is a part of INSERT alone.
	d.Clauses[dialects.ValueRow] = "SELECT $cells"
	d.Clauses[dialects.BetweenRows] = "\nUNION ALL\n"
	d.Clauses[dialects.ValueRows] = "(\n$rows\n$indent) AS $alias ($columns)"
	d.Clauses[dialects.Series] = series()
	// There is none, and transactions take its place.
	d.Statements[dialects.Replace] = ""
	// IF NOT EXISTS is not known here.
	d.Statements[dialects.AddColumn] = "ALTER TABLE $table ADD COLUMN $column"
	return d
}

// series counts to a million by digits: generate_series runs where no table is read.
func series() string {
	const digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4" +
		" UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
	var from, sum []string
	for i, place := range []string{"1", "10", "100", "1000", "10000", "100000"} {
		alias := "digits" + strconv.Itoa(i)
		from = append(from, digits+" AS "+alias)
		sum = append(sum, alias+".n * "+place)
	}
	return "SELECT\n  CAST(dateadd($unit, step, $from) AS $type) AS $column\nFROM (\n" +
		"  SELECT\n    " + strings.Join(sum, " + ") + " AS step\n" +
		"  FROM " + strings.Join(from, "\n  CROSS JOIN ") + "\n) AS steps\n" +
		"WHERE step <= datediff($unit, $from, $to) AND dateadd($unit, step, $from) <= $to"
}

func syntax(s *dialects.Syntax) {
	s.Fold = strings.ToLower
	s.Reserve(`aes128 aes256 allowoverwrite backup blanksasnull bytedict bzip2 connect credentials current_user_id deflate defrag delta
		delta32k disable emptyasnull enable encode encrypt encryption explicit globaldict256 globaldict64k gzip identity ignore lun
		luns lzo lzop minus mostly16 mostly32 mostly8 new nulls off offline oid old open parallel percent permissions raw readratio
		recover rejectlog resort respect restore snapshot sysdate system tag tdes text255 text32k timestamp top truncatecolumns type
		wallet without`)
	// A backslash escapes.
	escape := strings.NewReplacer(`\`, `\\`, `'`, `''`)
	s.Text = func(text string) string { return "'" + escape.Replace(text) + "'" }
	s.Placeholder = func(n int) string { return "$" + strconv.Itoa(n) }
	// 1.5 alone is an exact number.
	s.Float = func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) + "::float8" }
	// Of varchar alone there are 256 bytes.
	s.Types[rel.Text] = "varchar(65535)"
	s.Parts[rel.PartDayOfWeek] = "dow"
}

func functions(f *dialects.Functions) {
	f.Funcs[rel.IsNotDistinct] = dialects.Call("CASE WHEN $1 IS NULL OR $2 IS NULL THEN $1 IS NULL AND $2 IS NULL ELSE $1 = $2 END")
	f.Funcs[rel.Like] = dialects.LikeEscaped(`replace($2, '\\', '\\\\')`)
	// A float's goes to the even number of two.
	f.Funcs[rel.Round] = dialects.RoundHalves
	f.Funcs[rel.Replace] = dialects.ReplaceSome
	f.Funcs[rel.StartsWith] = dialects.Operator(dialects.LevelCompare, "left($1, length($2)) = $2")
	f.Funcs[rel.Hash60] = dialects.Call("strtol(substring(md5($1), 1, 15), 16)")
	f.Cast = cast
}

func times(f *dialects.Functions) {
	f.Funcs[rel.DatePart] = part(f.Funcs[rel.DatePart])
	// Counts are of 32 bits; the sum is a timestamp.
	f.Funcs[rel.DateAdd] = dialects.AddUnits("dateadd($unit, CAST($2 AS integer), $1)")
	// Boundaries are counted.
	f.Funcs[rel.DateDiff] = dialects.DiffMicroseconds("datediff(microsecond, $1, $2)")
	const toUTC, toZone = "convert_timezone($2, 'UTC', $1)", "convert_timezone('UTC', $2, $1)"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "dateadd(hour, $hours, $1)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
}

// part numbers days of the week from Monday, 1: Sunday is 0 here.
func part(form dialects.Form) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		if op.Part == rel.PartDayOfWeek {
			return dialects.Spelling{Template: "mod(CAST(extract($part FROM $1) AS $integer) + 6, 7) + 1", Level: dialects.LevelSum}
		}
		return form(op)
	}
}

func aggregates(f *dialects.Functions) {
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("APPROXIMATE count(DISTINCT $1)")
	// All percentiles of a statement would have to be of one value: ranks take their place.
	f.Aggs[rel.PercentileCont], f.Aggs[rel.PercentileDisc] = nil, nil
	// There is no covariance, and nothing is said of how stable the variance is: deviations from the mean take their place.
	f.Aggs[rel.CovarSamp], f.Aggs[rel.VarSamp] = nil, nil
	// any_value may be NULL though there are values.
	f.Aggs[rel.AnyValue] = dialects.MinOfAny("bool_or($1)")
}

// cast rounds halves of floats away from zero, and makes of booleans by hand what no cast makes of them.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Float && op.Type == rel.Integer:
		template = "CAST(" + dialects.RoundHalves(dialects.Operation{Args: op.Args, Type: rel.Float}).Template + " AS $type)"
	case from == rel.Boolean && op.Type == rel.Text:
		template = "CASE WHEN $1 THEN 'true' WHEN NOT $1 THEN 'false' END"
	case from == rel.Boolean && (op.Type == rel.Integer || op.Type == rel.Decimal || op.Type == rel.Float):
		template = "CAST(CAST($1 AS int) AS $type)"
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
