package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Column of a table of query rows. Unit is that of a metric's numbers, "" for none; "%" shows fractions as percentages.
type Column struct{ Name, Unit string }

// Table writes the rows of a query, numbers to the right and to the same places down a column. Values are nil, bool, int64,
// float64, string or time.Time, as a warehouse returns them. To fit the width titles are folded and then the widest texts shortened,
// and where that is not enough each row is a list of its values; 0 fits anything.
func Table(w io.Writer, columns []Column, rows [][]any, o Options) error {
	s := o.style()
	s.width = o.Width // however narrow that is
	if o.Width == 0 {
		s.width = math.MaxInt
	}
	g := &grid{rows: make([][]string, len(rows))}
	for i, c := range columns {
		values := make([]any, len(rows))
		for j, row := range rows {
			values[j] = row[i]
		}
		cells, align := s.cells(c, values)
		for j, cell := range cells {
			g.rows[j] = append(g.rows[j], cell)
		}
		g.columns = append(g.columns, column{c.title(), align})
	}
	if g.total() > s.width {
		g.fold(s.width)
	}
	lines := s.lines(g)
	if g.least() > s.width {
		lines = s.records(columns, g.rows)
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// records are the rows one below the other, a line for each value.
func (s style) records(columns []Column, rows [][]string) []string {
	widest := 0
	for _, c := range columns {
		widest = max(widest, text.StringWidthWithoutEscSequences(c.title()))
	}
	var lines []string
	for i, row := range rows {
		if i > 0 {
			lines = append(lines, "")
		}
		for j, cell := range row {
			lines = append(lines, s.faint(text.Pad(columns[j].title(), widest+gap, ' '))+cell)
		}
	}
	return lines
}

// title names the column with its unit; a percentage says so in its cells.
func (c Column) title() string {
	if c.Unit == "" || c.Unit == "%" {
		return c.Name
	}
	return c.Name + ", " + c.Unit
}

// cells are a column's values as text: of one kind, as a column of a warehouse is.
func (s style) cells(c Column, values []any) ([]string, text.Align) {
	format, align := func(v any) string { return fmt.Sprint(v) }, text.AlignLeft
	switch first(values).(type) {
	case int64:
		format, align = func(v any) string { return s.signs(humanize.Comma(v.(int64))) }, text.AlignRight
	case float64:
		format, align = s.floats(c, values), text.AlignRight
	case time.Time:
		format, align = times(values), text.AlignDefault // to the left, and never shortened
	}
	cells := make([]string, len(values))
	for i, v := range values {
		if cells[i] = s.faint("NULL"); v != nil {
			cells[i] = format(v)
		}
	}
	return cells, align
}

// first is the first value that is not NULL.
func first(values []any) any {
	i := slices.IndexFunc(values, func(v any) bool { return v != nil })
	if i < 0 {
		return nil
	}
	return values[i]
}

// queryDigits are the significant digits of the largest number of a column.
const queryDigits = 6

func (s style) floats(c Column, values []any) func(any) string {
	scale, suffix := 1.0, ""
	if c.Unit == "%" {
		scale, suffix = 100, "%"
	}
	largest, whole := 0.0, true
	for _, v := range values {
		if x, ok := v.(float64); ok {
			largest, whole = max(largest, math.Abs(scale*x)), whole && scale*x == math.Trunc(scale*x)
		}
	}
	places := 0
	if !whole {
		places = min(max(queryDigits-1-int(math.Floor(math.Log10(largest))), 2), queryDigits)
	}
	layout := "#,###." + strings.Repeat("#", places)
	return func(v any) string { return s.signs(humanize.FormatFloat(layout, scale*v.(float64))) + suffix }
}

// times are days where every value is a midnight.
func times(values []any) func(any) string {
	layout := time.DateOnly
	for _, v := range values {
		if t, ok := v.(time.Time); ok && !t.Equal(t.Truncate(24*time.Hour)) {
			layout = time.DateTime
		}
	}
	return func(v any) string { return v.(time.Time).Format(layout) }
}
