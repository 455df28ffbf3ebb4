package clickhouse

import (
	dialect "assay/dialects/clickhouse"
	"assay/runner"
)

// grants are those of the profile's database. Temporary tables belong to none.
func (c *config) grants() *runner.Grants {
	const rights = "SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW"
	return &runner.Grants{
		Grantee: "concat('`', currentUser(), '`')",
		Read:    []string{"GRANT SELECT ON {table}"},
		Results: []string{"GRANT " + rights + " ON " + dialect.Dialect.Ident(c.Schema) + ".*"},
		Staging: []string{"GRANT CREATE TEMPORARY TABLE ON *.*"},
	}
}
