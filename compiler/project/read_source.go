package project

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// relation is the name of a table or view.
func (d *decoder) relation(e entry) (string, bool) {
	text, ok := d.text(e)
	return text.Value, ok && d.noJinja(text)
}

// sqlInto reads a user's SELECT, which is embedded as it is.
func (d *decoder) sqlInto(to *diag.Text) func(entry) {
	return func(e entry) {
		text, ok := d.text(e)
		if !ok || !d.noJinja(text) {
			return
		}
		trimmed := strings.TrimRight(text.Value, " \t\r\n")
		if trimmed == "" {
			d.fail(e, codeValue, "write a SELECT, or name a table: relation: …", "`sql` is empty")
		}
		if strings.HasSuffix(trimmed, ";") {
			d.failAt(text.At(len(trimmed)-1, len(trimmed)), codeValue, "leave it out",
				"the SELECT is part of a larger query and cannot end in `;`")
		}
		*to = text
	}
}

// noJinja refuses what is left of Jinja in a text that goes to the warehouse.
func (d *decoder) noJinja(text diag.Text) bool {
	for _, open := range []string{"{{", "{%"} {
		if at := strings.Index(text.Value, open); at >= 0 {
			d.failAt(text.At(at, at+len(open)), codeVariable, "name the table itself; var() and env_var() are filled in here",
				"only dbt can render this Jinja")
			return false
		}
	}
	return true
}

// fileInto reads a path, or {path, options}.
func (d *decoder) fileInto(to **File) func(entry) {
	return func(e entry) {
		f := &File{}
		if e.is(yaml.ScalarNode) {
			into(d, &f.Path, d.word)(e)
		} else {
			d.mapping(e, "file",
				field{"path", into(d, &f.Path, d.word)},
				field{"options", func(e entry) { f.Options = d.options(e, d.nested) }},
			)
			d.need(e, "file", "path")
		}
		*to = f
	}
}

// oneSource checks that rows come from exactly one place.
func (d *decoder) oneSource(e entry, kind string, name Name, keys ...string) {
	first := ""
	for _, p := range d.pairs(e.Node) {
		switch {
		case !slices.Contains(keys, p.key.Value):
		case first == "":
			first = p.key.Value
		default:
			d.failAt(d.src.span(p.key), codeConflict, "keep one of them",
				"rows come from one place, and `%s` is given already", first)
		}
	}
	if first == "" && name.IsSet() {
		d.failAt(name.Span, codeMissing, "give one of "+strings.Join(keys, ", "),
			"%s `%s` does not say where its rows are", kind, name.V)
	}
}
