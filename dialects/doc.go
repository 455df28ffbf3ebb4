// Package dialects writes a rel.Program as an engine's SQL.
//
//	Program ── lower (what the engine lacks and can be done without) ── fold ── layout, expr ──▶ Statements
//
// A Dialect is data: four tables, each over a closed enumeration.
//
//   - Syntax: identifiers, literals, placeholders, names of types, units and parts.
//   - Functions: a Form for every scalar function, aggregate, window function and cast.
//   - Clauses: what follows GROUP BY and ORDER BY, literal rows, series.
//   - Statements: storing a step, making a table for results.
//
// The printer (query, fold, layout, from, expr) owns all else: which relations share a SELECT, aliases, parentheses, indentation.
// It asks no dialect for its name.
//
// # A new dialect
//
// One folder, one file, at most 200 lines; and one line in the wiring, where it is paired with a connection.
//
//	package mysql
//
//	var Dialect = build()
//
//	func build() *dialects.Dialect {
//		d := dialects.ANSI()
//		d.Name = "mysql"
//		d.Quote = func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
//		// date_trunc is not known here.
//		d.Funcs[rel.DateTrunc] = dateTrunc
//		// There is no exact percentile: ranks take its place.
//		d.Aggs[rel.PercentileCont], d.Aggs[rel.PercentileDisc] = nil, nil
//		return d
//	}
//
// Take the meaning of each entry from the comment on its constant in rel, never from the name of a function: a week starts on
// Monday, a quotient of integers has a fraction, text compares by code point, NULLs come last, a difference is in whole units
// elapsed. Give each entry that differs its reason. Then:
//
//  1. Add the dialect, and what opens an engine for it, to the lists in conformance, and run its tests with -update. They name
//     what is missing and what has another value than on the other engines; review the golden SQL.
//     What is true of engines that run elsewhere is taken from their documents; internal/sqlcheck holds their SQL to a
//     parser; internal/engines installs and starts those that can run here.
//  2. What an engine cannot do at all, delete from its table (set it to nil or ""). The printer walks a whole program before it
//     writes any of it, and reports every gap at the place in the user's file that asks for it.
//  3. What can be done in another way that serves several engines is a pass of rel/lower, keyed by a feature that the tables
//     imply.
//
// A Form is a template, or a function that chooses one by the types and literals of the arguments: $1 is the first argument, in
// parentheses if it binds less tightly than its place wants. See Spelling.
package dialects
