package project

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	quotedStyle = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle
	blockStyle  = yaml.LiteralStyle | yaml.FoldedStyle
)

// places finds where each byte of a scalar's value stands in the file, and where the value ends.
//
// YAML's parser says where a scalar begins and what its value is, but not where each character came from. So the file is read
// once more alongside the value: folded line breaks, indentation and escapes are passed over, and what both hold is matched.
// Should the two ever part, the rest of the value stands where they parted.
func (s *source) places(n *yaml.Node) []int {
	a := s.align(n)
	for len(a.places) <= len(n.Value) {
		a.places = append(a.places, a.at)
	}
	return a.places
}

// scalarEnd is the byte past a scalar, past its closing quote if it has one.
func (s *source) scalarEnd(n *yaml.Node) int {
	if n.Style&(quotedStyle|blockStyle) == 0 && strings.HasPrefix(s.text[s.contentStart(n):], n.Value) {
		return s.contentStart(n) + len(n.Value)
	}
	a := s.align(n)
	if n.Style&quotedStyle == 0 {
		return a.at
	}
	if quote := strings.IndexAny(s.text[a.at:], `'"`); quote >= 0 {
		return a.at + quote + 1
	}
	return len(s.text)
}

func (s *source) align(n *yaml.Node) *alignment {
	a := &alignment{text: s.text, at: s.contentStart(n), value: n.Value, places: make([]int, 0, len(n.Value)+1)}
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		a.at = min(a.at+1, len(a.text))
		a.flow('\\')
	case n.Style&yaml.SingleQuotedStyle != 0:
		a.at = min(a.at+1, len(a.text))
		a.flow('\'')
	case n.Style&blockStyle != 0:
		a.block()
	default:
		a.flow(noEscape)
	}
	return a
}

// An alignment walks a scalar's value and the file together.
type alignment struct {
	text   string
	at     int    // next byte of text
	value  string // what has no place yet
	places []int
}

// take places the next character of the value here; it takes up width bytes of the file.
func (a *alignment) take(width int) {
	_, size := utf8.DecodeRuneInString(a.value)
	for range size {
		a.places = append(a.places, a.at)
	}
	a.value = a.value[size:]
	a.at = min(a.at+width, len(a.text))
}

// match takes a character that stands in the file as it is in the value.
func (a *alignment) match() bool {
	r, size := utf8.DecodeRuneInString(a.text[a.at:])
	v, _ := utf8.DecodeRuneInString(a.value)
	if r != v {
		return false
	}
	a.take(size)
	return true
}

const noEscape = 0

// flow aligns a plain or quoted scalar. In single quotes a quote escapes a quote; in double quotes a backslash escapes.
func (a *alignment) flow(escape byte) {
	for a.value != "" && a.at < len(a.text) {
		switch c := a.text[a.at]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			a.fold()
		case c == escape && c == '\\':
			a.escape()
		case c == escape:
			a.take(len("''"))
		case !a.match():
			return
		}
	}
}

// fold aligns white space: one line break is a space, each further one a newline; blanks around breaks are dropped.
func (a *alignment) fold() {
	end := a.at + len(a.text[a.at:]) - len(strings.TrimLeft(a.text[a.at:], " \t\r\n"))
	breaks := lineBreaks(a.text, a.at, end)
	switch {
	case len(breaks) == 0:
		for a.at < end && a.value != "" && a.match() {
		}
		if a.value != "" {
			a.at = end // blanks that the value has not
		}
		return
	case len(breaks) == 1:
		a.takeAt(breaks)
	default:
		a.takeAt(breaks[1:])
	}
	a.at = end
}

// escape aligns a backslash and what follows it.
func (a *alignment) escape() {
	rest := a.text[a.at+1:]
	if rest == "" {
		a.value = ""
		return
	}
	switch rest[0] {
	case '\r', '\n':
		end := a.at + 1 + len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
		a.takeAt(lineBreaks(a.text, a.at, end)[1:])
		a.at = end
	case 'x':
		a.take(len(`\x00`))
	case 'u':
		a.take(len(`\u0000`))
	case 'U':
		a.take(len(`\U00000000`))
	default:
		a.take(len(`\n`))
	}
}

// block aligns a literal or folded block scalar, whose header is here.
func (a *alignment) block() {
	a.at = nextLine(a.text, a.at)
	indent := leadingSpaces(firstFilledLine(a.text[a.at:])) - leadingSpaces(firstFilledLine(a.value))
	for a.value != "" && a.at < len(a.text) {
		a.at += min(leadingSpaces(a.text[a.at:]), max(indent, 0))
		for a.value != "" && a.at < len(a.text) && a.text[a.at] != '\n' && a.text[a.at] != '\r' {
			if !a.match() {
				return
			}
		}
		a.blockBreaks(indent)
	}
}

// blockBreaks aligns the line breaks up to the next line that holds something. Folding drops the first of several, or makes a
// space of one; what is stripped at the end has no place.
func (a *alignment) blockBreaks(indent int) {
	end := nextLine(a.text, a.at)
	for {
		blank := end + min(leadingSpaces(a.text[end:]), max(indent, 0))
		if blank >= len(a.text) || a.text[blank] != '\n' && a.text[blank] != '\r' {
			break
		}
		end = nextLine(a.text, blank)
	}
	breaks := lineBreaks(a.text, a.at, end)
	kept := min(len(breaks), len(a.value)-len(strings.TrimLeft(a.value, "\n")))
	switch {
	case kept == len(a.value):
		a.takeAt(breaks[:kept])
		return
	case kept > 0:
		a.takeAt(breaks[len(breaks)-kept:])
	case a.value[0] == ' ':
		a.takeAt(breaks[:min(1, len(breaks))])
	}
	a.at = end
}

// takeAt places the next characters of the value at these bytes, which are line breaks.
func (a *alignment) takeAt(breaks []int) {
	for _, b := range breaks {
		if a.value == "" {
			return
		}
		a.at = b
		a.take(0)
	}
}

// lineBreaks are the places of the line breaks in text[lo:hi].
func lineBreaks(text string, lo, hi int) []int {
	var breaks []int
	for i := lo; i < hi; i++ {
		if text[i] == '\n' && (i == lo || text[i-1] != '\r') || text[i] == '\r' {
			breaks = append(breaks, i)
		}
	}
	return breaks
}

// nextLine is the beginning of the line after the one that holds at.
func nextLine(text string, at int) int {
	end := strings.IndexAny(text[at:], "\r\n")
	if end < 0 {
		return len(text)
	}
	at += end
	if strings.HasPrefix(text[at:], "\r\n") {
		return at + 2
	}
	return at + 1
}

// firstFilledLine is the text from the first line on that has more than spaces in it.
func firstFilledLine(text string) string {
	for line := 0; line < len(text); line = nextLine(text, line) {
		if filled := line + leadingSpaces(text[line:]); filled < len(text) && text[filled] != '\n' && text[filled] != '\r' {
			return text[line:]
		}
	}
	return ""
}

func leadingSpaces(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
