package dialects

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// As is the nth argument, from 1, in a template: cast to a type unless it is of that type.
func (op Operation) As(n int, t rel.Type) string {
	if op.Args[n-1].Type() == t {
		return fmt.Sprintf("$%d", n)
	}
	return fmt.Sprintf("CAST($%d AS $%s)", n, t)
}

// Int is the nth argument, from 1, if it is a literal whole number.
func (op Operation) Int(n int) (int64, bool) {
	if n > len(op.Args) {
		return 0, false
	}
	lit, ok := op.Args[n-1].(*rel.Lit)
	if !ok {
		return 0, false
	}
	v, ok := lit.Value.(int64)
	return v, ok
}

// Nonzero is the nth argument as a divisor: NULL for 0, which a literal other than 0 cannot be.
func (op Operation) Nonzero(n int) string {
	if q, ok := rel.Fraction(op.Args[n-1]); ok && q.Sign() != 0 {
		return fmt.Sprintf("$%d", n)
	}
	return fmt.Sprintf("nullif($%d, 0)", n)
}

// Fraction is the nth argument, a literal, in decimal digits: 0.07 is seven hundredths, and not the float next to it.
func (op Operation) Fraction(n int) string {
	q, _ := rel.Fraction(op.Args[n-1])
	digits, _ := q.FloatPrec()
	return q.FloatString(digits)
}

// FractionBelow is the largest float that is not above the nth argument, a literal: in floats 0.07 · 100 is more than 7.
func (op Operation) FractionBelow(n int) string {
	exact, _ := rel.Fraction(op.Args[n-1])
	q, _ := exact.Float64()
	if new(big.Rat).SetFloat64(q).Cmp(exact) > 0 {
		q = math.Nextafter(q, 0)
	}
	return strconv.FormatFloat(q, 'f', -1, 64)
}

func divide(op Operation) Spelling {
	return Spelling{op.As(1, rel.Float) + " / " + op.Nonzero(2), LevelProduct}
}

// wholeNumber is form, but nothing at all of an Integer.
func wholeNumber(form Form) Form {
	return func(op Operation) Spelling {
		if op.Type == rel.Integer {
			return Spelling{"$1", LevelAtom}
		}
		return form(op)
	}
}

// floatWhere calls a function of a float where it has a value.
func floatWhere(cond, function string) Form {
	return func(op Operation) Spelling {
		return Spelling{"CASE WHEN " + cond + " THEN " + function + "(" + op.As(1, rel.Float) + ") END", LevelAtom}
	}
}

// power asks what a real number's power needs only where the exponent may be negative or broken.
func power(op Operation) Spelling {
	if n, ok := op.Int(2); ok && n >= 0 {
		return Spelling{"power(" + op.As(1, rel.Float) + ", $2)", LevelAtom}
	}
	return Spelling{"CASE WHEN NOT ($1 = 0 AND $2 < 0 OR $1 < 0 AND $2 <> floor($2)) THEN power(" +
		op.As(1, rel.Float) + ", " + op.As(2, rel.Float) + ") END", LevelAtom}
}

// Substring calls a function, keeping to places from 1 and lengths from 0: beyond these engines differ.
func Substring(function string) Form {
	return func(op Operation) Spelling {
		places := []string{"$1"}
		for n := 2; n <= len(op.Args); n++ {
			low := int64(3 - n)
			low = max(low, 0)
			if v, ok := op.Int(n); ok {
				places = append(places, strconv.FormatInt(max(v, low), 10))
				continue
			}
			places = append(places, fmt.Sprintf("CAST(CASE WHEN $%d < %d THEN %d ELSE $%d END AS integer)", n, low, low, n))
		}
		return Spelling{function + "(" + strings.Join(places, ", ") + ")", LevelAtom}
	}
}

// dateTrunc keeps a date a date; what is not known to be one is a timestamp.
func dateTrunc(op Operation) Spelling {
	truncated := "date_trunc('$unit', " + op.As(1, rel.Timestamp) + ")"
	switch {
	case op.Type == rel.Date && op.Unit == rel.Day:
		return Spelling{"$1", LevelAtom}
	case op.Type == rel.Date:
		return Spelling{"CAST(" + truncated + " AS $date)", LevelAtom}
	default:
		return Spelling{truncated, LevelAtom}
	}
}

// dateAdd gives a date for a date, unless what is added is finer than days.
func dateAdd(op Operation) Spelling {
	moment := op.As(1, rel.Timestamp)
	if op.Args[0].Type() == rel.Date {
		moment = "$1"
	}
	shifted := moment + shift(op)
	if op.Type == rel.Date {
		return Spelling{"CAST(" + shifted + " AS $date)", LevelAtom}
	}
	return Spelling{shifted, LevelSum}
}

func shift(op Operation) string {
	switch n, ok := op.Int(2); {
	case !ok:
		return " + $2 * $interval"
	case n == 1:
		return " + $interval"
	case n == -1:
		return " - $interval"
	case n < 0:
		return fmt.Sprintf(" - %d * $interval", -n)
	default:
		return fmt.Sprintf(" + %d * $interval", n)
	}
}

