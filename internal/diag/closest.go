package diag

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Closest is the candidate that word was most likely meant to be, if any is near: a third of its letters may differ, or one may
// begin the other. Of equally near ones it is the first.
func Closest(word string, candidates []string) (string, bool) {
	lower := strings.ToLower(word)
	best, distance := "", len([]rune(word))/3+1
	for _, candidate := range candidates {
		d := levenshtein.ComputeDistance(lower, strings.ToLower(candidate))
		if isPrefix(lower, strings.ToLower(candidate)) {
			d = min(d, 1)
		}
		if d <= distance && (best == "" || d < distance) {
			best, distance = candidate, d
		}
	}
	return best, best != ""
}

// isPrefix reports whether one word begins the other and is long enough for that to mean something.
func isPrefix(a, b string) bool {
	const telling = 3
	return min(len(a), len(b)) >= telling && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// DidYouMean is the hint that offers a word.
func DidYouMean(word string) string { return "did you mean `" + word + "`?" }
