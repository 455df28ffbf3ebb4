//go:build !no_databricks

package drivers

import "assay/runner/databricks"

func init() { Open["databricks"] = databricks.Open }
