package site

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"assay/compiler/plan"
	"assay/runner/judge"
)

// An exploration is what decides nothing.
type exploration struct {
	Board       *board
	Funnels     []funnel
	Confidences []confidences
	Dimensions  []dimension
	Left        string // rows that are in the result table alone; "" for none
}

func (p *experimentPage) exploration() *exploration {
	e := &exploration{Board: p.board("Explore metrics", explore), Funnels: p.funnels(), Confidences: p.confidences()}
	var left int
	if e.Dimensions, left = p.dimensions(); left > 0 {
		e.Left = rowCount(left) + " more are"
	}
	if e.Board == nil && len(e.Funnels) == 0 && len(e.Confidences) == 0 && len(e.Dimensions) == 0 {
		return nil
	}
	return e
}

// confidences are the intervals of a variant's primary metric at each confidence that is shown.
type confidences struct {
	Comparison string
	Levels     []level
}

type level struct {
	Confidence, Interval string
	Decides              bool
}

func (p *experimentPage) confidences() []confidences {
	shown := p.words.Confidences()
	if len(shown) == 0 {
		return nil
	}
	var list []confidences
	for _, r := range p.words.Results(primary) {
		c := confidences{Comparison: p.words.Label(r)}
		for _, confidence := range slices.Sorted(slices.Values(append(shown[:len(shown):len(shown)], r.Confidence))) {
			c.Levels = append(c.Levels, level{percent(confidence), p.intervalAt(r, confidence), confidence == r.Confidence})
		}
		list = append(list, c)
	}
	return list
}

func (p *experimentPage) intervalAt(r judge.ResultRow, confidence float64) string {
	for _, other := range p.Report.Results {
		if isWhole(other) && other.Metric == r.Metric && other.Variant == r.Variant && other.Confidence == confidence {
			return p.words.Interval(other)
		}
	}
	return ""
}

// A funnel is a metric's steps in the order in which units are lost.
type funnel struct {
	Metric string
	Arms   arms
	Steps  []step
}

// A step has the share of the units of the one before that did not get to it.
type step struct {
	row
	LostControl, LostVariant string
}

func (p *experimentPage) funnels() []funnel {
	var funnels []funnel
	for _, whole := range p.whole() {
		steps := p.steps(whole)
		if len(steps) == 0 {
			continue
		}
		f := funnel{Metric: p.words.Metric(whole), Arms: p.arms()}
		f.Arms.Variant = p.words.Variant(whole.Variant)
		before := judge.ResultRow{}
		for _, r := range steps {
			s := step{p.row(r, scale{}), lost(before.ValueControl, r.ValueControl), lost(before.ValueVariant, r.ValueVariant)}
			s.Metric = *r.Step
			f.Steps, before = append(f.Steps, s), r
		}
		funnels = append(funnels, f)
	}
	return funnels
}

// steps of a metric, from the one that most units get to.
func (p *experimentPage) steps(whole judge.ResultRow) []judge.ResultRow {
	var steps []judge.ResultRow
	for _, r := range p.Report.Results {
		if r.Step != nil && r.Decides && r.Dimension == plan.Overall && r.Metric == whole.Metric && r.Variant == whole.Variant {
			steps = append(steps, r)
		}
	}
	slices.SortStableFunc(steps, func(a, b judge.ResultRow) int {
		return cmp.Compare(end(b.ValueControl, -1), end(a.ValueControl, -1))
	})
	return steps
}

// lost is the share of the units at one step that is not at the next; before the first step all units are.
func lost(before, at *float64) string {
	all := 1.0
	if before != nil {
		all = *before
	}
	if at == nil || all == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f%%", 100*(1-*at/all))
}

// A dimension is the slices by its values.
type dimension struct {
	Name    string
	Metrics []sliced
}

// sliced is a metric by the values of a dimension.
type sliced struct {
	Metric  string
	Primary bool
	Rows    string   // how many
	Differ  []string // whether the effects differ, a sentence a variant
	Axis    template.HTML
	Arms    arms
	Groups  []slicedVariant
}

type slicedVariant struct {
	Variant string
	Rows    []sliceRow
}

type sliceRow struct {
	Slice, Units string
	row
}

func rowCount(n int) string {
	if n == 1 {
		return "1 row"
	}
	return count(int64(n)) + " rows"
}

// mostSlices are the rows that a page has room for; primary metrics come first.
const mostSlices = 900

// dimensions are the metrics by dimension, and how many slices there was no room for.
func (p *experimentPage) dimensions() (list []dimension, left int) {
	room := mostSlices
	for _, name := range p.words.Dimensions() {
		list = append(list, dimension{Name: name})
	}
	for _, role := range roles {
		for i := range list {
			metrics, skipped := p.sliced(list[i].Name, role, &room)
			list[i].Metrics = append(list[i].Metrics, metrics...)
			left += skipped
		}
	}
	return list, left
}

func (p *experimentPage) sliced(dimension, role string, room *int) (list []sliced, left int) {
	var metrics []string
	for _, r := range p.words.Results(role) {
		metrics = append(metrics, r.Metric)
	}
	for _, metric := range slices.Compact(metrics) {
		var rows []judge.ResultRow
		for _, r := range p.Report.Results {
			if r.Decides && r.Step == nil && r.Dimension == dimension && r.Metric == metric {
				rows = append(rows, r)
			}
		}
		switch {
		case len(rows) > *room:
			left += len(rows)
		case len(rows) > 0:
			*room -= len(rows)
			list = append(list, p.slicedMetric(rows))
		}
	}
	return list, left
}

// slicedMetric has intervals drawn for a primary metric alone: many would drown the page.
func (p *experimentPage) slicedMetric(rows []judge.ResultRow) sliced {
	first := rows[0]
	s := sliced{Metric: p.words.Metric(first), Primary: first.Role == primary, Rows: rowCount(len(rows)), Arms: p.arms()}
	var drawn scale
	if s.Primary {
		drawn = scaleOf(rows)
	}
	if drawn.drawn() {
		s.Axis = drawn.ticks(p.words)
	}
	for _, r := range rows {
		if n := len(s.Groups); n == 0 || s.Groups[n-1].Variant != p.words.Variant(r.Variant) {
			s.Groups = append(s.Groups, slicedVariant{Variant: p.words.Variant(r.Variant)})
		}
		group := &s.Groups[len(s.Groups)-1]
		group.Rows = append(group.Rows, sliceRow{r.Slice, count(unitsOf(r)), p.row(r, drawn)})
	}
	s.Differ = p.differ(first.Metric, first.Dimension)
	return s
}

// differ says of each variant whether a metric's effects differ over a dimension.
func (p *experimentPage) differ(metric, dimension string) []string {
	var words []string
	for _, h := range p.Report.Heterogeneity {
		if h.Metric == metric && h.Dimension == dimension && h.Q != nil && h.PAdjusted != nil {
			words = append(words, p.words.Variant(h.Variant)+": "+p.words.Heterogeneity(h))
		}
	}
	return words
}
