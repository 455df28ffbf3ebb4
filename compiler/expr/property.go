package expr

import (
	"fmt"
	"strings"

	"assay/internal/diag"
)

// PropertyKind is the name of a call in dbt's filters and group-bys.
type PropertyKind string

const (
	Dimension     PropertyKind = "Dimension"
	TimeDimension PropertyKind = "TimeDimension"
	EntityKey     PropertyKind = "Entity"
	MetricValue   PropertyKind = "Metric"
)

// A Property is what a call names: Dimension('user__plan'), TimeDimension('metric_time', 'week'), Entity('user'),
// Metric('revenue', group_by=['user']).
type Property struct {
	Kind       PropertyKind
	Name       diag.Text
	Grain      diag.Text // of a time: zero for its own
	Part       diag.Text // of a time: a part of it, such as month
	EntityPath []diag.Text
	GroupBy    []diag.Text // of a Metric
	Descending bool        // of a column that rows are ordered by
	Span       diag.Span
}

// parameters lists the parameters of each call in dbt's order.
var parameters = map[PropertyKind][]string{
	Dimension:     {"name", "entity_path"},
	TimeDimension: {"name", "time_granularity_name", "entity_path", "descending", "date_part_name"},
	EntityKey:     {"name", "entity_path"},
	MetricValue:   {"name", "group_by"},
}

// ParseProperty reads a call without its braces; ok is false where a mistake was reported.
func ParseProperty(text diag.Text, bag *diag.Bag) (p *Property, ok bool) {
	r := &callReader{text: text, bag: bag}
	return r.property()
}

// A callReader reads the Python-like inside of {{ … }}.
type callReader struct {
	text diag.Text
	bag  *diag.Bag
	pos  int
}

func (r *callReader) property() (*Property, bool) {
	p := &Property{Span: r.text.Span}
	lo := r.skipSpace()
	name, ok := r.name()
	if !ok {
		return nil, r.fail(lo, "a call is expected here", "such as Dimension('entity__dimension')")
	}
	p.Kind = PropertyKind(name)
	allowed, known := parameters[p.Kind]
	if !known {
		kinds := []string{string(Dimension), string(TimeDimension), string(EntityKey), string(MetricValue)}
		return nil, r.fail(lo, fmt.Sprintf("`%s` is no call known here", name), diag.Suggest(name, kinds))
	}
	if !r.arguments(p, allowed) || !r.methods(p) {
		return nil, false
	}
	if p.Name.Value == "" {
		return nil, r.fail(lo, fmt.Sprintf("%s needs the name of what it reads", name), fmt.Sprintf("%s('name')", name))
	}
	return p, true
}

// methods reads .grain('week') and .date_part('month').
func (r *callReader) methods(p *Property) bool {
	for r.accept(".") {
		lo := r.skipSpace()
		name, _ := r.name()
		parameter, known := map[string]string{"grain": "time_granularity_name", "date_part": "date_part_name",
			"descending": "descending"}[name]
		if !known {
			return r.fail(lo, fmt.Sprintf("a %s has no method `%s`", p.Kind, name), "allowed here: grain, date_part")
		}
		if !r.arguments(p, []string{parameter}) {
			return false
		}
	}
	if lo := r.skipSpace(); lo < len(r.text.Value) {
		return r.fail(lo, "nothing may follow the call", "compare it outside of the braces: {{ Dimension('a__b') }} = 'c'")
	}
	return true
}

// arguments reads (a, name=b, …) into p; the n-th argument without a name is the n-th parameter.
func (r *callReader) arguments(p *Property, parameters []string) bool {
	if !r.accept("(") {
		return r.fail(r.pos, "`(` is expected here", "the name stands in brackets and quotes: "+string(p.Kind)+"('name')")
	}
	for n := 0; !r.accept(")"); n++ {
		if n > 0 && !r.accept(",") {
			return r.fail(r.pos, "`,` or `)` is expected here", "arguments stand between ( and ), with commas between them")
		}
		if !r.argument(p, parameters, n) {
			return false
		}
	}
	return true
}

