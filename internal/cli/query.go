package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/runner"
)

func (a *app) queryCommand() *cobra.Command {
	var limit int64
	q := question{metrics: typed{flag: "--metrics"}, groupBy: typed{flag: "--group-by"}, where: typed{flag: "--where"}, order: typed{flag: "--order"}}
	cmd := &cobra.Command{
		Use:   "query",
		Short: "Metrics by dimensions over time",
		Example: "  assay query --metrics revenue,aov --group-by metric_time__week,user__plan --order -revenue --limit 10\n" +
			"  assay query --metrics orders --experiment checkout_redesign",
		Args: noNames,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("limit") {
				q.limit = &limit
			}
			return a.query(cmd.Context(), &q)
		},
	}
	flags := cmd.Flags()
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "order-by" { // as dbt Cloud's tool calls it
			name = "order"
		}
		return pflag.NormalizedName(name)
	})
	flags.StringArrayVarP(&q.metrics.values, "metrics", "m", nil, "metrics, separated by commas")
	flags.StringArrayVarP(&q.groupBy.values, "group-by", "g", nil, "dimensions, separated by commas: user__country, metric_time__week")
	flags.StringArrayVarP(&q.where.values, "where", "w", nil, "a condition; several are joined by AND")
	flags.StringArrayVar(&q.order.values, "order", nil, "columns to sort by, separated by commas; -name sorts downwards")
	flags.Int64Var(&limit, "limit", 0, "number of rows (default: all)")
	flags.StringVar(&q.start, "start-time", "", "first day of metric_time: 2026-01-05")
	flags.StringVar(&q.end, "end-time", "", "last day of metric_time")
	flags.StringVarP(&q.experiment, "experiment", "e", "", "count only what this experiment counts, by variant")
	flags.StringVar(&q.savedQuery, "saved-query", "", "ask what this saved query asks, and what the other flags add")
	flags.StringVar(&q.asOf, "as-of", "", "with --experiment, and for metrics from a unit's first event: "+asOfUsage)
	flags.StringVarP(&q.format, "format", "f", "", "table, csv, json or parquet (default: what --output ends in, else table)")
	flags.StringVarP(&q.output, "output", "o", "", "file to write, whole or not at all (default: print)")
	flags.BoolVar(&q.explain, "explain", false, "print the SQL and run nothing")
	return cmd
}

// noNames refuses what stands behind a flag's value, separated from it by a blank.
func noNames(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("`%s` belongs to no flag: several names are joined by commas, as in --metrics revenue,orders", args[0])
}

func (a *app) query(ctx context.Context, q *question) error {
	a.typed = map[string]string{}
	for _, t := range []*typed{&q.metrics, &q.groupBy, &q.where, &q.order} {
		a.typed[t.flag] = t.source()
	}
	if q.explain {
		return a.explain(q)
	}
	if q.format == "" {
		var err error
		if q.format, err = formatOf(q.output); err != nil {
			return err
		}
	}
	write, err := a.format(q.format)
	if err != nil {
		return err
	}
	m, err := a.load()
	if err != nil {
		return err
	}
	asOf, err := parseAsOf(q.asOf, m.Zone)
	if err != nil {
		return err
	}
	// What can be known to be wrong is said without a warehouse.
	if _, err := a.compileQuestion(m, q); err != nil {
		return err
	}
	c, err := a.reader(m.Project)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	answer, err := a.answer(ctx, c, m, q, asOf)
	if err != nil {
		return err
	}
	return a.emit(q.output, func(w io.Writer) error { return write(ctx, w, m, answer) })
}

func (a *app) explain(q *question) error {
	m, err := a.load()
	if err != nil {
		return err
	}
	shortenPaths(m)
	program, err := a.compileQuestion(m, q)
	if err != nil {
		return err
	}
	dialect, err := a.dialect(m.Project, "")
	if err != nil {
		return err
	}
	statements, err := a.print(dialect, program)
	if err != nil {
		return err
	}
	return a.emit(q.output, func(w io.Writer) error { return writeSQL(w, statements) })
}

// emit writes to the file that --output names, else prints.
func (a *app) emit(output string, write func(io.Writer) error) error {
	if output == "" {
		return write(a.out)
	}
	return toFile(output, write)
}

func (a *app) compileQuestion(m *model.Model, q *question) (*rel.Program, error) {
	asked, err := q.ask(m)
	if err != nil {
		return nil, err
	}
	return a.compileQuery(m, asked)
}

// answer asks the warehouse: for the types of the columns that nobody has listed, and then the question.
func (a *app) answer(ctx context.Context, c *connection, m *model.Model, q *question, asOf time.Time) (*runner.Answer, error) {
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	found, undescribed := runner.Describe(ctx, session, c.dialect, openTables(m))
	known, mistakes := knowing(m, found)
	program, err := a.compileQuestion(known, q)
	if err != nil {
		return nil, err
	}
	progress := a.newProgress()
	defer progress.stop()
	at := runner.Place{Session: session, Dialect: c.dialect, Staging: c.warehouse.Staging(), Observe: progress.observer()}
	answer, err := at.Ask(ctx, program, runner.Binds{rel.AsOf: asOf})
	if err != nil {
		return nil, err
	}
	if answer.Failed == nil {
		return answer, nil // what is wrong elsewhere is not asked about
	}
	failed := []diag.Diagnostic{{Code: codeWarehouse, Message: oneLine(answer.Failed.Error())}}
	return nil, errors.Join(errReported, a.printDiagnostics(withCauses(failed, undescribed, mistakes)))
}
