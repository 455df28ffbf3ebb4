package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/internal/report"
	"assay/runner"
	"assay/runner/judge"
)

// failOnHealth is the value of --fail-on that makes an unhealthy experiment a failure.
const failOnHealth = "health"

func (a *app) runCommand() *cobra.Command {
	var asOf, failOn string
	var requireFresh bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Compute experiments and saved queries, write their tables and print the reports",
		Example: "  assay run\n" +
			"  assay run --select experiment:checkout_redesign --as-of 2026-02-01",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd.Context(), asOf, failOn, requireFresh) },
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", asOfUsage)
	cmd.Flags().StringVar(&failOn, "fail-on", "", "health: exit 1 where an experiment fails a health check")
	cmd.Flags().BoolVar(&requireFresh, "require-fresh", false,
		"exit 1 where assignments or facts are stale; such experiments keep their last results")
	return cmd
}

func (a *app) run(ctx context.Context, asOf, failOn string, requireFresh bool) error {
	if failOn != "" && failOn != failOnHealth {
		return usagef("--fail-on knows %s, not `%s`", failOnHealth, failOn)
	}
	m, err := a.load()
	if err != nil {
		return err
	}
	until, err := parseAsOf(asOf, m.Zone)
	if err != nil {
		return err
	}
	result, mistakes, err := a.execute(ctx, m, until, requireFresh)
	if result == nil {
		return err
	}
	if err := a.present(m, result); err != nil {
		return err
	}
	if err := a.reportFailures(m, result, mistakes, err); err != nil {
		return err
	}
	if failOn == failOnHealth {
		return unhealthy(result.Reports)
	}
	return nil
}

// execute runs what is selected and writes the manifest beside it. The result is nil where nothing was run; the mistakes are those
// that the warehouse's columns showed.
func (a *app) execute(ctx context.Context, m *model.Model, asOf time.Time, requireFresh bool) (
	result *runner.Result, mistakes []diag.Diagnostic, err error) {
	g := newGraph(m)
	chosen, err := a.targets(m, g)
	if err != nil {
		return nil, nil, err
	}
	if len(chosen.experiments)+len(chosen.queries) == 0 {
		a.log.Warn("nothing to run: no experiment and no saved query is selected")
		return nil, nil, nil
	}
	c, err := a.writer(m.Project)
	if err != nil {
		return nil, nil, err
	}
	defer c.warehouse.Close()
	if err := newManifest(m.Project.Name.V, g).write(a.targetDir()); err != nil {
		return nil, nil, err
	}
	progress := a.newProgress()
	defer progress.stop()
	result, err = runner.Run(ctx, runner.Job{
		Warehouse: c.warehouse,
		Dialect:   c.dialect,
		Unknown:   openTables(m),
		Plan: func(found *project.Catalog) (*runner.Work, error) {
			var known *model.Model
			known, mistakes = knowing(m, found)
			return a.work(known)
		},
		AsOf:    asOf,
		Zone:    m.Zone,
		Origin:  a.origin(m.Project),
		Observe: progress.observer(),

		RequireFresh: requireFresh,
	})
	return result, mistakes, err
}

// work is what --select and --exclude leave of a project whose columns the warehouse has found.
func (a *app) work(m *model.Model) (*runner.Work, error) {
	g := newGraph(m)
	chosen, err := a.targets(m, g)
	if err != nil {
		return nil, err
	}
	work := &runner.Work{
		Experiments:    chosen.experiments,
		Compile:        func(some []*model.Experiment) (*plan.Compiled, error) { return a.compileExperiments(m, some) },
		DefinitionHash: func(kind, name string) string { return definitionHash(g.byID[kind+"."+name]) },
		MetricOf:       func(experiment, metric string) string { return metricOf(m, experiment, metric) },
	}
	for _, q := range chosen.queries {
		program, err := a.compileQuery(m, ask.Saved(q))
		if err != nil {
			return nil, err
		}
		work.Queries = append(work.Queries, runner.SavedQuery{Name: q.Name.V, Program: program})
	}
	return work, nil
}

// metricOf is the project's metric by the name it has in an experiment; one that the project does not have keeps its name.
func metricOf(m *model.Model, experiment, metric string) string {
	for _, e := range m.Experiments {
		for _, use := range e.Metrics {
			if e.Name == experiment && use.Name == metric {
				return use.Metric.Name
			}
		}
	}
	return metric
}

// origin is where the run comes from. A project outside git has no commit.
func (a *app) origin(p *project.Project) runner.Origin {
	commit, _ := exec.Command("git", "-C", p.Dir, "rev-parse", "HEAD").Output()
	return runner.Origin{
		Command:      "assay " + strings.Join(a.args, " "),
		Project:      p.Name.V,
		GitCommit:    strings.TrimSpace(string(commit)),
		AssayVersion: version(),
	}
}

// present writes run_results.json and prints the reports.
func (a *app) present(m *model.Model, result *runner.Result) error {
	args := map[string]any{"select": a.selects, "exclude": a.excludes, "target": a.target}
	if err := result.Save(a.targetDir(), args); err != nil {
		return err
	}
	for _, kept := range result.Kept {
		a.log.Info(fmt.Sprintf("experiment %s is decided: its last rows stay", kept))
	}
	page := a.page(a.out, m.Zone)
	for i, r := range result.Reports {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := report.Terminal(a.out, r, page); err != nil {
			return err
		}
	}
	return nil
}

// unhealthy names the experiments that fail a health check.
func unhealthy(reports []*judge.Report) error {
	var failing []error
	for _, r := range reports {
		if slices.ContainsFunc(r.Health, func(h judge.HealthRow) bool { return h.Status == judge.Fail }) {
			failing = append(failing, fmt.Errorf("experiment %s fails a health check", r.Experiment.Experiment))
		}
	}
	return errors.Join(failing...)
}
