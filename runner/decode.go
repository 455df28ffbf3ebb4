package runner

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"assay/compiler/plan"
)

// Decode is the inverse of NewTable: rows of a struct whose json tags are the columns, by way of JSON, in which lists are stored
// already. Columns that the struct lacks are left out, and fields without a column stay empty.
func Decode[R any](fetched plan.Rows) ([]R, error) {
	lists := listColumns(reflect.TypeFor[R]())
	records := make([]map[string]any, len(fetched.Values))
	for i, values := range fetched.Values {
		records[i] = map[string]any{}
		for j, v := range values {
			name := strings.ToLower(fetched.Columns[j])
			if text, ok := v.(string); ok && lists[name] {
				v = json.RawMessage(text)
			}
			records[i][name] = v
		}
	}
	encoded, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("a value cannot be read: %w", err)
	}
	var rows []R
	return rows, json.Unmarshal(encoded, &rows)
}

// listColumns are those that hold JSON.
func listColumns(row reflect.Type) map[string]bool {
	lists := map[string]bool{}
	for _, field := range columnFields(row) {
		lists[columnName(field)] = field.Type.Kind() == reflect.Slice
	}
	return lists
}
