package project

import (
	"fmt"

	"assay/internal/diag"
)

// names finds things of one kind that have the same name.
type names struct {
	bag   *diag.Bag
	kind  string
	first map[string]Name
}

func newNames(bag *diag.Bag, kind string) *names { return &names{bag, kind, map[string]Name{}} }

// add notes a name, and reports it where it is taken.
func (n *names) add(name Name) {
	if !name.IsSet() {
		return
	}
	first, taken := n.first[name.V]
	if !taken {
		n.first[name.V] = name
		return
	}
	n.bag.Add(diag.Diagnostic{
		Code: codeDuplicate, Span: name.Span, Message: fmt.Sprintf("there are two %s `%s`", n.kind, name.V),
		Hint:  "give one of them another name, or keep one",
		Notes: []diag.Note{{Message: "the first is here", Span: first.Span}},
	})
}
