package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/internal/diag"
	"assay/internal/report/site"
	"assay/runner"
	"assay/runner/judge"
)

// A numbersChange is what an experiment's last run wrote, and what its definition gives now as of the same instant.
type numbersChange struct {
	AsOf   time.Time      `json:"as_of"`
	Before verdictOf      `json:"before"`
	After  verdictOf      `json:"after"`
	Differ []resultChange `json:"results_that_differ"`
	Same   int            `json:"results_the_same"`
}

// A verdictOf is what a run says of an experiment.
type verdictOf struct {
	Units          int64                  `json:"units"`
	Recommendation project.Recommendation `json:"recommendation"`
	report         *judge.Report          // the words for its numbers
}

// A resultChange is a result over all units, nil where the experiment does not have it.
type resultChange struct {
	Before *judge.ResultRow `json:"before"`
	After  *judge.ResultRow `json:"after"`
}

// A rowsChange is what a saved query's last run wrote against what it gives now as of the same instant.
type rowsChange struct {
	AsOf    time.Time      `json:"as_of"`
	Before  int            `json:"rows_before"`
	After   int            `json:"rows_after"`
	Gone    int            `json:"rows_gone"` // groups that there are no more
	New     int            `json:"rows_new"`
	Columns []columnChange `json:"columns"` // of metrics that both have
}

// A columnChange is how the values of a metric differ between the rows of the same groups.
type columnChange struct {
	Metric string     `json:"metric"`
	Differ int        `json:"rows_that_differ"`
	Most   *valuePair `json:"most"` // nil where none does
}

