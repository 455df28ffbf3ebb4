package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxListed is how many names a hint lists before it says how many more there are.
const maxListed = 12

// Suggest is the hint for a name that is none of known: the nearest of them where one is near, else the list.
func Suggest(name string, known []string) string {
	if near, ok := Nearest(name, known); ok {
		return fmt.Sprintf("did you mean `%s`?", near)
	}
	return Allowed(known)
}

// Nearest finds the known name that someone who wrote name most likely meant: the one of fewest slips, and of equally near ones that
// of fewest letters changed, then the first by the alphabet.
func Nearest(name string, known []string) (string, bool) {
	type candidate struct {
		slips, letters int
		name           string
	}
	furthest := max(1, len([]rune(name))/3)
	var near []candidate
	lowered := strings.ToLower(name)
	for _, k := range known {
		letters := levenshtein.ComputeDistance(lowered, strings.ToLower(k))
		slips := letters
		switch {
		case isSwapped(lowered, strings.ToLower(k)):
			slips = 1
		case isBeginning(lowered, strings.ToLower(k)):
			slips = min(slips, furthest)
		}
		if slips <= furthest {
			near = append(near, candidate{slips, letters, k})
		}
	}
	if len(near) == 0 {
		return "", false
	}
	nearest := slices.MinFunc(near, func(a, b candidate) int {
		return cmp.Or(a.slips-b.slips, a.letters-b.letters, strings.Compare(a.name, b.name))
	})
	return nearest.name, nearest.name != ""
}

// isSwapped reports whether the words differ by two neighbouring letters that changed places.
func isSwapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// isBeginning reports whether one word begins the other, and is long enough for that to tell something.
func isBeginning(a, b string) bool {
	const telling = 3
	return min(len(a), len(b)) >= telling && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// Allowed lists what may stand in a place, sorted; empty where nothing may.
func Allowed(known []string) string {
	if len(known) == 0 {
		return ""
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(known)))
	sorted = slices.DeleteFunc(sorted, func(name string) bool { return name == "" }) // what has a name that cannot be read
	if more := len(sorted) - maxListed; more > 0 {
		return fmt.Sprintf("known here: %s and %d more", strings.Join(sorted[:maxListed], ", "), more)
	}
	return "known here: " + strings.Join(sorted, ", ")
}
