package bigquery

import (
	dialect "assay/dialects/bigquery"
	"assay/runner"
)

// grants are roles on the project that runs the jobs and on the dataset of results. An account is a service's by its name.
func (c *config) grants() *runner.Grants {
	quote := dialect.Dialect.Quote
	return &runner.Grants{
		Grantee: `CONCAT('"', IF(ENDS_WITH(SESSION_USER(), '.gserviceaccount.com'), 'serviceAccount:', 'user:'), SESSION_USER(), '"')`,
		Read:    []string{"GRANT `roles/bigquery.dataViewer` ON TABLE {table}"},
		Results: []string{"GRANT `roles/bigquery.dataEditor` ON SCHEMA " + quote(c.Project) + "." + quote(c.Dataset)},
		Staging: []string{"GRANT `roles/bigquery.jobUser` ON PROJECT " + quote(c.ExecutionProject)},
	}
}