func (r *callReader) argument(p *Property, parameters []string, n int) bool {
	lo := r.skipSpace()
	parameter := ""
	if n < len(parameters) {
		parameter = parameters[n]
	}
	if name, ok := r.name(); ok && name != "True" && name != "False" {
		if !r.accept("=") {
			return r.fail(lo, fmt.Sprintf("`%s` stands without quotes", name), fmt.Sprintf("write '%s'", name))
		}
		parameter = name
	} else {
		r.pos = lo
	}
	values, ok := r.value()
	return ok && (p.set(parameter, values) || r.fail(lo, "this call has no such argument",
		"its arguments are "+strings.Join(parameters, ", ")))
}

// set keeps an argument; false where there is no such parameter.
func (p *Property) set(parameter string, values []diag.Text) bool {
	one := diag.Text{}
	if len(values) > 0 {
		one = values[0]
	}
	switch parameter {
	case "name":
		p.Name = one
	case "time_granularity_name":
		p.Grain = one
	case "date_part_name":
		p.Part = one
	case "entity_path":
		p.EntityPath = values
	case "group_by":
		p.GroupBy = values
	case "descending":
		p.Descending = one.Value == "True"
	default:
		return false
	}
	return true
}

// value reads 'text', ['text', …] in either bracket, True or False.
func (r *callReader) value() ([]diag.Text, bool) {
	lo := r.skipSpace()
	if name, ok := r.name(); ok && (name == "True" || name == "False") {
		return []diag.Text{r.text.Slice(lo, r.pos)}, true
	}
	end := "]"
	switch {
	case r.accept("["):
	case r.accept("("):
		end = ")"
	default:
		one, ok := r.str()
		return []diag.Text{one}, ok
	}
	var list []diag.Text
	for !r.accept(end) {
		if len(list) > 0 && !r.accept(",") {
			return nil, r.fail(r.pos, "`,` or `"+end+"` is expected here", "a list is written ['a', 'b']")
		}
		if len(list) > 0 && r.accept(end) {
			break // a tuple of one ends with a comma: ('user',)
		}
		one, ok := r.str()
		if !ok {
			return nil, false
		}
		list = append(list, one)
	}
	return list, true
}

func (r *callReader) str() (diag.Text, bool) {
	lo := r.skipSpace()
	rest := r.text.Value[lo:]
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return diag.Text{}, r.fail(lo, "a name in quotes is expected here", "quote it: 'name'")
	}
	size := strings.IndexByte(rest[1:], rest[0])
	if size < 0 {
		return diag.Text{}, r.fail(lo, "this text has no closing quote", "end it with the quote it begins with")
	}
	r.pos = lo + size + 2
	return r.text.Slice(lo+1, lo+1+size), true
}

func (r *callReader) name() (string, bool) {
	lo := r.skipSpace()
	size := runLength(r.text.Value[lo:], isNamePart)
	r.pos = lo + size
	return r.text.Value[lo:r.pos], size > 0
}

func (r *callReader) accept(s string) bool {
	lo := r.skipSpace()
	if strings.HasPrefix(r.text.Value[lo:], s) {
		r.pos = lo + len(s)
		return true
	}
	return false
}

func (r *callReader) skipSpace() int {
	r.pos += len(r.text.Value[r.pos:]) - len(strings.TrimLeft(r.text.Value[r.pos:], " \t\r\n"))
	return r.pos
}

func (r *callReader) fail(lo int, message, hint string) bool {
	hi := min(lo+max(1, runLength(r.text.Value[lo:], isNamePart)), len(r.text.Value))
	r.bag.Add(diag.Diagnostic{Code: syntax, Message: message, Span: r.text.At(lo, hi), Hint: hint})
	return false
}
