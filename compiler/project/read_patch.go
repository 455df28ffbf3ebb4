package project

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// What is said of a metric that is declared elsewhere: by a patch, or in a dbt project under config.meta.assay.

// assayKey is the key of `meta` under which a dbt project writes what dbt has no word for.
const assayKey = "assay"

func (d *decoder) isPatch(e entry) bool {
	written, ok := d.lookup(e, "patch")
	if !ok {
		return false
	}
	on, _ := d.boolean(written)
	return on
}

// misplacedPatch reports a patch among a model's own metrics.
func (d *decoder) misplacedPatch(e entry) {
	if on, ok := d.boolean(e); ok && on {
		d.fail(e, codeConflict, "move it to a `metrics:` of the file", "a patch stands beside the models, for it is of a metric that is declared elsewhere")
	}
}

// patch reads one. It may say how a metric behaves and reads, and nothing that changes what is counted.
func (d *decoder) patch(e entry) {
	m := &Metric{Span: d.span(e)}
	fields := append([]field{
		{"name", into(d, &m.Name, d.identifier)},
		{"patch", nil},
		{"label", into(d, &m.Label, d.scalar)},
		{"description", into(d, &m.Description, d.scalar)},
		{"tags", listInto(d, &m.Tags, d.word)},
	}, d.ourMetricFields(m)...)
	d.walk(e, "patch", fields, func(key *yaml.Node) string {
		if len(d.typesWith(key.Value)) == 0 && fieldIndex(d.metricFields(m), key.Value) < 0 {
			return d.unknownKey(key, "patch", fields)
		}
		d.failAt(d.src.span(key), codeConflict, "change it where the metric is declared", "a patch may not change what is counted: `%s`", key.Value)
		return ""
	})
	d.need(e, "patch", "name")
	d.project.Patches = append(d.project.Patches, m)
}

// applyPatches adds what patches say to the metrics they name; what a metric says of the same itself is replaced.
func (p *Project) applyPatches(bag *diag.Bag) {
	metrics := map[string]*Metric{}
	var names []string
	for _, m := range p.Metrics {
		metrics[m.Name.V] = m
		names = append(names, m.Name.V)
	}
	for _, patch := range p.Patches {
		m, declared := metrics[patch.Name.V]
		switch {
		case declared:
			m.apply(patch)
			m.checkWindow(bag)
		case len(p.Unread) == 0 && patch.Name.IsSet():
			bag.Add(diag.Diagnostic{Code: codeMissing, Span: patch.Name.Span, Message: fmt.Sprintf("no metric is called `%s`", patch.Name.V),
				Hint: diag.Suggest(patch.Name.V, names)})
		}
	}
	p.Patches = nil
}

func (m *Metric) apply(patch *Metric) {
	m.Label, m.Description = patch.Label.Or(m.Label), patch.Description.Or(m.Description)
	m.Unit, m.DesiredChange, m.Owner = patch.Unit.Or(m.Unit), patch.DesiredChange.Or(m.DesiredChange), patch.Owner.Or(m.Owner)
	for _, list := range []struct{ to, from *[]Name }{{&m.Tags, &patch.Tags}, {&m.Indicates, &patch.Indicates}, {&m.Counter, &patch.Counter}} {
		if len(*list.from) > 0 {
			*list.to = *list.from
		}
	}
	if patch.Experiment != nil {
		m.Experiment = patch.Experiment
	}
}

func (d *decoder) metricMeta(m *Metric) func(entry) {
	return func(e entry) { d.mapping(e, "metric", d.ourMetricFields(m)...) }
}

// ReadMeta reads what a metric of a dbt project says under config.meta.assay. Written are the lines of the file that declare the metric,
// the first of which is line; where the block is not among them, it is taken from value, as the manifest has it, and stands where the
// metric does.
func (m *Metric) ReadMeta(file string, line int, written string, value []byte, bag *diag.Bag) {
	src := newSource(file, []byte(linesBefore(line)+written))
	block, ok := metaOf(src)
	if !ok {
		src = newSource(file, value)
		src.at = &m.Name.Span
		block, ok = src.parse(bag)
	}
	if ok && block != nil {
		d := newDecoder(&variables{}, src, bag, &Project{})
		d.metricMeta(m)(child(block, "meta."+assayKey))
	}
}

// linesBefore pads a part of a file to where it stands in it.
func linesBefore(line int) string { return strings.Repeat("\n", max(line-1, 0)) }

// metaOf finds config.meta.assay in the lines that declare a metric.
func metaOf(src *source) (*yaml.Node, bool) {
	node, ok := src.parse(&diag.Bag{})
	if !ok || node == nil {
		return nil, false
	}
	if node.Kind == yaml.SequenceNode && len(node.Content) == 1 { // - name: …
		node = node.Content[0]
	}
	d := newDecoder(&variables{}, src, &diag.Bag{}, &Project{})
	at := child(node, wholeFile)
	for _, key := range []string{"config", "meta", assayKey} {
		if at, ok = d.lookup(at, key); !ok {
			return nil, false
		}
	}
	return at.Node, true
}
