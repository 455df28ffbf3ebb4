package rel

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Format is e in one line: for dumps, and as a key, since two expressions are the same exactly if their formats are.
func Format(e Expr) string {
	switch e := e.(type) {
	case nil:
		return "none"
	case *Col:
		return formatName(e.Name)
	case *Lit:
		return formatLit(e)
	case *Param:
		return ":" + string(e.Name)
	case *Cast:
		return fmt.Sprintf("cast(%s as %s)", Format(e.X), e.T)
	case *Verbatim:
		return formatVerbatim(e)
	case *Call:
		return formatCall(e)
	case *Agg:
		return formatAgg(e)
	case *Over:
		return formatOver(e)
	case *Case:
		return formatCase(e)
	}
	panic(unsealed(e))
}

// Same reports whether two expressions, which may be nil, are equal.
func Same(a, b Expr) bool { return Format(a) == Format(b) }

func containsEqual(list []Expr, x Expr) bool {
	for _, y := range list {
		if Same(x, y) {
			return true
		}
	}
	return false
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func formatName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

func formatLit(l *Lit) string {
	switch v := l.Value.(type) {
	case nil:
		return "null of " + l.T.String()
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64)
	case string:
		quoted := "'" + strings.ReplaceAll(v, "'", "''") + "'"
		if l.T == Decimal {
			return "decimal " + quoted
		}
		return quoted
	case time.Time:
		return fmt.Sprintf("%s '%s'", l.T, v.Format("2006-01-02T15:04:05.999999999Z07:00"))
	}
	panic(unsealed(l.Value))
}

var infix = map[Func]bool{
	And: true, Or: true, Eq: true, Ne: true, Lt: true, Le: true, Gt: true, Ge: true, IsNotDistinct: true, Like: true,
	Add: true, Sub: true, Mul: true, Div: true, Concat: true,
}

func formatCall(c *Call) string {
	args := mapAll(c.Args, Format)
	switch {
	case infix[c.Func] && len(args) > 1:
		return "(" + strings.Join(args, " "+c.Func.String()+" ") + ")"
	case c.Unit != NoUnit:
		args = append([]string{c.Unit.String()}, args...)
	case c.Part != NoPart:
		args = append([]string{c.Part.String()}, args...)
	}
	return fmt.Sprintf("%s(%s)", c.Func, strings.Join(args, ", "))
}

func formatAgg(a *Agg) string {
	text := fmt.Sprintf("%s(%s%s)", a.Func, strings.Join(mapAll(a.Args, Format), ", "), formatKeys(" by ", a.OrderBy))
	if a.Where != nil {
		text += " where " + Format(a.Where)
	}
	return text
}

func formatOver(o *Over) string {
	text := fmt.Sprintf("%s(%s) over (", o.Func, strings.Join(mapAll(o.Args, Format), ", "))
	if len(o.Partition) > 0 {
		text += "each " + strings.Join(mapAll(o.Partition, Format), ", ")
	}
	text += formatKeys(" by ", o.Order)
	if o.Frame != nil {
		text += fmt.Sprintf(" from %d before", o.Frame.Preceding)
	}
	return text + ")"
}

func formatCase(c *Case) string {
	text := "case"
	for _, w := range c.Whens {
		text += fmt.Sprintf(" when %s then %s", Format(w.Cond), Format(w.Then))
	}
	if c.Else != nil {
		text += " else " + Format(c.Else)
	}
	return text + " end"
}

func formatKeys(prefix string, keys []SortKey) string {
	if len(keys) == 0 {
		return ""
	}
	parts := mapAll(keys, func(k SortKey) string {
		if k.Desc {
			return Format(k.X) + " desc"
		}
		return Format(k.X)
	})
	return prefix + strings.Join(parts, ", ")
}

func formatVerbatim(v *Verbatim) string {
	var b strings.Builder
	for _, t := range v.Texts {
		fmt.Fprintf(&b, "%s %q, ", t.Dialect, t.SQL)
	}
	return fmt.Sprintf("verbatim(%s%q as %s)", b.String(), v.SQL, v.T)
}
