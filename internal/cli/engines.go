package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/dialects"
	"assay/dialects/bigquery"
	"assay/dialects/clickhouse"
	"assay/dialects/databricks"
	"assay/dialects/duckdb"
	"assay/dialects/postgres"
	"assay/dialects/redshift"
	"assay/dialects/snowflake"
	"assay/dialects/trino"
	"assay/internal/cli/drivers"
	"assay/internal/diag"
	"assay/runner"
)

// An engine is what a profile's `type` stands for: the SQL it speaks and the driver that reaches it, nil where the build has none: SQL
// can be compiled then, and not run. This file is the one place where the two meet.
type engine struct {
	dialect *dialects.Dialect
	open    runner.Driver
}

var engines = enginesOf(bigquery.Dialect, clickhouse.Dialect, databricks.Dialect, duckdb.Dialect, postgres.Dialect, redshift.Dialect,
	snowflake.Dialect, trino.Dialect)

// enginesOf goes by the name that profiles call a dialect by.
func enginesOf(all ...*dialects.Dialect) map[string]engine {
	engines := map[string]engine{}
	for _, d := range all {
		engines[d.Name] = engine{d, drivers.Open[d.Name]}
	}
	return engines
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
	if c.engine.open == nil {
		var bag diag.Bag
		bag.Add(unsuited(c.output, "this build has no driver for `%s`", leftOut(c.output.Type.V)))
		return nil, a.diagnose(&bag)
	}
	bag, err := a.open(c, output)
	return c, errors.Join(a.diagnose(bag), err)
}

// leftOut says how a build comes to lack a driver.
func leftOut(name string) string {
	return fmt.Sprintf("it was built with the tag no_%s: build it without; `assay compile` writes SQL all the same", name)
}

// selectOutput finds the project's output in profiles.yml, and the engine of its type.
func (a *app) selectOutput(p *project.Project) (*connection, error) {
	options, err := a.profileOptions(p)
	if err != nil {
		return nil, err
	}
	c, bag := a.outputOf(p, options)
	return c, a.diagnose(bag)
}

func (a *app) profileOptions(p *project.Project) (project.ProfileOptions, error) {
	vars, err := a.variables()
	return project.ProfileOptions{ProjectDir: p.Dir, ProfilesDir: a.profilesDir, Vars: vars}, err
}

// outputOf is the output that a project works with; nil where the bag says what is wrong with it.
func (a *app) outputOf(p *project.Project, options project.ProfileOptions) (*connection, *diag.Bag) {
	profiles, bag := project.ReadProfiles(options)
	if bag.HasErrors() {
		return nil, bag
	}
	profile := p.Profile
	if a.profile != "" {
		profile = project.Name{V: a.profile}
	}
	output, bag := profiles.Select(profile, a.target)
	if bag.HasErrors() {
		return nil, bag
	}
	known, ok := engines[output.Type.V]
	if !ok {
		bag.Add(unsuited(output, "no warehouse is of type `%s`", diag.Suggest(output.Type.V, engineNames())))
		return nil, bag
	}
	return &connection{engine: known, profile: profile.V, profilesFile: profiles.File, output: output}, bag
}

// checkProfile finds what is wrong with the project's output. A project can be checked where there is no profiles.yml, or it names
// no profile.
func (a *app) checkProfile(p *project.Project) (*diag.Bag, error) {
	options, err := a.profileOptions(p)
	if err != nil || !options.Exist() || !p.Profile.IsSet() && a.profile == "" {
		return &diag.Bag{}, err
	}
	c, bag := a.outputOf(p, options)
	if c == nil || c.engine.open == nil {
		return bag, nil
	}
	bag, err = a.open(c, runner.Output{Dir: p.Dir, ReadOnly: true})
	if c.warehouse != nil {
		err = errors.Join(err, c.warehouse.Close())
	}
	return bag, err
}

// unsuited reports an output by its type, for which the message has a place.
func unsuited(output *project.Output, message, hint string) diag.Diagnostic {
	return diag.Diagnostic{Code: codeProfile, Span: output.Type.Span, Message: fmt.Sprintf(message, output.Type.V), Hint: hint}
}

// open completes the output with what the profile and the flags say of it. The bag has what is wrong with a field.
func (a *app) open(c *connection, output runner.Output) (*diag.Bag, error) {
	var bag diag.Bag
	output.Name, output.Fields = c.output.Name.V, c.output.Fields()
	if a.threads > 0 {
		output.Fields["threads"] = a.threads
	}
	warehouse, err := c.engine.open(output)
	var wrong *runner.FieldError
	switch {
	case errors.As(err, &wrong):
		bag.Add(wrongField(c.output, wrong))
	case err != nil:
		return &bag, fmt.Errorf("%s: %w", c.output.Name.Span, err)
	default:
		c.warehouse = placed{warehouse, c.output.Name.Span}
	}
	return &bag, nil
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

// wrongField reports a field of an output where it is written; one that a flag gives has no place.
func wrongField(output *project.Output, wrong *runner.FieldError) diag.Diagnostic {
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
	return d
}

const codeProfile diag.Code = "profile"
