// Package trino is Trino's SQL, as of 476, and Athena's.
package trino

import (
	"regexp"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is Trino's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "trino"
	syntax(&d.Syntax)
	functions(&d.Functions)
	times(&d.Functions)
	aggregates(&d.Functions)

	// Sets take no places.
	d.Clauses[dialects.GroupingSets] = "GROUPING SETS ($named)"
	// sequence stops at 10,000 entries.
	d.Clauses[dialects.Series] = "SELECT\n  CAST(date_add('$unit', thousands * 1000 + ones, $from) AS $type) AS $column\n" +
		"FROM UNNEST(sequence(0, 999)) AS high (thousands)\nCROSS JOIN UNNEST(sequence(0, 999)) AS low (ones)\n" +
		"WHERE thousands * 1000 + ones <= date_diff('$unit', $from, $to)"
	// There are no temporary tables.
	d.Statements[dialects.Stage] = d.Statements[dialects.StageInto]
	return d
}

func syntax(s *dialects.Syntax) {
	// Names never differ by case, with or without quotes.
	s.Unquoted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	s.Fold = strings.ToLower
	// TIMESTAMP '…' has as many digits of a second as are written, and so have its sums.
	s.Timestamp = "CAST('$1' AS timestamp(6))"
	s.Types[rel.Float] = "double"
	s.Types[rel.Timestamp], s.Types[rel.TimestampTZ] = "timestamp(6)", "timestamp(6) with time zone"
	s.Parts[rel.PartDayOfWeek] = "dow"
}

func functions(f *dialects.Functions) {
	// NULL if any argument is.
	f.Funcs[rel.Greatest] = dialects.Call("array_max(filter(ARRAY[$*], x -> x IS NOT NULL))")
	f.Funcs[rel.Least] = dialects.Call("array_min(filter(ARRAY[$*], x -> x IS NOT NULL))")
	// trim(x) takes other kinds of space too.
	f.Funcs[rel.Trim] = dialects.Call("trim(BOTH ' ' FROM $1)")
	f.Funcs[rel.Replace] = dialects.ReplaceSome
	f.Funcs[rel.Hash60] = dialects.Call("from_base(substr(to_hex(md5(to_utf8($1))), 1, 15), 16)")
	f.Cast = cast
}

func times(f *dialects.Functions) {
	f.Funcs[rel.DatePart] = dialects.Call("extract($part FROM $1)")
	f.Funcs[rel.DateAdd] = dialects.AddUnits("date_add('$unit', $2, $1)")
	f.Funcs[rel.DateDiff] = dialects.DiffUnits("date_diff('$unit', $1, $2)")
	// AT TIME ZONE takes a timestamp for one of the session's zone.
	const toUTC = "CAST(at_timezone(with_timezone($1, $2), 'UTC') AS $timestamp)"
	const toZone = "CAST(at_timezone(with_timezone($1, 'UTC'), $2) AS $timestamp)"
	f.Funcs[rel.ToUTC] = dialects.ToUTC(toUTC, toZone, "date_add('hour', $hours, $1)")
	f.Funcs[rel.ToZone] = dialects.InZone(toZone)
	f.Funcs[rel.FromTZ] = dialects.Call("CAST(at_timezone($1, 'UTC') AS $timestamp)")
}

func aggregates(f *dialects.Functions) {
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("approx_distinct($1)")
	// There are no exact percentiles: ranks take their place.
	f.Aggs[rel.PercentileCont], f.Aggs[rel.PercentileDisc] = nil, nil
	f.Aggs[rel.First] = dialects.Call("element_at(array_agg($1$order)$filter, 1)")
}

// cast writes a float as people do, where Trino writes 1.0E0, and gives no zeros after a moment's last digit.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Float && op.Type == rel.Text:
		template = `regexp_replace(json_format(CAST($1 AS json)), '\.0$', '')`
	case from == rel.Timestamp && op.Type == rel.Text:
		template = `regexp_replace(CAST(` + op.As(1, rel.Timestamp) + ` AS $type), '\.?0+$', '')`
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
