package databricks

import (
	"cmp"

	dialect "assay/dialects/databricks"
	"assay/runner"
)

// grants are Unity Catalog's, where CREATE TABLE is the right to make views as well.
func (c *config) grants() *runner.Grants {
	return &runner.Grants{
		Grantee: "concat('`', current_user(), '`')",
		Read:    []string{"GRANT USE SCHEMA ON SCHEMA {schema}", "GRANT SELECT ON TABLE {table}"},
		Results: c.writing(c.Schema),
		Staging: c.writing(cmp.Or(c.ScratchSchema, c.Schema)),
	}
}

// writing is what it takes to make tables in a schema and to change them.
func (c *config) writing(schema string) []string {
	const rights = "GRANT USE SCHEMA, CREATE TABLE, SELECT, MODIFY ON SCHEMA "
	if c.Catalog == "" {
		return []string{rights + dialect.Dialect.Ident(schema)}
	}
	catalog := dialect.Dialect.Ident(c.Catalog)
	return []string{"GRANT USE CATALOG ON CATALOG " + catalog, rights + catalog + "." + dialect.Dialect.Ident(schema)}
}
