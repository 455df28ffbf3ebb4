package dialects

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"assay/compiler/rel"
)

// A fragment is a printed expression.
type fragment struct {
	text  string
	level Level
}

func atom(text string) fragment { return fragment{text, LevelAtom} }

// number is a literal that may bear a sign.
func number(text string) fragment {
	if strings.HasPrefix(text, "-") {
		return fragment{text, LevelUnary}
	}
	return atom(text)
}

func (d *Dialect) literal(l *rel.Lit) fragment {
	switch v := l.Value.(type) {
	case nil:
		return d.null(l.T)
	case bool:
		return atom(strings.ToUpper(strconv.FormatBool(v)))
	case int64:
		return number(strconv.FormatInt(v, 10))
	case float64:
		return number(d.Float(v))
	case time.Time:
		return atom(d.moment(l.T, v))
	case string:
		if l.T == rel.Decimal {
			return number(fill(d.Decimal, map[string]string{"1": v}))
		}
		return atom(d.Text(v))
	}
	panic(&rel.Invariant{Message: fmt.Sprintf("a literal of Go type %T", l.Value)})
}

// null is NULL with its type, which engines otherwise guess, and guess differently.
func (d *Dialect) null(t rel.Type) fragment {
	if t == rel.Unknown {
		return atom("NULL")
	}
	return atom("CAST(NULL AS " + d.Types[t] + ")")
}

// moment is a date or timestamp; what is finer than a microsecond is cut off.
func (d *Dialect) moment(t rel.Type, v time.Time) string {
	if t == rel.Date {
		return fill(d.Date, map[string]string{"1": v.Format("2006-01-02")})
	}
	return fill(d.Timestamp, map[string]string{"1": v.UTC().Format("2006-01-02 15:04:05.999999")})
}
