package site

import (
	"bytes"
	"html/template"

	"github.com/yuin/goldmark"
)

// markdown is people's notes as HTML. HTML and scripts in them are left out.
func markdown(notes string) (template.HTML, error) {
	var out bytes.Buffer
	err := goldmark.Convert([]byte(notes), &out)
	return template.HTML(out.String()), err
}
