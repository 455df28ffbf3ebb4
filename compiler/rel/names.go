package rel

import "fmt"

// The names below are how a user spells things, for messages and dumps. A dialect has its own.

var typeNames = [...]string{
	Unknown: "unknown", Boolean: "boolean", Integer: "integer", Decimal: "decimal", Float: "float", Text: "text",
	Date: "date", Timestamp: "timestamp", TimestampTZ: "timestamp with time zone",
}

var unitNames = [...]string{
	NoUnit: "none", Millisecond: "millisecond", Second: "second", Minute: "minute", Hour: "hour", Day: "day", Week: "week",
	Month: "month", Quarter: "quarter", Year: "year",
}

var partNames = [...]string{
	NoPart: "none", PartYear: "year", PartQuarter: "quarter", PartMonth: "month", PartWeek: "week", PartDay: "day",
	PartDayOfWeek: "day_of_week", PartDayOfYear: "day_of_year", PartHour: "hour", PartMinute: "minute", PartSecond: "second",
}

var funcNames = [...]string{
	NoFunc: "none",
	And:    "and", Or: "or", Not: "not",
	Eq: "=", Ne: "<>", Lt: "<", Le: "<=", Gt: ">", Ge: ">=",
	IsNull: "is null", IsNotNull: "is not null", IsNotDistinct: "is not distinct from", In: "in", Like: "like",
	Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "mod", Neg: "negative", Abs: "abs", Round: "round", Floor: "floor", Ceil: "ceil",
	Sqrt: "sqrt", Exp: "exp", Ln: "ln", Power: "power",
	Coalesce: "coalesce", NullIf: "nullif", Greatest: "greatest", Least: "least",
	Concat: "||", Lower: "lower", Upper: "upper", Trim: "trim", Length: "length", Substring: "substring", Replace: "replace",
	StartsWith: "starts_with",
	DateTrunc:  "date_trunc", DatePart: "date_part", DateAdd: "date_add", DateDiff: "date_diff", ToUTC: "to_utc", ToZone: "to_zone",
	FromTZ: "from_tz", ToDate: "to_date", Hash60: "hash60",
}

var aggNames = [...]string{
	NoAgg: "none", Count: "count", CountRows: "count_rows", CountDistinct: "count_distinct",
	ApproxCountDistinct: "approx_count_distinct", Sum: "sum", Avg: "average", Min: "min", Max: "max", BoolOr: "bool_or",
	VarSamp: "var_samp", CovarSamp: "covar_samp", PercentileCont: "percentile_cont", PercentileDisc: "percentile_disc",
	ApproxPercentile: "approx_percentile", First: "first", AnyValue: "any_value",
}

var windowNames = [...]string{
	NoWindow: "none", RowNumber: "row_number", WindowSum: "sum", WindowMin: "min", WindowMax: "max", WindowCount: "count",
	Lag: "lag", Lead: "lead", FirstValue: "first_value", LastValue: "last_value",
}

var stepKindNames = [...]string{Inline: "inline", Staged: "staged", Fetched: "fetched", Kept: "kept"}

var joinNames = [...]string{Inner: "inner", Left: "left"}

func (t Type) String() string       { return name(typeNames[:], t) }
func (u Unit) String() string       { return name(unitNames[:], u) }
func (p Part) String() string       { return name(partNames[:], p) }
func (f Func) String() string       { return name(funcNames[:], f) }
func (f AggFunc) String() string    { return name(aggNames[:], f) }
func (f WindowFunc) String() string { return name(windowNames[:], f) }
func (k StepKind) String() string   { return name(stepKindNames[:], k) }
func (k JoinKind) String() string   { return name(joinNames[:], k) }

func name[E ~uint8](names []string, e E) string {
	if int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("%T(%d)", e, e)
}
