//go:build !no_snowflake

package drivers

import "assay/runner/snowflake"

func init() { Open["snowflake"] = snowflake.Open }
