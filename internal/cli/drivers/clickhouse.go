//go:build !no_clickhouse

package drivers

import "assay/runner/clickhouse"

func init() { Open["clickhouse"] = clickhouse.Open }
