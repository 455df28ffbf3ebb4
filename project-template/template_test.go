package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"assay/compiler/project"
)

// TestTemplateReads holds the template to what reading asks of every project, under its new name.
func TestTemplateReads(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, "corner_shop"); err != nil {
		t.Fatal(err)
	}
	p, bag := project.Read(project.Options{Dir: dir})
	for _, d := range bag.Sorted() {
		t.Errorf("%s: %s", d.Span, d.Message)
	}
	if p.Name.V != "corner_shop" || len(p.Models) != 3 || len(p.Experiments) != 1 || len(p.Protocols) != 1 {
		t.Errorf("read %q with %d models, %d experiments, %d protocols", p.Name.V, len(p.Models), len(p.Experiments), len(p.Protocols))
	}
	profiles, bag := project.ReadProfiles(project.ProfileOptions{ProjectDir: dir})
	output, problems := profiles.Select(p.Profile, "")
	bag.Append(problems)
	for _, d := range bag.Sorted() {
		t.Errorf("%s: %s", d.Span, d.Message)
	}
	if output == nil || output.Type.V != "duckdb" {
		t.Errorf("the profile's output is %+v", output)
	}
}

func TestWriteReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "profiles.yml")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, "shop"); err == nil || !strings.Contains(err.Error(), "profiles.yml") {
		t.Errorf("Write over a file says %v", err)
	}
	if text, _ := os.ReadFile(mine); string(text) != "mine" {
		t.Errorf("the file is now %q", text)
	}
	if _, err := os.Lstat(filepath.Join(dir, "models")); err == nil {
		t.Error("a refused Write left files")
	}
}
