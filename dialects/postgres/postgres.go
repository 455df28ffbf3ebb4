// Package postgres is PostgreSQL's SQL, as of 14.
package postgres

import (
	"strconv"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// Dialect is PostgreSQL's.
var Dialect = build()

func build() *dialects.Dialect {
	d := dialects.ANSI()
	d.Name = "postgres"
	syntax(&d.Syntax)
	functions(&d.Functions)
	aggregates(&d.Functions)
	byCodePoint(&d.Functions)
	// There is none, and transactions take its place.
	d.Statements[dialects.Replace] = ""
	d.Clauses[dialects.Series] = "SELECT\n  CAST(moment AS $type) AS $column\n" +
		"FROM generate_series($from, $to, $interval) AS series (moment)"
	return d
}

func syntax(s *dialects.Syntax) {
	s.Fold = strings.ToLower
	// 1.5 alone, and 1.5e0 too, is numeric.
	s.Float = func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) + "::float8" }
	s.Placeholder = func(n int) string { return "$" + strconv.Itoa(n) }
	// Without a scale, so that none is cut off.
	s.Types[rel.Decimal] = "numeric"
	s.Types[rel.Text] = "text"
	s.Intervals = [rel.Units]string{
		rel.Millisecond: "INTERVAL '1 millisecond'", rel.Second: "INTERVAL '1 second'", rel.Minute: "INTERVAL '1 minute'",
		rel.Hour: "INTERVAL '1 hour'", rel.Day: "INTERVAL '1 day'", rel.Week: "INTERVAL '7 day'",
		rel.Month: "INTERVAL '1 month'", rel.Quarter: "INTERVAL '3 month'", rel.Year: "INTERVAL '1 year'",
	}
}

func functions(f *dialects.Functions) {
	// No escape: a backslash is a backslash.
	f.Funcs[rel.Like] = dialects.Operator(dialects.LevelCompare, "$1 LIKE $2 ESCAPE ''")
	// A float's goes to the even number of two, and takes no digits.
	f.Funcs[rel.Round] = dialects.RoundHalves
	f.Funcs[rel.DateDiff] = dateDiff
	f.Funcs[rel.Hash60] = dialects.Call("CAST(CAST('x' || substring(md5($1), 1, 15) AS bit(60)) AS bigint)")
	f.Cast = cast
}

func aggregates(f *dialects.Functions) {
	// There is no approximate count; the exact one is within any tolerance.
	f.Aggs[rel.ApproxCountDistinct] = dialects.Call("count(DISTINCT $1)")
	f.Aggs[rel.PercentileDisc] = percentileDisc
	f.Aggs[rel.First] = func(op dialects.Operation) dialects.Spelling {
		return dialects.Spelling{Template: "(array_agg(" + typed(op) + "$order)$filter)[1]", Level: dialects.LevelAtom}
	}
	f.Aggs[rel.AnyValue] = anyValue
}

// anyValue came as an aggregate with 16. min takes no boolean, and not all types that we do not know.
func anyValue(op dialects.Operation) dialects.Spelling {
	template := "min($1)"
	switch op.Type {
	case rel.Boolean:
		template = "bool_or($1)"
	case rel.Unknown:
		template = "(array_remove(array_agg($1), NULL))[1]"
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}

// typed is the first argument where any type may stand: a string literal alone has none.
func typed(op dialects.Operation) string {
	if _, literal := op.Args[0].(*rel.Lit); literal && op.Type == rel.Text {
		return "CAST($1 AS $type)"
	}
	return "$1"
}

// byCodePoint compares text by code point whatever the database's collation is: equality needs no help.
func byCodePoint(f *dialects.Functions) {
	for _, op := range []rel.Func{rel.Lt, rel.Le, rel.Gt, rel.Ge, rel.Greatest, rel.Least} {
		f.Funcs[op] = collated(f.Funcs[op])
	}
	f.Aggs[rel.Min], f.Aggs[rel.Max] = collated(f.Aggs[rel.Min]), collated(f.Aggs[rel.Max])
	f.Windows[rel.WindowMin], f.Windows[rel.WindowMax] = collated(f.Windows[rel.WindowMin]), collated(f.Windows[rel.WindowMax])
	f.Ordered = func(op dialects.Operation) dialects.Spelling {
		if op.Type != rel.Text {
			return dialects.Spelling{Template: "$1", Level: dialects.LevelAtom}
		}
		return dialects.Spelling{Template: `$1 COLLATE "C"`, Level: dialects.LevelPostfix}
	}
}

// collated is form over text in the collation "C". A column or literal gives way to another argument's; a text that comes out
// goes back to the default one, in which upper and lower know more than ASCII.
func collated(form dialects.Form) dialects.Form {
	return func(op dialects.Operation) dialects.Spelling {
		s := form(op)
		if op.Args[0].Type() != rel.Text {
			return s
		}
		var places []string
		for i, arg := range op.Args {
			place := "$" + strconv.Itoa(i+1)
			if i == 0 || len(rel.Operands(arg)) > 0 {
				s.Template = strings.Replace(s.Template, place, place+` COLLATE "C"`, 1)
				place += ` COLLATE "C"`
			}
			places = append(places, place)
		}
		s.Template = strings.Replace(s.Template, "$*", strings.Join(places, ", "), 1)
		if op.Type == rel.Text {
			return dialects.Spelling{Template: s.Template + ` COLLATE "default"`, Level: dialects.LevelPostfix}
		}
		return s
	}
}

// seconds of the units of fixed length.
var seconds = map[rel.Unit]string{
	rel.Millisecond: "0.001", rel.Second: "1", rel.Minute: "60", rel.Hour: "3600", rel.Day: "86400", rel.Week: "604800",
}

func dateDiff(op dialects.Operation) dialects.Spelling {
	from, to := op.As(1, rel.Timestamp), op.As(2, rel.Timestamp)
	return dialects.Spelling{
		Template: "CAST(trunc(extract(epoch FROM " + to + " - " + from + ") / " + seconds[op.Unit] + ") AS bigint)",
		Level:    dialects.LevelAtom,
	}
}

// percentileDisc takes the row numbered ceil(q · n) in floats.
func percentileDisc(op dialects.Operation) dialects.Spelling {
	return dialects.Spelling{
		Template: "percentile_disc(" + op.FractionBelow(2) + ") WITHIN GROUP (ORDER BY $1)", Level: dialects.LevelAtom,
	}
}

// cast rounds halves of floats away from zero, where PostgreSQL goes to the even number; booleans become numbers by way of int.
func cast(op dialects.Operation) dialects.Spelling {
	from := op.Args[0].Type()
	template := "CAST($1 AS $type)"
	switch {
	case from == rel.Float && op.Type == rel.Integer:
		template = "CAST(" + dialects.RoundHalves(dialects.Operation{Args: op.Args, Type: rel.Float}).Template + " AS $type)"
	case from == rel.Boolean && (op.Type == rel.Integer || op.Type == rel.Decimal || op.Type == rel.Float):
		template = "CAST(CAST($1 AS int) AS $type)"
	}
	return dialects.Spelling{Template: template, Level: dialects.LevelAtom}
}
