package project

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseVars(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                               {},
		"{a: 1.10, b: x, c: 2026-01-01}": {"a": "1.10", "b": "x", "c": "2026-01-01"},
		"a: true\nb:":                    {"a": "true"},
	} {
		got, err := ParseVars(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParseVars(%q): %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"a", "[a]", "{a: {b: c}}", "{a: ", "{1: 2}"} {
		if got, err := ParseVars(text); err == nil {
			t.Errorf("ParseVars(%q) is %v", text, got)
		}
	}
}
