package bigquery

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net/http"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

// A connector opens connections of database/sql, each a session of BigQuery: its temporary tables are there from one job to the next.
type connector struct {
	config *config
	login  option.ClientOption
}

// Driver implements driver.Connector: there is none that opens by a name.
func (c *connector) Driver() driver.Driver { return nil }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	client, err := c.config.client(context.WithoutCancel(ctx), c.login)
	if err != nil {
		return nil, err
	}
	conn := &connection{client: client, config: c.config}
	if err := conn.open(ctx); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return conn, nil
}

// A connection runs jobs in one session.
type connection struct {
	client  *bigquery.Client
	config  *config
	session string
}

// open begins the session where the data are: it can read no others.
func (c *connection) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.creationTimeout())
	defer cancel()
	if err := c.locate(ctx); err != nil {
		return err
	}
	first := c.query(ctx, "SELECT 1")
	first.CreateSession = true
	job, err := first.Run(ctx)
	if err != nil {
		return err
	}
	status, err := wait(ctx, job)
	if err != nil {
		return err
	}
	if status.Statistics.SessionInfo == nil {
		return errors.New("the service opened no session")
	}
	c.session = status.Statistics.SessionInfo.SessionID
	return nil
}

// locate takes the dataset's location unless the profile has one. A dataset that does not exist yet is made where the project wants it.
func (c *connection) locate(ctx context.Context) error {
	if c.client.Location = c.config.Location; c.client.Location != "" {
		return nil
	}
	found, err := c.dataset(c.config.Dataset).Metadata(ctx)
	if err == nil {
		c.client.Location = found.Location
	}
	if isMissing(err) {
		return nil
	}
	return err
}

// dataset is one of the profile's project, whatever project runs the jobs.
func (c *connection) dataset(name string) *bigquery.Dataset {
	return c.client.DatasetInProject(c.config.Project, name)
}

func isMissing(err error) bool {
	answer := new(googleapi.Error)
	return errors.As(err, &answer) && answer.Code == http.StatusNotFound
}

// closePatience is how long the service gets to end a session or a job.
const closePatience = 10 * time.Second

// Close ends the session and drops its tables. One that stays ends by itself after a day.
func (c *connection) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_, err := c.run(ctx, "CALL BQ.ABORT_SESSION()")
	return errors.Join(err, c.client.Close())
}

// query is a job to be, as the profile and the context's statement say.
func (c *connection) query(ctx context.Context, text string) *bigquery.Query {
	q := c.client.Query(text)
	q.Labels, q.Priority = labels(ctx), priorities[c.config.Priority]
	q.MaxBytesBilled, q.JobTimeout = int64(c.config.MaximumBytesBilled), c.config.Timeout()
	q.Reservation = c.config.Reservation
	q.DefaultProjectID, q.DefaultDatasetID = c.config.Project, c.config.Dataset
	if receipt := receiptOf(ctx); receipt != nil {
		q.JobID = receipt.QueryID
	}
	q.ConnectionProperties = c.properties()
	return q
}

// properties name the session, and the project of datasets where another runs the jobs.
func (c *connection) properties() (all []*bigquery.ConnectionProperty) {
	if c.session != "" {
		all = append(all, &bigquery.ConnectionProperty{Key: "session_id", Value: c.session})
	}
	if c.config.ExecutionProject != c.config.Project {
		all = append(all, &bigquery.ConnectionProperty{Key: "dataset_project_id", Value: c.config.Project})
	}
	return all
}

// run runs a statement to its end, or ends it with the context.
func (c *connection) run(ctx context.Context, text string) (*bigquery.Job, error) {
	q := c.query(ctx, text)
	job, status, err := c.finish(ctx, q)
	if ctx.Err() != nil && q.JobID != "" {
		err = errors.Join(err, c.cancel(context.WithoutCancel(ctx), q.JobID))
	}
	if receipt := receiptOf(ctx); receipt != nil && status != nil && status.Statistics != nil {
		receipt.BytesScanned = &status.Statistics.TotalBytesProcessed
	}
	return job, err
}

func (c *connection) finish(ctx context.Context, q *bigquery.Query) (*bigquery.Job, *bigquery.JobStatus, error) {
	job, err := c.submit(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	status, err := wait(ctx, job)
	return job, status, err
}

// cancel ends a job by its name. One that the service has not heard of need not be.
func (c *connection) cancel(ctx context.Context, id string) error {
	ctx, done := context.WithTimeout(ctx, closePatience)
	defer done()
	job, err := c.client.JobFromIDLocation(ctx, id, c.client.Location)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return job.Cancel(ctx)
}

// submit has the service take a job. Without a limit the client would try for ever while no server answers.
func (c *connection) submit(ctx context.Context, q *bigquery.Query) (*bigquery.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.creationTimeout())
	defer cancel()
	return q.Run(ctx)
}

// wait asks for a job until it has ended; its failure is an error. The client's own way takes a job that failed by the service's fault
// for a question that did, and asks for ever.
func wait(ctx context.Context, job *bigquery.Job) (*bigquery.JobStatus, error) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		status, err := job.Status(ctx)
		if err != nil {
			return nil, err
		}
		if status.Done() {
			return status, status.Err()
		}
		select {
		case <-ctx.Done():
			return status, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// ExecContext implements driver.ExecerContext. Rows are counted of what changes them.
func (c *connection) ExecContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Result, error) {
	job, err := c.run(ctx, text)
	if err != nil {
		return nil, err
	}
	if details, ok := job.LastStatus().Statistics.Details.(*bigquery.QueryStatistics); ok && details.DMLStats != nil {
		return driver.RowsAffected(details.NumDMLAffectedRows), nil
	}
	return driver.RowsAffected(-1), nil
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Rows, error) {
	job, err := c.run(ctx, text)
	if err != nil {
		return nil, err
	}
	found, err := job.Read(ctx)
	if err != nil {
		return nil, err
	}
	return &rows{found}, nil
}

// errNotAsked is for what database/sql offers and the runner does not use.
var errNotAsked = errors.New("bigquery: statements run by themselves, unprepared and outside of transactions")

// Prepare implements driver.Conn.
func (c *connection) Prepare(string) (driver.Stmt, error) { return nil, errNotAsked }

// Begin implements driver.Conn.
func (c *connection) Begin() (driver.Tx, error) { return nil, errNotAsked }

// rows are a job's.
type rows struct{ *bigquery.RowIterator }

func (r *rows) Close() error { return nil }

func (r *rows) Columns() []string {
	names := make([]string, len(r.Schema))
	for i, field := range r.Schema {
		names[i] = field.Name
	}
	return names
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return string(r.Schema[i].Type) }

func (r *rows) Next(to []driver.Value) error {
	var row []bigquery.Value
	if err := r.RowIterator.Next(&row); err != nil {
		if errors.Is(err, iterator.Done) {
			return io.EOF
		}
		return err
	}
	for i, v := range row {
		to[i] = v
	}
	return nil
}
