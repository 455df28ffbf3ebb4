package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/internal/report"
	"assay/runner/judge"
)

// diffText writes changes for a terminal.
func (a *app) diffText(m *model.Model, changes []*change) error {
	fmt.Fprintln(a.out, summaryOfChanges(changes))
	for _, c := range changes {
		fmt.Fprintf(a.out, "\n%s:%s  %s  %s\n", c.ResourceType, c.Name, c.words(), c.place())
		for _, s := range c.Settings {
			fmt.Fprintf(a.out, "  %s  %s\n", s.words(), s.At)
		}
		if len(c.UsedBy) > 0 {
			fmt.Fprintf(a.out, "  used by %s\n", selectors(c.UsedBy))
		}
		for _, words := range c.said() {
			fmt.Fprintf(a.out, "  %s\n", words)
		}
		if c.SQL != nil {
			io.WriteString(a.out, *c.SQL)
		}
		if columns, rows := c.table(m); len(rows) > 0 {
			if err := report.Table(a.out, columns, rows, a.page(a.out, m.Zone)); err != nil {
				return err
			}
		}
	}
	return nil
}

// diffMarkdown writes changes for a pull request.
func (a *app) diffMarkdown(m *model.Model, changes []*change) error {
	fmt.Fprintf(a.out, "%s\n", summaryOfChanges(changes))
	for _, c := range changes {
		fmt.Fprintf(a.out, "\n### `%s:%s` %s\n\n", c.ResourceType, c.Name, c.words())
		fmt.Fprintf(a.out, "- %s\n", c.place())
		for _, s := range c.Settings {
			fmt.Fprintf(a.out, "- `%s`, `%s`\n", s.words(), s.At)
		}
		if len(c.UsedBy) > 0 {
			fmt.Fprintf(a.out, "- used by %s\n", selectors(c.UsedBy))
		}
		for _, words := range c.said() {
			fmt.Fprintf(a.out, "- %s\n", words)
		}
		if c.SQL != nil && *c.SQL != "" {
			fmt.Fprintf(a.out, "\n<details><summary>SQL</summary>\n\n```diff\n%s```\n\n</details>\n", *c.SQL)
		}
		if columns, rows := c.table(m); len(rows) > 0 {
			fmt.Fprintln(a.out)
			markdownTable(a.out, columns, rows)
		}
	}
	return nil
}

func markdownTable(w io.Writer, columns []report.Column, rows [][]any) {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Name
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(columns)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = strings.ReplaceAll(fmt.Sprint(v), "|", `\|`)
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
}

// diffJSON writes changes for programs.
func (a *app) diffJSON(changes []*change) error {
	out := json.NewEncoder(a.out)
	out.SetEscapeHTML(false) // SQL is full of < and >
	out.SetIndent("", "  ")
	return out.Encode(struct {
		State   string    `json:"state"`
		Changes []*change `json:"changes"`
	}{a.state, changes})
}

// summaryOfChanges counts changes: 1 added, 2 changed, 3 affected.
func summaryOfChanges(changes []*change) string {
	if len(changes) == 0 {
		return "Nothing differs."
	}
	var counted []string
	for _, kind := range []changeKind{added, removed, changed, affected} {
		n := 0
		for _, c := range changes {
			if c.Kind == kind {
				n++
			}
		}
		if n > 0 {
			counted = append(counted, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return strings.Join(counted, ", ")
}

func (c *change) place() string {
	place := fmt.Sprintf("%s:%d:%d", c.File, c.Line, c.Column)
	if c.Kind == removed {
		return "before at " + place
	}
	return place
}

// words are how it differs; of what is as it was, because of what.
func (c *change) words() string {
	switch {
	case c.Kind != affected:
		return string(c.Kind)
	case len(c.Through) == 0:
		return "affected by nothing that it needs: by another release of assay, catalog.json or reporting_timezone"
	}
	return "affected by " + selectors(c.Through)
}

func (s settingChange) words() string {
	switch {
	case s.Before == nil:
		return fmt.Sprintf("+ %s: %s", s.Name, *s.After)
	case s.After == nil:
		return fmt.Sprintf("- %s: %s", s.Name, *s.Before)
	}
	return fmt.Sprintf("~ %s: %s → %s", s.Name, *s.Before, *s.After)
}

// selectors are ids as --select takes them.
func selectors(ids []string) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strings.Replace(id, ".", ":", 1)
	}
	return strings.Join(list, ", ")
}

// said are sentences on the SQL and the numbers.
func (c *change) said() []string {
	var said []string
	if c.SQL != nil && *c.SQL == "" {
		said = append(said, "its SQL is the same")
	}
	if n := c.Numbers; n != nil {
		said = append(said, fmt.Sprintf("as of %s: %s; %d of %d results differ",
			n.AsOf.Format(time.RFC3339), n.outcome(), len(n.Differ), len(n.Differ)+n.Same))
	}
	if r := c.Rows; r != nil {
		said = append(said, fmt.Sprintf("as of %s: %d rows before, %d after; %d gone, %d new",
			r.AsOf.Format(time.RFC3339), r.Before, r.After, r.Gone, r.New))
		for _, column := range r.Columns {
			said = append(said, column.words())
		}
	}
	return said
}

func (n *numbersChange) outcome() string {
	words := fmt.Sprintf("%d units", n.After.Units)
	if n.Before.Units != n.After.Units {
		words = fmt.Sprintf("%d → %d units", n.Before.Units, n.After.Units)
	}
	if n.Before.Recommendation != n.After.Recommendation {
		return fmt.Sprintf("%s, recommended: %s → %s", words, n.Before.Recommendation, n.After.Recommendation)
	}
	return words + ", recommended: " + string(n.After.Recommendation)
}

func (c columnChange) words() string {
	if c.Most == nil {
		return c.Metric + " is the same in each"
	}
	return fmt.Sprintf("%s differs in %s, most in %s: %s → %s", c.Metric, count(c.Differ, "row", "rows"),
		c.Most.Group, plainText(c.Most.Before), plainText(c.Most.After))
}

// table has, for each result that differs, a row before and one after.
func (c *change) table(m *model.Model) ([]report.Column, [][]any) {
	columns := []report.Column{{Name: "metric"}, {Name: "variant"}, {}, {Name: "control's value"}, {Name: "variant's"},
		{Name: "lift"}, {Name: "interval"}, {Name: "verdict"}}
	var rows [][]any
	add := func(of *judge.ResultRow, when string, in *judge.Report) {
		if of == nil {
			return
		}
		words := report.NewWords(in, m.Zone)
		row := []any{words.Metric(*of), words.Variant(of.Variant), when}
		for _, number := range words.Numbers(*of) {
			row = append(row, number)
		}
		rows = append(rows, append(row, words.Verdict(*of)))
	}
	if c.Numbers != nil {
		for _, r := range c.Numbers.Differ {
			add(r.Before, "before", c.Numbers.Before.report)
			add(r.After, "after", c.Numbers.After.report)
		}
	}
	return columns, rows
}
