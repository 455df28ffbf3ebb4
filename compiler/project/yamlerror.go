package project

import (
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// parse reads the file's one document; nil where it is empty. It reports whether the file is YAML.
func (s *source) parse(bag *diag.Bag) (*yaml.Node, bool) {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(s.text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, true
	}
	if err != nil {
		bag.Errorf(s.spanOf(0, 0), codeSyntax, "%v", err)
		return nil, false
	}
	if decoder.Decode(&second) == nil {
		bag.Errorf(s.spanOf(s.offset(&second), s.offset(&second)), codeSyntax, "a file holds one YAML document, and here a second begins")
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, true
	}
	return root, true
}
