package project

import "assay/internal/diag"

// The rules that reading holds a project to.
const (
	codeSyntax       diag.Code = "syntax"
	codeFile         diag.Code = "file"
	codeUnknownKey   diag.Code = "unknown-key"
	codeDuplicateKey diag.Code = "duplicate-key"
	codeQuoteKey     diag.Code = "quote-key"
	codeMissing      diag.Code = "missing"
	codeType         diag.Code = "type"
	codeValue        diag.Code = "value"
	codeName         diag.Code = "name"
	codeDuplicate    diag.Code = "duplicate-name"
	codeConflict     diag.Code = "conflict"
	codeVariants     diag.Code = "variants"
	codeDates        diag.Code = "dates"
	codeVariable     diag.Code = "variable"
	codeNotSupported diag.Code = "not-supported"
)
