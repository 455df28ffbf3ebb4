package project

import "gopkg.in/yaml.v3"

// options are the keys and values of a mapping that is free to hold any.
func (d *decoder) options(e entry, value func(entry) any) []Option {
	if !e.is(yaml.MappingNode) || isBareJinja(e.Node) {
		d.wrongType(e, "a mapping", "write `key: value` pairs")
		return nil
	}
	var options []Option
	for _, p := range d.pairs(e.Node) {
		v := child(p.value, e.path+"."+p.key.Value)
		options = append(options, Option{Name{p.key.Value, d.src.span(p.key)}, Scalar{value(v), d.span(v)}})
	}
	return options
}

// typedScalar is a scalar as the type YAML gives it: string, int64, float64, bool or nil. A date is text.
func (d *decoder) typedScalar(e entry) any {
	if !e.is(yaml.ScalarNode) {
		d.wrongType(e, "a single value", "write one value, such as 10 or paid")
		return nil
	}
	var typed any
	switch e.ShortTag() {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		if err := e.Decode(&typed); err == nil {
			if n, ok := typed.(int); ok {
				return int64(n)
			}
			return typed
		}
	}
	text, _ := d.scalar(e)
	return text
}

// maxNesting bounds how deep values nest: an alias can make them endless.
const maxNesting = 10

// nested is a typed scalar, a list ([]any) or further options ([]Option).
func (d *decoder) nested(e entry) any { return d.nestedTo(maxNesting, e) }

func (d *decoder) nestedTo(depth int, e entry) any {
	switch {
	case depth == 0:
		d.fail(e, codeValue, "name what it repeats once", "`%s` nests too deep", e.key())
		return nil
	case e.is(yaml.MappingNode):
		return d.options(e, func(e entry) any { return d.nestedTo(depth-1, e) })
	case e.is(yaml.SequenceNode):
		list := make([]any, len(e.Content))
		for i, element := range children(e) {
			list[i] = d.nestedTo(depth-1, element)
		}
		return list
	}
	return d.typedScalar(e)
}
