package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
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

// settings are the values that somebody wrote in a declaration of package project, in the order of its fields, times as they are in
// a zone. Declarations that are nodes of their own have none here.
func settings(decl any, zone *time.Location) []setting {
	c := collector{zone: zone}
	c.collect(setting{}, reflect.ValueOf(decl))
	return c.list
}

// A collector gathers settings.
type collector struct {
	zone *time.Location
	list []setting
}

// collect adds the values below v; at tells the name and the place of what v belongs to.
func (c *collector) collect(at setting, v reflect.Value) {
	if !v.IsValid() || v.IsZero() {
		return
	}
	if span, ok := spanOf(v); ok {
		at.at = span
	}
	if value, ok := c.scalarText(v.Interface()); ok {
		at.value = value
		c.list = append(c.list, at)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		c.collect(at, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			c.collect(setting{fmt.Sprintf("%s[%s]", at.name, label(v.Index(i), i)), "", at.at}, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name, ok := yamlName(v.Type().Field(i)); ok {
				inner := setting{strings.Trim(at.name+"."+name, "."), "", at.at}
				c.collect(inner, v.Field(i))
			}
		}
	}
}

// label tells an element of a list from the others: by the name it has, which it keeps where others come or go, else by its place.
func label(element reflect.Value, place int) string {
	for _, field := range []string{"As", "Metric", "Name"} {
		if name, ok := fieldOf(reflect.Indirect(element), field).(project.Name); ok && name.IsSet() {
			return name.V
		}
	}
	return strconv.Itoa(place)
}

// spanOf is where a struct that knows its place was written.
func spanOf(v reflect.Value) (diag.Span, bool) {
	span, ok := fieldOf(v, "Span").(diag.Span)
	return span, ok
}

// fieldOf is nil where v is no struct or has no such field.
func fieldOf(v reflect.Value, name string) any {
	if v.Kind() == reflect.Struct && v.FieldByName(name).IsValid() {
		return v.FieldByName(name).Interface()
	}
	return nil
}

// yamlName is what a field is called in YAML, relative to the struct it is of; "" where it is no level of its own, and not ok
// where it is no setting.
func yamlName(field reflect.StructField) (name string, ok bool) {
	if field.Name == "Span" {
		return "", false
	}
	switch tag := field.Tag.Get("yaml"); tag {
	case "":
		return snakeCase(field.Name), true
	case ",inline":
		return "", true
	default:
		return tag, tag != "-"
	}
}

// scalarText is the text of what holds no further settings.
func (c *collector) scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case diag.Text:
		return v.Value, true
	case project.Duration:
		return fmt.Sprintf("%d %ss", v.Count, v.Unit), true
	case project.Moment:
		at := v.Time.In(c.zone)
		if v.DateOnly && at.Format(time.TimeOnly) == "00:00:00" { // a date begins at midnight of the zone it was written for
			return at.Format(time.DateOnly), true
		}
		return at.Format(time.RFC3339), true
	case project.CUPED:
		return "false", v.Off
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
// layout, the comments or the prose of the YAML. What nobody wrote has no part in it, so that a new kind of setting changes no hash.
func definitionHash(n *node) string {
	hash := sha256.New()
	fmt.Fprintln(hash, n.id())
	for _, s := range defining(n) {
		fmt.Fprintf(hash, "%s %q\n", s.name, s.value)
	}
	for _, need := range n.Needs {
		fmt.Fprintln(hash, definitionHash(need))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// defining are the settings of a node that numbers depend on.
func defining(n *node) []setting {
	return slices.DeleteFunc(settings(n.Decl, time.UTC), func(s setting) bool { return prose.MatchString(s.name) })
}

// prose are the settings that people read and nothing is computed from.
var prose = regexp.MustCompile(`^(owner|tags|hypothesis|epic|decision)\b|\b(label|description)$`)
