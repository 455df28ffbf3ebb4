package plan

import (
	"slices"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// Units of an experiment whose allocation changed, or was made within strata, are compared within each phase and stratum: moments are
// grouped by these too, and add up to the whole.

// gatherStrata keeps the stratum of a unit's first exposure, where any log has one.
func (c *cohort) gatherStrata() {
	if slices.ContainsFunc(c.logs(), func(log *model.Log) bool { return log.Stratum != nil }) {
		c.carried = append(c.carried, carried{stratum, rel.Text, func(log *model.Log) rel.Expr { return log.Stratum }})
	}
}

const stratum = "stratum"

func (c *cohort) stratified() bool { return slices.Contains(c.carriedColumns(), stratum) }

func (c *cohort) phased() bool {
	return slices.ContainsFunc(c.experiments, func(e *model.Experiment) bool { return e.Phases != nil })
}

// strata are the columns of units by which comparisons are stratified.
func (c *cohort) strata() []string {
	var cols []string
	if c.phased() {
		cols = append(cols, "phase")
	}
	if c.stratified() {
		cols = append(cols, stratum)
	}
	return cols
}

// arms are the columns that tell apart what moments are of.
func (c *cohort) arms() []string { return append([]string{"experiment", "variant"}, c.strata()...) }

// exposureGroups are the columns by which exposures are counted: sample ratio is judged by phase.
func (c *cohort) exposureGroups() []string {
	if c.phased() {
		return []string{"experiment", "variant", "phase"}
	}
	return []string{"experiment", "variant"}
}

// withPhase joins to units the phase they were assigned in, by the instant at.
func (c *cohort) withPhase(units rel.Relation, at rel.Expr) rel.Relation {
	if !c.phased() {
		return units
	}
	cols := []rel.Column{{Name: "phase_experiment", Type: rel.Text}, {Name: "phase_name", Type: rel.Text},
		{Name: "phase_from", Type: rel.Timestamp}, {Name: "phase_until", Type: rel.Timestamp}}
	var rows [][]rel.Expr
	for _, e := range c.experiments {
		for i, p := range e.Phases {
			until := rel.Expr(rel.Null(rel.Timestamp))
			if i+1 < len(e.Phases) {
				until = rel.TimestampLit(e.Phases[i+1].From)
			}
			rows = append(rows, []rel.Expr{rel.String(e.Name), rel.String(p.Name), rel.TimestampLit(p.From), until})
		}
	}
	phases := c.program.add(rel.Inline, "phases", "Stretches of an experiment with allocations of their own",
		rel.NewValuesOf(c.named("phase_experiment"), cols, rows, rel.Key{Columns: []string{"phase_experiment"},
			Validity: &rel.Validity{From: "phase_from", To: "phase_until"}}))
	return rel.NewJoin(rel.Left, units, rel.NewRef(phases), []rel.Equal{{Left: experiment, Right: "phase_experiment"}}, at)
}
