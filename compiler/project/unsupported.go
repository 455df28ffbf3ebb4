package project

import "assay/internal/diag"

// refuse reports what is known and not computed yet.
func (d *decoder) refuse(what string, span diag.Span) {
	name, ok := unsupported[what]
	if !ok {
		return
	}
	d.failAt(span, codeNotSupported, "", "%s: known, not supported yet", name)
}

var unsupported = map[string]string{}
