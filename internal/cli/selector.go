package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"assay/internal/diag"
)

// A selection decides which nodes a verb works on: those that any of its selectors picks, less those it excludes. A selector is
// `method:value` or a name, with `+` before it for what it needs and after it for what uses it; a comma keeps what both sides
// pick.
type selection struct {
	graph    *graph
	modified func() (map[*node]bool, error) // what state:modified picks
}

// choose returns the nodes in the graph's order. Without selects it starts from all.
func (s *selection) choose(selects, excludes []string) ([]*node, error) {
	chosen := set(s.graph.nodes)
	if len(selects) > 0 {
		var err error
		if chosen, err = s.union(selects); err != nil {
			return nil, err
		}
		if len(chosen) == 0 {
			return nil, fmt.Errorf("nothing is selected by `%s`", strings.Join(selects, " "))
		}
	}
	excluded, err := s.union(excludes)
	if err != nil {
		return nil, err
	}
	var nodes []*node
	for _, n := range s.graph.nodes {
		if chosen[n] && !excluded[n] {
			nodes = append(nodes, n)
		}
	}
	return nodes, nil
}

func set(nodes []*node) map[*node]bool {
	in := make(map[*node]bool, len(nodes))
	for _, n := range nodes {
		in[n] = true
	}
	return in
}

func (s *selection) union(selectors []string) (map[*node]bool, error) {
	all := map[*node]bool{}
	for _, selector := range strings.Fields(strings.Join(selectors, " ")) {
		picked, err := s.intersection(strings.Split(selector, ","))
		if err != nil {
			return nil, err
		}
		for n := range picked {
			all[n] = true
		}
	}
	return all, nil
}

func (s *selection) intersection(selectors []string) (map[*node]bool, error) {
	var common map[*node]bool
	for _, selector := range selectors {
		picked, err := s.one(selector)
		if err != nil {
			return nil, err
		}
		if common == nil {
			common = picked
			continue
		}
		for n := range common {
			if !picked[n] {
				delete(common, n)
			}
		}
	}
	return common, nil
}

// one is a single selector with its plus signs.
func (s *selection) one(selector string) (map[*node]bool, error) {
	bare, upstream := strings.CutPrefix(selector, "+")
	bare, downstream := strings.CutSuffix(bare, "+")
	picked, err := s.method(bare)
	if err != nil {
		return nil, err
	}
	closure := set(picked)
	if upstream {
		for _, n := range picked {
			s.addNeeds(n, closure)
		}
	}
	if downstream {
		s.addUsers(set(picked), closure)
	}
	return closure, nil
}

func (s *selection) addNeeds(n *node, to map[*node]bool) {
	for _, need := range n.Needs {
		to[need] = true
		s.addNeeds(need, to)
	}
}

// addUsers relies on the graph's order: what uses a node comes after it.
func (s *selection) addUsers(used, to map[*node]bool) {
	for _, n := range s.graph.nodes {
		if slices.ContainsFunc(n.Needs, func(need *node) bool { return used[need] }) {
			used[n], to[n] = true, true
		}
	}
}

func (s *selection) method(selector string) ([]*node, error) {
	method, value, ok := strings.Cut(selector, ":")
	if !ok {
		method, value = "", selector
	}
	switch {
	case method == "":
		return s.named(func(*node) bool { return true }, value)
	case slices.Contains(kinds, method):
		return s.named(func(n *node) bool { return n.Kind == method }, value)
	case method == "tag":
		return s.filter(func(n *node) bool { return slices.Contains(n.Tags, value) }), nil
	case method == "path":
		return s.filter(func(n *node) bool { return under(value, n.At.File) }), nil
	case method == "state":
		return s.state(value)
	}
	known := append([]string{"tag", "path", "state"}, kinds...)
	return nil, usagef("no selector is called `%s`; %s", method, diag.Suggest(method, known))
}

func (s *selection) filter(keep func(*node) bool) []*node {
	var kept []*node
	for _, n := range s.graph.nodes {
		if keep(n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// named picks by name or pattern; a name that is nobody's is a mistake, not an empty choice.
func (s *selection) named(eligible func(*node) bool, pattern string) ([]*node, error) {
	candidates := s.filter(eligible)
	var picked []*node
	var known []string
	for _, n := range candidates {
		known = append(known, n.Name)
		if match, err := path.Match(pattern, n.Name); err == nil && match {
			picked = append(picked, n)
		}
	}
	if len(picked) == 0 {
		return nil, fmt.Errorf("nothing is called `%s`; %s", pattern, diag.Suggest(pattern, known))
	}
	return picked, nil
}

// under tells whether file is the one, below the folder, or of the pattern that a path selector names.
func under(selector, file string) bool {
	selector = path.Clean(selector)
	if match, err := doublestar.Match(selector, file); err == nil && match {
		return true
	}
	return strings.HasPrefix(file, selector+"/")
}

func (s *selection) state(value string) ([]*node, error) {
	if value != "modified" {
		return nil, usagef("no state is called `%s`: known is modified", value)
	}
	changed, err := s.modified()
	if err != nil {
		return nil, err
	}
	return s.filter(func(n *node) bool { return changed[n] }), nil
}

// gathered makes one word of those that follow --select or --exclude behind the verb, as dbt takes them: --select a b.
func gathered(args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return args // the verb is still to come
	}
	var words []string
	inside := false
	for i, arg := range args {
		switch {
		case strings.HasPrefix(arg, "-"):
			inside = false
			words = append(words, arg)
		case inside:
			words[len(words)-1] += " " + arg
		default:
			inside = i > 0 && slices.Contains([]string{"-s", "--select", "--exclude"}, args[i-1])
			words = append(words, arg)
		}
	}
	return words
}
