package dialects

import (
	"strings"

	"assay/compiler/rel"
)

// Ident is an identifier that keeps its case, in quotes where it needs them. A reserved word in quotes is what it would be without.
func (d *Dialect) Ident(name string) string {
	switch {
	case !d.Unquoted.MatchString(name):
		return d.Quote(name)
	case d.Reserved[strings.ToLower(name)]:
		return d.Quote(d.Fold(name))
	default:
		return name
	}
}

// part is one part of a table's name: without quotes as the user wrote it, so that the engine takes it for what it would take
// the user's own SQL for.
func (d *Dialect) part(p rel.TablePart) string {
	switch {
	case p.Quoted:
		return d.Quote(p.Name)
	case !isWord(p.Name):
		return d.Quote(p.Name)
	case d.Reserved[strings.ToLower(p.Name)]:
		return d.Quote(d.Fold(p.Name))
	default:
		return p.Name
	}
}

// TableIn is a table of ours in a schema: in quotes where a name needs them, so that people reach it by what they would write.
func (d *Dialect) TableIn(schema, name string) rel.Table {
	part := func(name string) rel.TablePart {
		return rel.TablePart{Name: name, Quoted: !d.Unquoted.MatchString(name)}
	}
	return rel.Table{Parts: []rel.TablePart{part(schema), part(name)}}
}

func isWord(name string) bool {
	words := rel.Mentions(name)
	return len(words) == 1 && len(words[0]) == len(name)
}

// Table is a qualified name.
func (d *Dialect) Table(t rel.Table) string {
	parts := make([]string, len(t.Parts))
	for i, p := range t.Parts {
		parts[i] = d.part(p)
	}
	return strings.Join(parts, ".")
}

// names are identifiers separated by commas.
func (d *Dialect) names(cols []rel.Column) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = d.Ident(c.Name)
	}
	return strings.Join(list, ", ")
}
