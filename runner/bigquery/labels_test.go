package bigquery

import (
	"strings"
	"testing"
)

// TestLabelled: the service refuses a label with other characters, or too many.
func TestLabelled(t *testing.T) {
	for text, want := range map[string]string{
		"018f3c2e-aaaa-7000":                "018f3c2e-aaaa-7000",
		"Checkout,banner ü":                 "checkout_banner__",
		strings.Repeat("x", longestLabel+1): strings.Repeat("x", longestLabel),
	} {
		if got := labelled(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
