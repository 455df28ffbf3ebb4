package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/internal/diag"
	"assay/runner"
)

// A cause is what is known to be wrong with a table before any statement reads it.
type cause struct {
	diag.Diagnostic
	sign *regexp.Regexp // what failures that come of it say
}

// withCauses puts what is known to be wrong in the place of the failures that came of it: the tables that an error says the
// warehouse refused, and the mistakes that its columns showed. Mistakes of which none came are warnings.
func withCauses(failures []diag.Diagnostic, err error, mistakes []diag.Diagnostic) []diag.Diagnostic {
	var told []diag.Diagnostic
	explained := map[string]bool{}
	for _, c := range slices.Concat(refusedTables(err), wrongNames(mistakes)) {
		met := false
		for _, failure := range failures {
			if c.sign.MatchString(failure.Message) {
				met, explained[failure.Message] = true, true
			}
		}
		if met {
			c.Severity = diag.Error
		}
		if met || c.Severity == diag.Warning {
			told = append(told, c.Diagnostic)
		}
	}
	return append(told, slices.DeleteFunc(failures, func(d diag.Diagnostic) bool { return explained[d.Message] })...)
}

// refusedTables are the tables that the warehouse refused; a statement that reads one is refused for the same reason.
func refusedTables(err error) []cause {
	var causes []cause
	for _, r := range refusals(err) {
		causes = append(causes, cause{unreadable(r), regexp.MustCompile(regexp.QuoteMeta(oneLine(r.Reason())))})
	}
	return causes
}

// wrongNames are the mistakes that the warehouse's columns showed; a statement that is refused for one says the name.
func wrongNames(mistakes []diag.Diagnostic) []cause {
	var causes []cause
	for _, d := range asWarnings(mistakes) {
		causes = append(causes, cause{d, regexp.MustCompile(`\b` + regexp.QuoteMeta(subject(d)) + `\b`)})
	}
	return causes
}

// asWarnings are mistakes that stop nothing.
func asWarnings(mistakes []diag.Diagnostic) []diag.Diagnostic {
	warnings := slices.Clone(mistakes)
	for i := range warnings {
		warnings[i].Severity = diag.Warning
	}
	return warnings
}

var backquoted = regexp.MustCompile("`([^`]+)`")

// subject is the name that a message is about: the last that stands in backquotes; else the whole, which no other message says.
func subject(d diag.Diagnostic) string {
	names := backquoted.FindAllStringSubmatch(d.Message, -1)
	if names == nil {
		return d.Message
	}
	return names[len(names)-1][1]
}

// refusals are the tables that a joined error says the warehouse refused.
func refusals(err error) []*runner.Refusal {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*runner.Refusal
		for _, part := range joined.Unwrap() {
			all = append(all, refusals(part)...)
		}
		return all
	}
	var one *runner.Refusal
	if errors.As(err, &one) {
		return []*runner.Refusal{one}
	}
	return nil
}

// unreadable reports a table at its source. What the warehouse says of our own reading of a whole table stays out; a SELECT of the
// user's may have its mistake inside.
func unreadable(r *runner.Refusal) diag.Diagnostic {
	reason := oneLine(r.Err.Error())
	if r.Table.Source.SQL == "" {
		reason = oneLine(r.Reason())
	}
	hint := nearFile(r.Table)
	if len(r.Grants) > 0 {
		hint = "an administrator allows it by " + strings.Join(r.Grants, "; ")
	}
	return diag.Diagnostic{Code: codeWarehouse, Span: r.Table.Source.At, Hint: hint,
		Message: fmt.Sprintf("`%s` cannot be read: %s", r.Table.Name, reason)}
}

// nearFile offers the file of the same folder that was meant; "" where none is near, or the source is no file of this machine.
func nearFile(t *model.Table) string {
	file := t.Source.Table.File
	if file == nil {
		return ""
	}
	entries, err := os.ReadDir(filepath.Dir(file.Path))
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	near, ok := diag.Nearest(filepath.Base(file.Path), names)
	if !ok || near == filepath.Base(file.Path) {
		return ""
	}
	return fmt.Sprintf("did you mean `%s`?", near)
}
