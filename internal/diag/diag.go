// Package diag says what is wrong in a user's project, where, and how to mend it.
//
// Packages that read user input gather Diagnostics in a Bag and go on, so that one run reports every mistake; whatever failed
// becomes an unknown that silences what depends on it.
package diag

import (
	"fmt"
	"slices"
	"strings"
)

// A Position is a place in a file; lines and columns start at 1, columns count characters (runes).
type Position struct{ Line, Col int }

// A Span is a stretch of a file. End is just past the last character. The zero Span means "no place": a default, a flag.
type Span struct {
	File       string // relative to the project, or as the user gave it
	Start, End Position
}

// IsZero reports whether the span names no place.
func (s Span) IsZero() bool { return s.File == "" }

// String is file:line:col, as editors understand it.
func (s Span) String() string {
	if s.IsZero() {
		return "(default)"
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Start.Line, s.Start.Col)
}

// Join is the span from the start of s to the end of e, which stands after it in the same file.
func (s Span) Join(e Span) Span {
	if s.IsZero() {
		return e
	}
	if e.IsZero() {
		return s
	}
	return Span{File: s.File, Start: s.Start, End: e.End}
}

// Code is the rule a diagnostic belongs to: stable, printed in brackets, one word or a few joined by hyphens.
type Code string

// A Diagnostic is one mistake.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Message  string
	Span     Span
	Hint     string // the mend: "did you mean `average`?", "allowed here: sum, count"
	Notes    []Note // other places involved
}

// A Note points at another place that a diagnostic is about.
type Note struct {
	Message string
	Span    Span
}

// Severity tells what stops a run from what does not.
type Severity uint8

const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Bag gathers diagnostics. The zero Bag is ready to use.
type Bag struct{ list []Diagnostic }

// Add records d.
func (b *Bag) Add(d Diagnostic) { b.list = append(b.list, d) }

// Errors is how many of those gathered stop a run: a caller compares two counts to learn whether a step found any.
func (b *Bag) Errors() int {
	n := 0
	for _, d := range b.list {
		if d.Severity == Error {
			n++
		}
	}
	return n
}

// Errorf records an error at span.
func (b *Bag) Errorf(span Span, code Code, format string, args ...any) {
	b.Add(Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...)})
}

// Append records what another bag holds.
func (b *Bag) Append(other *Bag) { b.list = append(b.list, other.list...) }

// HasErrors reports whether anything gathered stops a run.
func (b *Bag) HasErrors() bool {
	return b.Errors() > 0
}

// Sorted returns what was gathered by file, place and code, each once.
func (b *Bag) Sorted() []Diagnostic { return Sorted(b.list) }

// Sorted is a list by file, place and code, each once.
func Sorted(list []Diagnostic) []Diagnostic {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, compare)
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

func compare(a, b Diagnostic) int {
	if c := strings.Compare(a.Span.File, b.Span.File); c != 0 {
		return c
	}
	if c := a.Span.Start.Line - b.Span.Start.Line; c != 0 {
		return c
	}
	if c := a.Span.Start.Col - b.Span.Start.Col; c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Code), string(b.Code)); c != 0 {
		return c
	}
	return strings.Compare(a.Message, b.Message)
}
