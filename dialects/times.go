package dialects

import (
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// AddUnits is the form of DateAdd where a function adds: the moment is $1, the count $2. A date stays one.
func AddUnits(template string) Form {
	return func(op Operation) Spelling {
		if op.Type == rel.Date {
			return Spelling{"CAST(" + template + " AS $date)", LevelAtom}
		}
		return Spelling{strings.ReplaceAll(template, "$1", op.As(1, rel.Timestamp)), LevelAtom}
	}
}

// DiffUnits is the form of DateDiff where a function counts what has elapsed: from is $1, to is $2.
func DiffUnits(template string) Form {
	return func(op Operation) Spelling {
		filled := strings.Replace(template, "$1", op.As(1, rel.Timestamp), 1)
		return Spelling{strings.Replace(filled, "$2", op.As(2, rel.Timestamp), 1), LevelAtom}
	}
}

// microseconds of the units of fixed length.
var microseconds = map[rel.Unit]int64{
	rel.Millisecond: 1e3, rel.Second: 1e6, rel.Minute: 60e6, rel.Hour: 3600e6, rel.Day: 86400e6, rel.Week: 604800e6,
}

// DiffMicroseconds is DateDiff where the engine counts the boundaries that were crossed: those of microseconds lie between any two
// moments, and a quotient of whole numbers is exact once the rest is off.
func DiffMicroseconds(template string) Form {
	return func(op Operation) Spelling {
		micros, length := DiffUnits(template)(op).Template, strconv.FormatInt(microseconds[op.Unit], 10)
		return Spelling{"CAST((" + micros + " - mod(" + micros + ", " + length + ")) / " + length + " AS $integer)", LevelAtom}
	}
}

// ToUTC is that function where the engine has its own mind about what clocks skip or show twice: it is asked about three hours later,
// and if clocks did not show $1 three hours before that, about three hours earlier. In the templates $1 is a timestamp; toUTC and
// toZone have the zone as $2, and shift adds $hours.
func ToUTC(toUTC, toZone, shift string) Form {
	of := func(template, x string) string { return strings.ReplaceAll(template, "$1", x) }
	hours := func(n, x string) string { return of(strings.Replace(shift, "$hours", n, 1), x) }
	later := hours("-3", of(toUTC, hours("3", "$1")))
	earlier := hours("3", of(toUTC, hours("-3", "$1")))
	return InZone("CASE WHEN " + of(toZone, later) + " = $1 THEN " + later + " ELSE " + earlier + " END")
}
