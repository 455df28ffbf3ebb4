package rel

import (
	"fmt"
	"slices"
)

// ArgumentError says which argument does not suit a function and why, in words for the user who wrote it.
type ArgumentError struct {
	Arg     int // position of the argument, from 0; -1 where their number is wrong
	Message string
}

func (e *ArgumentError) Error() string { return e.Message }

// A param is what an argument must be. Unknown and a bare NULL satisfy each.
type param uint8

const (
	anything  param = iota
	condition       // Boolean
	whole           // Integer
	exact           // Integer or Decimal
	number          // Integer, Decimal or Float
	text            // Text
	countable       // Boolean or a number
	moment          // Date or Timestamp
	zoned           // TimestampTZ
	ordered         // all but Boolean
	alike           // comparable with the arguments before
	zoneName        // a literal Text
	digits          // a literal Integer
	fraction        // a literal number from 0 to 1
)

// accepts lists the types of each param; those missing accept any.
var accepts = map[param][]Type{
	condition: {Boolean},
	whole:     {Integer},
	exact:     {Integer, Decimal},
	number:    {Integer, Decimal, Float},
	text:      {Text},
	countable: {Boolean, Integer, Decimal, Float},
	moment:    {Date, Timestamp},
	zoned:     {TimestampTZ},
	ordered:   {Integer, Decimal, Float, Text, Date, Timestamp, TimestampTZ},
	zoneName:  {Text},
	digits:    {Integer},
	fraction:  {Integer, Decimal, Float},
}

var paramWords = map[param]string{
	condition: "a condition", whole: "a whole number", exact: "a whole number or decimal", number: "a number", text: "text",
	countable: "a number or boolean", moment: "a date or timestamp", zoned: "a timestamp with time zone",
	ordered:  "a number, text or time",
	zoneName: "a time zone's name in quotes", digits: "a whole number written out", fraction: "a number from 0 to 1 written out",
}

// A signature says what a function takes and gives. The last param repeats up to Max arguments (many: without end).
type signature struct {
	params   []param
	min, max int
	result   func(args []Expr) Type
}

const many = 1 << 16

func takes(result func([]Expr) Type, params ...param) signature {
	return signature{params, len(params), len(params), result}
}

// upTo lets the last param be absent or repeated.
func (s signature) upTo(lo, hi int) signature {
	s.min, s.max = lo, hi
	return s
}

func gives(t Type) func([]Expr) Type { return func([]Expr) Type { return t } }

// ofFirst is the type of the first argument.
func ofFirst(args []Expr) Type { return args[0].Type() }

// ofAll is the one type that holds all arguments.
func ofAll(args []Expr) Type {
	t, _ := Unify(args...)
	return t
}

// timestampUnlessDate is what truncating and shifting give: a column of unknown type is read as a timestamp.
func timestampUnlessDate(args []Expr) Type {
	if args[0].Type() == Date {
		return Date
	}
	return Timestamp
}

