package project

import (
	"cmp"
	"fmt"
	"strings"

	"assay/internal/diag"
)

// A limit is something that is read in full and not computed.
type limit struct {
	what    string // where the key and value do not say it
	instead string // what to do meanwhile
}

// unsupported is what the language has and this version does not compute: `kind.key`, or `kind.key=value`. Without its row here
// a thing is let through.
var unsupported = map[string]limit{
	"file.identities":   {},
	"file.holdouts":     {},
	"file.interactions": {},

	"assignments.kind": {},

	"export config.export_as=view": {instead: "`table` is supported"},
}

// refuse reports what is known and not supported yet.
func (d *decoder) refuse(path string, span diag.Span) {
	limit, refused := unsupported[path]
	if !refused {
		return
	}
	what := limit.what
	if what == "" {
		_, written, _ := strings.Cut(path, ".")
		what = fmt.Sprintf("`%s`", strings.Replace(written, "=", ": ", 1))
	}
	d.failAt(span, codeNotSupported, cmp.Or(limit.instead, "leave it out"), "%s is known, but not supported yet", what)
}
