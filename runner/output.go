package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"assay/internal/diag"
)

// An Output is a connection as a profile gives it, its texts rendered.
type Output struct {
	Name   string         // the target: dev, prod
	Fields map[string]any // every key but `type`: scalars, lists and maps as YAML has them
	Dir    string         // the project's directory, absolute
}

// Decode reads the fields into a struct, by its json tags. A field that the struct does not have is an error. No error shows a
// field's value.
func (o Output) Decode(into any) error {
	if err := o.refuseUnknown(reflect.TypeOf(into).Elem()); err != nil {
		return err
	}
	text, err := json.Marshal(o.Fields)
	if err != nil {
		return o.errorf("its values cannot be read: %w", err)
	}
	err = json.Unmarshal(text, into)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return o.errorf("`%s` must be of type %s, not %s", mismatch.Field, mismatch.Type, mismatch.Value)
	}
	if err != nil {
		return o.errorf("its values cannot be read: %w", err)
	}
	return nil
}

// Path is a path of the profile: relative ones start at the project.
func (o Output) Path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.Dir, path)
}

// errorf names the output, where the mend is due.
func (o Output) errorf(format string, args ...any) error {
	return fmt.Errorf("output `%s` of the profile: "+format, append([]any{o.Name}, args...)...)
}

func (o Output) refuseUnknown(config reflect.Type) error {
	var known []string
	for i := range config.NumField() {
		known = append(known, config.Field(i).Tag.Get("json"))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
		if !slices.Contains(known, name) {
			return o.errorf("unknown field `%s`; %s", name, diag.Suggest(name, known))
		}
	}
	return nil
}

// Number is a whole number of a profile. One that comes from an environment variable is a text.
type Number int

// UnmarshalJSON reads 5432 and "5432".
func (n *Number) UnmarshalJSON(text []byte) error {
	v, err := strconv.Atoi(strings.Trim(string(text), `"`))
	if err != nil {
		return errors.New("a whole number is expected where another value stands")
	}
	*n = Number(v)
	return nil
}
