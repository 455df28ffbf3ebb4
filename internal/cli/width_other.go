//go:build !unix

package cli

// terminalWidth is not asked for here: what is printed has its default width.
func terminalWidth(uintptr) int { return 0 }
