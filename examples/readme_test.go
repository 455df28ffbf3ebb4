package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the README shows is what the checkout example holds and prints.

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// blocks are the README's code blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, block := range fence.FindAllStringSubmatch(string(readme), -1) {
		if block[1] == language {
			found = append(found, block[2])
		}
	}
	return found
}

func TestReadmeReport(t *testing.T) {
	_, report := run(t, "checkout", "shop.duckdb")
	shown := blocks(t, "text")[0]
	if *update {
		rewriteReadme(t, shown, report)
		return
	}
	if !strings.HasPrefix(report, shown) {
		t.Errorf("the README shows another report than the example prints (-update rewrites it):\n%s", report)
	}
}

// rewriteReadme shows the report as far as the intervals: the first experiment, without its exploration.
func rewriteReadme(t *testing.T, shown, report string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, _ := strings.Cut(report, "\nExploration")
	text := strings.Replace(string(readme), shown, fresh, 1)
	if err := os.WriteFile("../README.md", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestReadmeShowsTheExample(t *testing.T) {
	var example strings.Builder
	err := filepath.WalkDir("checkout", func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		example.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks(t, "yaml")[:2] {
		if !strings.Contains(example.String(), block) {
			t.Errorf("no file of examples/checkout holds\n%s", block)
		}
	}
}
