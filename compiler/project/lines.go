package project

import (
	"errors"
	"os"
	"path"
	"path/filepath"

	"assay/internal/diag"
)

// SourceLines shows a printer of diagnostics the files of the project in dir, except those that hold secrets.
func SourceLines(dir string) func(file string) []string {
	return diag.Lines(func(file string) ([]byte, error) {
		if path.Base(file) == profilesFile {
			return nil, errors.New("it holds secrets")
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		return os.ReadFile(file)
	})
}
