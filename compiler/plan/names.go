package plan

import (
	"fmt"
	"strings"
)

// longestName is what every engine keeps of an identifier: Postgres cuts at 63 bytes, and two names cut alike would be one.
const longestName = 63

// names gives out names that are free; the same wish twice gets a number.
type names struct{ taken map[string]bool }

func newNames(reserved ...string) *names {
	n := &names{taken: map[string]bool{}}
	for _, r := range reserved {
		n.taken[strings.ToLower(r)] = true
	}
	return n
}

func (n *names) give(wish string) string {
	name := cut(wish, longestName)
	for i := 2; n.taken[strings.ToLower(name)]; i++ {
		suffix := fmt.Sprintf("_%d", i)
		name = cut(wish, longestName-len(suffix)) + suffix
	}
	n.taken[strings.ToLower(name)] = true
	return name
}

// cut is the first bytes of s, whole characters only.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
