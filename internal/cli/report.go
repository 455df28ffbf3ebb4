package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/dialects"
	"assay/internal/report/site"
	"assay/runner"
	"assay/runner/judge"
)

func (a *app) reportCommand() *cobra.Command {
	var summary bool
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write what runs have found as pages into target/report, or print a summary",
		Long: "Write what runs have found as pages into target/report: experiments, metrics and what was learnt.\n\n" +
			"The pages need no server and no network: open target/report/index.html, or keep the folder as an artefact.",
		Example: "  assay report\n" +
			"  assay report --summary --select experiment:checkout_redesign",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.publish(cmd.Context(), summary) },
	}
	cmd.Flags().BoolVar(&summary, "summary", false, "print Markdown for a pull request or a message, and write no pages")
	return cmd
}

func (a *app) publish(ctx context.Context, summary bool) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	c, err := a.connection(m.Project)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	s, err := a.site(ctx, c, m)
	if err != nil {
		return err
	}
	if summary {
		return s.Summary(a.out)
	}
	dir := filepath.Join(a.targetDir(), "report")
	a.log.Info("writing " + filepath.Join(dir, "index.html"))
	return s.Write(dir)
}

// site joins what runs have written to what the project declares.
func (a *app) site(ctx context.Context, c *connection, m *model.Model) (*site.Site, error) {
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	archive, err := site.ReadArchive(ctx, session, c.dialect, c.warehouse.Schema())
	if err != nil {
		return nil, err
	}
	// A table that cannot be described is refused again by the next run.
	found, _ := runner.Describe(ctx, session, c.dialect, openTables(m))
	known, err := a.knowing(m, found)
	if err != nil {
		return nil, err
	}
	shortenPaths(known)
	p := &publication{app: a, model: known, graph: newGraph(known), dialect: c.dialect, archive: archive}
	if p.series, err = p.readSeries(ctx, session, c.warehouse.Schema()); err != nil {
		return nil, err
	}
	s := &site.Site{Project: m.Project.Name.V, Zone: m.Zone, Metrics: p.metrics(), Annotations: p.annotations(), Runs: archive.Runs}
	s.Experiments, err = p.experiments()
	return s, err
}

// A publication is the making of a site.
type publication struct {
	*app
	model   *model.Model
	graph   *graph
	dialect *dialects.Dialect
	archive *site.Archive
	series  map[string][]site.Series // by metric
}

// readSeries reads what the last run wrote of saved queries.
func (p *publication) readSeries(ctx context.Context, s runner.Session, schema string) (map[string][]site.Series, error) {
	var queries, metrics []string
	for _, q := range p.model.Queries {
		queries = append(queries, q.Name.V)
	}
	for _, m := range p.model.Metrics {
		metrics = append(metrics, m.Name)
	}
	return site.ReadSeries(ctx, s, p.dialect, schema, queries, metrics)
}

func (p *publication) annotations() []site.Annotation {
	var list []site.Annotation
	for _, a := range p.model.Project.Annotations {
		published := site.Annotation{Date: judge.DateOf(a.Date.V.Time, p.model.Zone).Time, Text: a.Text.V}
		for _, m := range a.Metrics {
			published.Metrics = append(published.Metrics, m.V)
		}
		list = append(list, published)
	}
	return list
}

// experiments are those that are selected, and without a selection also those that the project no longer has.
func (p *publication) experiments() ([]*site.Experiment, error) {
	chosen, err := p.targets(p.model, p.graph)
	if err != nil {
		return nil, err
	}
	var list []*site.Experiment
	for _, e := range chosen.experiments {
		published, err := p.experiment(e)
		if err != nil {
			return nil, err
		}
		list = append(list, published)
	}
	if len(p.selects)+len(p.excludes) == 0 {
		list = append(list, p.former()...)
	}
	return list, nil
}

func (p *publication) experiment(e *model.Experiment) (*site.Experiment, error) {
	sql, err := p.sql(e)
	if err != nil {
		return nil, err
	}
	definition := p.definition(p.graph.byID[kindExperiment+"."+e.Name])
	published := &site.Experiment{Name: e.Name, Definition: &definition, SQL: sql, Metrics: map[string]string{}}
	for _, use := range e.Metrics {
		published.Metrics[use.Name] = use.Metric.Name
	}
	if e.Decl.Decision != nil {
		published.Notes = e.Decl.Decision.Notes.V
	}
	for _, r := range p.archive.Reports {
		if r.Experiment.Experiment == e.Name {
			published.Report, published.Run = r, p.run(r)
		}
	}
	return published, nil
}

func (p *publication) sql(e *model.Experiment) (string, error) {
	compiled, err := p.compileExperiments(p.model, []*model.Experiment{e})
	if err != nil {
		return "", err
	}
	statements, err := p.print(p.dialect, compiled.Program)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = writeSQL(&text, statements)
	return text.String(), err
}

// former experiments have results and no definition.
func (p *publication) former() []*site.Experiment {
	var list []*site.Experiment
	for _, r := range p.archive.Reports {
		if p.graph.byID[kindExperiment+"."+r.Experiment.Experiment] == nil {
			list = append(list, &site.Experiment{Name: r.Experiment.Experiment, Report: r, Run: p.run(r)})
		}
	}
	return list
}

// run is the one that a report is of.
func (p *publication) run(r *judge.Report) judge.RunRow {
	i := slices.IndexFunc(p.archive.Runs, func(run judge.RunRow) bool { return run.RunID == r.Experiment.RunID })
	if i < 0 {
		return judge.RunRow{}
	}
	return p.archive.Runs[i]
}

func (p *publication) metrics() []*site.Metric {
	var list []*site.Metric
	for _, m := range p.model.Metrics {
		list = append(list, &site.Metric{
			Name: m.Name, Label: m.Decl.Label.V, Description: m.Decl.Description.V, Type: string(m.Decl.Type.V), Unit: m.Decl.Unit.V,
			Series:     p.series[m.Name],
			Definition: p.definition(p.graph.byID[kindMetric+"."+m.Name]),
		})
	}
	return list
}

func (p *publication) definition(n *node) site.Definition {
	d := site.Definition{Place: n.At.String(), Hash: definitionHash(n), Needs: references(n.Needs)}
	for _, s := range settings(n.Decl) {
		d.Settings = append(d.Settings, site.Setting{Name: s.name, Value: s.value, Place: s.at.String()})
	}
	for _, other := range p.graph.nodes {
		if slices.Contains(other.Needs, n) {
			d.UsedBy = append(d.UsedBy, references([]*node{other})...)
		}
	}
	return d
}

func references(nodes []*node) []site.Reference {
	var list []site.Reference
	for _, n := range nodes {
		list = append(list, site.Reference{Kind: n.Kind, Name: n.Name})
	}
	return list
}
