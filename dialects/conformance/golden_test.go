package conformance

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/compiler/rel"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares an archive with the file of that name, or rewrites it.
func golden(t *testing.T, name string, files ...txtar.File) {
	t.Helper()
	path := filepath.Join("testdata", name+".txtar")
	got := txtar.Format(&txtar.Archive{Files: files})
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update rewrites it); now it is\n%s", path, got)
	}
}

// spelled lists expressions with how each dialect writes them.
func spelled(t *testing.T, name string, xs []rel.Expr) {
	var files []txtar.File
	for _, d := range all {
		var b bytes.Buffer
		seen := map[string]bool{}
		for _, x := range xs {
			if seen[rel.Format(x)] {
				continue
			}
			seen[rel.Format(x)] = true
			fmt.Fprintf(&b, "%s\n    %s\n", rel.Format(x), d.Expr(x))
		}
		files = append(files, txtar.File{Name: d.Name, Data: b.Bytes()})
	}
	golden(t, name, files...)
}

func TestSpellings(t *testing.T) {
	var functions, aggregates, windows []rel.Expr
	for _, c := range scalars {
		x, _ := asColumns(c.x)
		functions = append(functions, x)
	}
	for _, c := range aggregated {
		aggregates = append(aggregates, c.x)
	}
	for _, c := range windowed {
		windows = append(windows, c.x)
	}
	spelled(t, "functions", functions)
	spelled(t, "aggregates", aggregates)
	spelled(t, "windows", windows)
}
