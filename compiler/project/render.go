package project

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"assay/internal/diag"
)

// variables fill in {{ var('x') }} and {{ env_var('X', 'default') }}.
type variables struct {
	vars map[string]string
	env  func(string) (string, bool)
}

var (
	calls         = []string{"env_var", "var"}
	callStart     = regexp.MustCompile(`\{\{-?\s*(\w+)\s*\(`)
	variableStart = regexp.MustCompile(`\{\{-?\s*(?:env_var|var)\b`)
	// A call with one or two literal arguments, and dbt's filters that convert to a type: what is read decides the type here.
	variableCall = regexp.MustCompile(`^\{\{-?\s*(env_var|var)\s*\(\s*` +
		`(?:'([^']*)'|"([^"]*)")\s*` +
		`(,\s*(?:'([^']*)'|"([^"]*)"|([\w.+-]+))\s*)?\)` +
		`(?:\s*\|\s*(?:as_text|as_number|as_bool|as_native|int|float|string))*\s*-?\}\}`)
)

// A substitution is a stretch of a text and what stands there instead.
type substitution struct {
	lo, hi int
	value  string
}

// render fills in the variables of text and leaves every other {{ call }} as it is. It reports whether all could be filled in:
// where one could not, nothing that the rest would say is worth reading.
func (v *variables) render(text diag.Text, bag *diag.Bag) (_ diag.Text, ok bool) {
	ok = v.spelt(text, bag)
	var subs []substitution
	for _, at := range variableStart.FindAllStringIndex(text.Value, -1) {
		call := variableCall.FindStringSubmatchIndex(text.Value[at[0]:])
		if call == nil {
			bag.Add(diag.Diagnostic{
				Code: codeVariable, Span: text.At(at[0], callEnd(text.Value, at[1])),
				Message: "a variable is not read as it is written here",
				Hint:    "write {{ var('name') }} or {{ env_var('NAME', 'default') }}",
			})
			ok = false
			continue
		}
		sub := substitution{lo: at[0], hi: at[0] + call[1]}
		value, err := v.value(submatches(text.Value[at[0]:], call))
		if err != nil {
			bag.Add(diag.Diagnostic{Code: codeVariable, Span: text.At(sub.lo, sub.hi), Message: err.message, Hint: err.hint})
			ok = false
			continue
		}
		sub.value = value
		subs = append(subs, sub)
	}
	return substitute(text, subs), ok
}

// spelt reports calls that are meant to be var or env_var. All others are dbt's, which expressions know.
func (*variables) spelt(text diag.Text, bag *diag.Bag) (ok bool) {
	ok = true
	for _, at := range callStart.FindAllStringSubmatchIndex(text.Value, -1) {
		name := text.Value[at[2]:at[3]]
		if meant, near := diag.Nearest(name, calls); near && name != meant {
			bag.Add(diag.Diagnostic{Code: codeVariable, Span: text.At(at[2], at[3]),
				Message: fmt.Sprintf("`%s` is no call known here", name), Hint: fmt.Sprintf("did you mean `%s`?", meant)})
			ok = false
		}
	}
	return ok
}

// callEnd is where the braces close that are open before at, if they do.
func callEnd(text string, at int) int {
	if end := strings.Index(text[at:], "}}"); end >= 0 {
		return at + end + len("}}")
	}
	return at
}

func submatches(text string, indexes []int) []string {
	groups := make([]string, len(indexes)/2)
	for i := range groups {
		if lo := indexes[2*i]; lo >= 0 {
			groups[i] = text[lo:indexes[2*i+1]]
		}
	}
	return groups
}

// An undefinedVariable has neither a value nor a default.
type undefinedVariable struct{ message, hint string }

// value looks up a call given the groups of variableCall.
func (v *variables) value(call []string) (string, *undefinedVariable) {
	function, name := call[1], call[2]+call[3]
	hasDefault, fallback := call[4] != "", call[5]+call[6]+call[7]
	if function == "env_var" {
		if value, ok := v.env(name); ok {
			return value, nil
		}
	} else if value, ok := v.vars[name]; ok {
		return value, nil
	}
	if hasDefault {
		return fallback, nil
	}
	if function == "env_var" {
		return "", &undefinedVariable{
			message: fmt.Sprintf("environment variable `%s` is not set", name),
			hint:    fmt.Sprintf("set it, or give a default: {{ env_var('%s', 'default') }}", name),
		}
	}
	hint := "declare it under `vars:` in " + projectFile + ", or pass it with --vars"
	if known := slices.Sorted(maps.Keys(v.vars)); len(known) > 0 {
		hint = diag.Suggest(name, known)
	}
	return "", &undefinedVariable{message: fmt.Sprintf("variable `%s` has no value", name), hint: hint}
}

// substitute replaces stretches of a text. A replacement stands where the call stood: its last byte at the call's last, all
// others at its first, so that a caret under the whole of it spans the call.
func substitute(text diag.Text, subs []substitution) diag.Text {
	if len(subs) == 0 {
		return text
	}
	var value strings.Builder
	var places []diag.Position
	keep := func(lo, hi int) {
		value.WriteString(text.Value[lo:hi])
		for i := lo; i < hi; i++ {
			places = append(places, text.At(i, i).Start)
		}
	}
	at := 0
	for _, sub := range subs {
		keep(at, sub.lo)
		value.WriteString(sub.value)
		first, last := text.At(sub.lo, sub.lo).Start, text.At(sub.hi-1, sub.hi-1).Start
		for i := range len(sub.value) {
			if i == len(sub.value)-1 {
				first = last
			}
			places = append(places, first)
		}
		at = sub.hi
	}
	keep(at, len(text.Value))
	places = append(places, text.At(len(text.Value), len(text.Value)).Start)
	return diag.NewText(value.String(), text.Span, places)
}
