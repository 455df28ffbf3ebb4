package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"assay/dialects/clickhouse"
)

var clickhouseDatabases atomic.Int64

// openClickHouse reaches the server whose HTTP interface ASSAY_CLICKHOUSE names; each test has a database of its own.
func openClickHouse(t testing.TB) engine {
	address := os.Getenv("ASSAY_CLICKHOUSE")
	if address == "" {
		t.Skip("no ClickHouse here (set ASSAY_CLICKHOUSE to the URL of its HTTP interface)")
	}
	database := fmt.Sprintf("test_%d_%d", os.Getpid(), clickhouseDatabases.Add(1))
	post := func(database, text string) ([]byte, error) {
		return postClickHouse(address, url.Values{"database": {database}, "default_format": {"JSONCompactEachRowWithNamesAndTypes"}}, text)
	}
	if _, err := post("default", "CREATE DATABASE "+database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := post("default", "DROP DATABASE "+database); err != nil {
			t.Error(err)
		}
	})
	return engine{
		dialect: clickhouse.Dialect,
		exec: func(text string, _ ...any) error {
			_, err := post(database, text)
			return err
		},
		query: func(text string, _ ...any) ([][]any, error) {
			answer, err := post(database, text)
			if err != nil {
				return nil, err
			}
			return clickhouseRows(answer)
		},
	}
}

func postClickHouse(address string, parameters url.Values, text string) ([]byte, error) {
	response, err := http.Post(address+"/?"+parameters.Encode(), "text/plain", strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s", body)
	}
	return body, err
}

// clickhouseRows reads the names of columns, their types, and rows.
func clickhouseRows(answer []byte) ([][]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var names, types []string
	if err := decoder.Decode(&names); err != nil {
		return nil, err
	}
	if err := decoder.Decode(&types); err != nil {
		return nil, err
	}
	for i, t := range types {
		t, _, _ = strings.Cut(strings.TrimPrefix(t, "Nullable("), "(")
		types[i] = clickhouseKinds[strings.TrimRight(t, "0123456789)")]
	}
	var rows [][]any
	for decoder.More() {
		var row []any
		if err := decoder.Decode(&row); err != nil {
			return nil, err
		}
		for i, v := range row {
			row[i] = fromJSON(v, types[i])
		}
		rows = append(rows, row)
	}
	return rows, nil
}

var clickhouseKinds = map[string]string{"Date": "time", "DateTime": "time", "Float": "float", "Decimal": "float"}
