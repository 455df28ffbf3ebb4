package project

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/internal/diag"
)

// FuzzRead reads one file that may hold anything: it must not panic, and every place it names must be in the file.
func FuzzRead(f *testing.F) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const name = "models/fuzz.yml"
		files := fstest.MapFS{projectFile: {Data: []byte(defaultProject)}, name: {Data: data}}
		_, bag := Read(Options{Dir: ".", FS: files, Env: noEnvironment})
		lines := diag.Lines(func(string) ([]byte, error) { return data, nil })(name)
		for _, d := range bag.Sorted() {
			checkSpan(t, d.Span, lines)
			for _, note := range d.Notes {
				checkSpan(t, note.Span, lines)
			}
		}
	})
}

func checkSpan(t *testing.T, s diag.Span, lines []string) {
	t.Helper()
	if s.IsZero() || s.File == projectFile {
		return
	}
	for _, at := range []diag.Position{s.Start, s.End} {
		if at.Line < 1 || at.Line > len(lines) || at.Col < 1 || at.Col > len([]rune(lines[at.Line-1]))+1 {
			t.Fatalf("%v is outside of the file: %d lines", at, len(lines))
		}
	}
	if s.End.Line < s.Start.Line || s.End.Line == s.Start.Line && s.End.Col < s.Start.Col {
		t.Fatalf("the span from %v to %v runs backwards", s.Start, s.End)
	}
}

// FuzzProfiles does the same for profiles, none of whose secrets may show.
func FuzzProfiles(f *testing.F) {
	f.Add([]byte("shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, password: x, threads: 4}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, profilesFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		profiles, _ := ReadProfiles(ProfileOptions{ProfilesDir: dir, Env: noEnvironment})
		for _, p := range profiles.List {
			for _, o := range p.Outputs {
				profiles.Select(p.Name, o.Name.V)
				o.Fields()
			}
		}
	})
}
