package dbtimport

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A place is where something is declared: lines of a file of the dbt project, or the manifest as a whole.
type place struct {
	file    string
	first   diag.Position
	content string // of the lines; empty where the manifest keeps none
	bag     *diag.Bag
}

// place is what the metadata says; the manifest where it says nothing.
func (r *reader) place(m *metadata) place {
	if m == nil || m.Slice == nil || m.Slice.Filename == "" {
		return place{file: r.file, first: diag.Position{Line: 1, Col: 1}, bag: r.bag}
	}
	return place{file: m.Slice.Filename, first: diag.Position{Line: max(m.Slice.StartLine, 1), Col: 1},
		content: m.Slice.Content, bag: r.bag}
}

// within is the place of a part of what is declared here; its own where it has one.
func (p place) within(r *reader, m *metadata) place {
	if m == nil || m.Slice == nil {
		return p
	}
	return r.place(m)
}

// span is the place as a whole.
func (p place) span() diag.Span { return diag.Span{File: p.file, Start: p.first, End: p.first} }

// at is where a word first stands in the lines; the whole place where it does not.
func (p place) at(word string) diag.Span {
	offset := indexWord(p.content, word)
	if offset < 0 {
		return p.span()
	}
	before := p.content[:offset]
	start := diag.Position{Line: p.first.Line + strings.Count(before, "\n"),
		Col: 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])}
	end := diag.Position{Line: start.Line, Col: start.Col + utf8.RuneCountInString(word)}
	return diag.Span{File: p.file, Start: start, End: end}
}

// indexWord is where word stands in text with no letter, digit or underscore beside it; -1 where it does not. A word of several
// lines stands nowhere: YAML has folded it.
func indexWord(text, word string) int {
	if word == "" || strings.Contains(word, "\n") {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		lo, hi := from+i, from+i+len(word)
		if (lo == 0 || !isNamePart(text[lo-1])) && (hi == len(text) || !isNamePart(text[hi])) {
			return lo
		}
		from = lo + 1
	}
}

func isNamePart(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// value is v as if written here; the zero Value where it is absent.
func value[T comparable](p place, v T, word string) project.Value[T] {
	var zero T
	if v == zero {
		return project.Value[T]{}
	}
	return project.Value[T]{V: v, Span: p.at(word)}
}

func (p place) name(v string) project.Name { return value(p, v, v) }

func (p place) names(list []string) []project.Name {
	var names []project.Name
	for _, v := range list {
		names = append(names, p.name(v))
	}
	return names
}

func (p place) text(v string) diag.Text {
	if v == "" {
		return diag.Text{}
	}
	for from := range p.content {
		if offsets := folded(p.content, from, v); offsets != nil {
			places := p.positions(offsets)
			return diag.NewText(v, diag.Span{File: p.file, Start: places[0], End: places[len(v)]}, places)
		}
	}
	return diag.NewText(v, p.span(), nil)
}

// folded is where each byte of v, and its end, stands in text from a place on, whatever white space YAML made of that in the text; nil
// where v does not stand there by itself.
func folded(text string, from int, v string) []int {
	if from > 0 && isNamePart(text[from-1]) && isNamePart(v[0]) {
		return nil
	}
	offsets := make([]int, 0, len(v)+1)
	at := from
	for i := range len(v) {
		if i > 0 && isSpace(v[i-1]) && !isSpace(v[i]) {
			at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\n"))
		}
		switch {
		case at < len(text) && (text[at] == v[i] || isSpace(text[at]) && isSpace(v[i])):
			offsets = append(offsets, at)
			at++
		default:
			return nil
		}
	}
	if at < len(text) && isNamePart(text[at]) && isNamePart(text[at-1]) {
		return nil
	}
	return append(offsets, at)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// positions are those of offsets into the lines, which grow.
func (p place) positions(offsets []int) []diag.Position {
	positions := make([]diag.Position, len(offsets))
	at, seen := p.first, 0
	for i, offset := range offsets {
		for _, c := range p.content[seen:offset] {
			if at.Col++; c == '\n' {
				at = diag.Position{Line: at.Line + 1, Col: 1}
			}
		}
		positions[i], seen = at, offset
	}
	return positions
}

func (p place) texts(list []string) []diag.Text {
	var texts []diag.Text
	for _, v := range list {
		texts = append(texts, p.text(v))
	}
	return texts
}

func (p place) expression(v string) project.Expression {
	text := p.text(v)
	return project.Expression{Text: text, Span: text.Span}
}

func (p place) duration(w *window) project.Value[project.Duration] {
	if w == nil {
		return project.Value[project.Duration]{}
	}
	// dbt writes a unit in either number: 7 days, 1 day.
	unit := strings.ToLower(w.Granularity)
	if singular := strings.TrimSuffix(unit, "s"); slices.Contains(standardUnits, project.Unit(singular)) {
		unit = singular
	}
	return project.Value[project.Duration]{V: project.Duration{Count: w.Count, Unit: project.Unit(unit)}, Span: p.at(w.Granularity)}
}

var standardUnits = []project.Unit{project.Nanosecond, project.Microsecond, project.Millisecond, project.Second, project.Minute, project.Hour,
	project.Day, project.Week, project.Month, project.Quarter, project.Year}

func (p place) unit(key, v string) project.Value[project.Unit] {
	return word(p, key, v, standardUnits...)
}

// required is a word that has to be there.
func required[T ~string](p place, key, v string, allowed ...T) project.Value[T] {
	if v == "" {
		p.bag.Errorf(p.span(), codeMissing, "`%s` is missing", key)
	}
	return word(p, key, v, allowed...)
}

// word is one of those that a key may have, in either case; absent where it is another, which is reported.
func word[T ~string](p place, key, v string, allowed ...T) project.Value[T] {
	if v == "" {
		return project.Value[T]{}
	}
	known := T(strings.ToLower(v))
	if slices.Contains(allowed, known) {
		return project.Value[T]{V: known, Span: p.at(v)}
	}
	var names []string
	for _, a := range allowed {
		names = append(names, string(a))
	}
	p.bag.Add(diag.Diagnostic{Code: codeValue, Span: p.at(v), Message: fmt.Sprintf("`%s` cannot be `%s`", key, v), Hint: diag.Suggest(v, names)})
	return project.Value[T]{}
}

// filters are all of the lists, each by itself.
func (p place) filters(lists ...*filters) []diag.Text {
	var texts []diag.Text
	for _, f := range lists {
		if f == nil {
			continue
		}
		for _, w := range f.Where {
			if sql := strings.TrimSpace(w.SQL); sql != "" {
				texts = append(texts, p.text(sql))
			}
		}
	}
	return texts
}
