package report

import (
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/runner/judge"
)

// writeExploration shows what decides nothing, apart from what does: explore metrics, and the primary metrics by dimension.
func (p *page) writeExploration() {
	rows, dimensions, confidences := p.results(string(model.Explore)), p.dimensions(), p.confidences()
	if len(rows)+len(dimensions)+len(confidences) == 0 {
		return
	}
	p.heading("Exploration: decides nothing")
	p.paragraph("  ", "Among many numbers some stand out by chance. What is seen here is an idea for the next experiment.")
	g := p.metricGrid()
	p.addMetrics(g, rows)
	p.writeGrid(g)
	p.writeNotes(rows)
	p.writeConfidences(confidences)
	for _, dimension := range dimensions {
		for _, primary := range p.results(string(model.Primary)) {
			p.writeSlices(dimension, primary)
		}
	}
}

// mostSlices of a dimension are printed; the result table has them all.
const mostSlices = 6

// dimensions are those with rows, in their order.
func (p *page) dimensions() []string {
	var names []string
	for _, r := range p.Results {
		if r.Dimension != plan.Overall && !slices.Contains(names, r.Dimension) {
			names = append(names, r.Dimension)
		}
	}
	return names
}

// writeSlices shows a metric and variant by the values of a dimension, the largest first.
func (p *page) writeSlices(dimension string, whole judge.ResultRow) {
	var rows []judge.ResultRow
	for _, r := range p.Results {
		if r.Decides && r.Dimension == dimension && r.Metric == whole.Metric && r.Variant == whole.Variant {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b judge.ResultRow) int { return int(units(b) - units(a)) })
	g := p.sliceGrid(dimension, whole)
	for i, r := range rows {
		if i == mostSlices {
			g.add(fmt.Sprintf("  %s %d more", p.ellipsis, len(rows)-mostSlices))
			break
		}
		cells := append([]string{"  " + r.Slice, count(units(r))}, p.numbers(r)...)
		if r.Status != judge.OK {
			cells[len(cells)-1] = p.verdict(r)
		}
		g.add(cells...)
	}
	p.writeGrid(g)
	p.writeHeterogeneity(dimension, whole)
}

// alike is the adjusted p-value from which on slices may well have one effect.
const alike = 0.05

// writeHeterogeneity says whether the slices' effects differ by more than chance gives.
func (p *page) writeHeterogeneity(dimension string, whole judge.ResultRow) {
	for _, h := range p.Heterogeneity {
		if h.Dimension == dimension && h.Metric == whole.Metric && h.Variant == whole.Variant && h.PAdjusted != nil {
			p.paragraph("  ", fmt.Sprintf("%s (heterogeneity: adjusted p %.2g).", likeness(h), *h.PAdjusted))
		}
	}
}

func likeness(h judge.HeterogeneityRow) string {
	if *h.PAdjusted < alike {
		return "These effects differ by more than chance gives"
	}
	return "The data do not tell these effects apart"
}

func units(r judge.ResultRow) int64 { return *r.NControl + *r.NVariant }

func (p *page) sliceGrid(dimension string, whole judge.ResultRow) *grid {
	values := p.metricGrid().columns[1:]
	values = values[:len(values)-1] // no verdicts
	values[1].title = columnName(p.variant(whole.Variant))
	name := column{fmt.Sprintf("  %s\n  by %s", p.named(whole.Metric), dimension), text.AlignLeft}
	return &grid{columns: append([]column{name, {"units", text.AlignRight}}, values...)}
}

// confidences are those that are shown beside the deciding one, in their order.
func (p *page) confidences() []float64 {
	var shown []float64
	for _, r := range p.Results {
		if !r.Decides && !slices.Contains(shown, r.Confidence) {
			shown = append(shown, r.Confidence)
		}
	}
	return shown
}

// writeConfidences shows the primary metrics' intervals at other confidences beside the one that decides.
func (p *page) writeConfidences(shown []float64) {
	primaries := p.results(string(model.Primary))
	if len(shown) == 0 || len(primaries) == 0 {
		return
	}
	shown = append([]float64{primaries[0].Confidence}, shown...)
	slices.Sort(shown)
	g := &grid{columns: []column{{"  at other confidences", text.AlignLeft}, {"", text.AlignRight}, {"interval", text.AlignRight}}}
	for _, primary := range primaries {
		for _, confidence := range shown {
			g.add("  "+p.barLabel(primary), setting(confidence), p.at(primary, confidence))
		}
	}
	p.writeGrid(g)
}

// at is the interval of a result at another confidence; "" for none.
func (p *page) at(r judge.ResultRow, confidence float64) string {
	for _, other := range p.Results {
		if sameMeasure(other, r) && other.Confidence == confidence && other.Effect != nil {
			return p.ends(other)
		}
	}
	return ""
}
