package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// writeProject is the directory of a project with these files.
func writeProject(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// assay runs a verb in a project.
func assay(t *testing.T, dir string, args ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), append(args, "--project-dir", dir), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}
