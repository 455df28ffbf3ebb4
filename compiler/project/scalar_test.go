package project

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"assay/internal/diag"
)

// TestPlaces writes random scalars in every style and holds the place of each character to the character that stands there.
func TestPlaces(t *testing.T) {
	for name, draw := range map[string]func(*rapid.T) string{
		"plain": drawPlain, "single": drawSingle, "double": drawDouble, "literal": drawBlock('|'), "folded": drawBlock('>'),
	} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) { checkPlaces(t, draw(t)) }))
	}
}

func checkPlaces(t *rapid.T, scalar string) {
	properties := rapid.SampledFrom([]string{"", "&anchor ", "!!str ", "&anchor !!str # why\n      "}).Draw(t, "properties")
	text := "é: 中\nlist:\n  - a: 1\n    b: " + properties + scalar + "\n    c: last\n"
	if rapid.Bool().Draw(t, "windows") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Skip("not YAML")
	}
	node := document.Content[0].Content[3].Content[0].Content[3]
	src := newSource("f.yml", []byte(text))
	places := src.positions(src.places(node))
	if len(places) != len(node.Value)+1 {
		t.Fatalf("%d places for %d bytes of %q", len(places), len(node.Value), node.Value)
	}
	lines := diag.Lines(func(string) ([]byte, error) { return []byte(text), nil })("f.yml")
	last := diag.Position{}
	for i, r := range node.Value {
		if unicode.IsSpace(r) {
			continue
		}
		at := places[i]
		if at.Line < last.Line || at.Line == last.Line && at.Col <= last.Col {
			t.Fatalf("%q of %q at %v, not after %v in\n%s", r, node.Value, at, last, text)
		}
		last = at
		if found := runeAt(lines, at); found != r && !(found == '\\' && node.Style&yaml.DoubleQuotedStyle != 0) {
			t.Fatalf("%q of %q placed at %v, where %q stands, in\n%s", r, node.Value, at, found, text)
		}
	}
	if end := src.span(node).End; end.Line < last.Line || end.Line == last.Line && end.Col <= last.Col {
		t.Fatalf("the scalar %q ends at %v, before its last character at %v, in\n%s", node.Value, end, last, text)
	}
}

func runeAt(lines []string, at diag.Position) rune {
	if at.Line > len(lines) {
		return utf8.RuneError
	}
	runes := []rune(lines[at.Line-1])
	if at.Col > len(runes) {
		return utf8.RuneError
	}
	return runes[at.Col-1]
}

var (
	word   = rapid.StringMatching(`[a-zé中😀(=<>%][a-z0-9é中😀"'\\()=<>%]{0,6}`)
	indent = "      "
)

// drawWords joins words by blanks and line breaks of every kind a flow scalar folds.
func drawWords(t *rapid.T, word *rapid.Generator[string]) string {
	words := rapid.SliceOfN(word, 1, 8).Draw(t, "words")
	var out strings.Builder
	for i, w := range words {
		if i > 0 {
			out.WriteString(rapid.SampledFrom([]string{" ", "  ", "\n" + indent, "  \n" + indent + "  ", "\n\n" + indent, "\n  \n\n" + indent}).Draw(t, "gap"))
		}
		out.WriteString(w)
	}
	return out.String()
}

func drawPlain(t *rapid.T) string {
	return drawWords(t, rapid.StringMatching(`[a-zé中😀(=<][a-z0-9é中😀"'\\()=<>%]{0,6}`))
}

func drawSingle(t *rapid.T) string {
	quoted := rapid.Map(word, func(w string) string { return strings.ReplaceAll(w, "'", "''") })
	return "'" + drawWords(t, quoted) + "'"
}

func drawDouble(t *rapid.T) string {
	escape := rapid.SampledFrom([]string{`\n`, `\t`, `\"`, `\\`, `\x41`, `\u00e9`, `\U0001F600`, `\ `, "\\\n" + indent, "\\\n\n" + indent, `\/`, `\N`})
	escaped := rapid.Custom(func(t *rapid.T) string {
		w := strings.NewReplacer(`\`, ``, `"`, ``).Replace(word.Draw(t, "word"))
		return w + escape.Draw(t, "escape") + w
	})
	return `"` + drawWords(t, rapid.OneOf(escaped, rapid.Just("plain"))) + `"`
}

func drawBlock(style rune) func(*rapid.T) string {
	return func(t *rapid.T) string {
		margin := rapid.IntRange(5, 8).Draw(t, "margin")
		header := rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "chomping")
		if rapid.Bool().Draw(t, "explicit") {
			header += string(rune('0' + margin - 4))
		}
		line := rapid.Custom(func(t *rapid.T) string {
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				return ""
			case 1:
				return strings.Repeat(" ", rapid.IntRange(0, 12).Draw(t, "blanks"))
			case 2:
				return strings.Repeat(" ", margin+rapid.IntRange(1, 3).Draw(t, "more")) + word.Draw(t, "word")
			}
			return strings.Repeat(" ", margin) + word.Draw(t, "word") + rapid.SampledFrom([]string{"", " ", " and # more", "\tb"}).Draw(t, "rest")
		})
		lines := rapid.SliceOfN(line, 1, 8).Draw(t, "lines")
		return string(style) + header + rapid.SampledFrom([]string{"", " # comment"}).Draw(t, "comment") + "\n" + strings.Join(lines, "\n")
	}
}
