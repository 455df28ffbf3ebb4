package conformance

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// TestYAML asks every query of the suite of the same models and metrics as Assay's own YAML says them, in dbt's latest
// specification.
func TestYAML(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	manifests, err := filepath.Glob(filepath.Join(s.dir, "manifests", "*.json"))
	if err != nil || len(manifests) != 6 {
		t.Fatal(manifests, err)
	}
	for _, path := range manifests {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		imported, err := w.model(name)
		if err != nil {
			t.Fatal(err)
		}
		w.models[name] = retold(t, imported.Project)
	}
	w.checkAll(t)
}

// retold is a project as it is read from YAML.
func retold(t *testing.T, imported *project.Project) *model.Model {
	t.Helper()
	declared, err := json.Marshal(written(imported)) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	p, bag := project.Read(project.Options{Dir: "/retold", FS: fstest.MapFS{
		"assay_project.yml": {Data: []byte("name: retold\nprofile: retold\n")},
		"models/all.yml":    {Data: declared},
	}})
	model.Build(p, bag)
	if err := said(bag); err != nil {
		t.Fatal(err)
	}
	p.Catalog = imported.Catalog
	return model.Build(p, &diag.Bag{}) // dates that a table holds as text are told, and left to the engine
}
