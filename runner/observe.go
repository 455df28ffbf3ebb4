package runner

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
)

// An observatory computes experiments: all in one program, and what the warehouse refuses again in smaller ones, until each
// refusal stands alone and everything else has its numbers.
type observatory struct {
	at      Place
	compile func([]*model.Experiment) (*plan.Compiled, error)
	asOf    time.Time
	binds   Binds
	queries []Query
	hashes  map[plan.Use]string // of the SQL that computed a metric
}

// A finding is what became of an experiment: its numbers, or why it has none.
type finding struct {
	observed *plan.Observed
	err      error
}

// findings go by the experiment's name.
type findings map[string]finding

// run computes experiments. Its error is one that no experiment is the cause of.
func (o *observatory) run(ctx context.Context, experiments []*model.Experiment) (findings, error) {
	attempt, err := o.attempt(ctx, experiments)
	if err != nil {
		return nil, err
	}
	if attempt.refused == nil {
		return o.retryMetrics(ctx, attempt)
	}
	if len(experiments) == 1 {
		return findings{experiments[0].Name: {err: attempt.refused}}, nil
	}
	found := findings{}
	for _, half := range halves(experiments) {
		some, err := o.run(ctx, half)
		if err != nil {
			return nil, err
		}
		maps.Copy(found, some)
	}
	return found, nil
}

// An attempt is one program's outcome.
type attempt struct {
	experiments []*model.Experiment
	observed    []*plan.Observed
	suspects    map[plan.Use]bool // metrics of the statements that were refused, not only left out
	refused     error             // why an experiment's units could not be had: nothing was observed
}

func (o *observatory) attempt(ctx context.Context, experiments []*model.Experiment) (*attempt, error) {
	compiled, err := o.compile(experiments)
	if err != nil {
		return nil, err
	}
	script, executed, err := o.at.execute(labelled(ctx, experiments), compiled.Program, o.binds)
	if executed != nil {
		o.queries = append(o.queries, executed.Queries...)
	}
	if err != nil {
		return nil, err
	}
	a := &attempt{experiments: experiments, suspects: suspects(compiled.Layout, executed)}
	a.observed, a.refused = compiled.Layout.Decode(o.asOf, executed.Rows, executed.Failed)
	if a.refused != nil && len(executed.Failed) == 0 {
		return nil, a.refused
	}
	o.remember(compiled.Layout, script)
	return a, nil
}

// labelled names the experiments that the statements to come are for.
func labelled(ctx context.Context, experiments []*model.Experiment) context.Context {
	return withLabels(ctx, Labels{Run: LabelsOf(ctx).Run, Experiment: strings.Join(names(experiments), ",")})
}

// suspects are the metrics of the statements that the warehouse itself refused.
func suspects(layout *plan.Layout, e *Execution) map[plan.Use]bool {
	found := map[plan.Use]bool{}
	for _, q := range e.Queries {
		if q.Err == nil || q.Skipped {
			continue
		}
		for _, use := range layout.Metrics[q.Step] {
			found[use] = true
		}
	}
	return found
}

// remember keeps the hash of the SQL of each metric's statements.
func (o *observatory) remember(layout *plan.Layout, script *Script) {
	texts := map[plan.Use]string{}
	for i, statement := range script.Statements {
		for _, use := range layout.Metrics[statement.Name] {
			texts[use] += script.Shown[i] + ";\n"
		}
	}
	for use, text := range texts {
		o.hashes[use] = hashSQL(text)
	}
}

// retryMetrics computes the metrics that failed once more, without those that may be to blame: a refused statement takes along
// what else it computes, and all that reads it. A metric that fails alone has failed.
func (o *observatory) retryMetrics(ctx context.Context, a *attempt) (findings, error) {
	found := findings{}
	for i, observed := range a.observed {
		observed.Experiment = a.experiments[i]
		found[observed.Experiment.Name] = finding{observed: observed}
	}
	failed := failures(a.observed)
	if len(failed) < 2 {
		return found, nil
	}
	for _, group := range groups(failed, a.suspects) {
		again, err := o.run(ctx, restrict(a.experiments, group))
		if err != nil {
			return nil, err
		}
		found.adopt(again)
	}
	return found, nil
}

// failures are the metrics without numbers.
func failures(all []*plan.Observed) []plan.Use {
	var failed []plan.Use
	for _, observed := range all {
		for _, metric := range observed.Metrics {
			if metric.Failed != nil {
				failed = append(failed, plan.Use{Experiment: observed.Experiment.Name, Metric: metric.Use.Name})
			}
		}
	}
	return failed
}

// groups parts failed metrics in two: the bystanders and the suspects where both are, else halves.
func groups(failed []plan.Use, suspects map[plan.Use]bool) [][]plan.Use {
	var bystanders, blamed []plan.Use
	for _, use := range failed {
		if suspects[use] {
			blamed = append(blamed, use)
		} else {
			bystanders = append(bystanders, use)
		}
	}
	if len(bystanders) > 0 && len(blamed) > 0 {
		return [][]plan.Use{bystanders, blamed}
	}
	return halves(failed)
}

func halves[T any](all []T) [][]T { return [][]T{all[:len(all)/2], all[len(all)/2:]} }

// restrict keeps, of the experiments, the metrics in uses, and of those without any, nothing.
func restrict(experiments []*model.Experiment, uses []plan.Use) []*model.Experiment {
	var kept []*model.Experiment
	for _, e := range experiments {
		some := *e
		some.Metrics = slices.DeleteFunc(slices.Clone(e.Metrics), func(m *model.MetricUse) bool {
			return !slices.Contains(uses, plan.Use{Experiment: e.Name, Metric: m.Name})
		})
		if len(some.Metrics) > 0 {
			kept = append(kept, &some)
		}
	}
	return kept
}

// adopt takes over the metrics of a smaller program. Where it has none of an experiment, the first failure stands.
func (f findings) adopt(again findings) {
	for name, some := range again {
		if some.err != nil {
			continue
		}
		for _, metric := range some.observed.Metrics {
			metrics := f[name].observed.Metrics
			at := slices.IndexFunc(metrics, func(m *plan.ObservedMetric) bool { return m.Use.Name == metric.Use.Name })
			metrics[at] = metric
		}
	}
}
