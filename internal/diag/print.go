package diag

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// A Printer writes diagnostics for people: the place and message, the source line, a caret run under what is meant, the mend, and
// the other places involved.
type Printer struct {
	Lines func(file string) []string // the lines of a file; nil where it cannot or must not be shown
	Color bool
}

// Print writes diagnostics in their order, and how many there are.
func (p Printer) Print(w io.Writer, list []Diagnostic) error {
	var out strings.Builder
	for _, d := range list {
		p.diagnostic(&out, d)
		out.WriteByte('\n')
	}
	out.WriteString(Summary(list))
	out.WriteByte('\n')
	_, err := io.WriteString(w, out.String())
	return err
}

// Summary counts errors and warnings: `2 errors, 1 warning`.
func Summary(list []Diagnostic) string {
	warnings := 0
	for _, d := range list {
		if d.Severity == Warning {
			warnings++
		}
	}
	errors := len(list) - warnings
	switch {
	case warnings == 0:
		return counted(errors, "error")
	case errors == 0:
		return counted(warnings, "warning")
	}
	return counted(errors, "error") + ", " + counted(warnings, "warning")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// What colours mean in a terminal.
const (
	plain  = "\x1b[0m"
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

func (p Printer) paint(color, s string) string {
	if !p.Color || s == "" {
		return s
	}
	return color + s + plain
}

func (p Printer) diagnostic(out *strings.Builder, d Diagnostic) {
	color, severity := red, ""
	if d.Severity == Warning {
		color, severity = yellow, "warning: "
	}
	place := ""
	if !d.Span.IsZero() {
		place = d.Span.String() + ": "
	}
	fmt.Fprintf(out, "%s%s%s %s\n", p.paint(bold, place), p.paint(color, severity), d.Message, p.paint(color, "["+string(d.Code)+"]"))
	margin := p.source(out, d.Span, color)
	if d.Hint != "" {
		fmt.Fprintf(out, "%s %s %s\n", margin, p.paint(cyan, "= help:"), d.Hint)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(out, "%s %s\n", p.paint(bold, note.Span.String()+":"), p.paint(cyan, "note:")+" "+note.Message)
		p.source(out, note.Span, cyan)
	}
}

const marginWidth = 5

// source writes the line a span begins on with carets under it, and returns the margin that lines after it take.
func (p Printer) source(out *strings.Builder, span Span, color string) string {
	margin := strings.Repeat(" ", marginWidth)
	line, ok := p.line(span)
	if !ok {
		return margin
	}
	number := fmt.Sprintf("%*d", marginWidth, span.Start.Line)
	margin = strings.Repeat(" ", len(number))
	before, under, after := split(line, span)
	shown := expand(before, 0)
	indent := screenWidth(shown)
	run := expand(under, indent)
	carets := strings.Repeat("^", max(1, screenWidth(run)))
	rest := expand(after, indent+len(carets))
	fmt.Fprintf(out, "%s %s\n", p.paint(cyan, number+" |"), strings.TrimRight(shown+run+rest, " "))
	fmt.Fprintf(out, "%s %s%s\n", p.paint(cyan, margin+" |"), strings.Repeat(" ", indent), p.paint(color, carets))
	return margin
}

func (p Printer) line(span Span) (string, bool) {
	if span.IsZero() || p.Lines == nil {
		return "", false
	}
	lines := p.Lines(span.File)
	i := span.Start.Line - 1
	if i < 0 || i >= len(lines) {
		return "", false
	}
	return lines[i], true
}

// split cuts a line before and after the part of the span that is on it, without the blanks that end it.
func split(line string, span Span) (before, under, after string) {
	runes := []rune(line)
	start := min(max(span.Start.Col-1, 0), len(runes))
	end := len(runes)
	if span.End.Line == span.Start.Line {
		end = min(max(span.End.Col-1, start), len(runes))
	}
	under = strings.TrimRightFunc(string(runes[start:end]), unicode.IsSpace)
	return string(runes[:start]), under, string(runes[start+len([]rune(under)):])
}

const tabWidth = 4

// expand makes a part of a line that begins in a column of the screen printable: tabs become blanks, control characters a sign.
func expand(part string, column int) string {
	var out strings.Builder
	for _, r := range part {
		shown := string(r)
		switch {
		case r == '\t':
			shown = strings.Repeat(" ", tabWidth-column%tabWidth)
		case unicode.IsControl(r):
			shown = "\ufffd"
		}
		column += screenWidth(shown)
		out.WriteString(shown)
	}
	return out.String()
}

// screenWidth is how many columns of a terminal a text takes: wide characters take two, combining marks none.
func screenWidth(s string) int {
	columns := 0
	for _, r := range s {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

// Lines finds the lines of files that read finds, each file read once.
func Lines(read func(file string) ([]byte, error)) func(file string) []string {
	known := map[string][]string{}
	return func(file string) []string {
		lines, ok := known[file]
		if !ok {
			if data, err := read(file); err == nil {
				lines = splitLines(string(data))
			}
			known[file] = lines
		}
		return lines
	}
}

// splitLines cuts where editors do: at line feeds, carriage returns and pairs of them.
func splitLines(s string) []string {
	s = strings.TrimPrefix(s, "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}
