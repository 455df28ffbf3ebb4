package report

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
)

var kinds = map[string]project.Metric{"more": more, "less": less, "money": money, "share": ordered}

func drawPage(t *rapid.T) *plan.Observed {
	variants := []string{"control", "treatment", "other"}[:rapid.IntRange(2, 3).Draw(t, "variants")]
	o := checkout(day(1, rapid.IntRange(4, 31).Draw(t, "day")), variants...)
	drawProtocol(t, o.Experiment.Protocol)
	var units []int64
	for range variants {
		units = append(units, rapid.SampledFrom([]int64{0, 1, 2, 900, 1000, 1e7}).Draw(t, "units"))
	}
	enrol(o, units...)
	for _, role := range []model.Role{model.Primary, model.Guardrail, model.Secondary, model.Explore} {
		var samples []sample
		for range variants {
			samples = append(samples, sample{
				rapid.SampledFrom([]float64{0, 0.2, 0.21, 1, -5, 1e5, 1e12, 1e-12}).Draw(t, "mean"),
				rapid.SampledFrom([]float64{0, 0.4, 1e-9, 50, 1e5, 1e12}).Draw(t, "sd"),
			})
		}
		kind := rapid.SampledFrom([]string{"more", "less", "money", "share"}).Draw(t, "metric")
		m := measure(o, role, string(role), kinds[kind], samples...)
		m.Use.Settings.MDE, m.Use.Margin = ptr(0.05), ptr(0.1)
	}
	return o
}

func drawProtocol(t *rapid.T, p *model.Protocol) {
	p.Method = rapid.SampledFrom([]string{"fixed", "sequential", "hybrid", "group_sequential", "bayesian"}).Draw(t, "method")
	p.Correction = rapid.SampledFrom([]string{"none", "bonferroni", "holm", "bh", "preferential_bonferroni"}).Draw(t, "correction")
	p.Sides = rapid.SampledFrom([]string{"two", "one"}).Draw(t, "sides")
	p.Show = rapid.SampledFrom([][]float64{nil, {0.8, 0.9}}).Draw(t, "show")
	p.Prior, p.Looks, p.Spending, p.Gamma = model.Prior{SD: 0.05}, 4, "pocock", 0.5
}

// Whatever was observed has a page, which fits, holds no number that is none, and says nothing that the method does not.
func TestAnyPage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawPage(rt)
		width := rapid.IntRange(DefaultWidth, 120).Draw(rt, "width")
		page := render(t, o, Options{Width: width})
		for _, line := range strings.Split(page, "\n") {
			if text.StringWidthWithoutEscSequences(line) > width {
				rt.Fatalf("wider than %d: %s", width, line)
			}
		}
		for _, words := range append([]string{"NaN", "Inf", "%!", "<nil>"}, forbidden...) {
			if strings.Contains(page, words) {
				rt.Fatalf("the page says %q\n%s", words, page)
			}
		}
	})
}
