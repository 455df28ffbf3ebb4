package project

import (
	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

func (d *decoder) unitTest(e entry) {
	t := &UnitTest{Span: d.span(e)}
	expected := fixture{}
	if !d.mapping(e, "unit test", append([]field{
		{"name", into(d, &t.Name, d.identifier)},
		{"description", into(d, &t.Description, d.scalar)},
		{"metric", into(d, &t.Metric, d.word)},
		{"experiment", into(d, &t.Experiment, d.word)},
		{"given", d.givenInto(&t.Given)},
		{"expect", func(e entry) { expected.read(d, e, "expect") }},
	}, accepted("tags", "meta", "config")...)...) {
		return
	}
	d.need(e, "unit test", "name", "given", "expect")
	switch {
	case t.Metric.IsSet() && t.Experiment.IsSet():
		d.failAt(t.Experiment.Span, codeConflict, "keep one of them", "a unit test is of a metric or of an experiment")
	case !d.hasAny(e, "metric", "experiment"):
		d.failAt(d.headline(e), codeMissing, "name what it tests: metric: revenue", "a unit test needs `metric` or `experiment`")
	}
	t.Expect, t.ExpectText, t.ExpectFormat = expected.rows, expected.text, expected.format
	d.project.UnitTests = append(d.project.UnitTests, t)
}

func (d *decoder) givenInto(to *[]Given) func(entry) {
	return func(e entry) {
		seen := newNames(d.bag, "inputs")
		for _, element := range d.elements(e) {
			f := fixture{}
			f.read(d, element, "given", field{"input", into(d, &f.input, d.word)})
			d.need(element, "given", "input")
			seen.add(f.input)
			*to = append(*to, Given{Input: f.input, Format: f.format, Rows: f.rows, Text: f.text})
		}
	}
}

// A fixture is rows: mappings, or a text of CSV or SQL.
type fixture struct {
	input  Name
	format Name
	rows   []Row
	text   diag.Text
}

func (f *fixture) read(d *decoder, e entry, kind string, more ...field) {
	var rows entry
	if !d.mapping(e, kind, append(more,
		field{"format", into(d, &f.format, choice(d, "dict", "csv", "sql"))},
		field{"rows", func(e entry) { rows = e }},
	)...) {
		return
	}
	d.need(e, kind, "rows")
	switch {
	case rows.Node == nil:
	case f.format.V == "csv" || f.format.V == "sql":
		f.text, _ = d.text(rows)
	case rows.is(yaml.ScalarNode) && !rows.isNull():
		d.fail(rows, codeType, "say `format: csv` or `format: sql`, or write a list of rows", "`rows` should be a list, not text")
	default:
		for _, row := range d.elements(rows) {
			if cells := d.options(row, d.typedScalar); len(cells) > 0 {
				f.rows = append(f.rows, cells)
			} else if row.is(yaml.MappingNode) && len(row.Content) == 0 {
				d.fail(row, codeValue, "name a column: {order_id: 1}", "a row says something of a column at least")
			}
		}
	}
}
