package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/report"
)

// What a query may ask: metrics, and what they are grouped by.

// An askable is a line of what `list metrics`, `list dimensions` or `list entities` shows.
type askable struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Granularity string `json:"granularity,omitempty"`
	Model       string `json:"model,omitempty"`
	Unit        string `json:"unit,omitempty"`
	Label       string `json:"label,omitempty"`
	Description string `json:"description,omitempty"`
}

func (a *app) listMetricsCommand() *cobra.Command {
	var search, output string
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "The metrics that a query may ask for",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.listAskable(output, []string{"name", "type", "unit", "description"}, func(m *model.Model) ([]askable, error) {
				return searched(metricsOf(m), search), nil
			})
		},
	}
	cmd.Flags().StringVar(&search, "search", "", "only those whose name holds this")
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) listDimensionsCommand() *cobra.Command {
	return a.listPropertiesCommand("dimensions", []string{"name", "type", "granularity", "model", "description"},
		func(p model.Property) (askable, bool) {
			if p.Dimension == nil {
				return askable{}, false
			}
			d := askable{Name: p.Name, Type: string(p.Dimension.Type), Model: p.Dimension.Table.Name, Label: p.Dimension.Decl.Label.V,
				Description: p.Dimension.Decl.Description.V}
			if grain := p.Dimension.Granularity; grain != rel.NoUnit {
				d.Granularity = grain.String()
			}
			return d, true
		})
}

func (a *app) listEntitiesCommand() *cobra.Command {
	return a.listPropertiesCommand("entities", []string{"name", "type", "model"}, func(p model.Property) (askable, bool) {
		if p.Entity == nil {
			return askable{}, false
		}
		return askable{Name: p.Name, Type: string(p.Entity.Type), Model: p.Entity.Table.Name}, true
	})
}

// listPropertiesCommand lists those of the properties that --metrics may be grouped by which are of a kind.
func (a *app) listPropertiesCommand(kind string, columns []string, of func(model.Property) (askable, bool)) *cobra.Command {
	var metrics typed
	var search, output string
	cmd := &cobra.Command{
		Use:   kind,
		Short: "The " + kind + " that a query for these metrics may group and filter by",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.listAskable(output, columns, func(m *model.Model) ([]askable, error) {
				properties, err := a.propertiesFor(m, &metrics)
				var list []askable
				for _, p := range properties {
					if listed, ok := of(p); ok {
						list = append(list, listed)
					}
				}
				return searched(list, search), err
			})
		},
	}
	cmd.Flags().StringArrayVarP(&metrics.values, "metrics", "m", nil, "metrics, separated by commas (default: each model's own)")
	cmd.Flags().StringVar(&search, "search", "", "only those whose name holds this")
	outputFlag(cmd, &output)
	return cmd
}

func outputFlag(cmd *cobra.Command, output *string) {
	cmd.Flags().StringVar(output, "output", "table", "table, name or json (an object a line)")
}

// propertiesFor are what a query for all of the metrics may group by; without metrics, what each model has itself.
func (a *app) propertiesFor(m *model.Model, wanted *typed) ([]model.Property, error) {
	var metrics []*model.Metric
	for _, name := range columns(wanted.texts()) {
		metric, err := findMetric(m, name.Value)
		if err != nil {
			return nil, err
		}
		metrics = append(metrics, metric)
	}
	if len(metrics) == 0 {
		return m.Properties(), nil
	}
	return m.Groupable(metrics), nil
}

func findMetric(m *model.Model, name string) (*model.Metric, error) {
	return find("metric", name, m.Metrics, func(metric *model.Metric) string { return metric.Name })
}

func metricsOf(m *model.Model) []askable {
	var list []askable
	for _, metric := range m.Metrics {
		if unit, _ := model.Clockless(metric); unit == nil {
			d := metric.Decl
			list = append(list, askable{Name: metric.Name, Type: string(d.Type.V), Unit: d.Unit.V, Label: d.Label.V, Description: d.Description.V})
		}
	}
	return list
}

func searched(list []askable, part string) []askable {
	var found []askable
	for _, x := range list {
		if strings.Contains(strings.ToLower(x.Name), strings.ToLower(part)) {
			found = append(found, x)
		}
	}
	return found
}

// listAskable prints a list in one of the ways of --output.
func (a *app) listAskable(output string, columns []string, of func(*model.Model) ([]askable, error)) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	list, err := of(m)
	if err != nil {
		return err
	}
	switch output {
	case "name":
		for _, x := range list {
			fmt.Fprintln(a.out, x.Name)
		}
	case "json":
		for _, x := range list {
			a.writeLine(x)
		}
	case "table":
		return a.askableTable(m, list, columns)
	default:
		return usagef("--output is table, name or json, not `%s`", output)
	}
	return nil
}

func (a *app) askableTable(m *model.Model, list []askable, columns []string) error {
	titled := make([]report.Column, len(columns))
	for i, name := range columns {
		titled[i].Name = name
	}
	rows := make([][]any, len(list))
	for i, x := range list {
		values := map[string]string{"name": x.Name, "type": x.Type, "granularity": x.Granularity, "model": x.Model, "unit": x.Unit,
			"description": strings.Join(strings.Fields(x.Description), " ")}
		for _, name := range columns {
			rows[i] = append(rows[i], values[name])
		}
	}
	return report.Table(a.out, titled, rows, a.page(a.out, m.Zone))
}
