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
	"time"

	"assay/internal/diag"
)

// An Output is a connection as a profile gives it, its texts rendered.
type Output struct {
	Name   string         // the target: dev, prod
	Fields map[string]any // every key but `type`: scalars, lists and maps as YAML has them
	Dir    string         // the project's directory, absolute

	// ReadOnly says that nothing will be stored: an engine in a file then lets others read it too, and reads one that it may not write.
	ReadOnly bool
}

// Decode reads the fields into a struct, by its json tags. A field that the struct does not have is an error, unless it is one of those
// that dbt's adapter has for what is not done here: a profile can serve both. No error shows a field's value.
func (o Output) Decode(into any, dbtOnly ...string) error {
	if err := o.refuseUnknown(reflect.TypeOf(into).Elem(), dbtOnly); err != nil {
		return err
	}
	text, err := json.Marshal(o.Fields)
	if err != nil {
		return o.Errorf("its values cannot be read: %w", err)
	}
	err = json.Unmarshal(text, into)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		path := written(reflect.TypeOf(into).Elem(), mismatch.Field)
		field, _, _ := strings.Cut(path, ".")
		return o.FieldErrorf(field, "`%s` must be of type %s, not %s", path, mismatch.Type, mismatch.Value)
	}
	if err != nil {
		return o.Errorf("its values cannot be read: %w", err)
	}
	return nil
}

// written is a field's path without the names of the structs that its keys are embedded by.
func written(config reflect.Type, path string) string {
	for _, field := range reflect.VisibleFields(config) {
		if field.Anonymous {
			path = strings.TrimPrefix(path, field.Name+".")
		}
	}
	return path
}

// Path is a path of the profile: relative ones start at the project.
func (o Output) Path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.Dir, path)
}

// Errorf names the output, where the mend is due.
func (o Output) Errorf(format string, args ...any) error {
	return fmt.Errorf("output `%s` of the profile: "+format, append([]any{o.Name}, args...)...)
}

// FieldErrorf is Errorf of a mistake in the value of one field.
func (o Output) FieldErrorf(field, format string, args ...any) error {
	return &FieldError{Field: field, error: o.Errorf(format, args...)}
}

// A FieldError is a mistake in one field of an output.
type FieldError struct {
	Field   string // the key of the output
	Unknown bool   // the key is wrong, not its value
	error
}

// Unwrap is the mistake.
func (e *FieldError) Unwrap() error { return e.error }

func (o Output) refuseUnknown(config reflect.Type, dbtOnly []string) error {
	var known []string
	for _, field := range columnFields(config) {
		known = append(known, field.Tag.Get("json"))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
		if !slices.Contains(known, name) && !slices.Contains(dbtOnly, name) {
			return &FieldError{Field: name, Unknown: true,
				error: o.Errorf("unknown field `%s`; %s", name, diag.Suggest(name, known))}
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
		return &json.UnmarshalTypeError{Value: "text", Type: reflect.TypeFor[int]()} // the decoder adds the field's name
	}
	*n = Number(v)
	return nil
}

// Common are the fields that every profile may have.
type Common struct {
	Threads          Number `json:"threads"`           // a program uses one connection
	Scratch          string `json:"scratch"`           // none: nothing is stored but results
	StatementTimeout Number `json:"statement_timeout"` // seconds; default: any time
}

// Staging is what the profile says, else the engine's way.
func (c Common) Staging(engines Staging) (Staging, error) {
	switch c.Scratch {
	case "":
		return engines, nil
	case "none":
		return NoTables{}, nil
	}
	return nil, fmt.Errorf("`scratch` is `none` or left out, not `%s`", c.Scratch)
}

// Timeout is how long a statement may take, 0 for any time.
func (c Common) Timeout() time.Duration { return time.Duration(c.StatementTimeout) * time.Second }
