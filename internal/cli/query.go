package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/internal/diag"
	"assay/runner"
)

func (a *app) queryCommand() *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "query",
		Short: "Metrics by dimensions over time",
		Example: "  assay query --metrics revenue,aov --group-by metric_time__week,user__plan --order -revenue --limit 10\n" +
			"  assay query --metrics orders --experiment checkout_redesign",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.query(cmd.Context(), &q) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&q.metrics, "metrics", "m", nil, "metrics, separated by commas")
	flags.StringArrayVarP(&q.groupBy, "group-by", "g", nil, "dimensions, separated by commas: user__country, metric_time__week")
	flags.StringArrayVarP(&q.where, "where", "w", nil, "a condition; several are joined by AND")
	flags.StringArrayVar(&q.order, "order", nil, "columns to sort by, separated by commas; -name sorts downwards")
	flags.Int64Var(&q.limit, "limit", 0, "number of rows (default: all)")
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

func (a *app) query(ctx context.Context, q *question) error {
	write, err := a.format(q.formatName())
	if err != nil {
		return err
	}
	m, err := a.load()
	if err != nil {
		return err
	}
	if q.explain {
		return a.explain(m, q)
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

func (a *app) explain(m *model.Model, q *question) error {
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
