package ask

import (
	"time"

	"assay/compiler/model"
	"assay/internal/diag"
)

// PerUnit is what experiments ask: their metrics for each of their units.
type PerUnit struct {
	Model       *model.Model
	Experiments []*model.Experiment
	Uses        []*Use // by experiment, then in the order of its metrics
}

// A Use is a metric of an experiment: a term over the facts of a window after exposure, and, to adjust by, over those before.
type Use struct {
	Experiment *model.Experiment
	Metric     *model.MetricUse
	Term       Term
	Since      Since
	Before     *Before // nil: not adjusted
	Covariates []Covariate
}

// Since is the facts at or after exposure + Start and before exposure + End; without End, until the analysis ends.
type Since struct {
	Start time.Duration
	End   *time.Duration
}

// Before is the facts of the Lookback before assignment.
type Before struct{ Lookback time.Duration }

// Experiments asks for the metrics of experiments, in the order given.
func Experiments(m *model.Model, experiments []*model.Experiment, bag *diag.Bag) *PerUnit {
	q := newQuestioner(m, bag)
	asked := &PerUnit{Model: m, Experiments: experiments}
	for _, e := range experiments {
		for _, metric := range e.Metrics {
			asked.Uses = append(asked.Uses, q.use(e, metric))
		}
	}
	return asked
}

func (q *questioner) use(e *model.Experiment, metric *model.MetricUse) *Use {
	s := metric.Settings
	use := &Use{Experiment: e, Metric: metric, Term: q.expand(metric.Metric, nil), Since: Since{s.WindowStart, s.WindowEnd}}
	if s.CUPED == nil {
		return use
	}
	use.Before = &Before{s.CUPED.Lookback}
	for _, c := range s.CUPED.Covariates {
		covariate := Covariate{Covariate: c, Own: c.Metric == metric.Metric}
		if c.Metric != nil {
			covariate.Term = q.expand(c.Metric, nil)
		}
		use.Covariates = append(use.Covariates, covariate)
	}
	return use
}

// A Covariate of a use; Term is a metric's, over the facts before assignment.
type Covariate struct {
	model.Covariate
	Own  bool
	Term Term // nil: an attribute
}
