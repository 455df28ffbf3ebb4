//go:build !no_duckdb

package drivers

import "assay/runner/duckdb"

func init() { Open["duckdb"] = duckdb.Open }
