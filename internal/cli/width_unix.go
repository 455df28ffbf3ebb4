//go:build unix

package cli

import "golang.org/x/sys/unix"

// terminalWidth is how many columns the terminal of a file has; 0 where that cannot be told.
func terminalWidth(fd uintptr) int {
	size, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
