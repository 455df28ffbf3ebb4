package cli

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/internal/report/site"
	"assay/runner"
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
	c, err := a.reader(m.Project)
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
	known, _ := knowing(m, found) // the run has told what is wrong
	shortenPaths(known)
	p := &publication{app: a, model: known, graph: newGraph(known), dialect: c.dialect, archive: archive}
	if p.series, err = p.readSeries(ctx, session, c.warehouse.Schema()); err != nil {
		return nil, err
	}
	s := &site.Site{Project: m.Project.Name.V, Zone: m.Zone, Metrics: p.metrics(), Annotations: p.annotations(), Runs: archive.Runs}
	s.Experiments, err = p.experiments()
	return s, err
}
