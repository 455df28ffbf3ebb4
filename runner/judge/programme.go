package judge

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// A Programme is all experiments, each as its newest run found it, and the runs that found it. Of results it reads those that decide,
// and of health the checks that fail.
type Programme struct {
	Reports []*Report
	Runs    []RunRow // that are done
	// MetricOf is the project's metric by the name it has in an experiment.
	MetricOf func(experiment, metric string) string
}

// ProgrammeRow is a row of assay_programme: the whole where the metric is NULL, else what was shipped together did to a metric.
type ProgrammeRow struct {
	RunID  string    `json:"run_id"`
	AsOf   time.Time `json:"as_of"`
	Metric *string   `json:"metric" key:"true"`

	Started      *int64   `json:"started"` // under way or over
	Decided      *int64   `json:"decided"`
	Over         *int64   `json:"over"` // ended or decided: the sum of the next five
	Won          *int64   `json:"won"`
	Lost         *int64   `json:"lost"`
	Neutral      *int64   `json:"neutral"`
	Undecided    *int64   `json:"undecided"`
	Unhealthy    *int64   `json:"unhealthy"`
	HealthyShare *float64 `json:"healthy_share"` // of those started; NULL where none is
	MedianDays   *float64 `json:"median_days"`   // that those which are over took units in
	Queries      *int64   `json:"queries"`
	Seconds      *float64 `json:"seconds"`
	BytesScanned *int64   `json:"bytes_scanned"` // of the runs whose warehouse tells

	Comparisons  *int64          `json:"comparisons"` // of variants in healthy experiments that are over, with the metric as primary
	Shipped      *int64          `json:"shipped"`
	Lift         *float64        `json:"lift"`          // of all that was shipped, as found
	ShrunkenLift *float64        `json:"shrunken_lift"` // the same, shrunk for having been picked
	ShrunkenLow  *float64        `json:"shrunken_low"`
	ShrunkenHigh *float64        `json:"shrunken_high"`
	Warnings     []stats.Warning `json:"warnings"`
}

// Rows are the whole, then each metric for which something was shipped, by name.
func (p Programme) Rows(runID string, asOf time.Time) []ProgrammeRow {
	rows := append([]ProgrammeRow{p.census().row()}, p.gains()...)
	for i := range rows {
		rows[i].RunID, rows[i].AsOf = runID, asOf
	}
	return rows
}

// A census counts experiments.
type census struct {
	started, decided, healthy                      int64
	over, won, lost, neutral, undecided, unhealthy int64
	days                                           []int64
	queries                                        int64
	seconds                                        float64
	bytes                                          *int64
}

func (p Programme) census() census {
	var c census
	for _, r := range p.Reports {
		if r.Experiment.Status != Draft {
			c.add(r)
		}
	}
	for _, run := range p.Runs {
		c.cost(run)
	}
	return c
}

func (c *census) cost(run RunRow) {
	c.queries += *run.Queries
	c.seconds += *run.Seconds
	if run.BytesScanned != nil {
		if c.bytes == nil {
			c.bytes = ptr(int64(0))
		}
		*c.bytes += *run.BytesScanned
	}
}

func (c *census) add(r *Report) {
	c.started++
	if r.Healthy() {
		c.healthy++
	}
	if r.Experiment.Status == Decided {
		c.decided++
	}
	if !r.over() {
		return
	}
	c.over++
	if days := r.Experiment.DaysRunning; days != nil {
		c.days = append(c.days, *days)
	}
	*c.outcome(r)++
}

// outcome is the count that an experiment which is over belongs to.
func (c *census) outcome(r *Report) *int64 {
	switch {
	case !r.Healthy():
		return &c.unhealthy
	case slices.ContainsFunc(r.Experiment.Variants, func(v VariantShare) bool { return r.wins(v.Variant) }):
		return &c.won
	case r.has(Worse, Inferior):
		return &c.lost
	case r.has(Neutral) && !r.has(Undecided, Better, Changed):
		return &c.neutral
	default:
		return &c.undecided
	}
}

func (c census) row() ProgrammeRow {
	return ProgrammeRow{
		Started: &c.started, Decided: &c.decided, Over: &c.over, Won: &c.won, Lost: &c.lost, Neutral: &c.neutral,
		Undecided: &c.undecided, Unhealthy: &c.unhealthy, HealthyShare: c.healthyShare(), MedianDays: c.medianDays(),
		Queries: &c.queries, Seconds: &c.seconds, BytesScanned: c.bytes,
	}
}

func (c census) healthyShare() *float64 {
	if c.started == 0 {
		return nil
	}
	return ptr(float64(c.healthy) / float64(c.started))
}

func (c census) medianDays() *float64 {
	if len(c.days) == 0 {
		return nil
	}
	days := slices.Sorted(slices.Values(c.days))
	return ptr(float64(days[(len(days)-1)/2]+days[len(days)/2]) / 2)
}

// Healthy reports whether no check of health fails, so that results may be acted on.
func (r *Report) Healthy() bool {
	return !slices.ContainsFunc(r.Health, func(h HealthRow) bool { return h.Status == Fail })
}

// over reports whether no more data come.
func (r *Report) over() bool { return r.Experiment.Status == Decided || r.Experiment.Status == Ended }

// wins reports whether a primary metric is better with a variant, none worse, and no guardrail broken.
func (r *Report) wins(variant string) bool {
	verdicts := r.verdicts(func(row ResultRow) bool { return row.Variant == variant })
	return slices.Contains(verdicts, Better) && !slices.Contains(verdicts, Worse) && !slices.Contains(verdicts, Inferior)
}

// has reports whether a primary metric or a guardrail has one of some verdicts, with any variant.
func (r *Report) has(some ...Verdict) bool {
	verdicts := r.verdicts(func(ResultRow) bool { return true })
	return slices.ContainsFunc(verdicts, func(v Verdict) bool { return slices.Contains(some, v) })
}

// verdicts of the primary metrics, and of the guardrails that are broken. No answer is undecided.
func (r *Report) verdicts(of func(ResultRow) bool) []Verdict {
	var verdicts []Verdict
	for _, row := range r.deciding() {
		switch {
		case !of(row):
		case row.Role == string(model.Guardrail) && row.Verdict != nil && *row.Verdict == Inferior:
			verdicts = append(verdicts, Inferior)
		case row.Role != string(model.Primary):
		case row.Verdict == nil:
			verdicts = append(verdicts, Undecided)
		default:
			verdicts = append(verdicts, *row.Verdict)
		}
	}
	return verdicts
}

// deciding are the results over all units, at the confidence that decides, of the variants that could be shipped.
func (r *Report) deciding() []ResultRow {
	return slices.DeleteFunc(slices.Clone(r.Results), func(row ResultRow) bool {
		return !row.Decides || !isWhole(row) || slices.ContainsFunc(r.Experiment.Variants, func(v VariantShare) bool {
			return v.Variant == row.Variant && v.Control
		})
	})
}
