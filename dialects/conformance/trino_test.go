package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"assay/dialects/trino"
)

var trinoSchemas atomic.Int64

// openTrino reaches the server that ASSAY_TRINO names; each test has a schema of its own in its catalog iceberg, whose tables can be changed.
func openTrino(t testing.TB) engine {
	address := os.Getenv("ASSAY_TRINO")
	if address == "" {
		t.Skip("no Trino here (set ASSAY_TRINO to the URL of a server with a catalog called iceberg)")
	}
	s := trinoSession{address, fmt.Sprintf("test_%d_%d", os.Getpid(), trinoSchemas.Add(1))}
	if _, err := s.run("CREATE SCHEMA " + s.schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.run("DROP SCHEMA " + s.schema + " CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return engine{
		dialect: trino.Dialect,
		exec: func(text string, _ ...any) error {
			_, err := s.run(text)
			return err
		},
		query: func(text string, _ ...any) ([][]any, error) { return s.run(text) },
	}
}

type trinoSession struct{ address, schema string }

// A trinoPage is a part of an answer; Next is where the next one is.
type trinoPage struct {
	Next    string `json:"nextUri"`
	Columns []struct{ Type string }
	Data    [][]any
	Error   *struct{ Message string }
}

func (s trinoSession) run(text string) ([][]any, error) {
	page, err := s.fetch(http.MethodPost, s.address+"/v1/statement", text)
	var rows [][]any
	for {
		if err != nil {
			return nil, err
		}
		if page.Error != nil {
			return nil, errors.New(page.Error.Message)
		}
		for _, row := range page.Data {
			for i, v := range row {
				kind, _, _ := strings.Cut(page.Columns[i].Type, "(")
				row[i] = fromJSON(v, trinoKinds[kind])
			}
			rows = append(rows, row)
		}
		if page.Next == "" {
			return rows, nil
		}
		page, err = s.fetch(http.MethodGet, page.Next, "")
	}
}

func (s trinoSession) fetch(method, url, body string) (*trinoPage, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"User": "test", "Catalog": "iceberg", "Schema": s.schema, "Client-Capabilities": "PARAMETRIC_DATETIME"}
	for name, value := range headers {
		request.Header.Set("X-Trino-"+name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	var page trinoPage
	return &page, decoder.Decode(&page)
}

var trinoKinds = map[string]string{"date": "time", "timestamp": "time", "double": "float", "decimal": "float"}
