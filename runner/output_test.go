package runner_test

import (
	"strings"
	"testing"

	"assay/runner"
)

type fields struct {
	Host   string        `json:"host"`
	Port   runner.Number `json:"port"`
	Attach []struct {
		Path string `json:"path"`
	} `json:"attach"`
}

func TestOutputDecode(t *testing.T) {
	var into fields
	output := runner.Output{Name: "dev", Fields: map[string]any{
		"host": "h", "port": "5432", "attach": []any{map[string]any{"path": "a.duckdb"}},
	}}
	if err := output.Decode(&into); err != nil {
		t.Fatal(err)
	}
	if into.Host != "h" || into.Port != 5432 || into.Attach[0].Path != "a.duckdb" {
		t.Errorf("%+v", into)
	}
}

func TestOutputRefusals(t *testing.T) {
	tests := map[string]struct {
		fields map[string]any
		want   string
	}{
		"misspelt":    {map[string]any{"hst": "secret"}, "output `dev` of the profile: unknown field `hst`; did you mean `host`?"},
		"wrong type":  {map[string]any{"host": []any{"secret"}}, "`host` must be of type string, not array"},
		"no number":   {map[string]any{"port": "secret"}, "`port` must be of type int, not text"},
		"wrong depth": {map[string]any{"attach": "secret"}, "`attach` must be"},
	}
	for name, test := range tests {
		err := runner.Output{Name: "dev", Fields: test.fields}.Decode(new(fields))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
