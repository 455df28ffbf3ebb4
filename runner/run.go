package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/dialects"
	"assay/runner/judge"
)

// DefaultLease is how long a run that was killed keeps others from its experiments.
const DefaultLease = 2 * time.Minute

// A Job is a run to be done.
type Job struct {
	Warehouse Warehouse
	Dialect   *dialects.Dialect
	// Unknown are the tables whose columns no catalog knows; Plan gets the columns the warehouse reports of them.
	Unknown []*model.Table
	Plan    func(*project.Catalog) (*Work, error)
	AsOf    time.Time
	Zone    *time.Location // reporting time zone
	Origin  Origin
	Lease   time.Duration
	Observe Observer
	// RequireFresh refuses experiments whose newest assignments or facts are too old.
	RequireFresh bool
}

// Work is what a run computes.
type Work struct {
	Experiments []*model.Experiment
	Queries     []SavedQuery
	Planning    Planning
	// Compile plans one program for some of the experiments, or for copies of them with fewer metrics.
	Compile func([]*model.Experiment) (*plan.Compiled, error)
	// DefinitionHash identifies what the project says of an experiment or metric.
	DefinitionHash func(kind, name string) string
	// MetricOf is the project's metric by the name it has in an experiment.
	MetricOf func(experiment, metric string) string
}

// Origin is where a run comes from, as assay_runs tells it. Empty texts are not known.
type Origin struct{ Command, Project, ProjectVersion, GitCommit, AssayVersion string }

// A Result is what a run did. It is whole also where parts of it failed.
type Result struct {
	Run       judge.RunRow
	Reports   []*judge.Report
	Forecasts []*judge.Forecast
	Kept      []string // decided experiments, whose last rows stay as they are
	Tables    []Table  // rows written
	Queries   []Query
	Nodes     []Node
}

// Table is the rows that were written to a result table; without columns where nothing was.
func (r *Result) Table(name string) Table {
	i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{Name: name}
	}
	return r.Tables[i]
}

// A Node is an experiment or saved query of a run, and what became of it.
type Node struct {
	Kind      string // experiment, saved_query
	Name      string
	StartedAt time.Time
	EndedAt   time.Time
	Relation  string // the table a saved query became; "" for none
	Skipped   bool
	Err       error
}

// ErrNothing ends a run of which every part failed.
var ErrNothing = errors.New("nothing was computed, and nothing written")

// Run computes a job's experiments and saved queries and writes its tables. The error joins what failed, by its name; the rest is
// written all the same. A *BusyError means that nothing was, and so does any where the Result is nil.
func Run(ctx context.Context, job Job) (*Result, error) {
	return start(ctx, job, (*run).do)
}

// Preview computes what Run would write over what earlier runs wrote, and writes nothing: the Result's tables are those of saved
// queries.
func Preview(ctx context.Context, job Job) (*Result, error) {
	return start(ctx, job, (*run).preview)
}

func start(ctx context.Context, job Job, do func(*run, context.Context) (*Result, error)) (*Result, error) {
	session, err := job.Warehouse.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	catalog, undescribed := Describe(ctx, session, job.Dialect, job.Unknown)
	if lost(undescribed) {
		return nil, undescribed
	}
	work, err := job.Plan(catalog)
	if err != nil {
		return nil, err
	}
	if err := refuseOwnTables(work.Queries); err != nil {
		return nil, err
	}
	r := &run{Job: job, Work: work, row: newRunRow(job, work), undescribed: undescribed}
	r.store = &store{session: session, dialect: job.Dialect, schema: job.Warehouse.Schema()}
	return do(r, withLabels(ctx, Labels{Run: r.row.RunID}))
}

// A run is a Job under way.
type run struct {
	Job
	*Work
	store    *store
	row      runRow
	answers  []Table
	summary  []judge.ProgrammeRow
	failures []error
	result   Result
	// undescribed are tables that the warehouse cannot read, with their places: why statements fail, where they do.
	undescribed error
}

func newRunRow(job Job, work *Work) runRow {
	now := time.Now().UTC()
	row := runRow{
		RunRow: judge.RunRow{
			RunID: newRunID(), AsOf: job.AsOf, StartedAt: now, Status: statusRunning,
			Command: job.Origin.Command, Project: job.Origin.Project, ProjectVersion: known(job.Origin.ProjectVersion),
			GitCommit: known(job.Origin.GitCommit), AssayVersion: job.Origin.AssayVersion, SchemaVersion: SchemaVersion,
		},
	}
	for _, e := range work.Experiments {
		row.Claims = append(row.Claims, "experiment:"+e.Name)
	}
	for _, q := range work.Queries {
		row.Claims = append(row.Claims, "saved_query:"+q.Name)
	}
	for _, x := range work.Planning.Experiments {
		row.Claims = append(row.Claims, "power:"+x.Name)
	}
	return row
}

