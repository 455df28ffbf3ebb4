package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// A cohort is experiments whose units are of one entity: what one pass over the facts serves. Its steps, in the order data flows, those
// in brackets where an experiment asks for them:
//
//	experiments, variants   what was declared, as rows
//	exposures               rows of the logs within each experiment's time
//	first_exposures         one row per experiment and unit [clusters: one per cluster; phases]
//	assigned                the same with what exposes a fault in the log
//	[entered_units, triggers]
//	units                   those that count, their attributes, the bounds of their stretches of time
//	[<table>_scan]          the rows of a fact table, where days and values read it
//	<table>_facts           the same beside the units that count them
//	<table>_values          aggregated per unit
//	unit_facts              all of a unit's aggregates side by side
//	unit_values             what metrics make of them, zero-filled
//	[unit_days]             the same by day, of metrics that have daily rows
//	[caps, centres]         quantiles and pooled ratios over units
//	measured                what estimators read of each unit [cluster_totals: of each cluster]
//	moments                 what leaves the warehouse, and beside it ranks, days, totals and counts
type cohort struct {
	entity      string
	experiments []*model.Experiment
	uses        []*ask.Use
	reporting   *time.Location
	program     *program
	columns     *names // of units and everything after
	stretches   []*stretch
	sources     []*source
	sequences   []*sequence
	dimensions  []*dimension
	traits      []*attribute
	carried     []carried
	// populationColumns hold the logs' dimensions as populations read them, by name.
	populationColumns map[string]rel.Expr
	triggers          []*trigger
	pairs             []pair              // experiments that may not share units
	neighbours        []*model.Experiment // of those pairs, the experiments that nobody asked for
	daily             *dayPlan            // nil: no metric has daily rows
	unitType          rel.Type            // Text where logs and facts differ in it
	unitAsText        bool

	estimators    []*estimator
	quantities    []*quantity
	quantityByKey map[string]*quantity
	measures      []*column
	centres       []*centre

	declared   *rel.Step // experiments
	assigned   *rel.Step
	entered    *rel.Step // units before triggers
	units      *rel.Step
	unitFacts  *rel.Step
	unitValues *rel.Step
	readings   *rel.Step
	capStep    *rel.Step // nil where nothing is capped at a quantile
	centreStep *rel.Step // nil where nothing is a ratio
}

// Columns that the steps of a cohort agree on.
var (
	experiment  = &rel.Col{Name: "experiment", T: rel.Text}
	assignedAt  = &rel.Col{Name: "assigned_at", T: rel.Timestamp}
	countedFrom = &rel.Col{Name: "counted_from", T: rel.Timestamp}
)

// reserved are the names of columns that no metric or dimension takes.
var reserved = []string{
	"experiment", "unit_id", "variant", "assigned_at", "counted_from", "start_at", "end_at", "experiment_key",
	"exposed_at", "last_exposed_at", "declared", "undeclared", "multiple", "null_rows", "included", "units", "slice_set", "slice_value", "bracket_experiment", "bracket_z",
	"step_number", "step_at", "began_at", "previous_at", "previous_began_at", "other_at", "base_at", "converted_value",
	"fact_unit", "fact_time", "day", "variant_value", "log_key", "log_variant", "log_unit", "log_time", "place", "kept",
	"phase", "stratum", "phase_experiment", "phase_name", "phase_from", "phase_until", "has_trigger", "trigger_experiment", "trigger_unit", "triggered_at",
	"caps_experiment", "centres_experiment", "declared_experiment", "variant_experiment", "variant_name",
	"lowest_variant", "highest_variant", clusterID, clustersColumn, clusterSize, clusterFirstAt, phasedAt, "cluster_experiment",
	"cluster_name", "cluster_variant", "cluster_declared", "cluster_lowest", "cluster_highest", "cluster_stratum",
	"pair_experiment", "pair_other", "other_experiment", "other_unit", foundUnits, newestFact, oldestFact, enteredDay, closedDay, nextDay, fromDay, untilDay,
	fromAge, untilAge, axisSet, exposedByDay, assignedByDay, countedByDay, triggeredByDay, firstDay, firstInstant, isLater,
}

func newCohort(p *program, entity string, experiments []*model.Experiment, uses []*ask.Use, reporting *time.Location) *cohort {
	return &cohort{
		entity: entity, experiments: experiments, uses: uses, reporting: reporting, program: p, columns: newNames(reserved...),
		quantityByKey: map[string]*quantity{}, populationColumns: map[string]rel.Expr{},
	}
}

// cohorts are the experiments by the entity of their units.
func cohorts(p *program, asked *ask.PerUnit) []*cohort {
	var all []*cohort
	for _, e := range asked.Experiments {
		i := slices.IndexFunc(all, func(c *cohort) bool { return c.entity == e.Entity })
		if i < 0 {
			i = len(all)
			all = append(all, newCohort(p, e.Entity, nil, nil, asked.Model.Zone))
		}
		all[i].experiments = append(all[i].experiments, e)
	}
	for _, use := range asked.Uses {
		i := slices.IndexFunc(all, func(c *cohort) bool { return c.entity == use.Experiment.Entity })
		all[i].uses = append(all[i].uses, use)
	}
	return all
}

func (c *cohort) unitID() *rel.Col { return &rel.Col{Name: "unit_id", T: c.unitType} }
