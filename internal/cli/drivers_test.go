package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDriverLeftOut: a profile for which the build has no driver is told at its place, and how to mend it; its project is valid.
func TestDriverLeftOut(t *testing.T) {
	whole := engines["trino"]
	engines["trino"] = engine{dialect: whole.dialect}
	defer func() { engines["trino"] = whole }()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":      "shop: {target: prod, outputs: {prod: {type: trino, host: nowhere}}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, err bytes.Buffer
	code := Run(t.Context(), []string{"debug", "--project-dir", dir}, &out, &err)
	if code != exitFailed || !strings.Contains(err.String(), "profiles.yml:1:45: this build has no driver for `trino`") ||
		!strings.Contains(err.String(), "the tag no_trino") {
		t.Errorf("exit %d, %s", code, err.String())
	}
	if code := Run(t.Context(), []string{"validate", "--project-dir", dir}, &out, &err); code != exitDone {
		t.Errorf("exit %d, %s", code, err.String())
	}
}
