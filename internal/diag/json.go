package diag

import (
	"encoding/json"
	"io"
)

type jsonPlace struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

type jsonNote struct {
	Message string `json:"message"`
	jsonPlace
}

type jsonDiagnostic struct {
	Severity string `json:"severity"`
	Code     Code   `json:"code"`
	Message  string `json:"message"`
	jsonPlace
	Hint  string     `json:"hint,omitempty"`
	Notes []jsonNote `json:"notes,omitempty"`
}

// WriteJSON writes diagnostics for programs: an object a line. Places are left out where there are none.
func WriteJSON(w io.Writer, list []Diagnostic) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, d := range list {
		if err := encoder.Encode(asJSON(d)); err != nil {
			return err
		}
	}
	return nil
}

func asJSON(d Diagnostic) jsonDiagnostic {
	out := jsonDiagnostic{Severity: d.Severity.String(), Code: d.Code, Message: d.Message, jsonPlace: place(d.Span), Hint: d.Hint}
	for _, note := range d.Notes {
		out.Notes = append(out.Notes, jsonNote{note.Message, place(note.Span)})
	}
	return out
}

func place(s Span) jsonPlace {
	return jsonPlace{File: s.File, Line: s.Start.Line, Column: s.Start.Col, EndLine: s.End.Line, EndColumn: s.End.Col}
}
