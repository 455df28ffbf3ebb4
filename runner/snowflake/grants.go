package snowflake

import (
	"assay/dialects/snowflake"
	"assay/runner"
)

// grants are those of the role that the session has. Temporary tables want no right of their own, but a warehouse to fill them.
func (c *config) grants() *runner.Grants {
	database := snowflake.Dialect.Ident(fold(c.Database))
	schema := database + "." + snowflake.Dialect.Ident(fold(c.Schema))
	reach := []string{"GRANT USAGE ON DATABASE " + database, "GRANT USAGE ON SCHEMA " + schema}
	g := &runner.Grants{
		Grantee: `'ROLE "' || CURRENT_ROLE() || '"'`,
		Read:    []string{"GRANT USAGE ON SCHEMA {schema}", "GRANT SELECT ON TABLE {table}"},
		Results: append(reach, "GRANT CREATE TABLE, CREATE VIEW ON SCHEMA "+schema),
		Staging: reach,
	}
	if c.Warehouse != "" {
		g.Staging = append(g.Staging, "GRANT USAGE ON WAREHOUSE "+snowflake.Dialect.Ident(fold(c.Warehouse)))
	}
	return g
}
