package site

import (
	"fmt"
	"io"
	"strings"
)

// Summary writes the experiments as Markdown for a pull request or a message: the answer, the metrics that decide, and health.
func (s *Site) Summary(w io.Writer) error {
	var b strings.Builder
	for _, e := range s.Experiments {
		if e.Report == nil {
			fmt.Fprintf(&b, "## %s\n\nNo run has computed it yet.\n\n", escape(e.Name))
			continue
		}
		p, err := s.experimentPage(e)
		if err != nil {
			return err
		}
		p.summarise(&b)
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

func (p *experimentPage) summarise(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", escape(p.Name))
	if p.Question != "" {
		fmt.Fprintf(b, "_%s_\n\n", escape(p.Question))
	}
	fmt.Fprintf(b, "**%s**%s\n\n", escape(p.Lead.Words), escape(p.Lead.Why))
	for _, l := range p.Answer {
		fmt.Fprintf(b, "- %s\n", escape(l.Words))
	}
	b.WriteString("\n")
	if p.Decision != nil {
		p.Decision.summarise(b)
	}
	if p.Health != nil {
		fmt.Fprintf(b, "%s\n\n", escape(p.Health.Words))
	}
	fmt.Fprintf(b, "%s; data up to %s. %s\n\n", escape(p.words.Status()), p.instant(p.Report.Experiment.AsOf), escape(p.Method))
}

func (t *board) summarise(b *strings.Builder) {
	b.WriteString("| Metric | Variant | Control | Value | Lift | Interval | Verdict |\n")
	b.WriteString("|---|---|--:|--:|--:|--:|---|\n")
	for _, g := range t.Groups {
		for _, r := range g.Rows {
			metric := r.Metric + " (" + strings.TrimSuffix(strings.ToLower(g.Title), "s") + ")"
			cells := []string{metric, r.Variant, r.Control, r.Value, r.Lift, r.Interval, r.Verdict}
			for i := range cells {
				cells[i] = escape(cells[i])
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
		}
	}
	b.WriteString("\n")
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`,
	"\n", " ")

// escape keeps names and sentences from being read as Markdown.
func escape(words string) string { return markdownEscapes.Replace(words) }
