// Package golden holds what tests get of small projects to what is written beside them: an archive is a project's files, and a golden one
// among them.
package golden

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"assay/internal/diag"
)

// An Archive of the tests' own folder.
type Archive struct {
	path string
	*txtar.Archive
}

// Each runs a test for each archive under testdata.
func Each(t *testing.T, test func(t *testing.T, a *Archive)) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives under testdata", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { test(t, Read(t, path)) })
	}
}

// Read reads one archive.
func Read(t *testing.T, path string) *Archive {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return &Archive{path, archive}
}

// File is what the archive has under a name.
func (a *Archive) File(name string) (text string, found bool) {
	if i := a.index(name); i >= 0 {
		return string(a.Files[i].Data), true
	}
	return "", false
}

// Project is the files but a golden one, with a plain project file where there is none.
func (a *Archive) Project(golden string) fstest.MapFS {
	files := fstest.MapFS{"assay_project.yml": {Data: []byte("name: shop\n")}}
	for _, f := range a.Files {
		if f.Name != golden {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return files
}

// Hold compares what a test got with a golden file, which update rewrites.
func (a *Archive) Hold(t *testing.T, golden, got string, update bool) {
	t.Helper()
	want, _ := a.File(golden)
	if got == want {
		return
	}
	if !update {
		t.Fatalf("%s (-want +got):\n%s", golden, cmp.Diff(want, got))
	}
	i := a.index(golden)
	if i < 0 {
		i = len(a.Files)
		a.Files = append(a.Files, txtar.File{Name: golden})
	}
	a.Files[i].Data = []byte(got)
	if err := os.WriteFile(a.path, txtar.Format(a.Archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (a *Archive) index(name string) int {
	return slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
}

// Printed is what people see of mistakes in files.
func Printed(t *testing.T, files fs.FS, bag *diag.Bag) string {
	t.Helper()
	printer := diag.Printer{Lines: diag.Lines(func(file string) ([]byte, error) { return fs.ReadFile(files, file) })}
	var out strings.Builder
	if err := printer.Print(&out, bag.Sorted()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
