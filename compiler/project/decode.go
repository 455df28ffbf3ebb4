package project

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// A decoder turns the YAML of one file into values and gathers every mistake on the way. Mappings are walked as pairs of nodes
// and never become Go maps, so that order and places are kept.
type decoder struct {
	*variables
	src     *source
	bag     *diag.Bag
	project *Project // where what is declared goes
	walked  map[*yaml.Node][]pair
}

func newDecoder(v *variables, src *source, bag *diag.Bag, p *Project) *decoder {
	return &decoder{variables: v, src: src, bag: bag, project: p, walked: map[*yaml.Node][]pair{}}
}

// An entry is a value and what it is the value of: `metric.agg` is the key agg of a metric.
type entry struct {
	*yaml.Node
	path string
}

// key is the last part of the path, as users write it.
func (e entry) key() string {
	return strings.TrimSuffix(e.path[strings.LastIndexByte(e.path, '.')+1:], element)
}

const (
	element   = "[]" // ends the path of an element of a list
	wholeFile = ""   // the path of what a file holds
)

// title is what messages call the value.
func (e entry) title() string {
	switch {
	case e.path == wholeFile:
		return "a file"
	case strings.HasSuffix(e.path, element):
		return "an element of `" + e.key() + "`"
	}
	return "`" + e.key() + "`"
}

func (e entry) is(kind yaml.Kind) bool { return e.Kind == kind }

func (e entry) isNull() bool { return e.is(yaml.ScalarNode) && e.ShortTag() == "!!null" }

// A field is a key of a mapping and what reads its value; nil where the key is accepted and says nothing to us.
type field struct {
	key  string
	read func(entry)
}

// accepted are keys that are dbt's own business, or notes for people: they are right to write and change no number.
func accepted(keys ...string) []field {
	fields := make([]field, len(keys))
	for i, key := range keys {
		fields[i] = field{key: key}
	}
	return fields
}

func (d *decoder) span(e entry) diag.Span { return d.src.span(e.Node) }

func (d *decoder) fail(e entry, code diag.Code, hint, format string, args ...any) {
	d.failAt(d.span(e), code, hint, format, args...)
}

