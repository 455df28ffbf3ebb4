package runner

import (
	"context"
	"fmt"
	"time"

	"assay/compiler/model"
	"assay/runner/judge"
)

// Planning is the experiments that a run forecasts.
type Planning struct {
	Experiments []*model.Experiment
	Weeks       int // of history before as-of, for those that have not begun
	Asked       judge.Asked
}

// PowerTable holds forecasts. Its rows are in place of those of earlier forecasts, and not of runs.
const PowerTable = "assay_power"

// computeForecasts observes all experiments in one pass: those that run as they are, the others as rehearsals on history.
func (r *run) computeForecasts(ctx context.Context) error {
	if len(r.Planning.Experiments) == 0 {
		return nil
	}
	started := time.Now()
	rehearsals := map[string][]*model.Experiment{}
	var all []*model.Experiment
	for _, x := range r.Planning.Experiments {
		switch {
		case !beforeStart(x, r.AsOf):
			all = append(all, x)
		case len(x.Entrants()) > 0:
			rehearsals[x.Name] = x.Rehearsals(r.weeksAgo())
			all = append(all, rehearsals[x.Name]...)
		}
	}
	o := r.observatory()
	found, err := o.run(ctx, all)
	r.result.Queries = append(r.result.Queries, o.queries...)
	if err != nil {
		return r.breakOff(err, "experiment", names(r.Planning.Experiments), started)
	}
	for _, x := range r.Planning.Experiments {
		forecast, err := r.forecast(x, rehearsals[x.Name], found)
		if err == nil {
			r.result.Forecasts = append(r.result.Forecasts, forecast)
			err = forecast.Err
		}
		r.record(Node{Kind: "experiment", Name: x.Name, StartedAt: started, EndedAt: time.Now(), Err: err})
	}
	return nil
}

// beforeStart reports whether an experiment is still to be planned; one without a start, where it says who would enter.
func beforeStart(x *model.Experiment, asOf time.Time) bool {
	if x.Start.IsZero() {
		return x.Entry != nil
	}
	return !x.Start.Before(asOf)
}

// weeksAgo are the midnights, or the times of day of as-of, a week before it, two weeks, and so on.
func (r *run) weeksAgo() []time.Time {
	var starts []time.Time
	for week := range r.Planning.Weeks {
		starts = append(starts, r.AsOf.In(r.Zone).AddDate(0, 0, -7*(week+1)).UTC())
	}
	return starts
}

func (r *run) forecast(x *model.Experiment, rehearsals []*model.Experiment, found findings) (*judge.Forecast, error) {
	run := judge.Run{ID: r.row.RunID, Zone: r.Zone}
	if !beforeStart(x, r.AsOf) {
		if err := found[x.Name].err; err != nil {
			return nil, fmt.Errorf("experiment %s: %w", x.Name, err)
		}
		return judge.Follow(run, found[x.Name].observed, r.Planning.Asked), nil
	}
	var observed []judge.Rehearsal
	for week, rehearsal := range rehearsals {
		if err := found[rehearsal.Name].err; err != nil {
			return nil, fmt.Errorf("experiment %s: %w", x.Name, err)
		}
		observed = append(observed, judge.Rehearsal{Days: 7 * (week + 1), Observed: found[rehearsal.Name].observed})
	}
	return judge.Plan(run, x, r.AsOf, observed, r.Planning.Asked), nil
}

// forecastTable holds no rows of experiments that could not be forecast: what an earlier run wrote of them stays.
func (r *run) forecastTable() Table {
	var rows []judge.PowerRow
	for _, f := range r.result.Forecasts {
		rows = append(rows, f.Rows(r.row.RunID)...)
	}
	return NewTable(PowerTable, rows)
}