// newRunID is an id that sorts by its time.
func newRunID() string { return uuid.Must(uuid.NewV7()).String() }

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// do claims, computes and writes.
func (r *run) do(ctx context.Context) (*Result, error) {
	if err := r.store.prepare(ctx, r.tables()); err != nil {
		return nil, err
	}
	r.row.LeaseUntil = time.Now().UTC().Add(r.lease())
	if err := r.store.enter(ctx, r.row); err != nil {
		return nil, err
	}
	err := r.store.contend(ctx, r.row)
	if err == nil {
		err = r.tidy(ctx)
	}
	if err == nil {
		err = r.hold(ctx)
	}
	if err != nil {
		err = errors.Join(err, r.fail(ctx, err))
	}
	r.result.Run = r.row.RunRow
	if err != nil || len(r.failures) > 0 {
		return &r.result, errors.Join(append(r.failures, err, r.undescribed)...)
	}
	return &r.result, nil
}

// preview computes alone.
func (r *run) preview(ctx context.Context) (*Result, error) {
	if err := r.compute(ctx); err != nil {
		return nil, err
	}
	r.result.Run, r.result.Tables = r.row.RunRow, r.answers
	if len(r.failures) > 0 {
		return &r.result, errors.Join(append(r.failures, r.undescribed)...)
	}
	return &r.result, nil
}

// tidy clears away what killed runs left. Tables that stay are no reason to stop.
func (r *run) tidy(ctx context.Context) error {
	if err := r.store.bury(ctx, r.tables()); err != nil {
		return err
	}
	if err := r.store.sweep(ctx, r.Warehouse.Staging()); err != nil {
		r.failures = append(r.failures, err)
	}
	return nil
}

func (r *run) lease() time.Duration { return cmp.Or(r.Lease, DefaultLease) }

// hold computes and writes while it renews the run's lease.
func (r *run) hold(ctx context.Context) error {
	leased, heart, err := r.store.beat(ctx, r.Warehouse, r.row.RunID, r.lease())
	if err != nil {
		return err
	}
	err = r.compute(leased)
	heart.end()
	if err != nil {
		return err
	}
	// The last renewal may be old: writing starts with the whole of the lease.
	if err := r.store.renew(ctx, r.row.RunID, time.Now().Add(r.lease())); err != nil {
		return err
	}
	return r.publish(ctx)
}

// publish writes all that was computed, and says so in the run's row last.
func (r *run) publish(ctx context.Context) error {
	r.account()
	if len(r.result.Reports)+len(r.result.Forecasts)+len(r.answers)+len(r.result.Kept) == 0 && len(r.failures) > 0 {
		return ErrNothing
	}
	publisher := r.store.publisher()
	for _, answer := range r.answers {
		if err := publisher.swap(ctx, answer, r.row.RunID); err != nil {
			r.failures = append(r.failures, fmt.Errorf("table %s.%s: %w", r.store.schema, answer.Name, err))
			continue
		}
		r.result.Tables = append(r.result.Tables, answer)
	}
	r.finish(statusDone, errors.Join(r.failures...))
	if err := r.sumUp(ctx); err != nil {
		return err
	}
	tables := r.tables()
	if err := publisher.publish(ctx, &publication{run: r.row, tables: tables, day: dayOf(r.AsOf, r.Zone)}); err != nil {
		return err
	}
	r.result.Tables = append(r.result.Tables, tables...)
	return nil
}

// tables are the result tables with the rows there are so far.
func (r *run) tables() []Table {
	return append(reportTables(r.result.Reports), r.forecastTable(), NewTable(programmeTable, r.summary),
		NewTable(queryLogTable, queryRows(r.row.RunRow, r.result.Queries)), NewTable[runRow](runsTable, nil))
}

// fail ends a run that could not write, also one that was cancelled, or that lost its connection.
func (r *run) fail(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTimeout)
	defer cancel()
	r.account()
	r.finish(statusFailed, errors.Join(append(r.failures, cause)...))
	session, err := r.Warehouse.Connect(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	own := &store{session: session, dialect: r.Dialect, schema: r.store.schema}
	return errors.Join(own.publisher().discard(ctx, r.tables(), r.row.RunID), own.finish(ctx, r.row))
}

// account sums up the run's queries.
func (r *run) account() {
	queries, rows := int64(len(r.result.Queries)), int64(0)
	for _, q := range r.result.Queries {
		if q.Kind == rel.Fetched && q.Err == nil {
			rows += q.Rows
		}
		r.row.BytesScanned = add(r.row.BytesScanned, q.Receipt.BytesScanned)
	}
	r.row.Queries, r.row.RowsReturned = &queries, &rows
}

// add is a sum of what is known, nil where nothing is.
func add(sum, n *int64) *int64 {
	if sum == nil || n == nil {
		return cmp.Or(sum, n)
	}
	total := *sum + *n
	return &total
}

func (r *run) finish(status string, err error) {
	now := time.Now().UTC()
	seconds := now.Sub(r.row.StartedAt).Seconds()
	r.row.Status, r.row.FinishedAt, r.row.Seconds = status, &now, &seconds
	if err != nil {
		r.row.Error = known(err.Error())
	}
}

// record keeps what became of an experiment or saved query.
func (r *run) record(n Node) {
	if n.Err != nil {
		r.failures = append(r.failures, n.Err)
	}
	r.result.Nodes = append(r.result.Nodes, n)
}

func (r *run) place() Place {
	return Place{Session: r.store.session, Dialect: r.Dialect, Staging: r.Warehouse.Staging(), Observe: r.Observe}
}

func (r *run) binds() Binds { return Binds{rel.AsOf: r.AsOf.UTC(), rel.RunID: r.row.RunID} }
