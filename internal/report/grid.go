package report

import (
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is aligned columns without lines. Where the page is narrow, the widest columns of text are shortened.
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
	header, configs := table.Row{}, []table.ColumnConfig{}
	for i, width := range g.widths(s.width) {
		c := g.columns[i]
		header = append(header, s.faintLines(c.title))
		config := table.ColumnConfig{Number: i + 1, Align: c.align, AlignHeader: c.align, VAlignHeader: text.VAlignBottom}
		if width < g.width(i) {
			config.WidthMax, config.WidthMaxEnforcer = width, s.snipLines
		}
		configs = append(configs, config)
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

// snipLines shortens each line of a cell.
func (s style) snipLines(cell string, width int) string {
	lines := strings.Split(cell, "\n")
	for i := range lines {
		lines[i] = s.snip(lines[i], width)
	}
	return strings.Join(lines, "\n")
}

// faintLines makes each line faint by itself: a table puts other columns between them.
func (s style) faintLines(words string) string {
	lines := strings.Split(words, "\n")
	for i := range lines {
		lines[i] = s.faint(lines[i])
	}
	return strings.Join(lines, "\n")
}

// widths are those of the columns, the widest texts as much narrower as the page is.
func (g *grid) widths(page int) []int {
	widths := make([]int, len(g.columns))
	for i := range widths {
		widths[i] = g.width(i)
	}
	for over := g.total() - page; over > 0; over-- {
		i := g.widestText(widths)
		if i < 0 {
			break
		}
		widths[i]--
	}
	return widths
}

// widestText is the widest column of text that can be shortened, −1 where there is none.
func (g *grid) widestText(widths []int) int {
	widest := -1
	for i, c := range g.columns {
		if c.align == text.AlignLeft && widths[i] > narrowest && (widest < 0 || widths[i] > widths[widest]) {
			widest = i
		}
	}
	return widest
}

// total is how wide the grid is as a whole.
func (g *grid) total() int {
	total := -gap
	for i := range g.columns {
		total += gap + g.width(i)
	}
	return total
}

// least is how wide it is where all texts are shortened as far as they may be.
func (g *grid) least() int {
	least := -gap
	for i, c := range g.columns {
		width := g.width(i)
		if c.align == text.AlignLeft {
			width = min(width, narrowest)
		}
		least += gap + width
	}
	return least
}

// fold breaks titles that are wider than what stands below them, and those of texts as narrow as these become on the page.
func (g *grid) fold(page int) {
	titles := make([]string, len(g.columns))
	for i := range g.columns {
		titles[i], g.columns[i].title = g.columns[i].title, ""
		g.columns[i].title = folded(titles[i], g.width(i))
	}
	for i, width := range g.widths(page) {
		if width < g.width(i) {
			g.columns[i].title = folded(titles[i], width)
		}
	}
}

// folded is a title in lines of at most the width, or of one word: it breaks after underscores and spaces.
func folded(title string, width int) string {
	lines := []string{""}
	for _, word := range words.FindAllString(title, -1) {
		last := len(lines) - 1
		if fits := len(lines[last])+len(strings.TrimRight(word, " ")) <= width; fits || lines[last] == "" {
			lines[last] += word
		} else {
			lines = append(lines, word)
		}
	}
	return strings.Join(lines, "\n")
}

// words are the parts between which a title may break.
var words = regexp.MustCompile(`[^_ ]+[_ ]*|[_ ]+`)

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
