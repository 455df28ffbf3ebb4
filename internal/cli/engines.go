package cli

import (
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/dialects"
	"assay/dialects/bigquery"
	clickhousesql "assay/dialects/clickhouse"
	"assay/dialects/databricks"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	redshiftsql "assay/dialects/redshift"
	"assay/dialects/snowflake"
	trinosql "assay/dialects/trino"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/clickhouse"
	"assay/runner/duckdb"
	"assay/runner/postgres"
	"assay/runner/redshift"
	"assay/runner/trino"
)

// An engine is what a profile's `type` stands for: the SQL it speaks and the driver that reaches it, nil where SQL can be compiled
// and not run. This file is the one place where the two meet.
type engine struct {
	dialect *dialects.Dialect
	open    runner.Driver
}

var engines = map[string]engine{
	"bigquery":   {bigquery.Dialect, nil},
	"clickhouse": {clickhousesql.Dialect, clickhouse.Open},
	"databricks": {databricks.Dialect, nil},
	"duckdb":     {duckdbsql.Dialect, duckdb.Open},
	"postgres":   {postgressql.Dialect, postgres.Open},
	"redshift":   {redshiftsql.Dialect, redshift.Open},
	"snowflake":  {snowflake.Dialect, nil},
	"trino":      {trinosql.Dialect, trino.Open},
}

func engineNames() []string {
	var names []string
	for name := range engines {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A connection is the output of a profile that a verb works with.
type connection struct {
	engine
	profile, profilesFile string
	output                *project.Output
	warehouse             runner.Warehouse
}

// connection opens the warehouse of the project's output; nothing is connected to yet.
func (a *app) connection(p *project.Project) (*connection, error) {
	c, err := a.selectOutput(p)
	if err != nil {
		return nil, err
	}
	return c, a.open(c, p.Dir)
}

// selectOutput finds the project's output in profiles.yml, and the engine of its type.
func (a *app) selectOutput(p *project.Project) (*connection, error) {
	vars, err := a.variables()
	if err != nil {
		return nil, err
	}
	profiles, bag := project.ReadProfiles(project.ProfileOptions{ProjectDir: p.Dir, ProfilesDir: a.profilesDir, Vars: vars})
	if err := a.diagnose(bag); err != nil {
		return nil, err
	}
	profile := p.Profile
	if a.profile != "" {
		profile = project.Name{V: a.profile}
	}
	output, bag := profiles.Select(profile, a.target)
	if err := a.diagnose(bag); err != nil {
		return nil, err
	}
	known, ok := engines[output.Type.V]
	if !ok {
		return nil, a.refuse(output, "no warehouse is of type `%s`", diag.Suggest(output.Type.V, engineNames()))
	}
	return &connection{engine: known, profile: profile.V, profilesFile: profiles.File, output: output}, nil
}

// refuse reports an output by its type, for which the message has a place.
func (a *app) refuse(output *project.Output, message, hint string) error {
	var bag diag.Bag
	bag.Add(diag.Diagnostic{
		Code: "profile", Span: output.Type.Span, Message: fmt.Sprintf(message, output.Type.V), Hint: hint,
	})
	return a.diagnose(&bag)
}

func (a *app) open(c *connection, dir string) error {
	if c.engine.open == nil {
		return a.refuse(c.output, "this build has no driver for `%s`",
			"`assay compile` writes its SQL, which any of its clients runs")
	}
	fields := c.output.Fields()
	if a.threads > 0 {
		fields["threads"] = a.threads
	}
	var err error
	c.warehouse, err = c.engine.open(runner.Output{Name: c.output.Name.V, Fields: fields, Dir: dir})
	return err
}
