package project

import (
	"maps"
	"testing"
	"testing/fstest"

	"assay/internal/golden"
)

// TestEachLimitIsRefused takes one row out of the table at a time: something must then be let through.
func TestEachLimitIsRefused(t *testing.T) {
	files := golden.Read(t, "testdata/unsupported.txtar").Project(diagnosticsFile)
	all := refusals(files)
	whole := maps.Clone(unsupported)
	t.Cleanup(func() { unsupported = whole })
	for path := range whole {
		unsupported = maps.Clone(whole)
		delete(unsupported, path)
		if got := refusals(files); got >= all {
			t.Errorf("without the row %q as much is refused as with it: nothing in the archive shows it", path)
		}
	}
}

func refusals(files fstest.MapFS) int {
	_, bag := Read(Options{Dir: ".", FS: files, Env: noEnvironment})
	count := 0
	for _, d := range bag.Sorted() {
		if d.Code == codeNotSupported {
			count++
		}
	}
	return count
}
