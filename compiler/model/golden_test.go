package model_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

var update = flag.Bool("update", false, "rewrite golden files")

// diagnosticsFile is the part of an archive that holds what building a model of the rest must say, beside what reading says.
const diagnosticsFile = "diagnostics"

// TestDiagnostics builds the project in each archive and compares what is printed, to the column.
func TestDiagnostics(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkArchive(t, file) })
	}
}

func checkArchive(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	want, at := "", len(archive.Files)
	for i, f := range archive.Files {
		if f.Name == diagnosticsFile {
			want, at = string(f.Data), i
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	p, _ := read(files)
	bag := &diag.Bag{}
	model.Build(p, bag)
	got := printed(t, files, bag)
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("diagnostics differ (-want +got):\n%s", cmp.Diff(want, got))
	}
	archive.Files = append(archive.Files[:at], txtar.File{Name: diagnosticsFile, Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read reads a project; one without a project file gets a plain one.
func read(files fstest.MapFS) (*project.Project, *diag.Bag) {
	if files["assay_project.yml"] == nil {
		files["assay_project.yml"] = &fstest.MapFile{Data: []byte("name: shop\n")}
	}
	return project.Read(project.Options{Dir: ".", FS: files, Env: func(string) (string, bool) { return "", false }})
}

func printed(t *testing.T, files fstest.MapFS, bag *diag.Bag) string {
	t.Helper()
	printer := diag.Printer{Lines: diag.Lines(func(file string) ([]byte, error) { return fs.ReadFile(files, file) })}
	var out strings.Builder
	if err := printer.Print(&out, bag.Sorted()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
