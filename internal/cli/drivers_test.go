package cli

import (
	"strings"
	"testing"
)

// TestDriverLeftOut: a profile for which the build has no driver is told at its place, and how to mend it; its project is valid.
func TestDriverLeftOut(t *testing.T) {
	whole := engines["trino"]
	engines["trino"] = engine{dialect: whole.dialect}
	defer func() { engines["trino"] = whole }()
	dir := writeProject(t, map[string]string{
		"assay_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":      "shop: {target: prod, outputs: {prod: {type: trino, host: nowhere}}}\n",
	})
	code, _, problems := assay(t, dir, "debug")
	if code != exitFailed || !strings.Contains(problems, "profiles.yml:1:45: this build has no driver for `trino`") ||
		!strings.Contains(problems, "the tag no_trino") {
		t.Errorf("exit %d, %s", code, problems)
	}
	if code, _, problems := assay(t, dir, "validate"); code != exitDone {
		t.Errorf("exit %d, %s", code, problems)
	}
}
