package project

import (
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// A source is one file of a project: what it says, and where its lines begin.
type source struct {
	path      string // as spans show it
	text      string // without a byte order mark
	lines     []int  // offset of each line, as editors count lines
	yamlLines []int  // as YAML counts them: it breaks lines at a few Unicode characters more
	// at is where all of the text stands that was taken from elsewhere than a file of the user's; nil: as its lines say.
	at *diag.Span
}

func newSource(path string, data []byte) *source {
	text := strings.TrimPrefix(string(data), "\ufeff")
	return &source{
		path:      path,
		text:      text,
		lines:     lineStarts(text, "\n\r"),
		yamlLines: lineStarts(text, "\n\r\u0085\u2028\u2029"),
	}
}

func lineStarts(text, breaks string) []int {
	starts := []int{0}
	for at := 0; ; {
		i := strings.IndexAny(text[at:], breaks)
		if i < 0 {
			return starts
		}
		at += i
		_, size := utf8.DecodeRuneInString(text[at:])
		if strings.HasPrefix(text[at:], "\r\n") {
			size = len("\r\n")
		}
		at += size
		starts = append(starts, at)
	}
}

// offset is the byte at which a node begins.
func (s *source) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(s.yamlLines) {
		return len(s.text)
	}
	at := s.yamlLines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at
}

// position is the place of a byte.
func (s *source) position(offset int) diag.Position {
	if s.at != nil {
		return s.at.Start
	}
	offset = min(offset, len(s.text))
	line := sort.SearchInts(s.lines, offset+1)
	return diag.Position{Line: line, Col: utf8.RuneCountInString(s.text[s.lines[line-1]:offset]) + 1}
}

// positions are the places of bytes that follow one another.
func (s *source) positions(offsets []int) []diag.Position {
	places := make([]diag.Position, len(offsets))
	at, place := offsets[0], s.position(offsets[0])
	for i, offset := range offsets {
		if s.at != nil {
			places[i] = place
			continue
		}
		if line := place.Line; line < len(s.lines) && offset >= s.lines[line] {
			at, place = offset, s.position(offset)
		}
		place.Col += utf8.RuneCountInString(s.text[at:offset])
		at, places[i] = offset, place
	}
	return places
}

func (s *source) spanOf(lo, hi int) diag.Span {
	if s.at != nil {
		return *s.at
	}
	return diag.Span{File: s.path, Start: s.position(lo), End: s.position(hi)}
}

// span is the stretch of the file a node takes: of a scalar with its quotes, of a collection from its first element to its last.
func (s *source) span(n *yaml.Node) diag.Span {
	return s.spanOf(s.begin(n), s.end(n))
}

func (s *source) begin(n *yaml.Node) int {
	start := s.contentStart(n)
	if n.Kind == yaml.ScalarNode && n.Style&blockStyle != 0 {
		return s.places(n)[0]
	}
	return start
}

func (s *source) end(n *yaml.Node) int {
	switch {
	case n.Kind == yaml.ScalarNode:
		return s.scalarEnd(n)
	case n.Kind == yaml.AliasNode:
		return min(s.offset(n)+1+len(n.Value), len(s.text))
	}
	end := s.contentStart(n)
	if len(n.Content) > 0 {
		end = s.end(n.Content[len(n.Content)-1])
	}
	if n.Style&yaml.FlowStyle != 0 {
		if bracket := strings.IndexAny(s.text[end:], "]}"); bracket >= 0 {
			end += bracket + 1
		}
	}
	return end
}

// contentStart is where a node begins once its anchor and tag are passed.
func (s *source) contentStart(n *yaml.Node) int {
	at := s.offset(n)
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		at += len(s.text[at:]) - len(strings.TrimLeftFunc(s.text[at:], notSpace))
		at = skipSpaceAndComments(s.text, at)
	}
	return at
}

func notSpace(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }

func skipSpaceAndComments(text string, at int) int {
	for at < len(text) {
		switch text[at] {
		case ' ', '\t', '\r', '\n':
			at++
		case '#':
			if end := strings.IndexAny(text[at:], "\r\n"); end >= 0 {
				at += end
			} else {
				return len(text)
			}
		default:
			return at
		}
	}
	return at
}
