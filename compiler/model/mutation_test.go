package model_test

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"assay/compiler/model"
)

var words = regexp.MustCompile(`\w+`)

// TestMutations puts words of a sound project in each other's place: whatever comes of it is said, or is whole.
func TestMutations(t *testing.T) {
	data, err := os.ReadFile("testdata/shop/project.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var sound strings.Builder
	rest := fstest.MapFS{}
	for _, f := range txtar.Parse(data).Files {
		if strings.Contains(f.Name, "/") {
			sound.Write(f.Data)
		} else {
			rest[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	text := sound.String()
	places := words.FindAllStringIndex(text, -1)
	rapid.Check(t, func(t *rapid.T) {
		mutated := text
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.SampledFrom(places).Draw(t, "at")
			with := rapid.SampledFrom(places).Draw(t, "with")
			if at[1] <= len(mutated) {
				mutated = mutated[:at[0]] + text[with[0]:with[1]] + mutated[at[1]:]
			}
		}
		files := maps.Clone(rest)
		files["models/m.yml"] = &fstest.MapFile{Data: []byte(mutated)}
		p, bag := read(files)
		m := model.Build(p, bag)
		if mutated == text && bag.HasErrors() {
			t.Fatalf("the sound project is not: %v", bag.Sorted())
		}
		if !bag.HasErrors() && (len(m.Metrics) != len(p.Metrics) || len(m.Experiments) != len(p.Experiments)) {
			t.Fatalf("%d of %d metrics and %d of %d experiments are left, and nothing is said\n%s",
				len(m.Metrics), len(p.Metrics), len(m.Experiments), len(p.Experiments), mutated)
		}
	})
}
