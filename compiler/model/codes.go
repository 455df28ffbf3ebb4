package model

import (
	"fmt"

	"assay/internal/diag"
)

// The rules that a model is held to.
const (
	codeColumn     diag.Code = "column"
	codeDimension  diag.Code = "dimension"
	codeEntity     diag.Code = "entity"
	codeModel      diag.Code = "model"
	codeMetric     diag.Code = "metric"
	codePath       diag.Code = "path"
	codeCycle      diag.Code = "cycle"
	codeDuplicate  diag.Code = "duplicate-name"
	codeGrain      diag.Code = "grain"
	codeType       diag.Code = "type"
	codeValidity   diag.Code = "validity"
	codeSource     diag.Code = "source"
	codeMissing    diag.Code = "missing"
	codeSetting    diag.Code = "setting"
	codeExperiment diag.Code = "experiment"
	codeDecision   diag.Code = "decision"
)

// unknown is a diagnostic about a name that is none of known.
func unknown(code diag.Code, what, name string, at diag.Span, known []string) diag.Diagnostic {
	hint := diag.Suggest(name, known)
	if hint == "" {
		hint = "none is declared"
	}
	return diag.Diagnostic{Code: code, Message: fmt.Sprintf("no %s is called `%s`", what, name), Span: at, Hint: hint}
}
