package model

import (
	"time"

	"assay/compiler/project"
	"assay/internal/diag"
)

// Build resolves p. Where a part cannot be resolved, it is in the bag and left out of the Model.
func Build(p *project.Project, bag *diag.Bag) *Model {
	b := &builder{Model: &Model{Project: p, Zone: zoneOr(p.ReportingTimezone, time.UTC)}, bag: bag, unreachable: map[noPathError]bool{}}
	b.buildTables()
	b.buildMetrics()
	b.checkProtocols()
	b.buildLogs()
	b.buildExperiments()
	b.checkQueries()
	b.checkAnnotations()
	b.checkUnitTests()
	return b.Model
}

// A builder fills a Model step by step; each step reads what those before it have found.
type builder struct {
	*Model
	bag     *diag.Bag
	logs    map[string]*Log // by the name of their assignments
	pending map[string]*pendingMetric
	rules   map[*project.Protocol][]Rule
	// unreachable are the tables whose rows were reported to lead to no unit.
	unreachable map[noPathError]bool
}

// checkAnnotations asks that what is noted of a metric names one.
func (b *builder) checkAnnotations() {
	for _, a := range b.Project.Annotations {
		for _, name := range a.Metrics {
			if _, declared := b.pending[name.V]; !declared {
				b.missing(codeMetric, "metric", name, b.metricNames(""))
			}
		}
	}
}

func zoneOr(v project.Value[*time.Location], otherwise *time.Location) *time.Location {
	if v.IsSet() {
		return v.V
	}
	return otherwise
}
