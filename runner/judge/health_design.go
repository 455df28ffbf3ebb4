package judge

import (
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/stats"
)

// layerOverlap is a row for each other experiment of the layer: the units that are in both.
func (e evidence) layerOverlap() []HealthRow {
	_, assigned := e.assigned()
	dimension := "layer"
	var rows []HealthRow
	for _, shared := range e.Exposures.Shared {
		row := measured("layer_overlap", byShare(shared.Units, assigned), float64(shared.Units), tolerable)
		row.Dimension, row.Slice = &dimension, &shared.With
		rows = append(rows, row.advise("%s also in %s, which is of the same layer: what it does to them is part of what is "+
			"measured here. Let the layer's experiments share out the units between them.", counted(shared.Units, "unit"), shared.With))
	}
	return rows
}

// Definitions are what the first run since an experiment's start was told.
type Definitions struct {
	AsOf       Date
	Experiment string            // the hash of its definition, and of all that it needs
	Metrics    map[string]string // by the metric's name in the experiment
}

// definitionChanged compares the definitions with those of the first run since the start: its value is the number of metrics whose
// definition is another, or 1 where something else of the experiment is.
func (e evidence) definitionChanged() []HealthRow {
	first := e.run.First
	if first == nil {
		return nil
	}
	var changed []string
	for _, m := range e.Metrics {
		if was, known := first.Metrics[m.Use.Name]; known && was != e.run.Metrics[m.Use.Name].DefinitionHash {
			changed = append(changed, m.Use.Name)
		}
	}
	count, what := len(changed), strings.Join(changed, ", ")
	if count == 0 && first.Experiment != e.run.DefinitionHash {
		count, what = 1, "the experiment, its protocol or its assignments"
	}
	row := measured("definition_changed", passIf(count == 0, Warn), float64(count), 0)
	return []HealthRow{row.advise("Definitions changed after the run as of %s: %s. A definition that is chosen with the results in view "+
		"finds what it looks for: say why in the experiment's notes, or begin anew. `git log` of the project tells what changed.",
		first.AsOf, what)}
}

// watched are the methods under which people look while the experiment runs.
var watched = []string{string(stats.Sequential), string(stats.Hybrid), string(stats.GroupSequential)}

// openWindow warns of watching a metric whose values still grow with the time that units have had.
func (e evidence) openWindow() []HealthRow {
	method := e.Observed.Experiment.Protocol.Method
	if !slices.Contains(watched, method) {
		return nil
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		if m.Use.Role == model.Explore || m.Facts == nil {
			return nil
		}
		row := HealthRow{CheckName: "open_window", Status: passIf(m.Use.Settings.WindowEnd != nil || e.complete(m.Use), Warn)}
		return []HealthRow{row.advise("%s has no end of its window, so that it grows for as long as units are watched, and what it "+
			"measures changes between two looks. Give it one, as `window: {end: 14 days}`, and `mature: true` where units of all ages "+
			"are to be alike.", m.Use.Name)}
	})
}

// counterMetric warns where a metric that may decide has a counter metric that the experiment does not watch.
func (e evidence) counterMetric() []HealthRow {
	present := map[string]bool{}
	for _, use := range e.Observed.Experiment.Metrics {
		present[use.Metric.Name] = true
	}
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		counters := m.Use.Metric.Decl.Counter
		if m.Use.Role != model.Primary || len(counters) == 0 {
			return nil
		}
		absent := slices.DeleteFunc(slices.Clone(counters), func(n project.Name) bool { return present[n.V] })
		row := measured("counter_metric", passIf(len(absent) == 0, Warn), float64(len(absent)), 0)
		return []HealthRow{row.advise("%s may decide without %s, at whose cost it can rise. Add it to the guardrails.",
			m.Use.Name, strings.Join(names(absent), ", "))}
	})
}

// lowPower compares what a metric's data would detect with the smallest effect that matters, by the variant that is least far: its
// value is the share of the information that it has. It warns where no more is to come, and what there is decides nothing.
func (e evidence) lowPower(results []ResultRow) []HealthRow {
	return e.forEachMetric(func(m *plan.ObservedMetric) []HealthRow {
		var least *ResultRow
		for i, r := range results {
			whole := r.Metric == m.Use.Name && r.Dimension == plan.Overall && r.Decides && r.Step == nil
			if whole && r.Progress != nil && (least == nil || *r.Progress < *least.Progress) {
				least = &results[i]
			}
		}
		if least == nil || m.Use.Role == model.Explore {
			return nil
		}
		progress := *least.Progress
		enough := progress >= 1 || *least.Verdict != Undecided || !e.complete(m.Use)
		row := measured("low_power", passIf(enough, Warn), progress, 1)
		return []HealthRow{row.advise("%s has %s of the information that its smallest effect (%s) takes, and no more is to come: that "+
			"nothing was found says little. Run longer next time, with more units, or with covariates.",
			m.Use.Name, percent(progress), percent(*m.Use.Settings.MDE))}
	})
}
