package project

import (
	"fmt"
	"regexp"
	"slices"
	"unicode"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// A pair is a key and its value.
type pair struct{ key, value *yaml.Node }

// pairs are the keys and values of a mapping in the order written, merge keys resolved, without those that are wrong.
func (d *decoder) pairs(mapping *yaml.Node) []pair {
	pairs, known := d.walked[mapping]
	if !known {
		pairs = d.mergedPairs(mapping)
		d.walked[mapping] = pairs
	}
	return pairs
}

func (d *decoder) mergedPairs(mapping *yaml.Node) []pair {
	own := d.ownPairs(mapping)
	pairs := make([]pair, 0, len(own))
	for _, p := range own {
		if p.key.ShortTag() != "!!merge" {
			pairs = append(pairs, p)
		}
	}
	for _, p := range own {
		if p.key.ShortTag() == "!!merge" {
			pairs = d.merge(pairs, p.value)
		}
	}
	return pairs
}

// merge adds the pairs of a merged mapping, or of a list of them, whose keys are not there yet.
func (d *decoder) merge(pairs []pair, merged *yaml.Node) []pair {
	from := []*yaml.Node{merged}
	if merged.Kind == yaml.SequenceNode {
		from = merged.Content
	}
	for _, n := range from {
		n = child(n, "").Node
		if n.Kind != yaml.MappingNode {
			d.failAt(d.src.span(merged), codeType, "write `<<: *anchor`", "`<<` merges mappings, and this is %s", describe(n))
			continue
		}
		for _, p := range d.ownPairs(n) {
			if p.key.ShortTag() == "!!merge" {
				d.failAt(d.src.span(p.key), codeType, "merge one level only", "a merged mapping merges another in turn")
			} else if pairIndex(pairs, p.key.Value) < 0 {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}

func pairIndex(pairs []pair, key string) int {
	for i, p := range pairs {
		if p.key.Value == key {
			return i
		}
	}
	return -1
}

// ownPairs are the pairs a mapping itself holds, each key a string and there once.
func (d *decoder) ownPairs(mapping *yaml.Node) []pair {
	var pairs []pair
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		p := pair{child(mapping.Content[i], "").Node, mapping.Content[i+1]}
		if !d.keyIsString(p.key) {
			continue
		}
		if first := pairIndex(pairs, p.key.Value); first >= 0 {
			twice := diag.Diagnostic{
				Code: codeDuplicateKey, Span: d.src.span(p.key), Message: fmt.Sprintf("`%s` is given twice", p.key.Value), Hint: "keep one of them",
				Notes: []diag.Note{{Message: "first given here", Span: d.src.span(pairs[first].key)}},
			}
			if p.key.Value == "name" && mapping.Style&yaml.FlowStyle == 0 {
				twice.Hint = "the next element of a list begins with `- `"
				d.bag.Add(twice)
				d.unreadable()
				return pairs // the rest is the next element's
			}
			d.bag.Add(twice)
			pairs[first].value = bothLists(pairs[first].value, p.value)
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// bothLists is a list with the items of another, so that the mistakes of a list given twice are all told; else the first value.
func bothLists(first, second *yaml.Node) *yaml.Node {
	if first.Kind != yaml.SequenceNode || second.Kind != yaml.SequenceNode {
		return first
	}
	both := *first
	both.Content = slices.Concat(first.Content, second.Content)
	return &both
}

// notText are plain words that some YAML reader takes for a boolean or, with a colon, for a number in base 60.
var notText = regexp.MustCompile(`^(?i:yes|no|on|off)$|^[-+]?[0-9]+(:[0-5]?[0-9])+$`)

// isNotText reports whether a word is like that. Nearly all keys are longer words, which need no closer look.
func isNotText(word string) bool {
	return (len(word) <= len("off") || !unicode.IsLetter(rune(word[0]))) && notText.MatchString(word)
}

// keyIsString refuses keys that YAML, in this version or an older one, does not read as text.
func (d *decoder) keyIsString(key *yaml.Node) bool {
	if key.Kind != yaml.ScalarNode {
		d.failAt(d.src.span(key), codeType, "write `key: value`; quote a text that begins with [ or {",
			"a key should be a word, not %s", describe(key))
		return false
	}
	tag := key.ShortTag()
	quoted := key.Style&quotedStyle != 0
	if tag == "!!merge" || quoted || tag == "!!str" && !isNotText(key.Value) {
		return true
	}
	d.failAt(d.src.span(key), codeQuoteKey, fmt.Sprintf("quote it: %q", key.Value),
		"YAML does not read the key `%s` as text", key.Value)
	return false
}
