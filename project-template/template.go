// Package template is the project that `assay init` writes: one that runs, and teaches by its comments.
package template

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed assay_project.yml profiles.yml README.md .gitignore models metrics experiments protocols unit_tests schedule data
var files embed.FS

// placeholder stands for the project's name in the files.
const placeholder = "my_project"

// Write makes the project in dir, under a name that is an identifier. It replaces no file: where one is in the way, it says so
// and writes nothing.
func Write(dir, name string) error {
	paths, err := list()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := os.Lstat(filepath.Join(dir, path)); err == nil {
			return fmt.Errorf("%s is there already", filepath.Join(dir, path))
		}
	}
	for _, path := range paths {
		if err := write(dir, path, name); err != nil {
			return err
		}
	}
	return nil
}

func list() ([]string, error) {
	var paths []string
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

func write(dir, path, name string) error {
	text, err := files.ReadFile(path)
	if err != nil {
		return err
	}
	target := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, bytes.ReplaceAll(text, []byte(placeholder), []byte(name)), 0o644)
}
