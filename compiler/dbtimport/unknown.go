package dbtimport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"assay/internal/diag"
)

// A newer dbt may say in a manifest what is not known here, and what it says may change the numbers. Nobody is to find that out by
// himself.

// ignored is a value that says nothing of numbers.
type ignored struct{}

func (ignored) UnmarshalJSON([]byte) error { return nil }

// knowsAll reports whether a manifest has no key that is unknown here.
func knowsAll(data []byte, m *manifest) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(m) != nil {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

// unknown reports the keys of a manifest that are not known and say something, each kind of them once.
func (r *reader) unknown(data []byte) {
	var all any
	if json.Unmarshal(data, &all) != nil {
		return // reading has reported it
	}
	f := &unknownFinder{seen: map[string]*unknownKey{}}
	f.find(all, reflect.TypeFor[manifest](), owner{})
	for _, k := range f.found {
		at := r.place(k.owner.metadata())
		d := diag.Diagnostic{Code: codeManifest, Severity: diag.Warning, Span: at.at(k.key),
			Message: fmt.Sprintf("`%s` of %s is not known here, and what it says is left out", k.key, k.owner.name()),
			Hint:    "a newer dbt wrote it: compare the numbers with dbt's before they are used, or update assay"}
		if k.others > 0 {
			d.Notes = []diag.Note{{Message: fmt.Sprintf("the manifest has it %d times more", k.others), Span: at.span()}}
		}
		r.bag.Add(d)
	}
}

// An unknownKey is a key of a kind of object, where it is met first.
type unknownKey struct {
	key    string
	owner  owner
	others int // how often it is met again
}

// An owner is the innermost object with a name and a place around a key.
type owner map[string]any

func (o owner) name() string {
	if name, is := o["name"].(string); is {
		return "`" + name + "`"
	}
	return "the manifest"
}

func (o owner) metadata() *metadata {
	var m metadata
	text, err := json.Marshal(o["metadata"])
	if err != nil || json.Unmarshal(text, &m) != nil {
		return nil
	}
	return &m
}

type unknownFinder struct {
	seen  map[string]*unknownKey // by the object's type and the key
	found []*unknownKey
}

// find looks through a value that is read as a type.
func (f *unknownFinder) find(v any, t reflect.Type, within owner) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return // it is known as a whole
	}
	switch v := v.(type) {
	case []any:
		if t.Kind() == reflect.Slice {
			for _, element := range v {
				f.find(element, t.Elem(), within)
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return
		}
		if v["name"] != nil && (v["metadata"] != nil || within == nil || within["metadata"] == nil) {
			within = v
		}
		f.keys(v, t, within)
	}
}

// keys looks through an object.
func (f *unknownFinder) keys(object map[string]any, t reflect.Type, within owner) {
	known := map[string]reflect.Type{}
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[key] = t.Field(i).Type
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		of, is := known[key]
		switch {
		case is:
			f.find(object[key], of, within)
		case says(object[key]):
			f.add(t, key, within)
		}
	}
}

func (f *unknownFinder) add(t reflect.Type, key string, within owner) {
	kind := t.String() + "." + key
	if first := f.seen[kind]; first != nil {
		first.others++
		return
	}
	f.seen[kind] = &unknownKey{key: key, owner: within}
	f.found = append(f.found, f.seen[kind])
}

// says reports whether a value is more than what stands for none.
func says(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	default:
		return true
	}
}
