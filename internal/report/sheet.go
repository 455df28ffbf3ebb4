package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// A sheet is lines being written, no wider than the page.
type sheet struct {
	style
	out strings.Builder
}

func (s *sheet) write(lines ...string) {
	for _, line := range lines {
		s.out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// title names what the sheet is of, with its status at the right.
func (s *sheet) title(name, status string) {
	between := s.width - text.StringWidthWithoutEscSequences(name) - text.StringWidthWithoutEscSequences(status)
	if between >= gap {
		s.write(s.strong(name) + strings.Repeat(" ", between) + status)
	} else {
		s.write(s.strong(s.snip(name, s.width)), status)
	}
	s.write(s.faint(strings.Repeat(s.rule, s.width)))
}

// heading begins a section.
func (s *sheet) heading(title string) { s.write("", s.strong(title)) }

// paragraph writes words under an indent.
func (s *sheet) paragraph(indent, words string) { s.out.WriteString(s.wrap(indent, indent, words)) }

// item writes words after a mark, its further lines under the first.
func (s *sheet) item(mark, words string) {
	s.out.WriteString(s.wrap("  "+mark+" ", "    ", words))
}
