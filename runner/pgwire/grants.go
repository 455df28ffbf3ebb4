package pgwire

import "assay/runner"

// grants are those of a profile's schema and of its database.
func (c *Config) grants(database string) *runner.Grants {
	return &runner.Grants{
		Grantee: "quote_ident(current_user)",
		Read:    []string{"GRANT USAGE ON SCHEMA {schema}", "GRANT SELECT ON {table}"},
		Results: []string{"GRANT USAGE, CREATE ON SCHEMA " + identifier(c.Schema)},
		Staging: []string{"GRANT TEMPORARY ON DATABASE " + identifier(database)},
	}
}
