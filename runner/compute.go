package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/runner/judge"
)

// compute fills the result with all but what was written.
func (r *run) compute(ctx context.Context) error {
	if err := r.computeExperiments(ctx); err != nil {
		return err
	}
	for _, q := range r.Work.Queries {
		if err := r.computeQuery(ctx, q); err != nil {
			return err
		}
	}
	return r.computeForecasts(ctx)
}

func (r *run) computeExperiments(ctx context.Context) error {
	active, err := r.active(ctx)
	if err != nil {
		return err
	}
	if active, err = r.affordable(ctx, active); err != nil || len(active) == 0 {
		return err
	}
	first, err := r.firstDefinitions(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	o := r.observatory()
	found, err := o.run(ctx, active)
	r.result.Queries = append(r.result.Queries, o.queries...)
	if err != nil {
		return r.breakOff(err, "experiment", names(active), started)
	}
	for _, e := range active {
		err := found[e.Name].err
		if err == nil {
			judged := r.judged(e, o.hashes)
			judged.First = first[e.Name]
			err = r.accept(judge.Experiment(judged, found[e.Name].observed))
		}
		r.record(Node{Kind: "experiment", Name: e.Name, StartedAt: started, EndedAt: time.Now(), Err: err})
	}
	return nil
}

// breakOff returns why the run ends early. Where the connection was lost, this is also what became of those under way: a place to
// look.
func (r *run) breakOff(err error, kind string, underWay []string, started time.Time) error {
	if !lost(err) {
		return err
	}
	for _, name := range underWay {
		r.result.Nodes = append(r.result.Nodes, Node{Kind: kind, Name: name, StartedAt: started, EndedAt: time.Now(), Err: err})
	}
	return err
}

func names(experiments []*model.Experiment) []string {
	list := make([]string, len(experiments))
	for i, e := range experiments {
		list[i] = e.Name
	}
	return list
}

func (r *run) observatory() *observatory {
	return &observatory{at: r.place(), compile: r.Compile, asOf: r.AsOf, binds: r.binds(), hashes: map[plan.Use]string{}}
}

// accept takes a report into the result, unless it is of stale data and the job asks for fresh ones: its last rows stay then.
func (r *run) accept(report *judge.Report) error {
	if stale := report.Stale(); r.RequireFresh && len(stale) > 0 {
		return fmt.Errorf("experiment %s has stale data and keeps its last results: %s", report.Experiment.Experiment, *stale[0].Advice)
	}
	r.result.Reports = append(r.result.Reports, report)
	return report.Err
}

// active are the experiments to compute: of a decided one, the last rows written since the decision stay.
func (r *run) active(ctx context.Context) ([]*model.Experiment, error) {
	written, err := r.store.query(ctx, "SELECT [experiment] FROM <assay_experiments_latest> WHERE [status] = 'decided'")
	if err != nil {
		return nil, err
	}
	var active []*model.Experiment
	for _, e := range r.Experiments {
		kept := e.Decl.Decision != nil && slices.ContainsFunc(written.Values, func(row []any) bool { return row[0] == e.Name })
		if kept {
			r.result.Kept = append(r.result.Kept, e.Name)
			r.record(Node{Kind: "experiment", Name: e.Name, StartedAt: time.Now(), EndedAt: time.Now(), Skipped: true})
		} else {
			active = append(active, e)
		}
	}
	return active, nil
}

// judged tells judge what an experiment's rows share.
func (r *run) judged(e *model.Experiment, hashes map[plan.Use]string) judge.Run {
	run := judge.Run{ID: r.row.RunID, Zone: r.Zone, DefinitionHash: r.DefinitionHash("experiment", e.Name),
		Metrics: map[string]judge.Provenance{}}
	for _, m := range e.Metrics {
		run.Metrics[m.Name] = judge.Provenance{
			DefinitionHash: r.DefinitionHash("metric", m.Metric.Name),
			SQLHash:        hashes[plan.Use{Experiment: e.Name, Metric: m.Name}],
		}
	}
	return run
}

func (r *run) computeQuery(ctx context.Context, q SavedQuery) error {
	node := Node{Kind: "saved_query", Name: q.Name, StartedAt: time.Now()}
	answer, err := r.place().Ask(ctx, q.Program, r.binds())
	if err != nil {
		return r.breakOff(err, node.Kind, []string{node.Name}, node.StartedAt)
	}
	r.result.Queries = append(r.result.Queries, answer.Queries...)
	node.EndedAt = time.Now()
	if answer.Failed == nil {
		node.Relation = r.store.schema + "." + q.Table()
		r.answers = append(r.answers, answerTable(q.Table(), answer, r.row))
	} else {
		node.Err = fmt.Errorf("saved query %s: %w", q.Name, answer.Failed)
	}
	r.record(node)
	return nil
}
