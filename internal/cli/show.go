package cli

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/project"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [selector]...",
		Short: "Explain an experiment, a metric or a protocol: each setting and the line it comes from",
		Example: "  assay show experiment:checkout_redesign\n" +
			"  assay show metric:revenue",
		RunE: func(_ *cobra.Command, args []string) error { return a.show(args) },
	}
}

func (a *app) show(selectors []string) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	a.selects = append(a.selects, selectors...)
	nodes, err := a.selected(newGraph(m))
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		a.showNode(m, n)
	}
	return nil
}

// showNode prints what was written of a node, an experiment's with the project's defaults; of an experiment also the settings of
// its protocol and its metrics, those that nobody wrote included.
func (a *app) showNode(m *model.Model, n *node) {
	fmt.Fprintf(a.out, "%s:%s  %s\n", n.Kind, n.Name, n.At)
	a.printSettings("", settings(n.Decl, m.Zone))
	for _, e := range m.Experiments {
		if n.Kind == kindExperiment && e.Name == n.Name {
			a.showExperiment(e)
		}
	}
}

func (a *app) showExperiment(e *model.Experiment) {
	a.printSettings("protocol "+e.Protocol.Name, protocolSettings(e.Protocol))
	for _, use := range e.Metrics {
		var list []setting
		for _, o := range use.Settings.Origins {
			value := o.Value
			if !o.Span.IsZero() {
				value += "  (" + o.Layer + ")"
			}
			list = append(list, setting{name: o.Setting, value: value, at: o.Span})
		}
		a.printSettings(fmt.Sprintf("metric %s (%s)", use.Name, use.Role), list)
	}
}

// protocolSettings are those in force, defaults included, where the experiment or else its protocol says so.
func protocolSettings(p *model.Protocol) []setting {
	decl, s, correction := p.Decl, p.Statistics, &project.Correction{}
	if decl == nil {
		decl = &project.Protocol{}
	}
	if s.Correction != nil {
		correction = s.Correction
	}
	list := slices.Concat([]setting{{"method", p.Method, s.Method.Span}}, methodSettings(p), []setting{
		{"confidence", percent(p.Confidence), s.Confidence.Span},
		{"sides", p.Sides, s.Sides.Span},
		{"correction", p.Correction, correction.Method.Span},
		{"power", percent(p.Power), decl.Power.Span},
		{"minimum.runtime", fmt.Sprintf("%d days", p.MinimumDays), decl.MinimumRuntime.Span},
		{"minimum.units_per_variant", fmt.Sprint(p.MinimumUnits), decl.MinimumUnits.Span},
		{"srm.threshold", fmt.Sprint(p.SRMThreshold), decl.SRMThreshold.Span},
	})
	for _, confidence := range p.Show {
		list = append(list, setting{"show", percent(confidence), s.Show[0].Span})
	}
	for i, rule := range p.Decision {
		decided := setting{"decision", rule.Text + ": " + string(rule.Recommend), decl.DefaultDecision.Span}
		if len(decl.Decision) > 0 {
			decided.at = decl.Decision[i].Span
		}
		list = append(list, decided)
	}
	return list
}

// methodSettings are those that the method reads.
func methodSettings(p *model.Protocol) []setting {
	s := p.Statistics
	tuning := setting{"tuning", fmt.Sprintf("%d units", p.Tuning), s.Tuning.Span}
	return map[string][]setting{
		"sequential":       {tuning},
		"hybrid":           {tuning},
		"group_sequential": {{"looks", fmt.Sprint(p.Looks), s.Looks.Span}, {"spending", p.Spending, s.Spending.Span}},
		"bayesian":         {{"prior", fmt.Sprintf("mean %v, sd %v", p.Prior.Mean, p.Prior.SD), s.PriorSD.Span}},
	}[p.Method]
}

func percent(fraction float64) string { return fmt.Sprintf("%.4g%%", 100*fraction) }

func (a *app) printSettings(title string, list []setting) {
	if title != "" {
		fmt.Fprintf(a.out, "\n  %s\n", title)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", s.name, s.value, s.at)
	}
	w.Flush()
}
