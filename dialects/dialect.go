package dialects

import (
	"regexp"

	"assay/compiler/rel"
	"assay/compiler/rel/lower"
)

// A Dialect is an engine's SQL: four tables. Start from ANSI() and replace what differs, each with its reason. A missing entry
// says that the engine cannot, and the printer reports what needed it.
type Dialect struct {
	Name string // as profiles call it, and `expr: {name: …}`
	Syntax
	Functions
	Clauses    [ClauseCount]string
	Statements [StatementCount]string
}

// Syntax is how the smallest things are written.
type Syntax struct {
	// Unquoted matches the names that mean themselves without quotes; Reserved are words, in lower case, that do not.
	Unquoted *regexp.Regexp
	Reserved map[string]bool
	// Quote makes an identifier of any name; Fold is what the engine makes of a name without quotes.
	Quote, Fold func(string) string
	// Text is a string literal; Float a literal of a finite float64, of type float and not decimal.
	Text  func(string) string
	Float func(float64) string
	// Decimal is a literal of an exact number: $1 is its digits.
	Decimal string
	// Date and Timestamp are literals: $1 is 2026-01-31, or 2026-01-31 23:59:59.999999.
	Date, Timestamp string
	// Qualified says that an output's name hides a column of the source: every column is written with its source's name, and with
	// one of its own, which it would not have by itself where two sources have it.
	Qualified bool
	// EquiJoins says that a left join wants an equation between its sides.
	EquiJoins bool
	// Settings end each statement that reads, where its meaning hangs on settings of the engine.
	Settings string
	// Placeholder of the nth bound value, from 1.
	Placeholder func(n int) string
	// File is a FROM item that reads a file, its path and options being literals; nil where the engine reads none.
	File func(path string, options []FileOption) string
	// Types are names to cast to and to make columns of.
	Types [rel.Types]string
	// Units and Parts are the words that $unit and $part stand for; Intervals are lengths of time, one unit each, for $interval.
	Units, Intervals [rel.Units]string
	Parts            [rel.Parts]string
}

// FileOption is an option of a file's reader, its value printed.
type FileOption struct{ Name, Value string }

// Functions are the forms of all operations.
type Functions struct {
	Funcs   [rel.Funcs]Form
	Aggs    [rel.Aggs]Form
	Windows [rel.WindowFuncs]Form
	// Cast converts $1 to $type. Ordered is an expression as it is sorted by, and compared where its order counts.
	Cast, Ordered Form
}

// A Clause is a part of a query that engines write in different ways.
type Clause uint8

const (
	Ascending    Clause = iota // $key: a sort key, NULLs last
	Descending                 // $key: the same, downwards
	GroupingSets               // $sets or, by names and not by places, $named: what follows GROUP BY
	GroupingMask               // $groups: an integer, from the left one bit for each group, set where the set lacks it
	ValueRow                   // $cells: a literal row
	BetweenRows                // what separates literal rows
	ValueRows                  // $rows, $alias, $columns, $definitions (columns with types): a FROM item of literal rows
	WithDomain                 // $column, $values: all columns of literal rows, one as of a type with no other values
	Series                     // $from, $to, $unit, $interval, $type, $column: a SELECT of one column
	Limited                    // $count: the first rows
	ClauseCount
)

// A StatementKind is a statement that engines write in different ways.
type StatementKind uint8

const (
	Stage        StatementKind = iota // $table, $query: a table for the connection's life, where the engine has such
	StageInto                         // $table, $query: a table that others see too
	Unstage                           // $table: the end of either
	CreateSchema                      // $schema: unless it is there
	CreateTable                       // $table, $columns: unless it is there
	AddColumn                         // $table, $column: one that is not there
	Drop                              // $table: if it is there
	Insert                            // $table, $columns, $query: further rows
	Update                            // $table, $set, $where: waits until all who read see it
	Delete                            // $table, $where: the same
	Replace                           // $table, $query: at once, or made; empty where a transaction does it
	StatementCount
)

// features are what the tables say of the rewrites that lower knows.
func (d *Dialect) features() lower.Features {
	return lower.Features{
		GroupingSets:     d.Clauses[GroupingSets] != "" && d.Clauses[GroupingMask] != "",
		PercentileCont:   d.Aggs[rel.PercentileCont] != nil,
		PercentileDisc:   d.Aggs[rel.PercentileDisc] != nil,
		ApproxPercentile: d.Aggs[rel.ApproxPercentile] != nil,
		First:            d.Aggs[rel.First] != nil,
		VarSamp:          d.Aggs[rel.VarSamp] != nil,
		CovarSamp:        d.Aggs[rel.CovarSamp] != nil,
	}
}
