package oracle

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// A condition is a boolean expression with SQL's three values: a comparison with a constant, or and, or, not of conditions.
type condition struct {
	op     string // = <> < <= > >= in, is null, is not null; and, or, not
	name   string // a column, or a dimension on a path: user__plan
	values []any
	parts  []*condition
}

// String is the condition in the language.
func (c *condition) String() string {
	switch c.op {
	case "and", "or":
		var parts []string
		for _, p := range c.parts {
			parts = append(parts, p.String())
		}
		return "(" + strings.Join(parts, " "+c.op+" ") + ")"
	case "not":
		return "not " + c.parts[0].String()
	}
	name := c.name
	if strings.Contains(name, "__") {
		name = fmt.Sprintf("{{ Dimension('%s') }}", name)
	}
	switch c.op {
	case "is null", "is not null":
		return fmt.Sprintf("(%s %s)", name, c.op)
	case "in":
		var list []string
		for _, v := range c.values {
			list = append(list, constant(v))
		}
		return fmt.Sprintf("(%s in (%s))", name, strings.Join(list, ", "))
	}
	return fmt.Sprintf("(%s %s %s)", name, c.op, constant(c.values[0]))
}

// MarshalJSON writes the condition as a string of YAML.
func (c *condition) MarshalJSON() ([]byte, error) { return compact(c.String()) }

func constant(v any) string {
	if s, ok := v.(string); ok {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return fmt.Sprint(v)
}

// A truth is true, false or unknown.
type truth int

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// of judges the condition where lookup knows what names mean. No condition is true.
func (c *condition) of(lookup func(name string) any) truth {
	if c == nil {
		return yes
	}
	switch c.op {
	case "and", "or":
		return c.junction(lookup)
	case "not":
		return [...]truth{unknown: unknown, no: yes, yes: no}[c.parts[0].of(lookup)]
	}
	value := lookup(c.name)
	switch {
	case c.op == "is null":
		return truthOf(value == nil)
	case c.op == "is not null":
		return truthOf(value != nil)
	case value == nil:
		return unknown
	case c.op == "in":
		for _, v := range c.values {
			if compare(value, v) == 0 {
				return yes
			}
		}
		return no
	}
	return truthOf(holds(c.op, compare(value, c.values[0])))
}

// junction is the least of its parts for and, the greatest for or, in the order no, unknown, yes.
func (c *condition) junction(lookup func(string) any) truth {
	rank := map[truth]int{no: 0, unknown: 1, yes: 2}
	result := c.parts[0].of(lookup)
	for _, p := range c.parts[1:] {
		t := p.of(lookup)
		if (c.op == "and") == (rank[t] < rank[result]) {
			result = t
		}
	}
	return result
}

func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	panic(op)
}

// compare orders two values that are not NULL: numbers by size, text by code point.
func compare(a, b any) int {
	switch x := a.(type) {
	case string:
		return strings.Compare(x, b.(string))
	case bool:
		return number(x) - number(b.(bool))
	case time.Time:
		return x.Compare(b.(time.Time))
	}
	return cmp.Compare(float(a), float(b))
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// float is a number of any type.
func float(v any) float64 {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case int:
		return float64(x)
	case float64:
		return x
	case bool:
		return float64(number(x))
	}
	panic(fmt.Sprintf("%T is no number", v))
}

// names are what a condition reads.
func (c *condition) names() []string {
	if c.parts == nil {
		return []string{c.name}
	}
	var all []string
	for _, p := range c.parts {
		all = append(all, p.names()...)
	}
	return all
}
