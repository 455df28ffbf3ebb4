//go:build !no_postgres

package drivers

import "assay/runner/postgres"

func init() { Open["postgres"] = postgres.Open }
