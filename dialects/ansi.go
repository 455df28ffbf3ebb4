package dialects

import (
	"maps"
	"regexp"
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// ANSI is the standard's SQL, in what most engines share of it: the dialect from which each starts. What engines have no common
// word for is missing: hashes, approximate counts, First, differences and sums of times beyond intervals, series.
func ANSI() *Dialect {
	return &Dialect{
		Name:   "ansi",
		Syntax: ansiSyntax(),
		Functions: Functions{
			Funcs: ansiFuncs(), Aggs: ansiAggs(), Windows: ansiWindows(),
			Cast: Call("CAST($1 AS $type)"), Ordered: Call("$1"),
		},
		Clauses:    ansiClauses(),
		Statements: ansiStatements(),
	}
}

func ansiSyntax() Syntax {
	return Syntax{
		Unquoted:    regexp.MustCompile(`^[a-z_][a-z0-9_]*$`),
		Reserved:    reserved,
		Quote:       func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
		Fold:        strings.ToUpper,
		Text:        func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" },
		Float:       func(v float64) string { return strconv.FormatFloat(v, 'E', -1, 64) },
		Decimal:     "$1",
		Date:        "DATE '$1'",
		Timestamp:   "TIMESTAMP '$1'",
		Placeholder: func(int) string { return "?" },
		Types: [rel.Types]string{
			rel.Boolean: "boolean", rel.Integer: "bigint", rel.Decimal: "decimal(38, 9)", rel.Float: "double precision",
			rel.Text: "varchar", rel.Date: "date", rel.Timestamp: "timestamp", rel.TimestampTZ: "timestamp with time zone",
		},
		Units: [rel.Units]string{
			rel.Millisecond: "millisecond", rel.Second: "second", rel.Minute: "minute", rel.Hour: "hour", rel.Day: "day",
			rel.Week: "week", rel.Month: "month", rel.Quarter: "quarter", rel.Year: "year",
		},
		Intervals: [rel.Units]string{
			rel.Millisecond: "INTERVAL '0.001' SECOND", rel.Second: "INTERVAL '1' SECOND", rel.Minute: "INTERVAL '1' MINUTE",
			rel.Hour: "INTERVAL '1' HOUR", rel.Day: "INTERVAL '1' DAY", rel.Week: "INTERVAL '7' DAY",
			rel.Month: "INTERVAL '1' MONTH", rel.Quarter: "INTERVAL '3' MONTH", rel.Year: "INTERVAL '1' YEAR",
		},
		Parts: [rel.Parts]string{
			rel.PartYear: "year", rel.PartQuarter: "quarter", rel.PartMonth: "month", rel.PartWeek: "week", rel.PartDay: "day",
			rel.PartDayOfWeek: "isodow", rel.PartDayOfYear: "doy", rel.PartHour: "hour", rel.PartMinute: "minute",
			rel.PartSecond: "second",
		},
	}
}

func ansiFuncs() [rel.Funcs]Form {
	return [rel.Funcs]Form{
		rel.And: Infix(LevelAnd, "AND"),
		rel.Or:  Infix(LevelOr, "OR"),
		rel.Not: Operator(LevelNot, "NOT $1"),

		rel.Eq:            Operator(LevelCompare, "$1 = $2"),
		rel.Ne:            Operator(LevelCompare, "$1 <> $2"),
		rel.Lt:            Operator(LevelCompare, "$1 < $2"),
		rel.Le:            Operator(LevelCompare, "$1 <= $2"),
		rel.Gt:            Operator(LevelCompare, "$1 > $2"),
		rel.Ge:            Operator(LevelCompare, "$1 >= $2"),
		rel.IsNull:        Operator(LevelCompare, "$1 IS NULL"),
		rel.IsNotNull:     Operator(LevelCompare, "$1 IS NOT NULL"),
		rel.IsNotDistinct: Operator(LevelCompare, "$1 IS NOT DISTINCT FROM $2"),
		rel.In:            Operator(LevelCompare, "$1 IN ($2*)"),
		rel.Like:          Operator(LevelCompare, "$1 LIKE $2"),

		rel.Add:   Infix(LevelSum, "+"),
		rel.Sub:   Infix(LevelSum, "-"),
		rel.Mul:   Infix(LevelProduct, "*"),
		rel.Div:   divide,
		rel.Mod:   Call("mod($1, nullif($2, 0))"),
		rel.Neg:   Operator(LevelUnary, "-$1"),
		rel.Abs:   Call("abs($1)"),
		rel.Round: Call("round($*)"),
		rel.Floor: wholeNumber(Call("floor($1)")),
		rel.Ceil:  wholeNumber(Call("ceil($1)")),
		rel.Sqrt:  floatWhere("$1 >= 0", "sqrt"),
		rel.Exp:   floatWhere("$1 <= 709", "exp"),
		rel.Ln:    floatWhere("$1 > 0", "ln"),
		rel.Power: power,

		rel.Coalesce: Call("coalesce($*)"),
		rel.NullIf:   Call("nullif($*)"),
		rel.Greatest: Call("greatest($*)"),
		rel.Least:    Call("least($*)"),

		rel.Concat:     Infix(LevelConcat, "||"),
		rel.Lower:      Call("lower($1)"),
		rel.Upper:      Call("upper($1)"),
		rel.Trim:       Call("trim($1)"),
		rel.Length:     Call("length($1)"),
		rel.Substring:  Substring("substring"),
		rel.Replace:    Call("replace($*)"),
		rel.StartsWith: Call("starts_with($*)"),

		rel.DateTrunc: dateTrunc,
		rel.DatePart:  Call("CAST(floor(extract($part FROM $1)) AS $integer)"),
		rel.DateAdd:   dateAdd,
		rel.ToUTC:     InZone("$1 AT TIME ZONE $2 AT TIME ZONE 'UTC'"),
		rel.ToZone:    InZone("$1 AT TIME ZONE 'UTC' AT TIME ZONE $2"),
		rel.FromTZ:    Operator(LevelPostfix, "$1 AT TIME ZONE 'UTC'"),
		rel.ToDate:    Call("CAST($1 AS $date)"),
	}
}

func ansiAggs() [rel.Aggs]Form {
	return [rel.Aggs]Form{
		rel.Count:          Call("count($1)"),
		rel.CountRows:      Call("count(*)"),
		rel.CountDistinct:  Call("count(DISTINCT $1)"),
		rel.Sum:            sum,
		rel.Avg:            ofFloat("avg($1)"),
		rel.Min:            Call("min($1)"),
		rel.Max:            Call("max($1)"),
		rel.BoolOr:         Call("bool_or($1)"),
		rel.VarSamp:        ofFloat("var_samp($1)"),
		rel.CovarSamp:      ofFloat("covar_samp($1, $2)"),
		rel.PercentileCont: percentile("percentile_cont"),
		rel.PercentileDisc: percentile("percentile_disc"),
		rel.AnyValue:       Call("any_value($1)"),
	}
}

func ansiWindows() [rel.WindowFuncs]Form {
	return [rel.WindowFuncs]Form{
		rel.RowNumber:   Call("row_number()$over"),
		rel.WindowSum:   windowSum,
		rel.WindowMin:   Call("min($1)$over"),
		rel.WindowMax:   Call("max($1)$over"),
		rel.WindowCount: Call("count($1)$over"),
		rel.Lag:         Call("lag($1)$over"),
		rel.Lead:        Call("lead($1)$over"),
		rel.FirstValue:  Call("first_value($1)$over"),
		rel.LastValue:   Call("last_value($1)$over"),
	}
}

func ansiClauses() [ClauseCount]string {
	return [ClauseCount]string{
		Ascending:    "$key NULLS LAST",
		Descending:   "$key DESC NULLS LAST",
		GroupingSets: "GROUPING SETS ($sets)",
		GroupingMask: "grouping($groups)",
		ValueRow:     "($cells)",
		BetweenRows:  ",\n",
		ValueRows:    "(VALUES\n$rows\n$indent) AS $alias ($columns)",
		WithDomain:   "*",
		Limited:      "LIMIT $count",
	}
}

func ansiStatements() [StatementCount]string {
	return [StatementCount]string{
		Stage:        "CREATE TEMPORARY TABLE $table AS\n$query",
		StageInto:    "CREATE TABLE $table AS\n$query",
		Unstage:      "DROP TABLE IF EXISTS $table",
		CreateSchema: "CREATE SCHEMA IF NOT EXISTS $schema",
		CreateTable:  "CREATE TABLE IF NOT EXISTS $table ($columns)",
		AddColumn:    "ALTER TABLE $table ADD COLUMN IF NOT EXISTS $column",
		Drop:         "DROP TABLE IF EXISTS $table",
		Insert:       "INSERT INTO $table ($columns)\n$query",
		Update:       "UPDATE $table SET $set WHERE $where",
		Delete:       "DELETE FROM $table WHERE $where",
		Replace:      "CREATE OR REPLACE TABLE $table AS\n$query",
	}
}

// reserved are the words that engines refuse as names of columns or tables.
var reserved = words(`
	all analyse analyze and anti any array as asc asof asymmetric at authorization between binary both by case cast check collate
	collation column columns concurrently constraint create cross cube current current_catalog current_date current_role
	current_schema current_time current_timestamp current_user default deferrable delete desc describe distinct do else end
	except exists extract false fetch for foreign freeze from full generated glob grant group grouping having if ilike in
	initially inner insert intersect interval into is isnull join key lambda lateral leading left like limit localtime
	localtimestamp map natural not notnull null of offset on only or order outer over overlaps partition pivot pivot_longer
	pivot_wider placing positional primary qualify range references returning right rollup row rows select semi session_user set
	show similar some struct summarize symmetric table tablesample then to trailing true try_cast union unique unnest unpack
	unpivot update user using values variadic verbose when where window with within`)

// Reserve adds words, separated by spaces, to those that are no names.
func (s *Syntax) Reserve(list string) {
	s.Reserved = maps.Clone(s.Reserved)
	maps.Copy(s.Reserved, words(list))
}

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}
