package report

import (
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Options fit a report to where it is read.
type Options struct {
	Width  int            // columns; 0 for DefaultWidth
	Colour bool           // ANSI colours
	ASCII  bool           // no character beyond ASCII of our own
	Zone   *time.Location // of dates; nil for UTC
}

// DefaultWidth suits a terminal of unknown width, and a page of documentation.
const DefaultWidth = 90

// minWidth is what a table of numbers needs beside its names.
const minWidth = 72

// glyphs are the characters that are not letters.
type glyphs struct {
	minus, dot, rule, ellipsis             string
	pass, warn, fail                       string
	low, line, high, point, zero, margin   string // of an interval on an axis
	beyondLow, beyondHigh, full, remaining string
}

var unicodeGlyphs = glyphs{
	minus: "−", dot: "·", rule: "─", ellipsis: "…",
	pass: "✓", warn: "!", fail: "✗",
	low: "├", line: "─", high: "┤", point: "●", zero: "│", margin: "╎",
	beyondLow: "◂", beyondHigh: "▸", full: "█", remaining: "░",
}

var asciiGlyphs = glyphs{
	minus: "-", dot: "-", rule: "-", ellipsis: "~",
	pass: "+", warn: "!", fail: "x",
	low: "[", line: "-", high: "]", point: "o", zero: "|", margin: ":",
	beyondLow: "<", beyondHigh: ">", full: "#", remaining: ".",
}

// A palette colours text by what it means.
type palette struct{ strong, faint, good, bad, caution func(string) string }

func ansi(code string) func(string) string {
	return func(s string) string {
		if s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
}

func plain(s string) string { return s }

var (
	coloured   = palette{strong: ansi("1"), faint: ansi("2"), good: ansi("32"), bad: ansi("31"), caution: ansi("33")}
	colourless = palette{strong: plain, faint: plain, good: plain, bad: plain, caution: plain}
)

// style resolves the options once, so that nothing below asks about them.
type style struct {
	glyphs
	palette
	width int
	zone  *time.Location
}

func (o Options) style() style {
	s := style{glyphs: unicodeGlyphs, palette: colourless, width: max(o.Width, minWidth), zone: time.UTC}
	if o.Width == 0 {
		s.width = DefaultWidth
	}
	if o.ASCII {
		s.glyphs = asciiGlyphs
	}
	if o.Colour {
		s.palette = coloured
	}
	if o.Zone != nil {
		s.zone = o.Zone
	}
	return s
}

// wrap breaks words into lines no wider than the page, after an indent for the first and one for the others.
func (s style) wrap(first, others, words string) string {
	var out strings.Builder
	line, used := first, text.StringWidthWithoutEscSequences(first)
	empty := true
	for _, word := range strings.Fields(words) {
		width := text.StringWidthWithoutEscSequences(word)
		if !empty && used+1+width > s.width {
			out.WriteString(line + "\n")
			line, used, empty = others, text.StringWidthWithoutEscSequences(others), true
		}
		if !empty {
			line, used = line+" ", used+1
		}
		line, used, empty = line+word, used+width, false
	}
	return out.String() + line + "\n"
}

// snip shortens a name to at most width columns.
func (s style) snip(name string, width int) string { return text.Snip(name, width, s.ellipsis) }
