package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	databrickssql "github.com/databricks/databricks-sql-go"
	"github.com/databricks/databricks-sql-go/logger"

	"assay/dialects/databricks"
)

var sparkSchemas atomic.Int64

// openSpark reaches the server that ASSAY_SPARK names; each test has a schema of its own.
func openSpark(t testing.TB) engine {
	address := os.Getenv("ASSAY_SPARK")
	if address == "" {
		t.Skip("no Spark here (set ASSAY_SPARK to the URL of internal/engines/spark)")
	}
	if err := logger.SetLogLevel("disabled"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	connector, err := databrickssql.NewConnector(databrickssql.WithServerHostname("http://"+u.Hostname()), databrickssql.WithPort(port),
		databrickssql.WithHTTPPath("/"), databrickssql.WithAccessToken("test"))
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	e := engine{
		dialect: databricks.Dialect,
		exec: func(text string, _ ...any) error {
			// A table's name has letters, digits and _ in Spark's own catalog, where Databricks' takes any.
			_, err := conn.ExecContext(context.Background(), strings.ReplaceAll(text, `Re"sults`, "Re_sults"))
			return err
		},
		query: func(text string, _ ...any) ([][]any, error) {
			rows, err := conn.QueryContext(context.Background(), text)
			if err != nil {
				return nil, err
			}
			return sparkRows(rows)
		},
	}
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), sparkSchemas.Add(1))
	for _, statement := range []string{"CREATE SCHEMA " + schema, "USE " + schema} {
		if err := e.exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := e.exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return e
}

// sparkRows reads rows; the driver has decimals as texts.
func sparkRows(rows *sql.Rows) ([][]any, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	list, err := scanAll(rows)
	for _, row := range list {
		for i, v := range row {
			if types[i].DatabaseTypeName() == "DECIMAL" {
				row[i] = fromJSON(v, "float")
			}
		}
	}
	return list, err
}
