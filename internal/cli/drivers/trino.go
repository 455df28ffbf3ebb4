//go:build !no_trino

package drivers

import "assay/runner/trino"

func init() { Open["trino"] = trino.Open }
