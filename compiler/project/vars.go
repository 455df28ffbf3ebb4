package project

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// ParseVars reads variables as a command line gives them: a YAML mapping such as `{min_order: 10}` or `min_order: 10`.
func ParseVars(text string) (map[string]string, error) {
	var values map[string]any
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("variables are a YAML mapping such as '{min_order: 10}': %w", err)
	}
	vars := make(map[string]string, len(values))
	for name, value := range values {
		vars[name] = fmt.Sprint(value)
	}
	return vars, nil
}
