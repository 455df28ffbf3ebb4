package cli

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/internal/report"
	"assay/runner"
	"assay/runner/judge"
)

// A powerQuestion is the flags of power.
type powerQuestion struct {
	asOf, power    string
	lifts          []string
	weeks          int
	protocol       string
	format, output string
}

// mostWeeks of history are more than anyone plans by.
const mostWeeks = 52

func (a *app) powerCommand() *cobra.Command {
	var q powerQuestion
	cmd := &cobra.Command{
		Use:   "power [selector]...",
		Short: "How long experiments take: smallest detectable effects, runtime, and the odds of the decision",
		Long: "How long experiments take: smallest detectable effects, runtime, and the odds of the decision.\n\n" +
			"An experiment that has not begun is rehearsed on the warehouse's history: whoever its `entry` says would have entered, or\n" +
			"who is in its assignments, measured as a run would measure them. One that runs is read as it is. Both go to assay_power.",
		Example: "  assay power experiment:checkout_redesign\n" +
			"  assay power checkout_redesign --mde 2%,5% --weeks 6\n" +
			"  assay power --protocol standard",
		RunE: func(cmd *cobra.Command, selectors []string) error {
			a.selects = append(a.selects, selectors...)
			return a.power(cmd.Context(), &q)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&q.asOf, "as-of", "", asOfUsage)
	flags.IntVar(&q.weeks, "weeks", 10, "weeks of history to plan by")
	flags.StringSliceVar(&q.lifts, "mde", nil, "lifts to find, instead of the metrics' own: 2%,5%")
	flags.StringVar(&q.power, "power", "", "chance to find them, instead of the protocol's: 90%")
	flags.StringVar(&q.protocol, "protocol", "", "weigh the decisions of a protocol, without data")
	flags.StringVarP(&q.format, "format", "f", "table", "table, csv, json or parquet")
	flags.StringVarP(&q.output, "output", "o", "", "file to write, whole or not at all (default: print)")
	return cmd
}

func (a *app) power(ctx context.Context, q *powerQuestion) error {
	asked, err := q.asked()
	if err != nil {
		return err
	}
	write, err := a.format(q.format)
	if err != nil {
		return err
	}
	m, err := a.load()
	if err != nil {
		return err
	}
	if q.protocol != "" {
		return a.weighProtocol(ctx, m, q, asked)
	}
	asOf, err := parseAsOf(q.asOf, m.Zone)
	if err != nil {
		return err
	}
	result, mistakes, failed := a.forecast(ctx, m, asOf, q.weeks, asked)
	if result == nil {
		return failed
	}
	if q.format == "table" {
		write = func(_ context.Context, w io.Writer, m *model.Model, _ *runner.Answer) error {
			return a.printForecasts(w, m, result.Forecasts)
		}
	}
	if err := a.emit(q.output, func(w io.Writer) error { return write(ctx, w, m, answerOf(result.Table(runner.PowerTable))) }); err != nil {
		return err
	}
	if err := a.reportFailures(m, result, mistakes, failed); err != nil {
		return err
	}
	return a.diagnose(problems(result.Forecasts))
}

// asked are the flags that say what to find.
func (q *powerQuestion) asked() (judge.Asked, error) {
	var asked judge.Asked
	for _, text := range q.lifts {
		lift, ok := parseShare(text)
		if !ok || lift <= 0 {
			return asked, usagef("--mde is lifts such as 2%%,5%%, not `%s`", text)
		}
		asked.Lifts = append(asked.Lifts, lift)
	}
	if q.power != "" {
		power, ok := parseShare(q.power)
		if !ok || power <= 0 || power >= 1 {
			return asked, usagef("--power is a probability such as 80%%, not `%s`", q.power)
		}
		asked.Power = &power
	}
	if q.weeks < 1 || q.weeks > mostWeeks {
		return asked, usagef("--weeks is 1 to %d, not %d", mostWeeks, q.weeks)
	}
	return asked, nil
}

// parseShare reads 2% or 0.02.
func parseShare(text string) (float64, bool) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	return share, err == nil
}