var signatures = [...]signature{
	And: takes(gives(Boolean), condition).upTo(1, many),
	Or:  takes(gives(Boolean), condition).upTo(1, many),
	Not: takes(gives(Boolean), condition),

	Eq:            takes(gives(Boolean), anything, alike),
	Ne:            takes(gives(Boolean), anything, alike),
	Lt:            takes(gives(Boolean), anything, alike),
	Le:            takes(gives(Boolean), anything, alike),
	Gt:            takes(gives(Boolean), anything, alike),
	Ge:            takes(gives(Boolean), anything, alike),
	IsNull:        takes(gives(Boolean), anything),
	IsNotNull:     takes(gives(Boolean), anything),
	IsNotDistinct: takes(gives(Boolean), anything, alike),
	In:            takes(gives(Boolean), anything, alike).upTo(2, many),
	Like:          takes(gives(Boolean), text, text),

	Add:   takes(ofAll, number, number),
	Sub:   takes(ofAll, number, number),
	Mul:   takes(ofAll, number, number),
	Div:   takes(gives(Float), number, number),
	Mod:   takes(ofAll, exact, exact),
	Neg:   takes(ofFirst, number),
	Abs:   takes(ofFirst, number),
	Round: takes(ofFirst, number, digits).upTo(1, 2),
	Floor: takes(ofFirst, number),
	Ceil:  takes(ofFirst, number),
	Sqrt:  takes(gives(Float), number),
	Exp:   takes(gives(Float), number),
	Ln:    takes(gives(Float), number),
	Power: takes(gives(Float), number, number),

	Coalesce: takes(ofAll, anything, alike).upTo(1, many),
	NullIf:   takes(ofFirst, anything, alike),
	Greatest: takes(ofAll, anything, alike).upTo(1, many),
	Least:    takes(ofAll, anything, alike).upTo(1, many),

	Concat:     takes(gives(Text), text).upTo(1, many),
	Lower:      takes(gives(Text), text),
	Upper:      takes(gives(Text), text),
	Trim:       takes(gives(Text), text),
	Length:     takes(gives(Integer), text),
	Substring:  takes(gives(Text), text, whole, whole).upTo(2, 3),
	Replace:    takes(gives(Text), text, text, text),
	StartsWith: takes(gives(Boolean), text, text),

	DateTrunc: takes(timestampUnlessDate, moment),
	DatePart:  takes(gives(Integer), moment),
	DateAdd:   takes(timestampUnlessDate, moment, whole),
	DateDiff:  takes(gives(Integer), moment, moment),
	ToUTC:     takes(gives(Timestamp), moment, zoneName),
	ToZone:    takes(gives(Timestamp), moment, zoneName),
	FromTZ:    takes(gives(Timestamp), zoned),
	ToDate:    takes(gives(Date), moment),
	Hash60:    takes(gives(Integer), text),
}

var aggSignatures = [...]signature{
	Count:               takes(gives(Integer), anything),
	CountRows:           takes(gives(Integer)),
	CountDistinct:       takes(gives(Integer), anything),
	ApproxCountDistinct: takes(gives(Integer), anything),
	Sum:                 takes(sumType, countable),
	Avg:                 takes(gives(Float), number),
	Min:                 takes(ofFirst, ordered),
	Max:                 takes(ofFirst, ordered),
	BoolOr:              takes(gives(Boolean), condition),
	VarSamp:             takes(gives(Float), number),
	CovarSamp:           takes(gives(Float), number, number),
	PercentileCont:      takes(gives(Float), number, fraction),
	PercentileDisc:      takes(ofFirst, number, fraction),
	ApproxPercentile:    takes(gives(Float), number, fraction),
	First:               takes(ofFirst, anything),
	AnyValue:            takes(ofFirst, anything),
}

var windowSignatures = [...]signature{
	RowNumber:   takes(gives(Integer)),
	WindowSum:   takes(sumType, countable),
	WindowMin:   takes(ofFirst, ordered),
	WindowMax:   takes(ofFirst, ordered),
	WindowCount: takes(gives(Integer), anything),
	Lag:         takes(ofFirst, anything),
	Lead:        takes(ofFirst, anything),
	FirstValue:  takes(ofFirst, anything),
	LastValue:   takes(ofFirst, anything),
}

func sumType(args []Expr) Type {
	if args[0].Type() == Boolean {
		return Integer
	}
	return args[0].Type()
}

// CheckCall is the type of f over args, or an *ArgumentError.
func CheckCall(f Func, args []Expr) (Type, error) { return check(f, signatures[:], args) }

// CheckAgg is the type of an aggregate of args, or an *ArgumentError.
func CheckAgg(f AggFunc, args []Expr) (Type, error) { return check(f, aggSignatures[:], args) }

// CheckWindow is the type of a window function of args, or an *ArgumentError.
func CheckWindow(f WindowFunc, args []Expr) (Type, error) { return check(f, windowSignatures[:], args) }

