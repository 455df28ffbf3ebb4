package model

import (
	"reflect"
	"testing"

	"assay/compiler/project"
	"assay/internal/diag"
)

// TestDefaults gives an experiment nothing but defaults: each of its keys must come from there.
func TestDefaults(t *testing.T) {
	defaults := &project.Experiment{}
	all := reflect.ValueOf(defaults).Elem()
	for i := range all.NumField() {
		all.Field(i).Set(something(all.Field(i).Type()))
	}
	merged := reflect.ValueOf(withDefaults(&project.Experiment{}, defaults)).Elem()
	for i := range merged.NumField() {
		name := merged.Type().Field(i).Name
		if own := name == "Name" || name == "Span"; merged.Field(i).IsZero() != own {
			t.Errorf("%s: %v", name, merged.Field(i))
		}
	}
}

// something is a value of the type that is not its zero.
func something(t reflect.Type) reflect.Value {
	span := diag.Span{File: "assay_project.yml"}
	switch t {
	case reflect.TypeFor[diag.Span]():
		return reflect.ValueOf(span)
	case reflect.TypeFor[diag.Text]():
		return reflect.ValueOf(diag.NewText("x", span, nil))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.New(t.Elem())
	case reflect.Slice:
		return reflect.MakeSlice(t, 1, 1)
	}
	v := reflect.New(t).Elem()
	v.FieldByName("Span").Set(reflect.ValueOf(span))
	return v
}
