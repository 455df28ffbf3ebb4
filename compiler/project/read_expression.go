package project

import (
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// filterInto reads a filter; all of a list must hold.
func (d *decoder) filterInto(to *diag.Text) func(entry) {
	return func(e entry) { *to = conjunction(d.conditions(e), d.span(e)) }
}

// conjunction is (a) AND (b); what joins them stands where the next one begins.
func conjunction(texts []diag.Text, span diag.Span) diag.Text {
	if len(texts) == 0 {
		return diag.Text{}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	var value strings.Builder
	var places []diag.Position
	write := func(word string, at diag.Position) {
		value.WriteString(word)
		for range len(word) {
			places = append(places, at)
		}
	}
	for i, text := range texts {
		if i > 0 {
			write(" AND ", text.At(0, 0).Start)
		}
		write("(", text.At(0, 0).Start)
		value.WriteString(text.Value)
		for j := range len(text.Value) {
			places = append(places, text.At(j, j).Start)
		}
		write(")", text.At(len(text.Value), len(text.Value)).Start)
	}
	places = append(places, span.End)
	return diag.NewText(value.String(), span, places)
}

// dialectNames are the dialects an expression can be given for.
var dialectNames = []string{
	"default", "duckdb", "postgres", "redshift", "snowflake", "bigquery", "databricks", "spark", "clickhouse", "trino",
}

// expressionInto reads an expression, or one a dialect.
func (d *decoder) expressionInto(to *Expression) func(entry) {
	return func(e entry) {
		to.Span = d.span(e)
		if !e.is(yaml.MappingNode) || isBareJinja(e.Node) {
			d.codeInto(&to.Text)(e)
			return
		}
		fields := make([]field, len(dialectNames))
		for i, name := range dialectNames {
			fields[i] = field{name, func(e entry) { d.dialectText(e, to) }}
		}
		d.mapping(e, "expression", fields...)
	}
}

func (d *decoder) dialectText(e entry, to *Expression) {
	if text, ok := d.code(e); ok {
		to.PerDialect = append(to.PerDialect, DialectText{Name{e.key(), d.span(e)}, text})
	}
}
