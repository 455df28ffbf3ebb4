package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/runner/judge"
)

// Protocol writes what the decisions of a protocol are worth, where each test has the power it is planned for.
func Protocol(w io.Writer, p *model.Protocol, weighed []judge.Weighed, o Options) error {
	s := &sheet{style: o.style()}
	s.title(p.Name, "protocol")
	s.paragraph("", fmt.Sprintf("How often its rules ship a variant: %s at a confidence of %s, each test planned to find what is asked "+
		"of it with a chance of %s.", strings.ReplaceAll(p.Method, "_", " "), setting(p.Confidence), setting(weighed[0].Power)))
	s.write("")
	g := &grid{columns: []column{{"ships where", text.AlignLeft}, {"nothing changes", text.AlignRight}, {"all as asked", text.AlignRight},
		{"one harmed", text.AlignRight}, {"plan tests for", text.AlignRight}}}
	for _, one := range weighed {
		g.add(append([]string{describeWeighed(one)}, weighedCells(one.Odds)...)...)
	}
	s.write(s.lines(g)...)
	s.write("")
	simulated := slices.IndexFunc(weighed, func(one judge.Weighed) bool { return one.Odds.Nothing.Draws > 0 })
	s.paragraph("", caveats(weighed[max(simulated, 0)].Odds))
	_, err := io.WriteString(w, s.out.String())
	return err
}

// describeWeighed is the experiment's name, or the shape of one that is imagined.
func describeWeighed(w judge.Weighed) string {
	if w.Experiment.Name != "" {
		return w.Experiment.Name
	}
	shape := plural(w.Count(model.Primary), "primary metric")
	if n := w.Count(model.Guardrail); n > 0 {
		shape += ", " + plural(n, "guardrail")
	}
	return shape
}

func weighedCells(o judge.Odds) []string {
	cells := []string{unsigned(o.Nothing.Ship, placesFor(o.Nothing.Ship)), missing, missing, ""}
	if o.Asked != nil {
		cells[1] = unsigned(o.Asked.Ship, placesFor(o.Asked.Ship))
	}
	if o.Harmed != nil {
		cells[2] = unsigned(o.Harmed.Ship, placesFor(o.Harmed.Ship))
	}
	if o.PerTest > 0 {
		cells[3] = setting(o.PerTest)
	}
	return cells
}
