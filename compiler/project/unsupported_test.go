package project

import (
	"maps"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestEachLimitIsRefused takes one row out of the table at a time: something must then be let through.
func TestEachLimitIsRefused(t *testing.T) {
	files := archiveFiles(t, "testdata/unsupported.txtar")
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

// archiveFiles are the files of an archive but its diagnostics, with a project file if it has none.
func archiveFiles(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{projectFile: {Data: []byte(defaultProject)}}
	for _, f := range archive.Files {
		if f.Name != diagnosticsFile {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return files
}
