package model_test

import (
	"flag"
	"testing"
	"testing/fstest"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/internal/golden"
)

var update = flag.Bool("update", false, "rewrite golden files")

// diagnosticsFile is the part of an archive that holds what building a model of the rest must say, beside what reading says.
const diagnosticsFile = "diagnostics"

// TestDiagnostics builds the project in each archive and compares what is printed, to the column.
func TestDiagnostics(t *testing.T) {
	golden.Each(t, func(t *testing.T, a *golden.Archive) {
		files := a.Project(diagnosticsFile)
		p, _ := read(files)
		bag := &diag.Bag{}
		model.Build(p, bag)
		a.Hold(t, diagnosticsFile, golden.Printed(t, files, bag), *update)
	})
}

// read reads a project; one without a project file gets a plain one.
func read(files fstest.MapFS) (*project.Project, *diag.Bag) {
	if files["assay_project.yml"] == nil {
		files["assay_project.yml"] = &fstest.MapFile{Data: []byte("name: shop\n")}
	}
	return project.Read(project.Options{Dir: ".", FS: files, Env: func(string) (string, bool) { return "", false }})
}
