package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is aligned columns without lines. Where the page is narrow, the widest column of text is shortened.
type grid struct {
	columns []column
	rows    [][]string
}

type column struct {
	title string // may have several lines
	align text.Align
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// narrowest is how short a name may become.
const narrowest = 6

// gap stands between columns.
const gap = 2

var gridStyle = func() table.Style {
	s := table.Style{Name: "grid", Box: table.StyleBoxDefault, Format: table.FormatOptions{}}
	s.Box.PaddingLeft, s.Box.PaddingRight = "", strings.Repeat(" ", gap)
	s.Options = table.OptionsNoBordersAndSeparators
	return s
}()

// lines are the header and the rows.
func (s style) lines(g *grid) []string {
	t := table.NewWriter()
	t.SetStyle(gridStyle)
	header, configs, room := table.Row{}, []table.ColumnConfig{}, s.width
	for i, c := range g.columns {
		header = append(header, s.faintLines(c.title))
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: c.align, AlignHeader: c.align, VAlignHeader: text.VAlignBottom})
		room -= gap + g.width(i)
	}
	if i := g.widestText(); i >= 0 {
		configs[i].WidthMax, configs[i].WidthMaxEnforcer = max(room+gap+g.width(i), narrowest), s.snip
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for _, cells := range g.rows {
		row := table.Row{}
		for _, cell := range cells {
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// faintLines makes each line faint by itself: a table puts other columns between them.
func (s style) faintLines(words string) string {
	lines := strings.Split(words, "\n")
	for i := range lines {
		lines[i] = s.faint(lines[i])
	}
	return strings.Join(lines, "\n")
}

// widestText is the widest column of text, −1 where all are numbers.
func (g *grid) widestText() int {
	widest := -1
	for i, c := range g.columns {
		if c.align == text.AlignLeft && (widest < 0 || g.width(i) > g.width(widest)) {
			widest = i
		}
	}
	return widest
}

// width of a column's widest cell.
func (g *grid) width(column int) int {
	widest := text.LongestLineLen(g.columns[column].title)
	for _, row := range g.rows {
		if column < len(row) {
			widest = max(widest, text.StringWidthWithoutEscSequences(row[column]))
		}
	}
	return widest
}