// forecast plans what is selected and writes assay_power. The result is nil where nothing was asked of the warehouse; the mistakes
// are those that its columns showed.
func (a *app) forecast(ctx context.Context, m *model.Model, asOf time.Time, weeks int, asked judge.Asked) (
	result *runner.Result, mistakes []diag.Diagnostic, err error) {
	chosen, err := a.forecastable(m, asOf)
	if err != nil {
		return nil, nil, err
	}
	if len(chosen) == 0 {
		a.log.Warn("nothing to forecast: no experiment is selected that is planned or runs")
		return nil, nil, nil
	}
	c, err := a.writer(m.Project)
	if err != nil {
		return nil, nil, err
	}
	defer c.warehouse.Close()
	progress := a.newProgress()
	defer progress.stop()
	result, err = runner.Run(ctx, runner.Job{
		Warehouse: c.warehouse,
		Dialect:   c.dialect,
		Unknown:   openTables(m),
		Plan: func(found *project.Catalog) (*runner.Work, error) {
			var known *model.Model
			known, mistakes = knowing(m, found)
			experiments, err := a.forecastable(known, asOf)
			return &runner.Work{
				Planning: runner.Planning{Experiments: experiments, Weeks: weeks, Asked: asked},
				Compile:  func(some []*model.Experiment) (*plan.Compiled, error) { return a.compileExperiments(known, some) },
			}, err
		},
		AsOf:    asOf,
		Zone:    m.Zone,
		Origin:  a.origin(m.Project),
		Observe: progress.observer(),
	})
	return result, mistakes, err
}

// forecastable are the experiments that are selected; without a selection, those that are not over.
func (a *app) forecastable(m *model.Model, asOf time.Time) ([]*model.Experiment, error) {
	chosen, err := a.targets(m, newGraph(m))
	if err != nil || len(a.selects) > 0 {
		return chosen.experiments, err
	}
	var open []*model.Experiment
	for _, e := range chosen.experiments {
		if e.Decl.Decision == nil && (e.End.IsZero() || asOf.Before(e.End)) {
			open = append(open, e)
		}
	}
	return open, nil
}

// weighProtocol weighs the decisions of a protocol, for which no warehouse is asked.
func (a *app) weighProtocol(ctx context.Context, m *model.Model, q *powerQuestion, asked judge.Asked) error {
	p, err := find("protocol", q.protocol, m.Protocols, func(p *model.Protocol) string { return p.Name })
	if err != nil {
		return err
	}
	write, err := a.format(q.format)
	if err != nil {
		return err
	}
	weighed := judge.WeighProtocol(p, m.Experiments, asked)
	return a.emit(q.output, func(w io.Writer) error {
		if q.format == "table" {
			return report.Protocol(w, p, weighed, a.page(w, m.Zone))
		}
		var rows []judge.WeighedRow
		for _, some := range weighed {
			rows = append(rows, some.Row())
		}
		return write(ctx, w, m, answerOf(runner.NewTable("", rows)))
	})
}

// answerOf is a table as the writers of formats take it.
func answerOf(t runner.Table) *runner.Answer {
	answer := &runner.Answer{Columns: t.Columns, Rows: plan.Rows{Values: t.Rows}}
	for _, c := range t.Columns {
		answer.Rows.Columns = append(answer.Rows.Columns, c.Name)
	}
	return answer
}

func (a *app) printForecasts(w io.Writer, m *model.Model, forecasts []*judge.Forecast) error {
	page := a.page(w, m.Zone)
	told := slices.DeleteFunc(slices.Clone(forecasts), func(f *judge.Forecast) bool { return len(f.Curves) == 0 })
	for i, f := range told {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := report.Forecast(w, f, page); err != nil {
			return err
		}
	}
	return nil
}

func problems(forecasts []*judge.Forecast) *diag.Bag {
	var bag diag.Bag
	for _, f := range forecasts {
		for _, d := range f.Problems {
			bag.Add(d)
		}
	}
	return &bag
}
