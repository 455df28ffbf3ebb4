package project

import (
	"fmt"
	"os"

	"assay/internal/diag"
)

// ParseVars reads the variables of a flag: a YAML mapping such as {min_order: 10}. Empty text has none.
func ParseVars(text string) (map[string]string, error) {
	bag := &diag.Bag{}
	d := newDecoder(&variables{vars: map[string]string{}, env: os.LookupEnv}, newSource("--vars", []byte(text)), bag, &Project{})
	if document, ok := d.src.parse(bag); ok && document != nil {
		d.declareVars(entry{document, "vars"})
	}
	if bag.HasErrors() {
		problem := bag.Sorted()[0]
		return nil, fmt.Errorf("variables are a YAML mapping such as '{min_order: 10}': %s", problem.Message)
	}
	return d.vars, nil
}

// declareVars takes the variables of a mapping, each as it is written, where no other value is given.
func (d *decoder) declareVars(e entry) {
	if e.isNull() {
		return
	}
	for _, option := range d.options(e, d.written) {
		if _, given := d.vars[option.Name.V]; !given && option.Value.V != nil {
			d.vars[option.Name.V] = option.Value.V.(string)
		}
	}
}

// written is a scalar as text, or nil where there is none.
func (d *decoder) written(e entry) any {
	if e.isNull() {
		return nil
	}
	text, ok := d.scalar(e)
	if !ok {
		return nil
	}
	return text
}
