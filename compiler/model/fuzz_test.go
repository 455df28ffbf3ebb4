package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/model"
	"assay/internal/diag"
)

// FuzzBuild holds that no declarations make resolving panic, and that what it reports lies in the file.
func FuzzBuild(f *testing.F) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(archives, "testdata/shop/project.txtar") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var all strings.Builder
		for _, part := range txtar.Parse(data).Files {
			if strings.HasSuffix(part.Name, ".yml") && part.Name != "assay_project.yml" {
				all.Write(part.Data)
				f.Add(string(part.Data))
			}
		}
		f.Add(all.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, _ := read(fstest.MapFS{"models/m.yml": {Data: []byte(text)}})
		bag := &diag.Bag{}
		model.Build(p, bag)
		lines := strings.Split(text, "\n")
		for _, d := range bag.Sorted() {
			checkInside(t, lines, d.Span)
			for _, n := range d.Notes {
				checkInside(t, lines, n.Span)
			}
		}
	})
}

func checkInside(t *testing.T, lines []string, s diag.Span) {
	t.Helper()
	for _, p := range []diag.Position{s.Start, s.End} {
		if s.File != "models/m.yml" || p.Line < 1 || p.Line > len(lines) || p.Col < 1 ||
			p.Col > utf8.RuneCountInString(lines[p.Line-1])+2 {
			t.Fatalf("%+v lies outside of the file", s)
		}
	}
}
