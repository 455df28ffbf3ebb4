package project

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"
)

var (
	pageBlock = regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```")
	pageWord  = regexp.MustCompile(`\w+`)
)

// TestLanguagePageNamesEveryKey adds a key that does not exist to each mapping of the page's project. The keys that may stand there
// instead are on the page.
func TestLanguagePageNamesEveryKey(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, block := range pageBlock.FindAllStringSubmatch(string(page), -1) {
		files[block[1]] = &fstest.MapFile{Data: withUnknownKeys(t, block[2])}
	}
	written := pageWord.FindAllString(string(page), -1)
	kinds := map[string]bool{}
	_, bag := readFiles(files, nil)
	for _, d := range bag.Sorted() {
		_, allowed, found := strings.Cut(d.Hint, "allowed here: ")
		if !found || d.Code != codeUnknownKey || kinds[d.Message+allowed] {
			continue
		}
		kinds[d.Message+allowed] = true
		for _, key := range strings.Split(allowed, ", ") {
			if !slices.Contains(written, key) {
				t.Errorf("%s; `%s` may, and is not on the page", d.Message, key)
			}
		}
	}
	if len(kinds) < 30 {
		t.Errorf("the page has %d kinds of mapping", len(kinds))
	}
}

// withUnknownKeys is YAML with another key in each mapping.
func withUnknownKeys(t *testing.T, text string) []byte {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	added := 0
	var add func(n *yaml.Node)
	add = func(n *yaml.Node) {
		for _, c := range n.Content {
			add(c)
		}
		if n.Kind == yaml.MappingNode {
			added++
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprintf("zzzzzz%d", added)},
				&yaml.Node{Kind: yaml.ScalarNode, Value: "1"})
		}
	}
	add(&document)
	out, err := yaml.Marshal(&document)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
