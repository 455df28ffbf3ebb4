package dialects

import (
	"path/filepath"
	"slices"
	"strings"

	"assay/compiler/rel"
)

// A scope says how the columns of the relations that a SELECT reads are written; columns outside it are written by their names.
type scope map[*rel.Col]string

// scopeOf qualifies columns where there is more than one source, and a column that is called as its source is: alone it would be the
// whole row on some engines.
func (p *printer) scopeOf(q *selection, qualifiers []string) scope {
	s := scope{}
	for i, from := range q.sources {
		for _, c := range from.columns {
			s[c] = p.Ident(c.Name)
			if len(q.sources) > 1 || p.Qualified || strings.EqualFold(c.Name, qualifiers[i]) {
				s[c] = p.Ident(qualifiers[i]) + "." + s[c]
			}
		}
	}
	if g := q.grouping; g != nil && g.id != nil {
		s[g.id] = p.setNumber(g, s)
	}
	return s
}

// qualifiers are the names by which the sources of q are known in it; a table that stands alone needs none, unless a column has its
// name.
func (p *printer) qualifiers(q *selection) []string {
	if len(q.sources) == 1 && q.sources[0].isTable() && !p.Qualified && !q.sources[0].has(baseName(q.sources[0])) {
		return []string{""}
	}
	var names rel.Names
	list := make([]string, len(q.sources))
	for i, from := range q.sources {
		list[i] = names.Take(strings.ToLower(baseName(from)))
	}
	return list
}

// has reports whether a column of the source is called so.
func (s *source) has(name string) bool {
	return slices.ContainsFunc(s.columns, func(c *rel.Col) bool { return strings.EqualFold(c.Name, name) })
}

func (s *source) isTable() bool {
	switch s.leaf.(type) {
	case *rel.Scan, *rel.Ref:
		return true
	default:
		return false
	}
}

// baseName is what a reader would call a source.
func baseName(s *source) string {
	switch leaf := s.leaf.(type) {
	case *rel.Scan:
		return tableName(leaf.Table)
	case *rel.Ref:
		return leaf.Step.Name
	case *rel.Series:
		return "series"
	case *rel.Values:
		return "listed"
	case *rel.Raw:
		return "query"
	default:
		return baseOf(s.query)
	}
}

func baseOf(q query) string {
	switch q := q.(type) {
	case *selection:
		return baseName(q.sources[0])
	default:
		return "parts"
	}
}

// tableName is the last part of a table's name, or a file's name without what it ends in.
func tableName(t rel.Table) string {
	if t.File == nil {
		return t.Parts[len(t.Parts)-1].Name
	}
	name, _, _ := strings.Cut(filepath.Base(t.File.Path), ".")
	if words := rel.Mentions(name); len(words) > 0 {
		return strings.Join(words, "_")
	}
	return "file"
}
