package project

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

	"assay/internal/diag"
)

var update = flag.Bool("update", false, "rewrite golden files")

// diagnosticsFile is the part of an archive that holds what reading the rest must say.
const diagnosticsFile = "diagnostics"

// defaultProject stands in for the project file of archives that have none.
const defaultProject = "name: shop\n"

// TestDiagnostics reads the project in each archive and compares what is printed, to the column.
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
	want, at := "", len(archive.Files)
	for i, f := range archive.Files {
		if f.Name == diagnosticsFile {
			want, at = string(f.Data), i
		}
	}
	got := diagnosticsOf(t, archiveFiles(t, file))
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

func diagnosticsOf(t *testing.T, files fstest.MapFS) string {
	t.Helper()
	_, bag := Read(Options{Dir: ".", FS: files, Env: noEnvironment})
	printer := diag.Printer{Lines: diag.Lines(func(file string) ([]byte, error) { return fs.ReadFile(files, file) })}
	var out strings.Builder
	if err := printer.Print(&out, bag.Sorted()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func noEnvironment(string) (string, bool) { return "", false }
