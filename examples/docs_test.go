package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The blocks of docs/language.md are a project; the first line of each is its file. `show` calls settings by the page's words.
func TestLanguagePageIsAProject(t *testing.T) {
	page, err := os.ReadFile("../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		name, _, _ := strings.Cut(strings.TrimPrefix(block[2], "# "), "\n")
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(block[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	assay(t, "validate", "--project-dir", dir)
	assay(t, "test", "--project-dir", dir)

	written := map[string]bool{}
	for _, word := range words.FindAllString(string(page), -1) {
		written[word] = true
	}
	names := settingNames.FindAllStringSubmatch(assay(t, "show", "--project-dir", dir), -1)
	if len(names) == 0 {
		t.Error("`show` names no setting")
	}
	for _, name := range names {
		for _, word := range words.FindAllString(name[1], -1) {
			if !written[word] {
				t.Errorf("`show` speaks of %s, and the page has no %s", name[1], word)
			}
		}
	}
}

var (
	words        = regexp.MustCompile(`[a-z]\w*`)
	settingNames = regexp.MustCompile(`(?m)^  ([\w.[\]]+)  .* \S+:\d+:\d+$`)
)

// docs/results.md names every table and column that a run writes, and no other.
func TestResultsPageNamesEveryColumn(t *testing.T) {
	page, err := os.ReadFile("../docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, word := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(string(page), -1) {
		named[word[1]] = true
	}
	db, _ := run(t, "onboarding", "app.duckdb")
	columns, _ := rows(t, db, `SELECT table_name, column_name FROM information_schema.columns
		WHERE table_name NOT LIKE '%_latest' AND table_name <> 'assay_activation_by_language'`)
	written := map[string]bool{"warnings": true}
	for _, row := range columns {
		for _, name := range row {
			written[name.(string)] = true
			if !named[name.(string)] {
				t.Errorf("docs/results.md does not name %s of %s", row[1], row[0])
				named[name.(string)] = true
			}
		}
	}
	for name := range named {
		if !written[name] {
			t.Errorf("docs/results.md names `%s`, which no run writes", name)
		}
	}
}
