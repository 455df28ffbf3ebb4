package rel

import (
	"fmt"
	"regexp"
	"strings"
)

var word = regexp.MustCompile(`[\p{L}_][\p{L}\p{N}_$]*`)

// Mentions are the words of a user's SQL in lower case, inside strings and comments too: whatever dialect it is in, every name
// it could refer to is among them.
func Mentions(sql string) []string {
	return word.FindAllString(strings.ToLower(sql), -1)
}

// MentionedBy are the names, in lower case, that the user's tables and SQL in r could refer to.
func MentionedBy(r Relation) []string {
	var names []string
	WalkRelation(r, func(r Relation) {
		switch r := r.(type) {
		case *Scan:
			for _, part := range r.Table.Parts {
				names = append(names, strings.ToLower(part.Name))
			}
		case *Raw:
			names = append(names, Mentions(r.SQL)...)
		default: // no text of the user's, but for what is in expressions
		}
		for _, e := range Exprs(r) {
			Walk(e, func(x Expr) bool {
				if v, ok := x.(*Verbatim); ok {
					names = append(names, Mentions(v.SQL)...)
					for _, t := range v.Texts {
						names = append(names, Mentions(t.SQL)...)
					}
				}
				return true
			})
		}
	})
	return names
}

// Names gives out names that differ also where case does not count. The zero value is ready to use.
type Names struct{ taken map[string]bool }

// Reserve keeps names from being given out.
func (n *Names) Reserve(names ...string) {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	for _, name := range names {
		n.taken[strings.ToLower(name)] = true
	}
}

// Take is base, or the first of base_2, base_3, … that is free; it is free no longer.
func (n *Names) Take(base string) string {
	name := base
	for i := 2; n.taken[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	n.Reserve(name)
	return name
}
