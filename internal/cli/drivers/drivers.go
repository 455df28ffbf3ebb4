// Package drivers has the connections that a build holds, a file each. A build tag leaves one out, with its libraries: no_bigquery,
// no_clickhouse, no_databricks, no_duckdb, no_postgres, no_redshift, no_snowflake, no_trino.
package drivers

import "assay/runner"

// Open goes by the type of a profile's output.
var Open = map[string]runner.Driver{}