// A valuePair is a value of a group before and after.
type valuePair struct {
	Group  string `json:"group"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// A published state is what the last runs wrote of experiments and saved queries, by node, and what is to be computed as of when.
type published struct {
	reports map[string]*judge.Report
	rows    map[string]plan.Rows
	due     map[time.Time]map[string]*change
}

// compareNumbers adds to changes of experiments and saved queries what they do to the numbers.
func (a *app) compareNumbers(ctx context.Context, m *model.Model, changes []*change) error {
	c, err := a.reader(m.Project)
	if err != nil {
		return err
	}
	defer c.warehouse.Close()
	was, err := a.published(ctx, c, changes)
	if errors.Is(err, site.ErrNoRuns) {
		a.log.Warn("numbers are not compared: " + err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	var failed error
	for _, asOf := range slices.SortedFunc(maps.Keys(was.due), time.Time.Compare) {
		failed = errors.Join(failed, a.preview(ctx, c, m, asOf, was))
	}
	return failed
}

// published reads what the last runs wrote of what may have other numbers now.
func (a *app) published(ctx context.Context, c *connection, changes []*change) (*published, error) {
	session, err := c.warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	archive, err := site.ReadArchive(ctx, session, c.dialect, c.warehouse.Schema())
	if err != nil {
		return nil, err
	}
	was := &published{map[string]*judge.Report{}, map[string]plan.Rows{}, map[time.Time]map[string]*change{}}
	for _, r := range archive.Reports {
		was.reports[kindExperiment+"."+r.Experiment.Experiment] = r
	}
	for _, x := range changes {
		switch r := was.reports[x.UniqueID]; {
		case !x.mayCount():
		case r != nil:
			was.await(x, r.Experiment.AsOf)
		case x.ResourceType == kindSavedQuery:
			table := c.dialect.TableIn(c.warehouse.Schema(), runner.SavedQuery{Name: x.Name}.Table())
			rows, err := session.Query(ctx, "SELECT * FROM "+c.dialect.Table(table))
			if err != nil || len(rows.Values) == 0 {
				continue // no run has written it
			}
			was.rows[x.UniqueID] = rows
			was.await(x, rows.Values[0][columnOf(rows, "as_of")].(time.Time))
		}
	}
	return was, nil
}

func (p *published) await(x *change, asOf time.Time) {
	if p.due[asOf] == nil {
		p.due[asOf] = map[string]*change{}
	}
	p.due[asOf][x.UniqueID] = x
}

// mayCount reports whether a change can alter numbers that were published. Models and assignments do so by the SQL alone.
func (x *change) mayCount() bool {
	if x.Kind == added || x.Kind == removed || x.ResourceType != kindExperiment && x.ResourceType != kindSavedQuery {
		return false
	}
	return x.SQL == nil || *x.SQL != "" || x.Kind == changed || slices.ContainsFunc(x.Through, func(id string) bool {
		kind, _, _ := strings.Cut(id, ".")
		return kind != kindModel && kind != kindAssignment
	})
}

// preview computes what is due as of an instant.
func (a *app) preview(ctx context.Context, c *connection, m *model.Model, asOf time.Time, was *published) error {
	due := was.due[asOf]
	var mistakes []diag.Diagnostic
	known := m
	progress := a.newProgress()
	result, err := runner.Preview(ctx, runner.Job{
		Warehouse: c.warehouse, Dialect: c.dialect, Unknown: openTables(m), AsOf: asOf, Zone: m.Zone, Observe: progress.observer(),
		Plan: func(found *project.Catalog) (*runner.Work, error) {
			known, mistakes = knowing(m, found)
			work, err := a.work(known)
			if err != nil {
				return nil, err
			}
			idle := func(kind, name string) bool { return due[kind+"."+name] == nil }
			work.Experiments = slices.DeleteFunc(work.Experiments, func(e *model.Experiment) bool { return idle(kindExperiment, e.Name) })
			work.Queries = slices.DeleteFunc(work.Queries, func(q runner.SavedQuery) bool { return idle(kindSavedQuery, q.Name) })
			return work, nil
		},
	})
	progress.stop()
	if result == nil {
		return err
	}
	for _, r := range result.Reports {
		id := kindExperiment + "." + r.Experiment.Experiment
		due[id].Numbers = compareReports(was.reports[id], r)
	}
	for _, name := range result.Kept {
		a.log.Info(fmt.Sprintf("experiment %s is decided: its last rows stay", name))
	}
	for id, x := range due {
		if table := result.Table(runner.SavedQuery{Name: x.Name}.Table()); len(table.Columns) > 0 {
			x.Rows = compareRows(was.rows[id], answerOf(table).Rows, m, asOf)
		}
	}
	return a.reportFailures(known, result, mistakes, err)
}

func compareReports(before, after *judge.Report) *numbersChange {
	c := &numbersChange{Before: summaryOf(before), After: summaryOf(after), Differ: []resultChange{}}
	c.AsOf = after.Experiment.AsOf.UTC()
	was, is := whole(before), whole(after)
	for _, r := range is {
		i := slices.IndexFunc(was, func(w *judge.ResultRow) bool { return sameSubject(w, r) })
		switch {
		case i < 0:
			c.Differ = append(c.Differ, resultChange{nil, r})
		case sameNumbers(was[i], r):
			c.Same++
		default:
			c.Differ = append(c.Differ, resultChange{was[i], r})
		}
	}
	for _, w := range was {
		if !slices.ContainsFunc(is, func(r *judge.ResultRow) bool { return sameSubject(w, r) }) {
			c.Differ = append(c.Differ, resultChange{w, nil})
		}
	}
	return c
}

func summaryOf(r *judge.Report) verdictOf {
	v := verdictOf{Units: r.Experiment.Units, report: r}
	for _, d := range r.Decisions {
		v.Recommendation = d.Recommendation
	}
	return v
}

// whole are the deciding results over all units.
func whole(r *judge.Report) []*judge.ResultRow {
	var rows []*judge.ResultRow
	for i, row := range r.Results {
		if row.Decides && row.Dimension == plan.Overall {
			rows = append(rows, &r.Results[i])
		}
	}
	return rows
}

func sameSubject(a, b *judge.ResultRow) bool {
	return a.Metric == b.Metric && a.Variant == b.Variant && a.Control == b.Control && reflect.DeepEqual(a.Step, b.Step)
}

// sameNumbers reports whether two results of a metric say the same.
func sameNumbers(a, b *judge.ResultRow) bool {
	for _, of := range []func(*judge.ResultRow) any{
		func(r *judge.ResultRow) any { return r.NControl },
		func(r *judge.ResultRow) any { return r.NVariant },
		func(r *judge.ResultRow) any { return r.ValueControl },
		func(r *judge.ResultRow) any { return r.ValueVariant },
		func(r *judge.ResultRow) any { return r.Effect },
		func(r *judge.ResultRow) any { return r.EffectLow },
		func(r *judge.ResultRow) any { return r.EffectHigh },
		func(r *judge.ResultRow) any { return r.PAdjusted },
	} {
		if !sameValue(held(of(a)), held(of(b))) {
			return false
		}
	}
	return a.Role == b.Role && a.Status == b.Status && reflect.DeepEqual(a.Verdict, b.Verdict)
}

// held is what a pointer holds, nil for nil.
func held(pointer any) any {
	if v := reflect.ValueOf(pointer); !v.IsNil() {
		return v.Elem().Interface()
	}
	return nil
}

// closeness is the relative difference that is no more than the order of additions.
const closeness = 1e-9

// sameValue compares numbers as such, and other values by their text.
func sameValue(a, b any) bool {
	x, isNumber := asNumber(a)
	y, both := asNumber(b)
	if isNumber && both {
		return distance(x, y) <= closeness
	}
	return plainText(a) == plainText(b)
}

// distance is the difference of two numbers, relative to the larger.
func distance(x, y float64) float64 {
	if x == y {
		return 0
	}
	return math.Abs(x-y) / max(math.Abs(x), math.Abs(y))
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// compareRows matches the rows of a saved query by the columns that are no metrics.
func compareRows(before, after plan.Rows, m *model.Model, asOf time.Time) *rowsChange {
	c := &rowsChange{AsOf: asOf.UTC(), Before: len(before.Values), After: len(after.Values), Columns: []columnChange{}}
	was, is := byGroup(before, m), byGroup(after, m)
	for group := range is {
		if was[group] == nil {
			c.New++
		}
	}
	c.Gone = len(was) - len(is) + c.New
	for i, column := range after.Columns {
		_, isMetric := m.Metric(strings.ToLower(column))
		if at := columnOf(before, column); isMetric && at >= 0 {
			c.Columns = append(c.Columns, compareColumn(column, was, is, at, i))
		}
	}
	return c
}

// byGroup are rows by the text of their groups.
func byGroup(rows plan.Rows, m *model.Model) map[string][]any {
	groups := map[string][]any{}
	for _, row := range rows.Values {
		var group []string
		for i, v := range row {
			name := strings.ToLower(rows.Columns[i])
			if _, isMetric := m.Metric(name); !isMetric && name != "run_id" && name != "as_of" {
				group = append(group, plainText(v))
			}
		}
		groups[strings.Join(group, ", ")] = row
	}
	return groups
}

func compareColumn(metric string, was, is map[string][]any, before, after int) columnChange {
	c, furthest := columnChange{Metric: metric}, 0.0
	for _, group := range slices.Sorted(maps.Keys(is)) {
		row := was[group]
		if row == nil || sameValue(row[before], is[group][after]) {
			continue
		}
		c.Differ++
		x, _ := asNumber(row[before])
		y, _ := asNumber(is[group][after])
		if d := distance(x, y); c.Most == nil || d > furthest {
			c.Most, furthest = &valuePair{group, row[before], is[group][after]}, d
		}
	}
	return c
}

// columnOf is the place of a column, however the warehouse spells it; -1 for none.
func columnOf(rows plan.Rows, name string) int {
	return slices.IndexFunc(rows.Columns, func(c string) bool { return strings.EqualFold(c, name) })
}