// CheckTimeCall is CheckCall for the functions that take a unit.
func CheckTimeCall(f Func, u Unit, args []Expr) (Type, error) {
	t, err := CheckCall(f, args)
	if err != nil {
		return Unknown, err
	}
	switch {
	case u == NoUnit || !TakesUnit(f):
		return Unknown, &ArgumentError{-1, fmt.Sprintf("%s does not take the unit %s", f, u)}
	case f == DateDiff && u > Week:
		return Unknown, &ArgumentError{-1, fmt.Sprintf("%s counts units of fixed length, up to weeks, not %ss", f, u)}
	case f == DateAdd && u < Day:
		return Timestamp, nil
	case f == DateTrunc && t == Date && u < Day:
		return Unknown, &ArgumentError{0, fmt.Sprintf("a date has no %s", u)}
	}
	return t, nil
}

// CheckPartCall is CheckCall for DatePart.
func CheckPartCall(p Part, x Expr) (Type, error) {
	t, err := CheckCall(DatePart, []Expr{x})
	if err == nil && x.Type() == Date && p >= PartHour {
		return Unknown, &ArgumentError{0, fmt.Sprintf("a date has no %s", p)}
	}
	return t, err
}

// TakesUnit reports whether f is one of the functions that NewTimeCall makes.
func TakesUnit(f Func) bool { return f == DateTrunc || f == DateAdd || f == DateDiff }

func check[F interface {
	~uint8
	fmt.Stringer
}](f F, table []signature, args []Expr) (Type, error) {
	if f == 0 || int(f) >= len(table) {
		return Unknown, &ArgumentError{-1, fmt.Sprintf("no such function: %s", f)}
	}
	sig := table[f]
	if len(args) < sig.min || len(args) > sig.max {
		return Unknown, &ArgumentError{-1, fmt.Sprintf("%s takes %s, not %d", f, sig.count(), len(args))}
	}
	for i, arg := range args {
		want := sig.params[min(i, len(sig.params)-1)]
		if want == alike {
			if _, err := Unify(args[:i+1]...); err != nil {
				return Unknown, &ArgumentError{i, fmt.Sprintf("%s: %s", f, err)}
			}
			continue
		}
		if !want.accepts(arg) {
			return Unknown, &ArgumentError{i, fmt.Sprintf("%s takes %s, and this is %s", f, paramWords[want], arg.Type())}
		}
	}
	return sig.result(args), nil
}

func (s signature) count() string {
	switch {
	case s.max == many:
		return fmt.Sprintf("at least %d arguments", s.min)
	case s.min != s.max:
		return fmt.Sprintf("%d to %d arguments", s.min, s.max)
	case s.min == 1:
		return "one argument"
	default:
		return fmt.Sprintf("%d arguments", s.min)
	}
}

func (p param) accepts(x Expr) bool {
	types, restricted := accepts[p]
	if restricted && x.Type() != Unknown && !slices.Contains(types, x.Type()) {
		return false
	}
	switch p {
	case zoneName, digits:
		lit, ok := x.(*Lit)
		return ok && lit.Value != nil
	case fraction:
		q, ok := Fraction(x)
		return ok && q.Sign() >= 0 && q.Num().Cmp(q.Denom()) <= 0
	default:
		return true
	}
}

// Unify is the one type that holds the values of all of xs: the widest number, a timestamp for dates and timestamps. A bare
// NULL takes any type. The error is for the user.
func Unify(xs ...Expr) (Type, error) {
	result, seen := Unknown, false
	for _, x := range xs {
		if lit, ok := x.(*Lit); ok && lit.Value == nil && lit.T == Unknown {
			continue
		}
		if !seen {
			result, seen = x.Type(), true
			continue
		}
		wider, ok := widest(result, x.Type())
		if !ok {
			return Unknown, fmt.Errorf("%s and %s do not go together", result, x.Type())
		}
		result = wider
	}
	return result, nil
}

func widest(a, b Type) (Type, bool) {
	lo, hi := min(a, b), max(a, b)
	switch {
	case lo == hi:
		return lo, true
	case lo == Unknown && hi == Float:
		return Float, true
	case lo == Unknown:
		return Unknown, true
	case lo >= Integer && hi <= Float:
		return hi, true
	case lo == Date && hi == Timestamp:
		return Timestamp, true
	default:
		return Unknown, false
	}
}
