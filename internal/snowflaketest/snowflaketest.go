// Package snowflaketest reaches a stand-in of Snowflake: DuckDB behind Snowflake's protocol. It takes much that Snowflake refuses.
package snowflaketest

import (
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
)

var databases atomic.Int64

// Fields are those of a profile for a database of the test's own on the server that ASSAY_SNOWFLAKE names. The test is skipped
// where it names none.
func Fields(t testing.TB) map[string]any {
	t.Helper()
	address := os.Getenv("ASSAY_SNOWFLAKE")
	if address == "" {
		t.Skip("no stand-in of Snowflake here (internal/engines/serve.sh starts one; set ASSAY_SNOWFLAKE to its URL)")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"account": "test", "user": "test", "password": "secret", "host": u.Hostname(), "port": u.Port(), "protocol": u.Scheme,
		"database": fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1)), "schema": "results",
	}
}
