package examples

import (
	"path/filepath"
	"testing"

	"assay/internal/agree"
	"assay/internal/enginetest"
)

// TestEnginesAgree runs each example on every engine at hand.
func TestEnginesAgree(t *testing.T) {
	projects, err := filepath.Glob("*/assay_project.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range projects {
		example := filepath.Dir(project)
		t.Run(example, func(t *testing.T) { agree.OnEngines(t, example, enginetest.All) })
	}
}
