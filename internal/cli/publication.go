package cli

import (
	"context"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/dialects"
	"assay/internal/report/site"
	"assay/runner"
	"assay/runner/judge"
)

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
	for _, s := range settings(n.Decl, p.model.Zone) {
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
