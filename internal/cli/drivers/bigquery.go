//go:build !no_bigquery

package drivers

import "assay/runner/bigquery"

func init() { Open["bigquery"] = bigquery.Open }
