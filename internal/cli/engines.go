package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/dialects"
	"assay/dialects/bigquery"
	clickhousesql "assay/dialects/clickhouse"
	databrickssql "assay/dialects/databricks"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	redshiftsql "assay/dialects/redshift"
	snowflakesql "assay/dialects/snowflake"
	trinosql "assay/dialects/trino"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/clickhouse"
	"assay/runner/databricks"
	"assay/runner/duckdb"
	"assay/runner/postgres"
	"assay/runner/redshift"
	"assay/runner/snowflake"
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
	"databricks": {databrickssql.Dialect, databricks.Open},
	"duckdb":     {duckdbsql.Dialect, duckdb.Open},
	"postgres":   {postgressql.Dialect, postgres.Open},
	"redshift":   {redshiftsql.Dialect, redshift.Open},
	"snowflake":  {snowflakesql.Dialect, snowflake.Open},
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

// reader opens the warehouse of the project's output for a verb that stores nothing there; nothing is connected to yet.
func (a *app) reader(p *project.Project) (*connection, error) {
	return a.connection(p, runner.Output{Dir: p.Dir, ReadOnly: true})
}

// writer opens it for a verb that stores results, or tries whether a run could.
func (a *app) writer(p *project.Project) (*connection, error) {
	return a.connection(p, runner.Output{Dir: p.Dir})
}

func (a *app) connection(p *project.Project, output runner.Output) (*connection, error) {
	c, err := a.selectOutput(p)
	if err != nil {
		return nil, err
	}
	return c, a.open(c, output)
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
		Code: codeProfile, Span: output.Type.Span, Message: fmt.Sprintf(message, output.Type.V), Hint: hint,
	})
	return a.diagnose(&bag)
}

// open completes the output with what the profile and the flags say of it.
func (a *app) open(c *connection, output runner.Output) error {
	if c.engine.open == nil {
		return a.refuse(c.output, "this build has no driver for `%s`",
			"`assay compile` writes its SQL, which any of its clients runs")
	}
	output.Name, output.Fields = c.output.Name.V, c.output.Fields()
	if a.threads > 0 {
		output.Fields["threads"] = a.threads
	}
	warehouse, err := c.engine.open(output)
	var wrong *runner.FieldError
	switch {
	case errors.As(err, &wrong):
		return a.refuseField(c.output, wrong)
	case err != nil:
		return fmt.Errorf("%s: %w", c.output.Name.Span, err)
	}
	c.warehouse = placed{warehouse, c.output.Name.Span}
	return nil
}

// A placed warehouse knows where its profile speaks of it, which is where to mend what keeps it from being reached.
type placed struct {
	runner.Warehouse
	at diag.Span
}

func (p placed) Connect(ctx context.Context) (runner.Session, error) {
	session, err := p.Warehouse.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.at, err)
	}
	return session, nil
}

// refuseField reports a field of an output where it is written; one that a flag gives has no place.
func (a *app) refuseField(output *project.Output, wrong *runner.FieldError) error {
	d := diag.Diagnostic{Code: codeProfile, Message: wrong.Error()}
	for _, option := range output.Options {
		switch {
		case option.Name.V != wrong.Field:
		case wrong.Unknown:
			d.Span = option.Name.Span
		default:
			d.Span = option.Value.Span
		}
	}
	var bag diag.Bag
	bag.Add(d)
	return a.diagnose(&bag)
}

const codeProfile diag.Code = "profile"
