package project

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// parse reads the file's one document; nil where it is empty. It reports whether the file is YAML.
func (s *source) parse(bag *diag.Bag) (*yaml.Node, bool) {
	if at := invalidUTF8(s.text); at >= 0 {
		bag.Add(diag.Diagnostic{Code: codeSyntax, Span: s.spanOf(at, at), Message: "the file is not UTF-8 from here on", Hint: "save it as UTF-8"})
		return nil, false
	}
	var document, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(s.text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, true
	}
	if err == nil {
		if err = decoder.Decode(&second); err == nil {
			start := s.offset(&second)
			bag.Add(diag.Diagnostic{Code: codeSyntax, Span: s.spanOf(start, start),
				Message: "a second YAML document begins here; a file holds one", Hint: "move it into a file of its own, or take out the `---`"})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		bag.Add(s.syntaxError(err))
		return nil, false
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, true
	}
	return root, true
}

func invalidUTF8(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// syntaxError says what is wrong with a file that is not YAML. The parser names a line at best, often of another place than the
// mistake's, so the place is found by parsing beginnings of the file: it is where the longest sound one ends.
func (s *source) syntaxError(err error) diag.Diagnostic {
	if odd := oddIndent.FindStringSubmatchIndex(s.text); odd != nil {
		return diag.Diagnostic{Code: codeSyntax, Span: s.spanOf(odd[2], odd[3]), Hint: "indent with plain spaces",
			Message: "this white space is no space to YAML: it came with pasted text"}
	}
	at := s.placeOf(err.Error())
	number := s.position(at).Line
	line := s.lines[number-1]
	mistake := syntaxMistake{err: err.Error(), at: at, before: s.text[line:at], rest: s.text[at:]}
	if number > 1 {
		mistake.above = s.text[s.lines[number-2]:line]
	}
	message, hint := mistake.explain()
	span := s.spanOf(mistake.at, wordEnd(s.text, mistake.at))
	return diag.Diagnostic{Code: codeSyntax, Span: span, Message: message, Hint: hint}
}

// oddIndent is white space of other alphabets before the first word of a line.
var oddIndent = regexp.MustCompile(`(?m)^ *([\x{a0}\x{2000}-\x{200b}\x{202f}\x{3000}]+)`)

// wordEnd is where the word that begins at a place ends; brackets and quotes stand alone.
func wordEnd(text string, at int) int {
	if width := strings.IndexAny(text[at:], " \t\r\n:,]}"); width > 0 && !strings.ContainsRune(`[{"'`, rune(text[at])) {
		return at + width
	}
	_, size := utf8.DecodeRuneInString(text[at:])
	return at + size
}

// noticedAtOnce are mistakes that the parser notices where they stand, whatever follows.
var noticedAtOnce = []string{"unknown escape character", "hexdecimal number", "control characters are not allowed"}

func (s *source) placeOf(err string) int {
	for _, message := range noticedAtOnce {
		if strings.Contains(err, message) {
			return s.firstWith(message)
		}
	}
	return s.longestSound()
}

// firstWith is the character that, as the last of the text, makes the parser say this.
func (s *source) firstWith(message string) int {
	at := sort.Search(len(s.text), func(i int) bool {
		for i < len(s.text) && !utf8.RuneStart(s.text[i]) {
			i++
		}
		_, size := utf8.DecodeRuneInString(s.text[i:])
		err := yaml.Unmarshal([]byte(s.text[:i+size]), &yaml.Node{})
		return err != nil && strings.Contains(err.Error(), message)
	})
	for at > 0 && at < len(s.text) && !utf8.RuneStart(s.text[at]) {
		at--
	}
	return at
}

// longestSound is the length of the longest beginning of the file that is YAML: an open quote or bracket makes all longer ones
// unsound. It is looked for by lines, then by characters of the line after.
func (s *source) longestSound() int {
	ends := append(s.lines[1:len(s.lines):len(s.lines)], len(s.text))
	const linesAhead, charactersAhead = 40, 200
	start := s.lastSound(ends, linesAhead)
	next := len(s.text)
	if i, found := slices.BinarySearch(ends, start+1); i < len(ends) && !found {
		next = ends[i]
	}
	var characters []int
	for i := range s.text[start:next] {
		characters = append(characters, start+i)
	}
	return max(start, s.lastSound(characters, charactersAhead))
}

// lastSound is the last of the ends up to which the text is YAML, or 0. It is searched by halves, which a text over several lines
// can mislead, so the search goes on where one of the ends ahead is sound after all.
func (s *source) lastSound(ends []int, ahead int) int {
	sound := func(i int) bool { return isYAMLText(s.text[:ends[i]]) }
	lo := -1
	for {
		for hi := len(ends); hi-lo > 1; {
			if middle := (lo + hi) / 2; sound(middle) {
				lo = middle
			} else {
				hi = middle
			}
		}
		further := min(lo+ahead, len(ends)-1)
		for further > lo && !sound(further) {
			further--
		}
		if further == lo {
			break
		}
		lo = further
	}
	if lo < 0 {
		return 0
	}
	return ends[lo]
}

func isYAMLText(text string) bool {
	var node yaml.Node
	return yaml.Unmarshal([]byte(text), &node) == nil
}

// A syntaxMistake is what the parser says, and the text around the place.
type syntaxMistake struct {
	err    string
	at     int
	above  string // the line before, with its end
	before string // on the line
	rest   string // of the file
}

var parserPrefix = regexp.MustCompile(`^yaml: (line \d+: )?`)

// explanations are what the parser's words mean to people, and the mend.
var explanations = []struct{ parser, message, hint string }{
	{"unexpected end of stream", "this quote is never closed", "close it, on this line or one of the next"},
	{"did not find expected ',' or ']'", "this `[` is never closed, or a comma is missing after it", closeHint},
	{"did not find expected ',' or '}'", "this `{` is never closed, or a comma is missing after it", closeHint},
	{"mapping values are not allowed", "a value with `: ` in it needs quotes", "quote it, or give the key a line of its own"},
	{"unknown escape character", badEscape, badEscapeHint},
	{"hexdecimal number", badEscape, badEscapeHint},
	{"unknown anchor", "no anchor of this name stands above", "an alias *name repeats what &name marks"},
	{"could not find expected ':'", "this is neither `key: value` nor a list's `- value`", "a colon and a space follow a key"},
	{"did not find expected key", misfit, misfitHint},
	{"did not find expected '-' indicator", misfit, misfitHint},
	{"did not find expected <document start>", misfit, misfitHint},
	{"block sequence entries are not allowed", "a list cannot begin here", "begin it on the next line"},
	{"did not find expected alphabetic or numeric character", "`*` and `&` begin the name of an anchor", "quote the value"},
	{"did not find expected node content", "a value or key is missing before this", ""},
	{"control characters are not allowed", "a control character cannot stand in YAML", ""},
}

// bareJinja is the beginning of a line up to a value that begins with {{ and has no quotes.
var bareJinja = regexp.MustCompile(`^[^"'#]*[:,\[-] *\{\{`)

const (
	closeHint     = "close it; inside, a text that holds a bracket, a comma or a quote needs quotes, and a quote in quotes is written twice"
	misfit        = "this line's indentation fits none of the lines above"
	badEscape     = "a text in double quotes holds a backslash that YAML does not understand"
	badEscapeHint = "use single quotes, where a backslash is plain"
	misfitHint    = "keys of one mapping, and elements of one list, begin in the same column"
)

func (m *syntaxMistake) explain() (message, hint string) {
	line := m.before + m.rest[:nextLine(m.rest, 0)]
	switch bare := bareJinja.FindStringIndex(line); {
	case bare != nil && strings.Contains(m.err, "did not find expected"):
		m.at += bare[1] - len("{{") - len(m.before)
		return "a value that begins with {{ needs quotes", `write "{{ … }} …", to the end of the value`
	case strings.HasPrefix(m.rest, "\t") && strings.TrimSpace(m.before) == "":
		return "a tab cannot indent YAML", "indent with spaces"
	case strings.Contains(m.err, "mapping values") && isKey(m.before) && strings.HasPrefix(m.before, " "):
		if glued := gluedColon.FindStringSubmatchIndex(m.above); glued != nil {
			m.at -= len(m.before) + len(m.above) - glued[2]
			return "a space is missing after the colon", "write `" + m.above[glued[2]:glued[3]] + " …`"
		}
		key := strings.TrimLeft(m.before, " ")
		m.at -= len(key)
		return "this line is indented as if it went on with the value above", "align it with the other keys of its mapping"
	case strings.Contains(m.err, "did not find expected") && strings.HasSuffix(m.before, "'"):
		return "the text in quotes ends at the quote before this", "write a quote inside quotes twice: 'it''s'"
	case strings.Contains(m.err, "did not find expected") && strings.HasSuffix(m.before, `"`):
		return "the text in quotes ends at the quote before this", `write \" inside double quotes, or use single quotes around it`
	case strings.Contains(m.err, "did not find expected ','"):
		m.at += unclosed(m.rest)
	case strings.Contains(m.err, "cannot start any token") && m.rest != "":
		return "a value cannot begin with `" + m.rest[:1] + "`", "quote it"
	}
	for _, e := range explanations {
		if strings.Contains(m.err, e.parser) {
			return e.message, e.hint
		}
	}
	return parserPrefix.ReplaceAllString(m.err, ""), ""
}

// gluedColon is a key whose value follows its colon at once, which makes one text of the two.
var gluedColon = regexp.MustCompile(`^ *(?:- +)?([A-Za-z_]+:)[^\s/]`)

// unclosed is the place of the bracket that is open where one of another kind closes; 0 where there is none.
func unclosed(text string) int {
	var open []int
	for i, c := range text {
		switch c {
		case '[', '{':
			open = append(open, i)
		case ']', '}':
			if len(open) == 0 {
				return 0
			}
			last := open[len(open)-1]
			if text[last]+2 != byte(c) { // in ASCII, each pair lies two apart
				return last
			}
			open = open[:len(open)-1]
		}
	}
	return 0
}

// isKey reports whether a line holds one key and nothing else before its colon.
func isKey(before string) bool { return !strings.ContainsAny(strings.TrimSpace(before), ": \"'") }
