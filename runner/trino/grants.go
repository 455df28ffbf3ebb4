package trino

import (
	"cmp"

	dialect "assay/dialects/trino"
	"assay/runner"
)

// grants are those of catalogs that keep rights themselves; the rules of a cluster's access control stand in its files. Who makes a
// table may change it.
func (c *config) grants() *runner.Grants {
	return &runner.Grants{
		Grantee: `'USER "' || current_user || '"'`,
		Read:    []string{"GRANT SELECT ON {table}"},
		Results: []string{c.making(c.Schema)},
		Staging: []string{c.making(cmp.Or(c.ScratchSchema, c.Schema))},
	}
}

func (c *config) making(schema string) string {
	return "GRANT CREATE ON SCHEMA " + dialect.Dialect.Ident(c.Database) + "." + dialect.Dialect.Ident(schema)
}
