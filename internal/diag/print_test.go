package diag

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func span(file string, line, from, to int) Span {
	return Span{File: file, Start: Position{Line: line, Col: from}, End: Position{Line: line, Col: to}}
}

func linesOf(files map[string]string) func(string) []string {
	return Lines(func(file string) ([]byte, error) {
		text, ok := files[file]
		if !ok {
			return nil, errors.New("no such file")
		}
		return []byte(text), nil
	})
}

func printed(t *testing.T, p Printer, list ...Diagnostic) string {
	t.Helper()
	var out strings.Builder
	if err := p.Print(&out, list); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPrint(t *testing.T) {
	p := Printer{Lines: linesOf(map[string]string{
		"a.yml": "models:\n  - name: orders\n\tagg: avg\n  - 名前: \"é\u0301中\" x\r\n  - \x1b[2J: tail   \n",
		"b.yml": "only: line\n",
	})}
	for name, c := range map[string]struct {
		d    Diagnostic
		want string
	}{
		"caret run": {Diagnostic{Code: "name", Message: "no", Span: span("a.yml", 2, 11, 17)}, `
a.yml:2:11: no [name]
    2 |   - name: orders
      |           ^^^^^^
`},
		"tabs become blanks": {Diagnostic{Code: "value", Message: "no `avg`", Span: span("a.yml", 3, 7, 10), Hint: "did you mean `average`?"}, `
a.yml:3:7: no ` + "`avg`" + ` [value]
    3 |     agg: avg
      |          ^^^
      = help: did you mean ` + "`average`" + `?
`},
		"wide and combining characters": {Diagnostic{Code: "value", Message: "no", Span: span("a.yml", 4, 9, 14)}, `
a.yml:4:9: no [value]
    4 |   - 名前: "é` + "\u0301" + `中" x
      |           ^^^^^
`},
		"control characters do not reach the terminal": {Diagnostic{Code: "value", Message: "no", Span: span("a.yml", 5, 5, 6)}, `
a.yml:5:5: no [value]
    5 |   - ` + "\ufffd" + `[2J: tail
      |     ^
`},
		"several lines": {Diagnostic{Code: "value", Message: "no", Span: Span{"a.yml", Position{1, 1}, Position{2, 3}}}, `
a.yml:1:1: no [value]
    1 | models:
      | ^^^^^^^
`},
		"nothing": {Diagnostic{Code: "value", Message: "no", Span: span("b.yml", 1, 11, 11)}, `
b.yml:1:11: no [value]
    1 | only: line
      |           ^
`},
		"another place": {Diagnostic{Code: "value", Message: "twice", Span: span("b.yml", 1, 1, 5), Notes: []Note{{"first", span("a.yml", 1, 1, 7)}}}, `
b.yml:1:1: twice [value]
    1 | only: line
      | ^^^^
a.yml:1:1: note: first
    1 | models:
      | ^^^^^^
`},
		"no such line": {Diagnostic{Code: "file", Message: "no", Span: span("b.yml", 9, 1, 1)}, "\nb.yml:9:1: no [file]\n"},
		"no such file": {Diagnostic{Code: "file", Message: "no", Span: span("c.yml", 1, 1, 1), Hint: "make it"}, "\nc.yml:1:1: no [file]\n      = help: make it\n"},
		"no place":     {Diagnostic{Code: "file", Message: "no", Severity: Warning}, "\nwarning: no [file]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := printed(t, p, c.d)
			got = "\n" + strings.TrimSuffix(got, "\n"+Summary([]Diagnostic{c.d})+"\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestColor: colours are in the text when asked for, and it is the same text.
func TestColor(t *testing.T) {
	files := linesOf(map[string]string{"a.yml": "a: b\n"})
	d := Diagnostic{Code: "value", Message: "no", Span: span("a.yml", 1, 4, 5), Hint: "c", Notes: []Note{{"n", span("a.yml", 1, 1, 2)}}}
	without, with := printed(t, Printer{Lines: files}, d), printed(t, Printer{Lines: files, Color: true}, d)
	if strings.Contains(without, "\x1b") || !strings.Contains(with, "\x1b") {
		t.Fatalf("colour is not where it is asked for:\n%q\n%q", without, with)
	}
	stripped := strings.NewReplacer(plain, "", bold, "", red, "", yellow, "", cyan, "").Replace(with)
	if stripped != without {
		t.Errorf("colour changes the text:\n%s", cmp.Diff(without, stripped))
	}
}

func TestSummary(t *testing.T) {
	e, w := Diagnostic{}, Diagnostic{Severity: Warning}
	for want, list := range map[string][]Diagnostic{
		"0 errors": {}, "1 error": {e}, "2 errors": {e, e}, "1 warning": {w}, "1 error, 2 warnings": {w, e, w},
	} {
		if got := Summary(list); got != want {
			t.Errorf("Summary of %v is %q, want %q", list, got, want)
		}
	}
}

func TestSorted(t *testing.T) {
	var b Bag
	b.Errorf(span("b.yml", 1, 1, 2), "x", "last")
	b.Errorf(span("a.yml", 10, 1, 2), "x", "third")
	b.Errorf(span("a.yml", 9, 5, 6), "x", "second")
	b.Errorf(span("a.yml", 9, 4, 6), "x", "first")
	b.Errorf(span("a.yml", 9, 4, 6), "x", "first")
	var got []string
	for _, d := range b.Sorted() {
		got = append(got, d.Message)
	}
	if diff := cmp.Diff([]string{"first", "second", "third", "last"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestWriteJSON(t *testing.T) {
	var out strings.Builder
	err := WriteJSON(&out, []Diagnostic{
		{Code: "value", Message: "a < b", Span: span("a.yml", 3, 7, 10), Hint: "h", Notes: []Note{{"n", span("b.yml", 1, 1, 2)}}},
		{Code: "file", Message: "no place", Severity: Warning},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"severity":"error","code":"value","message":"a < b","file":"a.yml","line":3,"column":7,"end_line":3,"end_column":10,` +
		`"hint":"h","notes":[{"message":"n","file":"b.yml","line":1,"column":1,"end_line":1,"end_column":2}]}
{"severity":"warning","code":"file","message":"no place"}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"average", "sum", "count", "count_distinct", "name", "table"}
	for word, want := range map[string]string{
		"avrage": "average", "SUM": "sum", "coutn": "count", "naem": "name", "tabel": "table", "aver": "average",
		"countdistinct": "count_distinct", "zebra": "", "x": "", "": "",
	} {
		if got, ok := Nearest(word, known); got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) is %q, want %q", word, got, want)
		}
	}
}

func TestSplitLines(t *testing.T) {
	got := splitLines("\ufeffa\r\nb\rc\n\nd")
	if diff := cmp.Diff([]string{"a", "b", "c", "", "d"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
