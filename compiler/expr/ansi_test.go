package expr_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"assay/compiler/rel"
)

var infix = map[rel.Func]string{
	rel.And: "AND", rel.Or: "OR", rel.Eq: "=", rel.Ne: "<>", rel.Lt: "<", rel.Le: "<=", rel.Gt: ">", rel.Ge: ">=",
	rel.IsNotDistinct: "IS NOT DISTINCT FROM", rel.Like: "LIKE", rel.Add: "+", rel.Sub: "-", rel.Mul: "*", rel.Div: "/",
	rel.Mod: "%", rel.Concat: "||",
}

// ansi spells x with every parenthesis, so that a reader sees how it nests.
func ansi(x rel.Expr) string {
	switch x := x.(type) {
	case *rel.Col:
		return strconv.Quote(x.Name)
	case *rel.Lit:
		return literal(x)
	case *rel.Call:
		return call(x)
	case *rel.Case:
		var b strings.Builder
		for _, w := range x.Whens {
			fmt.Fprintf(&b, " WHEN %s THEN %s", ansi(w.Cond), ansi(w.Then))
		}
		if x.Else != nil {
			fmt.Fprintf(&b, " ELSE %s", ansi(x.Else))
		}
		return "CASE" + b.String() + " END"
	case *rel.Cast:
		return fmt.Sprintf("CAST(%s AS %s)", ansi(x.X), x.T)
	default:
		panic(fmt.Sprintf("%T has no text", x))
	}
}

func literal(x *rel.Lit) string {
	switch v := x.Value.(type) {
	case nil:
		return "NULL"
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64)
	case time.Time:
		if x.T == rel.Date {
			return "DATE '" + v.Format(time.DateOnly) + "'"
		}
		return "TIMESTAMP '" + v.Format(time.DateTime) + "'"
	default:
		if x.T == rel.Decimal {
			return v.(string)
		}
		return "'" + strings.ReplaceAll(v.(string), "'", "''") + "'"
	}
}

func call(x *rel.Call) string {
	args := make([]string, len(x.Args))
	for i, a := range x.Args {
		args[i] = ansi(a)
	}
	list := strings.Join(args, ", ")
	switch x.Func {
	case rel.Not:
		return "(NOT " + list + ")"
	case rel.Neg:
		return "(- " + list + ")"
	case rel.IsNull, rel.IsNotNull:
		return "(" + list + " " + strings.ToUpper(x.Func.String()) + ")"
	case rel.In:
		return fmt.Sprintf("(%s IN (%s))", args[0], strings.Join(args[1:], ", "))
	case rel.DatePart:
		return fmt.Sprintf("EXTRACT(%s FROM %s)", partNames[x.Part], list)
	case rel.DateTrunc, rel.DateDiff:
		return fmt.Sprintf("%s('%s', %s)", x.Func, x.Unit, list)
	case rel.DateAdd:
		return fmt.Sprintf("date_add('%s', %s, %s)", x.Unit, args[1], args[0])
	}
	if op, ok := infix[x.Func]; ok {
		return "(" + strings.Join(args, " "+op+" ") + ")"
	}
	return fmt.Sprintf("%s(%s)", x.Func, list)
}

var partNames = map[rel.Part]string{
	rel.PartYear: "year", rel.PartQuarter: "quarter", rel.PartMonth: "month", rel.PartWeek: "week", rel.PartDay: "day",
	rel.PartDayOfWeek: "isodow", rel.PartDayOfYear: "doy", rel.PartHour: "hour", rel.PartMinute: "minute",
	rel.PartSecond: "second",
}
