package diag

import (
	"slices"
	"unicode/utf8"
)

// Text is a string from a user's file together with the place of each of its characters, so that a caret is right on the third
// line of a block scalar, inside quotes with escapes, and after a variable was filled in.
type Text struct {
	Value string
	Span  Span
	// places holds the position of each byte of Value, and one more for its end; nil where the text stands in no file.
	places []Position
}

// NewText is value as it stands at span; places gives the position of each byte of value and of its end.
func NewText(value string, span Span, places []Position) Text {
	return Text{Value: value, Span: span, places: places}
}

// TextAt is value as it stands in a file, character by character from start on.
func TextAt(value, file string, start Position) Text {
	places := make([]Position, 0, len(value)+1)
	at := start
	for len(places) < len(value) {
		r, size := utf8.DecodeRuneInString(value[len(places):])
		places = append(places, slices.Repeat([]Position{at}, size)...)
		if at.Col++; r == '\n' {
			at = Position{Line: at.Line + 1, Col: 1}
		}
	}
	return Text{Value: value, Span: Span{File: file, Start: start, End: at}, places: append(places, at)}
}

// PlainText is text that stands in no file.
func PlainText(value string) Text { return Text{Value: value} }

// At is the span of bytes [lo, hi) of the text.
func (t Text) At(lo, hi int) Span {
	if t.places == nil {
		return t.Span
	}
	last := len(t.places) - 1
	lo, hi = min(max(lo, 0), last), min(max(hi, 0), last)
	end := t.places[hi]
	if hi > lo {
		// The end of the last character, not the start of the next: they differ across a line break.
		end = t.places[hi-1]
		end.Col++
	}
	return Span{File: t.Span.File, Start: t.places[lo], End: end}
}

// IsZero reports whether the text is absent.
func (t Text) IsZero() bool { return t.Value == "" && t.Span.IsZero() }

// Slice is bytes [lo, hi) of the text, which keep their places.
func (t Text) Slice(lo, hi int) Text {
	part := Text{Value: t.Value[lo:hi], Span: t.At(lo, hi)}
	if t.places != nil {
		part.places = t.places[lo : hi+1]
	}
	return part
}
