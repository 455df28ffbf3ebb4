package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"assay/compiler/project"
	"assay/internal/diag"
)

// A setting is one value of a declaration: what it sets, the value as text, and where it is written.
type setting struct {
	name, value string
	at          diag.Span
}

// settings are the values that somebody wrote in a declaration of package project, in the order of its fields. Declarations that
// are nodes of their own have none here.
func settings(decl any) []setting {
	var list []setting
	collectSettings(&list, setting{}, reflect.ValueOf(decl))
	return list
}

// noSettings are parts of declarations that say nothing of their own: other nodes (the model of a metric, the metrics of a
// model), and how a share was spelt.
var noSettings = map[reflect.Type]bool{
	reflect.TypeFor[project.WeightForm](): true,
	reflect.TypeFor[*project.Model]():     true,
	reflect.TypeFor[[]*project.Metric]():  true,
}

// collectSettings adds the values below v; at tells the name and the place of what v belongs to.
func collectSettings(list *[]setting, at setting, v reflect.Value) {
	if !v.IsValid() || v.IsZero() || at.name != "" && noSettings[v.Type()] {
		return
	}
	if value, ok := scalarText(v.Interface()); ok {
		at.value = value
		if text, ok := v.Interface().(diag.Text); ok {
			at.at = text.Span
		}
		*list = append(*list, at)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		collectSettings(list, at, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			collectSettings(list, setting{fmt.Sprintf("%s[%d]", at.name, i), "", at.at}, v.Index(i))
		}
	case reflect.Struct:
		collectFields(list, at, v)
	}
}

// collectFields names each field as the YAML does, in which the V of a Value and the Settings of a metric are no level of their
// own.
func collectFields(list *[]setting, at setting, v reflect.Value) {
	if span, ok := v.Type().FieldByName("Span"); ok {
		at.at = v.FieldByIndex(span.Index).Interface().(diag.Span)
	}
	for i := range v.NumField() {
		inner := at
		switch name := v.Type().Field(i).Name; name {
		case "Span":
			continue
		case "V", "Settings":
		default:
			inner.name = strings.TrimPrefix(at.name+"."+snakeCase(name), ".")
		}
		collectSettings(list, inner, v.Field(i))
	}
}

// scalarText is the text of what holds no further settings.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case diag.Text:
		return v.Value, true
	case project.Duration:
		return fmt.Sprintf("%d %ss", v.Count, v.Unit), true
	case project.Moment:
		if v.DateOnly {
			return v.Time.Format(time.DateOnly), true
		}
		return v.Time.Format(time.RFC3339), true
	case *time.Location:
		return v.String(), true
	}
	switch reflect.ValueOf(v).Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Struct:
		return "", false
	}
	return fmt.Sprint(v), true
}

func snakeCase(name string) string {
	var snake strings.Builder
	previous := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(previous) {
			snake.WriteByte('_')
		}
		snake.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return snake.String()
}

// definitionHash identifies what a node and all that it needs mean: it changes with any setting, and not with the place, the
// layout or the comments of the YAML. What nobody wrote has no part in it, so that a new kind of setting changes no hash.
func definitionHash(n *node) string {
	hash := sha256.New()
	fmt.Fprintln(hash, n.id())
	for _, s := range settings(n.Decl) {
		fmt.Fprintf(hash, "%s %q\n", s.name, s.value)
	}
	for _, need := range n.Needs {
		fmt.Fprintln(hash, definitionHash(need))
	}
	return hex.EncodeToString(hash.Sum(nil))
}
