package project

import (
	"flag"
	"testing"

	"assay/internal/golden"
)

var update = flag.Bool("update", false, "rewrite golden files")

// diagnosticsFile is the part of an archive that holds what reading the rest must say.
const diagnosticsFile = "diagnostics"

// defaultProject is a project file that says nothing.
const defaultProject = "name: shop\n"

// TestDiagnostics reads the project in each archive and compares what is printed, to the column.
func TestDiagnostics(t *testing.T) {
	golden.Each(t, func(t *testing.T, a *golden.Archive) {
		files := a.Project(diagnosticsFile)
		_, bag := Read(Options{Dir: ".", FS: files, Env: noEnvironment})
		a.Hold(t, diagnosticsFile, golden.Printed(t, files, bag), *update)
	})
}

func noEnvironment(string) (string, bool) { return "", false }