// InZone fills a template with a timestamp and a zone; there is nothing to do for UTC.
func InZone(template string) Form {
	return func(op Operation) Spelling {
		zone, _ := op.Args[1].(*rel.Lit)
		if zone.Value == "UTC" {
			return Spelling{op.As(1, rel.Timestamp), LevelAtom}
		}
		return Spelling{strings.ReplaceAll(template, "$1", op.As(1, rel.Timestamp)), LevelPostfix}
	}
}

// Filtered is the form of an aggregate that takes its condition in a FILTER.
func Filtered(aggregate Form) Form {
	return func(op Operation) Spelling {
		s := aggregate(op)
		s.Template += "$filter"
		return s
	}
}

// sum counts what is true of booleans.
func sum(op Operation) Spelling {
	if op.Args[0].Type() == rel.Boolean {
		return Spelling{"sum(CAST($1 AS integer))", LevelAtom}
	}
	return Spelling{"sum($1)", LevelAtom}
}

func windowSum(op Operation) Spelling {
	s := sum(op)
	s.Template += "$over"
	return s
}

// ofFloat fills a template with arguments as floats: engines sum decimals exactly, and slowly.
func ofFloat(template string) Form {
	return func(op Operation) Spelling {
		filled := template
		for n := range op.Args {
			place := "$" + strconv.Itoa(n+1)
			filled = strings.Replace(filled, place, op.As(n+1, rel.Float), 1)
		}
		return Spelling{filled, LevelAtom}
	}
}

func percentile(name string) Form {
	return func(op Operation) Spelling {
		value := "$1"
		if op.Type == rel.Float {
			value = op.As(1, rel.Float)
		}
		return Spelling{name + "(" + op.Fraction(2) + ") WITHIN GROUP (ORDER BY " + value + ")", LevelAtom}
	}
}

// RoundHalves is Round where the engine takes halves of floats to the even number: trunc(2r) of the rest r is the step away from
// zero.
func RoundHalves(op Operation) Spelling {
	digits, _ := op.Int(2)
	if op.Type == rel.Integer && digits >= 0 {
		return Spelling{"$1", LevelAtom}
	}
	if op.Type == rel.Decimal || op.Type == rel.Integer {
		return Spelling{"CAST(round($*) AS $type)", LevelAtom}
	}
	rounded := func(x string) string { return "trunc(" + x + ") + trunc(2 * (" + x + " - trunc(" + x + ")))" }
	x, scale := op.As(1, rel.Float), strconv.FormatFloat(math.Pow10(int(max(digits, -digits))), 'f', -1, 64)
	switch {
	case digits > 0:
		return Spelling{"(" + rounded(x+" * "+scale) + ") / " + scale, LevelProduct}
	case digits < 0:
		return Spelling{"(" + rounded(x+" / "+scale) + ") * " + scale, LevelProduct}
	default:
		return Spelling{rounded(x), LevelSum}
	}
}

// LikeEscaped doubles backslashes in a pattern, where the engine's LIKE takes one for an escape; how is a call on $2.
func LikeEscaped(how string) Form {
	return func(op Operation) Spelling {
		pattern := how
		if lit, ok := op.Args[1].(*rel.Lit); ok && lit.Value != nil && !strings.Contains(lit.Value.(string), `\`) {
			pattern = "$2"
		}
		return Spelling{"$1 LIKE " + pattern, LevelCompare}
	}
}

// ReplaceSome is Replace where the engine finds an empty text between all characters.
func ReplaceSome(op Operation) Spelling {
	if lit, ok := op.Args[1].(*rel.Lit); ok && lit.Value != nil && lit.Value != "" {
		return Spelling{"replace($*)", LevelAtom}
	}
	return Spelling{"CASE WHEN $2 = '' AND $3 IS NOT NULL THEN $1 ELSE replace($*) END", LevelAtom}
}

// RoundWhole is Round where the engine rounds floats to whole numbers as wanted, and to digits by another way than by powers of 10.
func RoundWhole(op Operation) Spelling {
	digits, _ := op.Int(2)
	scale := strconv.FormatFloat(math.Pow10(int(max(digits, -digits))), 'f', -1, 64)
	switch {
	case op.Type != rel.Float || digits == 0:
		return Spelling{"CAST(round($*) AS $type)", LevelAtom}
	case digits > 0:
		return Spelling{"round($1 * " + scale + ") / " + scale, LevelProduct}
	default:
		return Spelling{"round($1 / " + scale + ") * " + scale, LevelProduct}
	}
}

// MinOfAny is AnyValue where the engine's own may be NULL though there are values; booleans have no minimum everywhere, but boolOr.
func MinOfAny(boolOr string) Form {
	return func(op Operation) Spelling {
		if op.Type == rel.Boolean {
			return Spelling{boolOr, LevelAtom}
		}
		return Spelling{"min($1)", LevelAtom}
	}
}