func (d *decoder) failAt(span diag.Span, code diag.Code, hint, format string, args ...any) {
	d.bag.Add(diag.Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// wrongType reports a value that is not what its key takes; hint says what to write.
func (d *decoder) wrongType(e entry, want, hint string) {
	switch {
	case isBareJinja(e.Node):
		hint = "quote a value that begins with {{"
	case e.isNull() && e.key() != "" && !strings.HasSuffix(e.path, element):
		hint = fmt.Sprintf("give `%s` a value, or leave it out", e.key())
	}
	d.fail(e, codeType, hint, "%s should be %s, not %s", e.title(), want, describe(e.Node))
}

// isBareJinja reports whether {{ … }} was written without quotes, which YAML reads as a mapping in a mapping.
func isBareJinja(n *yaml.Node) bool {
	isFlow := n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0
	return isFlow && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.ShortTag() == "!!null" {
		return "empty"
	}
	return fmt.Sprintf("`%s`", n.Value)
}

// child is an element or value of e, with aliases followed.
func child(n *yaml.Node, path string) entry {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return entry{n, path}
}

// mapping reads the keys of a mapping, which is one of kind: `experiment`, `metric`. It reports whether there was one.
func (d *decoder) mapping(e entry, kind string, fields ...field) bool {
	return d.walk(e, kind, fields, func(key *yaml.Node) string { return d.unknownKey(key, kind, fields) })
}

// openMapping is a mapping that may hold other keys too.
func (d *decoder) openMapping(e entry, kind string, fields ...field) bool {
	return d.walk(e, kind, fields, func(*yaml.Node) string { return "" })
}

// walk reads the keys of a mapping. One that is unknown, and was meant to be another that the mapping lacks, is read as that: what
// is missing for a slip of the pen is no second mistake.
func (d *decoder) walk(e entry, kind string, fields []field, unknown func(key *yaml.Node) (meant string)) bool {
	if !e.is(yaml.MappingNode) || isBareJinja(e.Node) {
		d.wrongType(e, "a mapping", "its keys: "+strings.Join(read(fields), ", "))
		return false
	}
	for at, p := range d.pairs(e.Node) {
		i := fieldIndex(fields, p.key.Value)
		if i < 0 {
			meant := unknown(p.key)
			if meant == "" || d.hasAny(e, meant) {
				continue
			}
			p.key = d.respell(e, at, meant)
			i = fieldIndex(fields, meant)
		}
		path := kind + "." + p.key.Value
		d.refuse(path, d.src.span(p.key))
		if fields[i].read != nil {
			fields[i].read(child(p.value, path))
		}
	}
	return true
}

// respell gives the pair at an index another key, at the same place.
func (d *decoder) respell(e entry, at int, meant string) *yaml.Node {
	pairs := d.pairs(e.Node)
	key := *pairs[at].key
	key.Value = meant
	pairs[at].key = &key
	return &key
}

func fieldIndex(fields []field, key string) int {
	for i, f := range fields {
		if f.key == key {
			return i
		}
	}
	return -1
}

// read are the keys that say something to us.
func read(fields []field) (keys []string) {
	for _, f := range fields {
		if f.read != nil {
			keys = append(keys, f.key)
		}
	}
	return keys
}

// all are the keys of a mapping, those too that say nothing to us.
func all(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

// unknownKey reports a key that a mapping does not have, and returns the one that was meant; "" where that is not known.
func (d *decoder) unknownKey(key *yaml.Node, kind string, fields []field) string {
	meant, isMeant := meantKey(key.Value, all(fields))
	hint := offer(meant, isMeant, read(fields))
	if advice, ok := adviceOnKey[key.Value]; ok {
		hint = advice
	}
	if strings.Count(key.Value, ")") > strings.Count(key.Value, "(") { // of decimal(10,2), say
		hint = "inside { } a comma ends a value: quote one that holds a comma"
	}
	d.failAt(d.src.span(key), codeUnknownKey, hint, "unknown key `%s` in %s", key.Value, withArticle(kind))
	return meant
}

// meantKey is the key that a mapping has for one that it has not; keys that need advice have none.
func meantKey(key string, allowed []string) (string, bool) {
	if _, advised := adviceOnKey[key]; advised {
		return "", false
	}
	return meantWord(key, allowed)
}

// allowedHint offers the word that was meant, and all that may stand there.
func allowedHint(word string, allowed []string) string {
	meant, isMeant := meantWord(word, allowed)
	return offer(meant, isMeant, allowed)
}

func offer(meant string, isMeant bool, allowed []string) string {
	hint := "allowed here: " + strings.Join(allowed, ", ")
	if isMeant {
		return fmt.Sprintf("did you mean `%s`? %s", meant, hint)
	}
	return hint
}

// adviceOnKey helps with keys that other tools and older specifications have.
var adviceOnKey = map[string]string{
	"type_params":     "this is dbt's legacy specification; its keys now stand in the metric itself (`dbt-autofix` moves them)",
	"measures":        "this is dbt's legacy specification; a measure is now a metric with `type: simple` and `agg`",
	"semantic_models": "this is dbt's legacy specification; dimensions and entities now stand under the columns of `models`",
}

func withArticle(kind string) string {
	switch {
	case strings.HasSuffix(kind, "s"):
		return kind
	case strings.IndexByte("aeio", kind[0]) >= 0:
		return "an " + kind
	}
	return "a " + kind
}

// need reports keys that a mapping must have.
func (d *decoder) need(e entry, kind string, keys ...string) {
	if !e.is(yaml.MappingNode) {
		return
	}
	pairs := d.pairs(e.Node)
	for _, key := range keys {
		if pairIndex(pairs, key) < 0 {
			verb := "needs"
			if strings.HasSuffix(kind, "s") {
				verb = "need"
			}
			d.failAt(d.headline(e), codeMissing, "add `"+sample(key)+"`", "%s %s `%s`", withArticle(kind), verb, key)
		}
	}
}

// sample shows a key with a value such as it takes.
func sample(key string) string {
	value, known := sampleValues[key]
	if !known {
		value = "…"
	}
	return key + ": " + value
}

// sampleValues are of the keys that something needs and whose shape their name does not tell.
var sampleValues = map[string]string{
	"columns": "{unit: user_id, variant: variant}", "unit": "user_id", "variants": "{control: 50%, treatment: 50%}", "from": "2026-01-05",
	"date": "2026-01-05", "status": "shipped", "op": "gte", "value": "1", "q": "0.9", "start": "7 days", "window": "7 days",
	"input_metrics": "[revenue, orders]", "expr": "revenue / orders",
	"steps":        "[{name: seen, metric: views}, {name: bought, metric: orders}]",
	"query_params": "{metrics: [revenue]}", "given": "[{input: orders, rows: […]}]", "rows": "[{revenue: 10}]",
	"expect": "{rows: [{revenue: 10}]}", "when": "any primary better", "recommend": "ship", "method": "holm",
	"outputs": "{dev: {type: duckdb, path: target/shop.duckdb}}", "type": "duckdb",
}

// named reports a declaration without a name. Others may refer to one whose name is not read, or cannot be one.
func (d *decoder) named(e entry, kind string, name Name) {
	d.need(e, kind, "name")
	if !identifier.MatchString(name.V) {
		d.unreadable()
	}
}

// unreadable notes that something the file declares is not known: nobody is told that it is not there.
func (d *decoder) unreadable() { d.project.Unread = append(d.project.Unread, d.src.path) }

// headline is where a mapping is known by: its name, else its first key, or the whole where it is on one line.
func (d *decoder) headline(e entry) diag.Span {
	if name, ok := d.lookup(e, "name"); ok && name.is(yaml.ScalarNode) && !name.isNull() {
		return d.span(name)
	}
	if len(e.Content) == 0 || e.Style&yaml.FlowStyle != 0 {
		return d.span(e)
	}
	return d.src.span(e.Content[0])
}

// lookup finds the value of a key without reading the rest.
func (d *decoder) lookup(e entry, key string) (entry, bool) {
	if !e.is(yaml.MappingNode) {
		return entry{}, false
	}
	pairs := d.pairs(e.Node)
	i := pairIndex(pairs, key)
	if i < 0 {
		return entry{}, false
	}
	return child(pairs[i].value, e.path+"."+key), true
}

// elements are the elements of a list; nothing is an empty one.
func (d *decoder) elements(e entry) []entry {
	if e.isNull() {
		return nil
	}
	if !e.is(yaml.SequenceNode) {
		d.wrongType(e, "a list", "begin each of its elements with `- `")
		return nil
	}
	return children(e)
}

// oneOrMore are the elements of a list, or the one value that stands for a list of one.
func (d *decoder) oneOrMore(e entry) []entry {
	switch {
	case e.isNull():
		return nil
	case e.is(yaml.SequenceNode):
		return children(e)
	}
	return []entry{e}
}

func children(e entry) []entry {
	elements := make([]entry, len(e.Content))
	for i, n := range e.Content {
		elements[i] = child(n, e.path+element)
	}
	return elements
}

// oneOf reports a name that is not among those allowed.
func (d *decoder) oneOf(name Name, allowed []string, what string) {
	if slices.Contains(allowed, name.V) {
		return
	}
	d.failAt(name.Span, codeValue, allowedHint(name.V, allowed), "`%s` is no %s", name.V, what)
}
