package rel

// Type of a column or expression. Unknown is believed to be whatever its use needs.
type Type uint8

const (
	Unknown Type = iota
	Boolean
	Integer
	Decimal
	Float
	Text
	Date
	Timestamp   // without a zone; in our steps always UTC
	TimestampTZ // an instant as the warehouse stores it; only in scans, before ToUTC
)

// Unit is a unit of time.
type Unit uint8

const (
	NoUnit Unit = iota
	Millisecond
	Second
	Minute
	Hour
	Day
	Week // starts on Monday
	Month
	Quarter
	Year
)

// Part is a part of a date or time.
type Part uint8

const (
	NoPart Part = iota
	PartYear
	PartQuarter
	PartMonth
	PartWeek // ISO week
	PartDay
	PartDayOfWeek // ISO: Monday is 1
	PartDayOfYear
	PartHour
	PartMinute
	PartSecond
)

// A Column of a relation.
type Column struct {
	Name string
	Type Type
}

// A Key says that no two rows agree on Columns; with Validity, that no two rows agree on Columns at one moment.
type Key struct {
	Columns  []string
	Validity *Validity
}

// Validity names the columns between which a row holds: from ≤ t, and t < to or to is NULL; t is before the year 2300.
type Validity struct{ From, To string }

// A Schema is what a relation promises: its columns, in order, with distinct names, and its unique keys.
type Schema struct {
	Columns []Column
	Keys    []Key
}

// The numbers of types, units and parts, for tables over all of them.
const (
	Types = int(TimestampTZ) + 1
	Units = int(Year) + 1
	Parts = int(PartSecond) + 1
)
