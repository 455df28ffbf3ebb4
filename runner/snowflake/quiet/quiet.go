// Package quiet keeps Snowflake's driver from writing a library of its own to disk and loading it as soon as a program that links
// it starts, whatever that program is asked to do. It imports nothing of ours and of the driver's, and its path sorts before the
// driver's: Go initialises it first.
package quiet

import "os"

var _ = os.Setenv("SF_DISABLE_MINICORE", "true")
