package project

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// namesOfUsers are keys below which users name things themselves.
var namesOfUsers = map[string]bool{"variants": true, "vars": true, "rows": true, "options": true}

// TestEveryKeyMisspelt misspells each key of the examples and of the template, one at a time: it is refused where it stands, the
// right key is offered, and nothing else is said.
func TestEveryKeyMisspelt(t *testing.T) {
	for _, dir := range []string{"../../project-template", "../../examples/annual_plan", "../../examples/button", "../../examples/checkout",
		"../../examples/free_shipping", "../../examples/onboarding", "../../examples/search"} {
		t.Run(path.Base(dir), func(t *testing.T) {
			files := yamlFiles(t, os.DirFS(dir))
			for name, file := range files {
				for _, key := range languageKeys(t, file.Data) {
					checkMisspelt(t, files, name, key)
				}
			}
		})
	}
}

func checkMisspelt(t *testing.T, files fstest.MapFS, name string, key *yaml.Node) {
	t.Helper()
	lines := strings.Split(string(files[name].Data), "\n")
	line, at := lines[key.Line-1], key.Column-1
	lines[key.Line-1] = line[:at] + swapped(key.Value) + line[at+len(key.Value):]
	changed := fstest.MapFS{}
	for other, file := range files {
		changed[other] = file
	}
	changed[name] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
	_, bag := Read(Options{Dir: ".", FS: changed, Env: noEnvironment})
	list := bag.Sorted()
	want := diag.Position{Line: key.Line, Col: key.Column}
	if len(list) != 1 || list[0].Span.File != name || list[0].Span.Start != want ||
		!strings.HasPrefix(list[0].Hint, fmt.Sprintf("did you mean `%s`?", key.Value)) {
		t.Errorf("%s:%d:%d: `%s` for `%s` says %v", name, key.Line, key.Column, swapped(key.Value), key.Value, list)
	}
}

// swapped is a word of which two neighbouring letters have changed places.
func swapped(word string) string {
	for i := len(word)/2 - 1; i >= 0; i-- {
		if word[i] != word[i+1] {
			return word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:]
		}
	}
	return word + "x"
}

// yamlFiles are the files that a project is read from.
func yamlFiles(t *testing.T, dir fs.FS) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, pattern := range []string{projectFile, "*/*.yml"} {
		names, err := fs.Glob(dir, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			if path.Dir(name) != "schedule" {
				files[name] = &fstest.MapFile{Data: data}
			}
		}
	}
	return files
}

// languageKeys are the keys of a file that the language has.
func languageKeys(t *testing.T, data []byte) (keys []*yaml.Node) {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var walk func(n *yaml.Node, named bool)
	walk = func(n *yaml.Node, named bool) {
		if n.Kind != yaml.MappingNode {
			for _, element := range n.Content {
				walk(element, named)
			}
			return
		}
		for i := 0; i < len(n.Content); i += 2 {
			if !named {
				keys = append(keys, n.Content[i])
			}
			walk(n.Content[i+1], namesOfUsers[n.Content[i].Value])
		}
	}
	walk(&document, false)
	return keys
}
