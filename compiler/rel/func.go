package rel

// Func is a scalar function. Its comment is its meaning on every engine; a dialect's job is to keep it. A NULL argument gives
// NULL unless said otherwise.
type Func uint8

const (
	NoFunc Func = iota

	// Logic, three-valued as in SQL.
	And // any number of arguments ≥ 1
	Or  // any number of arguments ≥ 1
	Not

	// Comparison. Text compares by code point.
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	IsNull        // never NULL
	IsNotNull     // never NULL
	IsNotDistinct // equality in which NULL equals NULL; never NULL
	In            // first argument among the others
	Like          // SQL's % and _, backslash has no meaning

	// Arithmetic. Integer overflow is the engine's error.
	Add
	Sub
	Mul
	Div // in floats; NULL where the divisor is 0
	Mod // of Integer or Decimal; NULL where the divisor is 0; the sign of the dividend
	Neg
	Abs
	Round // the digits, if any, are a literal; halves away from zero
	Floor
	Ceil
	Sqrt  // NULL below 0
	Exp   // NULL above 709, where a float ends
	Ln    // NULL at and below 0
	Power // NULL where it has no real value

	// Choice.
	Coalesce
	NullIf
	Greatest // ignores NULLs; NULL when all are
	Least    // ignores NULLs; NULL when all are

	// Text. Lengths and places count characters; places start at 1.
	Concat // NULL if any argument is
	Lower
	Upper
	Trim
	Length
	Substring // text, start, length (optional); a start below 1 is 1, a length below 0 is 0
	Replace
	StartsWith

	// Time. Timestamps are UTC without a zone unless the comment says otherwise.
	DateTrunc // Unit; a Date stays a Date
	DatePart  // Part; an Integer
	DateAdd   // Unit; timestamp or date, integer count; the last day of a shorter month for months and longer
	DateDiff  // Unit up to Week; from, to: whole units elapsed, towards zero
	ToUTC     // timestamp without a zone, zone name (literal): the instant, as UTC. A skipped local time moves forward by the gap
	ToZone    // UTC timestamp, zone name (literal): local time without a zone
	FromTZ    // TimestampTZ: the instant, as UTC
	ToDate    // the day of a timestamp

	// Hash60 is the first 60 bits of the MD5 of a text's UTF-8: equal on every engine, not negative.
	Hash60

	funcCount
)

// Funcs is the number of scalar functions, for tests that want every one.
const Funcs = int(funcCount)

// AggFunc is an aggregate. NULLs are ignored; the value of no rows is NULL unless said otherwise.
type AggFunc uint8

const (
	NoAgg         AggFunc = iota
	Count                 // rows whose argument is not NULL; 0 for none
	CountRows             // rows; 0 for none
	CountDistinct         // different values; 0 for none
	ApproxCountDistinct
	Sum              // of Boolean: the number of true
	Avg              // in floats
	Min              // text by code point
	Max              // text by code point
	BoolOr           // whether any is true
	VarSamp          // divisor n−1, stable; NULL for one row
	CovarSamp        // two arguments, divisor n−1, stable, over rows where neither is NULL
	PercentileCont   // value, fraction (literal): linear between the two nearest
	PercentileDisc   // value, fraction (literal): the smallest value whose rank ≥ fraction·n
	ApproxPercentile // value, fraction (literal): about PercentileCont, as an engine estimates it in one pass
	First            // the argument in the first row by OrderBy, NULL or not
	AnyValue         // some value that is not NULL

	aggCount
)

// Aggs is the number of aggregates.
const Aggs = int(aggCount)

// WindowFunc is a function of Over.
type WindowFunc uint8

const (
	NoWindow WindowFunc = iota
	RowNumber
	WindowSum
	WindowMin
	WindowMax
	WindowCount // rows whose argument is not NULL
	Lag         // one row before
	Lead        // one row after
	FirstValue
	LastValue

	windowCount
)

// WindowFuncs is the number of window functions.
const WindowFuncs = int(windowCount)
